import { oneOf } from '../nearest-name.ts';
import {
  defaultLabState,
  type LabData,
  type LabDataKind,
  type LabGaussian,
  type LabNetwork,
  type LabPenalty,
  type LabState,
  labActivations,
  labDataKinds,
  labLimits,
  labLosses,
  labOptimisers,
  labPenalties,
} from './lab-state.ts';

/** A fragment as it was understood. */
export interface ParsedLabState {
  /** What was understood; where something was not, the default of its kind of data stands. */
  readonly state: LabState;
  /** One sentence for each thing that was not understood; empty where all was. */
  readonly problems: readonly string[];
}

/** Coordinates of drawn points are kept as two letters each: steps of 1/256 from -8. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const STEPS_PER_UNIT = 256;
const LOWEST = -8;

function letters(coordinate: number): string {
  const step = Math.min(4095, Math.max(0, Math.round((coordinate - LOWEST) * STEPS_PER_UNIT)));
  return LETTERS[step >> 6]! + LETTERS[step & 63]!;
}

function coordinate(text: string): number {
  return (LETTERS.indexOf(text[0]!) * 64 + LETTERS.indexOf(text[1]!)) / STEPS_PER_UNIT + LOWEST;
}

/** Six digits: what a slider or a finger gives, without the noise of binary fractions. */
const short = (value: number): string => String(Number(value.toPrecision(6)));

function formatGaussian({ centre, deviation, weight }: LabGaussian): string {
  const parts = [...centre, deviation, ...(weight === 1 ? [] : [weight])];
  return parts.map(short).join(':');
}

function dataPairs(data: LabData): [string, string][] {
  const kind: [string, string] = ['data', data.kind];
  switch (data.kind) {
    case 'gaussians-1d':
    case 'gaussians-2d':
      return [kind, ['gaussians', data.gaussians.map(formatGaussian).join(',')]];
    case 'drawn':
      return [
        kind,
        ['points', data.points.map(([x, y]) => letters(x) + letters(y)).join('')],
        ['bandwidth', short(data.bandwidth)],
      ];
    default:
      return [kind];
  }
}

function networkPairs(prefix: 'g' | 'd', network: LabNetwork): [string, string][] {
  const { depth, width, activation, optimiser, learningRate, momentum } = network;
  const values = { depth, width, activation, optimiser, rate: learningRate, momentum };
  return Object.entries(values).map(([key, value]) => [
    `${prefix}.${key}`,
    typeof value === 'number' ? short(value) : value,
  ]);
}

const formatPenalty = ({ name, weight }: LabPenalty): string =>
  name === 'spectralNorm' ? name : `${name}:${short(weight)}`;

/**
 * A state as `key=value` pairs joined by `&`, for the fragment of a URL: `data=ring8&latent=gaussian&latent.dimension=2&...`.
 * Every setting is in it, in a fixed order, rounded to six digits (drawn points to 1/256 of a unit), so that what
 * `parseLabState` reads from it formats to the same text again.
 */
export function formatLabState(state: LabState): string {
  const { data, latent, generator, discriminator, loss, penalties, k, order, batch } = state;
  const { decaySteps, average, seed, step } = state;
  const pairs: [string, string][] = [
    ...dataPairs(data),
    ['latent', latent.distribution],
    ['latent.dimension', short(latent.dimension)],
    ...networkPairs('g', generator),
    ...networkPairs('d', discriminator),
    ['loss', loss],
    ['penalties', penalties.length === 0 ? 'none' : penalties.map(formatPenalty).join(',')],
    ['k', short(k)],
    ['order', order],
    ['batch', short(batch)],
    ['decay', String(decaySteps)],
    ['average', short(average)],
    ['seed', String(seed)],
    ['step', String(step)],
  ];
  return pairs.map(([key, value]) => `${key}=${value}`).join('&');
}

/** The state that a link to this one gives: its numbers as the fragment rounds them. */
export function settledLabState(state: LabState): LabState {
  return parseLabState(formatLabState(state)).state;
}

/** Reads pairs one by one, and remembers what was wrong with them. */
class Reader {
  readonly problems: string[] = [];
  readonly #pairs: ReadonlyMap<string, string>;
  readonly #asked: Set<string> = new Set();

