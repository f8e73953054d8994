import type { Tensor } from '../graph/tensor.ts';
import { permutation } from '../random/permutation.ts';
import { streamOf } from '../random/threefry.ts';
import { requireSamples } from './sample-check.ts';

/** Mean and covariance: the Gaussian that stands for a set of feature vectors. */
export interface Moments {
  /** float64 [d] */
  readonly mean: Float64Array;
  /** float64 [d, d], symmetric. */
  readonly covariance: Float64Array;
}

/**
 * Mean and covariance (divided by n - 1) of feature vectors, accumulated in float64.
 *
 * @param features - float32 [n, d], 2 or more
 * @throws ShapeError or DataError where they are too few or not finite
 */
export function momentsOf(features: Tensor<'float32'>): Moments {
  const { count, dimension } = requireSamples('momentsOf', features, {
    name: 'features',
    least: 2,
    leastFor: 'a covariance',
  });
  const rows = Uint32Array.from({ length: count }, (_, row) => row);
  return momentsOfParts([scatter(features, rows, meanOf(features, rows), dimension)]);
}

/** Sums over some vectors, less a centre near their mean: what moments are made of, and what may be added up. */
export interface Scatter {
  readonly count: number;
  readonly centre: Float64Array;
  /** float64 [d], `sum (x - c)` */
  readonly sums: Float64Array;
  /** float64 [d, d], `sum (x - c) (x - c)^T`; the lower triangle. */
  readonly products: Float64Array;
}

function meanOf({ shape, data }: Tensor<'float32'>, rows: Uint32Array): Float64Array {
  const dimension = shape[1]!;
  const mean = new Float64Array(dimension);
  for (const row of rows)
    for (let i = 0, at = row * dimension; i < dimension; i++, at++) mean[i]! += data[at]!;
  return mean.map((total) => total / rows.length);
}

/**
 * Sums over vectors in random groups of nearly equal size: data may be in an order, and is in that of its classes more often
 * than not.
 *
 * @param features - float32 [n, d]
 * @param stream - of the order
 */
export function randomScatters(
  features: Tensor<'float32'>,
  groups: number,
  { seed, stream }: { readonly seed: number; readonly stream: string },
): readonly Scatter[] {
  const [count, dimension] = [features.shape[0]!, features.shape[1]!];
  const order = permutation({ seed, stream: streamOf(stream) }, 0, count);
  const centre = meanOf(features, order);
  const start = (group: number): number => Math.floor((group * count) / groups);
  return Array.from({ length: groups }, (_, group) =>
    scatter(features, order.subarray(start(group), start(group + 1)), centre, dimension),
  );
}

/** Vectors go in by fours: a sum that is read and written once for four products takes half the time. */
function scatter(
  { data }: Tensor<'float32'>,
  rows: Uint32Array,
  centre: Float64Array,
  dimension: number,
): Scatter {
  const sums = new Float64Array(dimension);
  const products = new Float64Array(dimension * dimension);
  const four = Array.from({ length: 4 }, () => new Float64Array(dimension));
  const [a, b, c, d] = four as [Float64Array, Float64Array, Float64Array, Float64Array];
  for (let first = 0; first < rows.length; first += 4) {
    for (const [lane, vector] of four.entries()) {
      const row = rows[first + lane];
      if (row === undefined) vector.fill(0);
      else for (let i = 0, at = row * dimension; i < dimension; i++, at++) vector[i] = data[at]! - centre[i]!;
    }
    for (let i = 0; i < dimension; i++) {
      const [ai, bi, ci, di] = [a[i]!, b[i]!, c[i]!, d[i]!];
      sums[i]! += ai + bi + ci + di;
      for (let j = 0, at = i * dimension; j <= i; j++, at++)
        products[at]! += ai * a[j]! + bi * b[j]! + ci * c[j]! + di * d[j]!;
    }
  }
  return { count: rows.length, centre, sums, products };
}

/** Mean and covariance of the union of disjoint sets that were summed around one centre. */
export function momentsOfParts(parts: readonly Scatter[]): Moments {
  const centre = parts[0]!.centre;
  const d = centre.length;
  const count = parts.reduce((total, part) => total + part.count, 0);
  const total = (of: (part: Scatter) => number) => parts.reduce((sum, part) => sum + of(part), 0);
  const shift = centre.map((_, i) => total((part) => part.sums[i]!) / count);
  const covariance = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      const products = total((part) => part.products[i * d + j]!);
      const value = (products - count * shift[i]! * shift[j]!) / (count - 1);
      covariance[i * d + j] = value;
      covariance[j * d + i] = value;
    }
  return { mean: centre.map((value, i) => value + shift[i]!), covariance };
}
