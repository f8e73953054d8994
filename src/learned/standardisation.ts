import type { ExampleSet } from '../data/dataset.ts';
import { mul, sub } from '../graph/functions/elementwise.ts';
import { constant, type Value } from '../graph/value.ts';

/** What brings examples to mean 0 and variance 1: one pair for all pixels of images, one per coordinate of points. */
export interface Standardisation {
  /** [1] or [d], in the examples' own units. */
  readonly mean: readonly number[];
  /** [1] or [d], positive; 1 where a coordinate never varies, which leaves it at 0. */
  readonly deviation: readonly number[];
}

/** The factor from stored examples to the numbers that networks take: pixels are 0 to 255 at rest, in [0, 1] inside. */
export function unitOf(examples: ExampleSet['examples']): number {
  return examples instanceof Uint8Array ? 1 / 255 : 1;
}

/**
 * Mean and standard deviation of a set, in float64. Pixels share one pair, because a pixel that is almost always black
 * would be blown up by its own deviation.
 *
 * @returns undefined where nothing varies: all examples are one and the same constant
 */
export function standardisationOf(
  kind: 'images' | 'points',
  { count, examples }: ExampleSet,
): Standardisation | undefined {
  const unit = unitOf(examples);
  const columns = kind === 'images' ? 1 : examples.length / count;
  const [sums, squares] = [new Float64Array(columns), new Float64Array(columns)];
  // Around the first example, so that a large common offset costs no digits.
  for (let i = 0; i < examples.length; i++) {
    const column = columns === 1 ? 0 : i % columns;
    const value = examples[i]! - examples[column]!;
    sums[column]! += value;
    squares[column]! += value * value;
  }
  const n = examples.length / columns;
  const mean = Array.from(sums, (sum, column) => (examples[column]! + sum / n) * unit);
  const deviation = Array.from(
    squares,
    (square, column) => Math.sqrt(Math.max(0, square / n - (sums[column]! / n) ** 2)) * unit,
  );
  if (deviation.every((value) => value === 0)) return undefined;
  return { mean, deviation: deviation.map((value) => (value === 0 ? 1 : value)) };
}

/** `(x - mean) / deviation`. @param x - float32 [N, d] */
export function standardise(x: Value, { mean, deviation }: Standardisation): Value {
  const row = (values: readonly number[]): Value =>
    constant({ dtype: 'float32', shape: [values.length], data: Float32Array.from(values) });
  return mul(sub(x, row(mean)), row(deviation.map((value) => 1 / value)));
}
