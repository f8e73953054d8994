import type { Distribution } from '../data/dataset.ts';
import type { Interval } from '../theory/quadrature.ts';
import type { Metrics } from '../train/chunk.ts';
import type { LabGame } from './lab-game.ts';
import { LabLog } from './lab-log.ts';
import { type LabMeasures, LabMeter } from './lab-measures.ts';
import type {
  LabFailure,
  LabFrame,
  LabMap,
  LabNumbers,
  LabPoints,
  LabSheet,
  LabView,
} from './lab-protocol.ts';
import { lookAtSheet } from './lab-sheet.ts';
import {
  defaultView,
  type FullView,
  labBox,
  lookAtDiscriminator,
  lookAtMap,
  lookAtSamples,
} from './lab-view.ts';

/** A part of a frame: how often it is made anew while the game is played fast, and what share of the time it may take. */
interface Pace {
  readonly everyMs: number;
  readonly share: number;
  /** However much it costs, a picture that stands still for longer looks broken. */
  readonly atMostMs: number;
}

type PartName = 'samples' | 'discriminator' | 'map' | 'measures' | 'sheet';

/** Of points together at most a tenth of the time: looking should not cost the training much. */
const paces: Readonly<Record<PartName, Pace>> = {
  samples: { everyMs: 30, share: 0.05, atMostMs: 200 },
  discriminator: { everyMs: 80, share: 0.03, atMostMs: 400 },
  map: { everyMs: 80, share: 0.02, atMostMs: 400 },
  measures: { everyMs: 400, share: 0.04, atMostMs: 2000 },
  sheet: { everyMs: 150, share: 0.1, atMostMs: 1000 },
};

/** A part as it was last made. */
interface Made {
  readonly value: unknown;
  /** The version of the game that it shows. */
  readonly version: number;
  readonly at: number;
  /** The least that making it cost, in milliseconds; 0 before its second time, since the first one compiles. */
  readonly cost: number;
}

interface PartTypes {
  readonly samples: Pick<LabPoints, 'z' | 'samples' | 'sampleLogits' | 'real' | 'pull'>;
  readonly discriminator: NonNullable<LabPoints['discriminator']>;
  readonly map: LabMap;
  readonly measures: LabMeasures;
  readonly sheet: LabSheet;
}

/** What is open. */
interface Opened {
  readonly lab: LabGame;
  readonly distribution: Distribution | undefined;
  readonly box: readonly Interval[] | undefined;
  readonly meter: LabMeter | undefined;
}

const unknownNumbers: LabMeasures['numbers'] = {
  step: Number.NaN,
  value: Number.NaN,
  valueError: Number.NaN,
  cOfG: Number.NaN,
  jsd: Number.NaN,
  jsdError: Number.NaN,
  jsdBias: Number.NaN,
  klDataModel: Number.NaN,
  klModelData: Number.NaN,
  distanceToOptimal: Number.NaN,
  modes: undefined,
  modesTotal: undefined,
  highQuality: undefined,
  method: 'not measured yet',
};

/** Of images nothing is measured here: `zerosum evaluate` does. */
const noNumbers: LabMeasures['numbers'] = {
  ...unknownNumbers,
  value: undefined,
  valueError: undefined,
  cOfG: undefined,
  jsd: undefined,
  jsdError: undefined,
  jsdBias: undefined,
  klDataModel: undefined,
  klModelData: undefined,
  distanceToOptimal: undefined,
  method: 'the density of images is not known',
};

/** Makes the frames of a game: what the page sees of it, as fresh as its pace allows. */
export class LabFrames {
  readonly #notices: readonly string[];
  readonly #log: LabLog = new LabLog();
  #opened: Opened | undefined;
  #view: FullView = defaultView;
  #wanted = false;
  /** Counts moves: what was made of an earlier one is stale. */
  #version = 0;
  #sent = -1;
  #first = true;
  readonly #parts: Map<PartName, Made> = new Map();

  constructor(notices: readonly string[]) {
    this.#notices = notices;
  }

  /** What is shown of the line or the plane. */
  get box(): readonly Interval[] | undefined {
    return this.#opened?.box;
  }

  open(lab: LabGame, distribution: Distribution | undefined, view: LabView | undefined): void {
    const { kind } = lab.state.data;
    const movable = kind === 'gaussians-1d' || kind === 'gaussians-2d' || kind === 'drawn';
    const box = distribution && labBox(distribution, movable);
    const meter = distribution && box && new LabMeter(lab, distribution, box);
    this.#opened = { lab, distribution, box, meter };
    if (view) this.#view = { ...defaultView, ...view };
    this.#log.clear();
    this.#parts.clear();
    this.#first = true;
    this.touch();
  }

