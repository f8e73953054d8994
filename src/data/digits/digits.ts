import { ConfigError } from '../../errors.ts';
import { permutation } from '../../random/permutation.ts';
import { streamOf } from '../../random/threefry.ts';
import type { ExampleSet, FiniteDataset } from '../dataset.ts';
import { fingerprint } from '../fingerprint.ts';
import { Writer } from './handwriting.ts';
import { Line } from './line.ts';
import { makeNoise } from './noise.ts';
import { imageSide, Page } from './pen.ts';

const pixels: number = imageSide * imageSide;

/** In every run of this many examples from a multiple of it each class occurs equally often, in random order. */
const balancedRun = 1000;

function requireUint32(name: string, value: number): void {
  if (value >>> 0 !== value)
    throw new ConfigError(`drawDigits: ${name} must be an integer in [0, 4294967295], got ${value}`);
}

/** Which digits to draw. */
export interface DrawDigitsOptions {
  /** uint32; which endless sequence of digits, default 0, the one that `digits` is made of. */
  readonly seed?: number;
  /** Index of the first example in that sequence. */
  readonly first: number;
  readonly count: number;
}

/**
 * Draws handwritten-looking digits, grey on black as in MNIST: 0 is the background, 255 full ink, the digit fits into
 * 20 x 20 pixels and its ink's centre of mass is the middle of the image to the nearest pixel. Example `i` depends on
 * the seed and `i` alone, to the bit on every engine. About 60 microseconds each.
 *
 * @returns `examples`, uint8 `[count, 1, 28, 28]`, and `labels`, uint8 `[count]`, 0 ... 9: in every thousand from a
 *   multiple of 1000 each digit occurs 100 times
 * @throws ConfigError if seed, first, count or the index of the last example is not a uint32
 */
export function drawDigits(options: DrawDigitsOptions): { examples: Uint8Array; labels: Uint8Array } {
  const { seed = 0, first, count } = options;
  requireUint32('seed', seed);
  requireUint32('first', first);
  requireUint32('count', count);
  requireUint32('first + count', first + count);
  const examples = new Uint8Array(count * pixels);
  const labels = new Uint8Array(count);
  const noise = makeNoise();
  const writer = new Writer(seed, noise);
  const line = new Line();
  const page = new Page();
  const key = { seed, stream: streamOf('digits/labels') };
  let order = new Uint32Array(0);
  for (let i = 0; i < count; i++) {
    const index = first + i;
    const place = index % balancedRun;
    if (i === 0 || place === 0) order = permutation(key, (index - place) / balancedRun, balancedRun);
    const label = order[place]! % 10;
    const corner = writer.write(index, label, line);
    page.ink(line, noise, corner);
    page.scan(examples, i * pixels);
    labels[i] = label;
  }
  return { examples, labels };
}

/** What is known of a data set before it is drawn: what a registry lists, and how to draw it. */
interface DrawnSet {
  readonly name: string;
  /** One line for people. */
  readonly what: string;
  readonly exampleShape: readonly [channels: number, height: number, width: number];
  readonly counts: { readonly train: number; readonly validation: number; readonly test: number };
  readonly classes: readonly string[];
  /** Changes whenever `generate` gives other pixels: caches keep them under this name. */
  readonly version: string;
  generate(): Pick<FiniteDataset, 'train' | 'validation' | 'test'>;
}

/** The embedded data set, not yet drawn: one part after another in the sequence of seed 0. */
export const digitsSet: DrawnSet = {
  name: 'digits',
  what: 'handwritten-looking digits, drawn in code',
  exampleShape: [1, imageSide, imageSide],
  counts: { train: 50_000, validation: 10_000, test: 10_000 },
  classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  version: '2',
  generate() {
    const part = (first: number, count: number): ExampleSet => ({ count, ...drawDigits({ first, count }) });
    const { train, validation, test } = digitsSet.counts;
    return {
      train: part(0, train),
      validation: part(train, validation),
      test: part(train + validation, test),
    };
  },
};

/**
 * The embedded data set: 70,000 handwritten-looking digits of ten classes, uint8 `[n, 1, 28, 28]`, in parts of MNIST's
 * sizes and by its conventions. Drawn anew on each call, which takes seconds.
 */
export async function digits(): Promise<FiniteDataset> {
  const { name, exampleShape, classes } = digitsSet;
  const content = { kind: 'images' as const, name, exampleShape, classes, ...digitsSet.generate() };
  return { ...content, fingerprint: await fingerprint(content) };
}