  constructor(pairs: ReadonlyMap<string, string>) {
    this.#pairs = pairs;
  }

  /** Reads a value; a problem that `read` throws is noted, and the default stands. */
  value<T>(key: string, preset: T, read: (text: string) => T): T {
    this.#asked.add(key);
    const text = this.#pairs.get(key);
    if (text === undefined) return preset;
    try {
      return read(text);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.problems.push(`${key}: ${problem.message}`);
      return preset;
    }
  }

  choice<T extends string>(key: string, preset: T, choices: readonly T[]): T {
    return this.value(key, preset, (text) => {
      const found = choices.find((choice) => choice === text);
      if (found === undefined) throw new Problem(`unknown value ${text}. ${oneOf(text, choices)}`);
      return found;
    });
  }

  number(key: string, preset: number, limits: Limits): number {
    return this.value(key, preset, (text) => numberIn(text, limits));
  }

  integer(key: string, preset: number, limits: Limits): number {
    return this.value(key, preset, (text) => {
      const value = numberIn(text, limits);
      if (Number.isInteger(value)) return value;
      throw new Problem(`must be a whole number, got ${text}`);
    });
  }

  /** Keys that nobody asked for. */
  finish(): void {
    for (const key of this.#pairs.keys())
      if (!this.#asked.has(key)) this.problems.push(`unknown key ${key}. ${oneOf(key, [...this.#asked])}`);
  }
}

/** What is wrong with a value, without its key. */
class Problem extends Error {}

type Limits = readonly [least: number, most: number];

function numberIn(text: string, [least, most]: Limits): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= least && value <= most) return value;
  throw new Problem(`must be a number from ${least} to ${most}, got ${text === '' ? 'nothing' : text}`);
}

function readGaussians(text: string, dimension: 1 | 2): LabGaussian[] {
  const items = text.split(',');
  const [least, most] = labLimits.gaussians;
  if (items.length < least || items.length > most)
    throw new Problem(`must be ${least} to ${most} Gaussians, got ${items.length}`);
  return items.map((item) => {
    const parts = item.split(':');
    if (parts.length !== dimension + 1 && parts.length !== dimension + 2) {
      const form = dimension === 1 ? 'x:deviation' : 'x:y:deviation';
      throw new Problem(`must be ${form}, with :weight behind where it is not 1, got ${item}`);
    }
    return {
      centre: parts.slice(0, dimension).map((part) => numberIn(part, labLimits.coordinate)),
      deviation: numberIn(parts[dimension]!, labLimits.deviation),
      weight: numberIn(parts[dimension + 1] ?? '1', labLimits.weight),
    };
  });
}

function readPoints(text: string): (readonly [number, number])[] {
  if (text.length % 4 !== 0 || [...text].some((letter) => !LETTERS.includes(letter)))
    throw new Problem(`must be four of A-Z a-z 0-9 - _ a point, got ${text.length} characters`);
  const [least, most] = labLimits.points;
  const count = text.length / 4;
  if (count < least || count > most) throw new Problem(`must be ${least} to ${most} points, got ${count}`);
  return Array.from({ length: count }, (_, i) => [
    coordinate(text.slice(4 * i, 4 * i + 2)),
    coordinate(text.slice(4 * i + 2, 4 * i + 4)),
  ]);
}

function readPenalties(text: string): LabPenalty[] {
  if (text === 'none') return [];
  const list = text.split(',').map((item): LabPenalty => {
    const [name = '', weight] = item.split(':');
    const kind = labPenalties.find((penalty) => penalty.name === name);
    const names = labPenalties.map((penalty) => penalty.name);
    if (!kind) throw new Problem(`unknown penalty ${name}. ${oneOf(name, [...names, 'none'])}`);
    const { minimum, maximum, default: usual } = kind.weight;
    return {
      name: kind.name,
      weight: weight === undefined ? usual : numberIn(weight, [minimum, maximum]),
    };
  });
  const names = list.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice) throw new Problem(`each may be there once, got ${twice} twice`);
  return list;
}

