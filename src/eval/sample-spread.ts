import { ShapeError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';

/** Real examples to compare samples with, and how far they lie from each other. */
export interface RealSpread {
  /** float32 [n, d], in the units of the samples: pixels in [0, 1]. */
  readonly examples: Tensor<'float32'>;
  /** Mean Euclidean distance of two different examples. */
  readonly meanDistance: number;
  /** Distance from an example to the nearest other one: the median over the examples. */
  readonly nearestDistance: number;
}

/** How samples spread, beside how the data does. */
export interface SampleSpread {
  /** Mean distance of two samples over that of two real examples: 0 where all are the same, 1 where they vary as the data. */
  readonly diversity: number;
  /** Share of the samples whose nearest other one is nearer than half the data's median nearest distance, in [0, 1]. */
  readonly duplicates: number;
  /**
   * `(2 E|x - y| - E|x - x'| - E|y - y'|) / (2 E|x - y|)` with samples x and real y: 0 for one distribution, 1 for two that
   * lie far apart. Unbiased but for the division, so slightly negative at times where they are the same.
   */
  readonly energyDistance: number;
}

/**
 * Measures real examples once, for `sampleSpread`.
 *
 * @param examples - float32 [n, ...], n from 2
 * @throws ShapeError where there are fewer than two
 */
export function realSpread(examples: Tensor<'float32'>): RealSpread {
  const rows = rowsOf('realSpread', examples);
  const { mean, nearest } = distancesWithin(rows);
  return { examples, meanDistance: mean, nearestDistance: nearest.sort()[Math.floor(rows.length / 2)]! };
}

/**
 * How samples spread beside real examples. Nearest distances shrink as sets grow, so as many samples as real examples
 * are taken, the first ones. O(n^2 d): 15 ms for 100 images of 784 pixels.
 *
 * @param samples - float32 [n, ...], in the units of the real examples
 * @throws ShapeError where there are fewer samples than real examples, or they are of another size
 * @see Szekely and Rizzo 2013, https://doi.org/10.1016/j.jspi.2013.03.018, for the energy distance and its normed form
 */
export function sampleSpread(samples: Tensor<'float32'>, real: RealSpread): SampleSpread {
  const ys = rowsOf('sampleSpread', real.examples);
  const all = rowsOf('sampleSpread', samples);
  if (all.length < ys.length || all[0]!.length !== ys[0]!.length)
    throw new ShapeError(
      `sampleSpread: samples must be ${ys.length} or more of ${ys[0]!.length} numbers, as the real examples, got shape [${samples.shape.join(', ')}]`,
    );
  const xs = all.slice(0, ys.length);
  const { mean, nearest } = distancesWithin(xs);
  const across = meanAcross(xs, ys);
  return {
    diversity: mean / real.meanDistance,
    duplicates: nearest.filter((distance) => distance < real.nearestDistance / 2).length / xs.length,
    energyDistance: 1 - (mean + real.meanDistance) / (2 * across),
  };
}

function rowsOf(caller: string, { data, shape }: Tensor<'float32'>): Float32Array[] {
  const count = shape[0] ?? 0;
  if (count < 2)
    throw new ShapeError(`${caller}: there must be two or more examples, got shape [${shape.join(', ')}]`);
  const size = data.length / count;
  return Array.from({ length: count }, (_, i) => data.subarray(i * size, (i + 1) * size));
}

function distance(x: Float32Array, y: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i]! - y[i]!) ** 2;
  return Math.sqrt(sum);
}

function distancesWithin(xs: readonly Float32Array[]): { mean: number; nearest: Float64Array } {
  const nearest = new Float64Array(xs.length).fill(Number.POSITIVE_INFINITY);
  let sum = 0;
  for (let i = 0; i < xs.length; i++)
    for (let j = 0; j < i; j++) {
      const between = distance(xs[i]!, xs[j]!);
      sum += between;
      if (between < nearest[i]!) nearest[i] = between;
      if (between < nearest[j]!) nearest[j] = between;
    }
  return { mean: (2 * sum) / (xs.length * (xs.length - 1)), nearest };
}

function meanAcross(xs: readonly Float32Array[], ys: readonly Float32Array[]): number {
  let sum = 0;
  for (const x of xs) for (const y of ys) sum += distance(x, y);
  return sum / (xs.length * ys.length);
}
