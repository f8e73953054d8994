import { formatLabState, parseLabState } from '../../src/lab/lab-fragment.ts';
import type { LabDataKind, LabState } from '../../src/lab/lab-state.ts';

/** What fills the picture of the plane. */
export const backdrops = ['discriminator', 'optimal', 'densities'] as const;
export type Backdrop = (typeof backdrops)[number];

/** What is drawn over it. */
export const layers = ['real', 'samples', 'nonSaturating', 'minimax', 'map', 'optimalContour'] as const;
export type Layer = (typeof layers)[number];

/** How fast it plays. */
export const paces = ['full', 'steady', 'slow'] as const;
export type Pace = (typeof paces)[number];

/** The stories, by the names that links have for them. */
export const storyNames = [
  'two-players',
  'optimal-discriminator',
  'divergence',
  'saturation',
  'mode-collapse',
  'circles',
] as const;
export type StoryName = (typeof storyNames)[number];

/** What a link holds beside the game: how it is looked at. */
export interface PageOptions {
  /** Absent: the list of the stories. */
  readonly story?: StoryName;
  readonly backdrop: Backdrop;
  readonly layers: readonly Layer[];
  readonly pace: Pace;
  /** Look at the averaged generator. */
  readonly averaged: boolean;
}

/** What is drawn unless somebody asks for something else: on the line the map as well, the lower half of the paper's first figure. */
export function usualLayers(kind: LabDataKind): readonly Layer[] {
  return layers.filter((layer) => layer !== 'minimax' && (layer !== 'map' || kind === 'gaussians-1d'));
}

/** How a game is looked at unless somebody asks for something else. */
export function usualOptions(kind: LabDataKind): PageOptions {
  return { backdrop: 'discriminator', layers: usualLayers(kind), pace: 'full', averaged: false };
}

/** Keys of the fragment that are the page's own. */
const ownKeys = ['story', 'picture', 'show', 'pace', 'average-shown'];

/** A whole link: the game's state and how it is looked at. */
export interface LabLink {
  readonly state: LabState;
  readonly options: PageOptions;
}

/** The fragment of a link, without `#`; what is as usual is left out of the page's own keys. */
export function formatLink({ state, options }: LabLink): string {
  const own: string[] = [];
  const usual = usualOptions(state.data.kind);
  if (options.story) own.push(`story=${options.story}`);
  if (options.backdrop !== usual.backdrop) own.push(`picture=${options.backdrop}`);
  if (options.layers.join() !== usual.layers.join()) own.push(`show=${options.layers.join() || 'nothing'}`);
  if (options.pace !== usual.pace) own.push(`pace=${options.pace}`);
  if (options.averaged) own.push('average-shown=yes');
  return [formatLabState(state), ...own].join('&');
}

/** Reads a fragment, with or without `#`. Never throws: `problems` says in sentences what could not be understood. */
export function parseLink(fragment: string): LabLink & { readonly problems: readonly string[] } {
  const { state, problems } = parseLabState(fragment, ownKeys);
  const own = new Map(
    fragment
      .replace(/^#/, '')
      .split('&')
      .map((pair) => pair.split('=', 2) as [string, string | undefined]),
  );
  const found = [...problems];
  function choice<T extends string>(key: string, choices: readonly T[]): T | undefined {
    const text = own.get(key);
    if (text === undefined) return undefined;
    const value = choices.find((item) => item === text);
    if (value === undefined) found.push(`${key}: unknown value ${text}. One of ${choices.join(', ')}`);
    return value;
  }
  const story = choice('story', storyNames);
  const shown = own.get('show')?.split(',');
  const usual = usualOptions(state.data.kind);
  return {
    state,
    options: {
      ...(story ? { story } : {}),
      backdrop: choice('picture', backdrops) ?? usual.backdrop,
      layers: shown ? layers.filter((layer) => shown.includes(layer)) : usual.layers,
      pace: choice('pace', paces) ?? usual.pace,
      averaged: choice('average-shown', ['yes']) !== undefined,
    },
    problems: found,
  };
}
