import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type {
  LabFrame,
  LabImages,
  LabNumbers,
  LabOnnx,
  LabOpened,
  LabOpening,
  LabReply,
  LabRequest,
  LabView,
} from '../../src/lab/lab-protocol.ts';
import type { LabState } from '../../src/lab/lab-state.ts';
import { type Curve, type GrowingCurve, growingCurve } from './curve.ts';

/** What a page needs of a worker; a test gives one that answers by itself. */
export interface LabWorker {
  postMessage(request: LabRequest): void;
  onmessage: ((event: MessageEvent<LabReply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** How fast `play` goes. */
export interface Speed {
  /** Absent: as fast as it can. */
  readonly stepsPerSecond?: number;
  readonly byPhase?: boolean;
}

/** A change of the game: what a control sets. */
export type LabChange = Partial<LabState>;

/** The game that the page shows, and the buttons that move it. */
export interface LabSession {
  /** What the game is made from; its step is the one that it was opened at. */
  readonly state: ReadonlySignal<LabState>;
  /** Where the game stands; what a link has for the step. */
  readonly standsAt: ReadonlySignal<number>;
  /** The game in the worker; undefined until the first one is ready. */
  readonly opened: ReadonlySignal<LabOpened | undefined>;
  /** Newest frame; replaced at most once per animation frame. */
  readonly frame: ReadonlySignal<LabFrame | undefined>;
  /** The same ten times a second while the game plays: for numbers that are read. */
  readonly legible: ReadonlySignal<LabFrame | undefined>;
  /** Whether the user wants it to play. */
  readonly playing: ReadonlySignal<boolean>;
  /** How far the opening of a game has come, where it takes long: a link's replay, digits that are drawn. */
  readonly progress: ReadonlySignal<LabOpening | undefined>;
  /** Whether what is shown still belongs to the game before the one that was opened last. */
  readonly stale: ReadonlySignal<boolean>;
  /** Whether a game is being made ready. */
  readonly opening: ReadonlySignal<boolean>;
  /** Why the last request could not be done. */
  readonly refusal: Signal<string | undefined>;
  /** Curves by `LabNumbers` name; grown as frames arrive. */
  readonly curves: ReadonlyMap<string, Curve>;
  /** Whether the state wants images that the visitor has not brought yet: the game before stands meanwhile. */
  readonly wantsImages: ReadonlySignal<boolean>;
  /** Opens a game; one that is not replayed goes on playing where the one before played. */
  open(state: LabState, images?: LabImages): void;
  /** The game anew from step 0, with this changed. */
  change(change: LabChange): void;
  play(): void;
  pause(): void;
  step(count?: number): void;
  phase(): void;
  /** Back to step 0. */
  reset(): void;
  setSpeed(speed: Speed): void;
  setView(view: LabView): void;
  /** The generator as an ONNX file. */
  exportGenerator(): Promise<LabOnnx>;
}

/** Pause between two updates of numbers that are read: ten a second. */
const LEGIBLE_MS = 100;

/** The numbers of each step's log that have a curve, by the name they have there. */
const logged: Readonly<Record<string, keyof LabNumbers>> = {
  lossD: 'lossD',
  lossG: 'lossG',
  'D(x)': 'dReal',
  'D(G(z))': 'dFake',
};

/** The numbers that are measured now and then. */
const measured = [
  'value',
  'cOfG',
  'jsd',
  'klDataModel',
  'klModelData',
  'distanceToOptimal',
  'modes',
] as const;

/** Connects the page with its worker. The game stands still until `open`. */
export function labSession(worker: LabWorker, initial: LabState): LabSession {
  const state = signal(initial);
  const standsAt = signal(initial.step);
  const opened = signal<LabOpened | undefined>(undefined);
  const frame = signal<LabFrame | undefined>(undefined);
  const legible = signal<LabFrame | undefined>(undefined);
  const playing = signal(false);
  const progress = signal<LabOpening | undefined>(undefined);
  const opening = signal(true);
  const stale = signal(true);
  const refusal = signal<string | undefined>(undefined);
  const images = signal<LabImages | undefined>(undefined);
  const wantsImages = computed(() => state.value.data.kind === 'images' && images.value === undefined);
  const curves = new Map<string, GrowingCurve>();
  let speed: Speed = {};
  let waiting: { readonly state: LabState; readonly images?: LabImages } | undefined;
  let inFlight = false;
  let newest: LabFrame | undefined;
  let lastLegible = 0;
  let lastMeasured = -1;
  let exporting: { resolve(file: LabOnnx): void; reject(reason: Error): void } | undefined;

  const send = (request: LabRequest): void => worker.postMessage(request);

  function curveOf(name: string): GrowingCurve {
    const known = curves.get(name);
    if (known) return known;
    const curve = growingCurve();
    curves.set(name, curve);
    return curve;
  }

  function remember({ history, numbers }: LabFrame): void {
    for (const [column, name] of Object.entries(logged)) {
      const values = history.columns[column];
      if (values) for (const [i, value] of values.entries()) curveOf(name).add(history.steps[i]!, value);
    }
    curveOf('gradNormD').add(numbers.gradientStep, numbers.gradNormD);
    curveOf('gradNormG').add(numbers.gradientStep, numbers.gradNormG);
    if (numbers.step === lastMeasured) return;
    lastMeasured = numbers.step;
    for (const name of measured) curveOf(name).add(numbers.step, numbers[name] ?? Number.NaN);
  }

  function show(now: number): void {
    const shown = newest;
    newest = undefined;
    if (!shown) return;
    batch(() => {
      frame.value = shown;
      stale.value = false;
      // A replay is over when there is something to see again.
      progress.value = undefined;
      if (!shown.playing || now - lastLegible >= LEGIBLE_MS) {
        legible.value = shown;
        lastLegible = now;
      }
      if (shown.failure) playing.value = false;
      if (!wantsImages.value) standsAt.value = shown.step;
    });
    // What was drawn is drawn: the next frame may come.
    send({ type: 'frame' });
  }

  function received(arrived: LabFrame): void {
    // A frame of the game before the one that is being opened.
    if (inFlight) return;
    remember(arrived);
    if (!newest) requestAnimationFrame(show);
    newest = arrived;
  }

  function openNow(request: { readonly state: LabState; readonly images?: LabImages }): void {
    inFlight = true;
    newest = undefined;
    batch(() => {
      opening.value = true;
      stale.value = true;
    });
    send({ type: 'open', ...request });
  }

  function becomeReady(reply: LabOpened): void {
    inFlight = false;
    if (waiting) {
      const next = waiting;
      waiting = undefined;
      openNow(next);
      return;
    }
    curves.clear();
    lastMeasured = -1;
    batch(() => {
      opened.value = reply;
      state.value = reply.state;
      standsAt.value = reply.state.step;
      opening.value = false;
    });
    send({ type: 'frame' });
    if (playing.value) {
      send({ type: 'speed', ...speed });
      send({ type: 'play' });
    }
  }

  function refused(request: LabRequest['type'], message: string): void {
    refusal.value = message;
    if (request === 'export') exporting?.reject(new Error(message));
    if (request !== 'open') return;
    inFlight = false;
    opening.value = false;
    progress.value = undefined;
    // The game before stands as it was, and so do its controls.
    if (opened.value) state.value = opened.value.state;
    send({ type: 'frame' });
  }

  worker.onmessage = ({ data }) => {
    switch (data.type) {
      case 'opened':
        return becomeReady(data);
      case 'opening':
        progress.value = data;
        return;
      case 'frame':
        return received(data);
      case 'onnx':
        exporting?.resolve(data);
        exporting = undefined;
        return;
      case 'refused':
        return refused(data.request, data.message);
    }
  };
  worker.onerror = (event) => {
    refusal.value = `The worker that trains has stopped: ${event.message ?? 'it could not be loaded'}. Reload the page.`;
    opening.value = false;
  };

  function open(next: LabState, pixels?: LabImages): void {
    const brought = pixels ?? (next.data.kind === 'images' ? images.value : undefined);
    batch(() => {
      state.value = next;
      standsAt.value = next.step;
      refusal.value = undefined;
      if (brought) images.value = brought;
    });
    if (wantsImages.value) {
      playing.value = false;
      opening.value = false;
      send({ type: 'pause' });
      return;
    }
    const request = { state: next, ...(brought ? { images: brought } : {}) };
    if (inFlight) waiting = request;
    else openNow(request);
  }

  return {
    state,
    standsAt,
    opened,
    frame,
    legible,
    playing,
    progress,
    opening,
    stale,
    refusal,
    curves,
    wantsImages,
    open,
    change(change) {
      open({ ...state.value, ...change, step: 0 });
    },
    play() {
      playing.value = true;
      send({ type: 'speed', ...speed });
      send({ type: 'play' });
    },
    pause() {
      playing.value = false;
      send({ type: 'pause' });
    },
    step(count = 1) {
      playing.value = false;
      send({ type: 'pause' });
      send({ type: 'step', count });
    },
    phase() {
      playing.value = false;
      send({ type: 'pause' });
      send({ type: 'phase' });
    },
    reset() {
      playing.value = false;
      open({ ...state.value, step: 0 });
    },
    setSpeed(next) {
      speed = next;
      send({ type: 'speed', ...next });
    },
    setView(view) {
      send({ type: 'view', view });
    },
    exportGenerator() {
      return new Promise((resolve, reject) => {
        exporting = { resolve, reject };
        send({ type: 'export' });
      });
    },
  };
}