function readData(reader: Reader, preset: LabData): LabData {
  switch (preset.kind) {
    case 'gaussians-1d':
    case 'gaussians-2d': {
      const dimension = preset.kind === 'gaussians-1d' ? 1 : 2;
      const gaussians = reader.value('gaussians', preset.gaussians, (text) => readGaussians(text, dimension));
      return { kind: preset.kind, gaussians };
    }
    case 'drawn':
      return {
        kind: 'drawn',
        points: reader.value('points', preset.points, readPoints),
        bandwidth: reader.number('bandwidth', preset.bandwidth, labLimits.deviation),
      };
    default:
      return preset;
  }
}

function readNetwork(reader: Reader, prefix: 'g' | 'd', preset: LabNetwork): LabNetwork {
  return {
    depth: reader.integer(`${prefix}.depth`, preset.depth, labLimits.depth),
    width: reader.integer(`${prefix}.width`, preset.width, labLimits.width),
    activation: reader.choice(`${prefix}.activation`, preset.activation, labActivations),
    optimiser: reader.choice(`${prefix}.optimiser`, preset.optimiser, labOptimisers),
    learningRate: reader.number(`${prefix}.rate`, preset.learningRate, labLimits.learningRate),
    momentum: reader.number(`${prefix}.momentum`, preset.momentum, labLimits.momentum),
  };
}

/** What settings contradict each other in is settled for the weaker one, and said. */
function settleContradictions(state: LabState, problems: string[]): LabState {
  let { k, penalties } = state;
  if (state.order === 'simultaneous' && k !== 1) {
    problems.push(`k: must be 1 with order simultaneous, where both networks learn from one batch, got ${k}`);
    k = 1;
  }
  if (state.order === 'alternating' && penalties.some(({ name }) => name === 'consensus')) {
    problems.push('penalties: consensus takes order simultaneous: it is of both gradients at one place');
    penalties = penalties.filter(({ name }) => name !== 'consensus');
  }
  return { ...state, k, penalties };
}

/**
 * The state that a URL's fragment holds. Keys may come in any order; what is left out is as `defaultLabState` of the
 * fragment's `data` has it.
 *
 * @param fragment - with or without `#`
 * @param others - keys that are the page's own, such as which story is open: passed over here
 * @returns never throws: what could not be understood is said in `problems`
 */
export function parseLabState(fragment: string, others: readonly string[] = []): ParsedLabState {
  const pairs = new Map<string, string>();
  const problems: string[] = [];
  for (const item of fragment.replace(/^#/, '').split('&')) {
    if (item === '') continue;
    const cut = item.indexOf('=');
    const key = decoded(cut < 0 ? item : item.slice(0, cut));
    if (others.includes(key)) continue;
    if (cut < 0) problems.push(`${key}: must be ${key}=value, got no value`);
    else pairs.set(key, decoded(item.slice(cut + 1)));
  }
  const reader = new Reader(pairs);
  const kind: LabDataKind = reader.choice('data', 'ring8', labDataKinds);
  const preset = defaultLabState(kind);
  const state: LabState = {
    data: readData(reader, preset.data),
    latent: {
      distribution: reader.choice('latent', preset.latent.distribution, ['uniform', 'gaussian']),
      dimension: reader.integer('latent.dimension', preset.latent.dimension, labLimits.latentDimension),
    },
    generator: readNetwork(reader, 'g', preset.generator),
    discriminator: readNetwork(reader, 'd', preset.discriminator),
    loss: reader.choice('loss', preset.loss, labLosses),
    penalties: reader.value('penalties', preset.penalties, readPenalties),
    k: reader.integer('k', preset.k, labLimits.k),
    order: reader.choice('order', preset.order, ['alternating', 'simultaneous']),
    batch: reader.integer('batch', preset.batch, labLimits.batch),
    decaySteps: reader.integer('decay', preset.decaySteps, labLimits.decaySteps),
    average: reader.number('average', preset.average, labLimits.average),
    seed: reader.integer('seed', preset.seed, labLimits.seed),
    step: reader.integer('step', preset.step, labLimits.step),
  };
  reader.finish();
  const found = [...problems, ...reader.problems];
  return { state: settleContradictions(state, found), problems: found };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