  show(view: LabView): void {
    this.#view = { ...this.#view, ...view };
    this.#parts.clear();
    this.touch();
  }

  /** The page has drawn, and wants the next. */
  want(): void {
    this.#wanted = true;
  }

  /** Something has changed. */
  touch(): void {
    this.#version++;
  }

  /** Play begins: the time of a pause does not count for its speed. */
  startClock(): void {
    this.#log.startClock();
  }

  /** Rows of steps, or of a phase, that were made. */
  log(rows: readonly Metrics[]): void {
    this.#log.add(rows, this.#opened!.lab);
    this.touch();
  }

  /** The next frame, if the page wants one and there is anything new. */
  async next(playing: boolean, failure: LabFailure | undefined): Promise<LabFrame | undefined> {
    const opened = this.#opened;
    const samples = this.#parts.get(opened?.distribution ? 'samples' : 'sheet');
    const pace = paces[opened?.distribution ? 'samples' : 'sheet'].everyMs;
    const tooSoon = playing && samples !== undefined && performance.now() - samples.at < pace;
    if (!opened || !this.#wanted || this.#version === this.#sent || tooSoon) return undefined;
    this.#wanted = false;
    const version = this.#version;
    const { lab } = opened;
    // The first frame does not wait for the measures: the page should show something soon.
    const first = this.#first;
    this.#first = false;
    const points = await this.#points(opened, playing, first);
    const sheet = opened.distribution
      ? undefined
      : await this.#part('sheet', playing, () => lookAtSheet(lab, this.#view, first));
    const measured = this.#parts.get('measures')?.value as LabMeasures | undefined;
    const numbers: LabNumbers = {
      ...this.#log.numbers,
      ...(opened.distribution ? (measured?.numbers ?? unknownNumbers) : noNumbers),
    };
    this.#sent = first ? -1 : version;
    return {
      type: 'frame',
      step: lab.step,
      phase: lab.phase,
      playing,
      stepsPerSecond: playing ? this.#log.stepsPerSecond : 0,
      history: this.#log.take(),
      ...(points ? { points } : {}),
      ...(sheet ? { sheet } : {}),
      numbers,
      notices: this.#notices,
      ...(failure ? { failure } : {}),
    };
  }

  async #points(
    { lab, distribution, box, meter }: Opened,
    playing: boolean,
    first: boolean,
  ): Promise<LabPoints | undefined> {
    if (!distribution || !box || !meter) return undefined;
    const view = this.#view;
    const averaged = view.averaged && lab.game.averageDecay !== undefined;
    const seen = { ...view, averaged };
    const { looks, step } = lab;
    const samples = await this.#part('samples', playing, () => lookAtSamples(lab, distribution, seen));
    const discriminator =
      view.grid > 0
        ? await this.#part('discriminator', playing, () => lookAtDiscriminator(looks, step, box, view.grid))
        : undefined;
    const map = view.map ? await this.#part('map', playing, () => lookAtMap(lab, averaged)) : undefined;
    const measures =
      view.densities && !first
        ? await this.#part('measures', playing, () => meter.measure(averaged))
        : undefined;
    return {
      dimension: distribution.exampleShape[0] === 1 ? 1 : 2,
      box,
      ...samples,
      ...(discriminator ? { discriminator } : {}),
      ...(map ? { map } : {}),
      ...(measures ? { densities: measures.densities } : {}),
    };
  }

  /** A part as it is now; in quick play as it was, where it is not its turn. */
  async #part<Name extends PartName>(
    name: Name,
    playing: boolean,
    make: () => Promise<PartTypes[Name]>,
  ): Promise<PartTypes[Name]> {
    const known = this.#parts.get(name);
    const now = performance.now();
    if (known) {
      const { everyMs, share, atMostMs } = paces[name];
      const isFresh = known.version === this.#version;
      const pause = Math.min(atMostMs, Math.max(everyMs, known.cost / share));
      const isEarly = playing && now - known.at < pause;
      if (isFresh || isEarly) return known.value as PartTypes[Name];
    }
    const value = await make();
    const at = performance.now();
    const cost = known ? Math.min(known.cost || Number.POSITIVE_INFINITY, at - now) : 0;
    this.#parts.set(name, { value, version: this.#version, at, cost });
    return value;
  }
}
