import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { LabGaussian, LabState } from '../../src/lab/lab-state.ts';
import { type DiracGame, diracGame } from './dirac-game.ts';
import { type LabSession, type LabWorker, labSession } from './lab-session.ts';
import { formatLink, type PageOptions, parseLink } from './page-options.ts';
import { followPalette, type Palette } from './palette.ts';
import { spokenSummary } from './spoken-summary.ts';

/** Everything that the components of the page share. */
export interface LabPage {
  readonly session: LabSession;
  readonly options: ReadonlySignal<PageOptions>;
  readonly palette: ReadonlySignal<Palette>;
  /** The Gaussians of the data, where they are while one is dragged; empty where none can be. */
  readonly gaussians: ReadonlySignal<readonly LabGaussian[]>;
  /** Those that a hand is moving; undefined while none does. */
  readonly dragged: Signal<readonly LabGaussian[] | undefined>;
  /** What a story points at, by the names in `data-part`. */
  readonly pointedAt: Signal<string | undefined>;
  /** The Dirac-GAN of the last story. */
  readonly dirac: DiracGame;
  /** D(G(z)) that the reader has set in the story about saturation. */
  readonly setProbability: Signal<number>;
  /** What the screen reader was last told. */
  readonly announcement: ReadonlySignal<string>;
  /** What of the link could not be understood. */
  readonly problems: Signal<readonly string[]>;
  announce(text: string): void;
  /** Changes how the game is looked at; `visited` makes a new entry in the browser's history. */
  look(change: Partial<PageOptions>, visited?: boolean): void;
  /** Opens a story, or the list of them, with its own state where it has one. */
  openStory(story: PageOptions['story'], state?: LabState, change?: Partial<PageOptions>): void;
}

/** Between two changes of the URL, at rest and while the game plays: browsers refuse more than a few a second. */
const URL_MS = 150;
const URL_PLAYING_MS = 1000;
/** Between two summaries for the screen reader while the game plays. */
const SUMMARY_MS = 10_000;

/** The page over a worker, in the state that the URL's fragment holds; from then on the fragment follows. */
export function labPage(worker: LabWorker): LabPage {
  const link = parseLink(location.hash);
  const session = labSession(worker, link.state);
  const options = signal(link.options);
  const problems = signal(link.problems);
  const dragged = signal<readonly LabGaussian[] | undefined>(undefined);
  const announcement = signal('');
  const palette = followPalette();
  const gaussians = computed(() => {
    const { data } = session.state.value;
    return dragged.value ?? ('gaussians' in data ? data.gaussians : []);
  });

  const announce = (text: string): void => {
    announcement.value = text;
  };
  const fragment = (): string =>
    `#${formatLink({
      state: { ...session.state.value, step: session.standsAt.value },
      options: options.value,
    })}`;

  /** The next change of the URL makes an entry in the history. */
  let visiting = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  function writeUrl(): void {
    timer = undefined;
    const text = fragment();
    if (text === location.hash) return;
    if (visiting) history.pushState(undefined, '', text);
    else history.replaceState(undefined, '', text);
    visiting = false;
  }
  effect(() => {
    // What the fragment is made of.
    session.state.value;
    session.standsAt.value;
    options.value;
    timer ??= setTimeout(writeUrl, session.playing.value ? URL_PLAYING_MS : URL_MS);
  });
  addEventListener('pagehide', writeUrl);
  addEventListener('popstate', () => {
    clearTimeout(timer);
    timer = undefined;
    const target = parseLink(location.hash);
    batch(() => {
      options.value = target.options;
      problems.value = target.problems;
      session.pause();
      session.open(target.state);
    });
  });

  effect(() => {
    const { layers, backdrop, averaged } = options.value;
    session.setView({
      samples: 300,
      gradients: layers.includes('minimax') || layers.includes('nonSaturating'),
      map: layers.includes('map'),
      grid: backdrop === 'discriminator' || session.state.value.data.kind === 'gaussians-1d' ? 48 : 0,
      averaged,
    });
  });
  effect(() => {
    const { pace } = options.value;
    session.setSpeed(
      pace === 'full'
        ? {}
        : pace === 'steady'
          ? { stepsPerSecond: 20 }
          : { stepsPerSecond: 0.75, byPhase: true },
    );
  });

  let lastSummary = performance.now();
  effect(() => {
    const frame = session.legible.value;
    if (!frame?.playing) return;
    if (performance.now() - lastSummary < SUMMARY_MS) return;
    lastSummary = performance.now();
    announce(spokenSummary(frame));
  });

  session.open(link.state);
  const page: LabPage = {
    session,
    options,
    palette,
    gaussians,
    dragged,
    pointedAt: signal(undefined),
    dirac: diracGame(),
    setProbability: signal(0.5),
    announcement,
    problems,
    announce,
    look(change, visited = false) {
      if (visited) visiting = true;
      options.value = { ...options.value, ...change };
    },
    openStory(story, state, change = {}) {
      const { story: _before, ...rest } = options.value;
      // What was on the screen stays in the history: its last step goes into the URL first.
      writeUrl();
      visiting = true;
      batch(() => {
        session.pause();
        options.value = { ...rest, ...change, ...(story ? { story } : {}) };
        if (state) session.open(state);
      });
    },
  };
  return page;
}

/** The page, for every component below it. */
export const LabContext: ReturnType<typeof createContext<LabPage | undefined>> = createContext<
  LabPage | undefined
>(undefined);

/** The page that a component is part of. */
export function useLab(): LabPage {
  const page = useContext(LabContext);
  if (!page) throw new Error('useLab: a component must stand inside of LabContext');
  return page;
}
