import { ShapeError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';
import { permutation } from '../random/permutation.ts';
import { streamOf } from '../random/threefry.ts';
import { requireSamples } from './sample-check.ts';
import { symmetricEigenvalues } from './symmetric-eigenvalues.ts';

/** Mean and covariance: the Gaussian that stands for a set of feature vectors. */
export interface Moments {
  /** float64 [d] */
  readonly mean: Float64Array;
  /** float64 [d, d], symmetric. */
  readonly covariance: Float64Array;
}

/** A Fréchet distance with what it depends on. */
export interface FrechetDistance {
  /** Squared Fréchet distance of the two Gaussians, from all vectors; 0 for equal sets. */
  readonly value: number;
  /** The same from half as many vectors on either side, mean of two disjoint halves. */
  readonly valueAtHalf: number;
  /** Where value and valueAtHalf point for endlessly many vectors, `2 value - valueAtHalf`; may fall below 0 by chance. */
  readonly extrapolated: number;
  /** Number of real vectors. */
  readonly real: number;
  /** Number of samples. */
  readonly fake: number;
  /** Which features: distances in different features cannot be compared. */
  readonly features: string;
  /** One sentence where there are too few vectors for a covariance of full rank. */
  readonly notice?: string;
  readonly protocol: {
    readonly real: number;
    readonly fake: number;
    readonly features: string;
    readonly dimension: number;
    readonly covariance: 'divided by n - 1';
    readonly halves: 2;
    readonly seed: number;
  };
}

/** Options of `frechetDistance`. */
export interface FrechetOptions {
  /** Name of the features for the reader, such as `pixels`. */
  readonly features: string;
  /** Which vectors make up which half; default 0. */
  readonly seed?: number;
}

/**
 * Squared Fréchet distance between two Gaussians, `|mu_a - mu_b|^2 + Tr(S_a + S_b - 2 (S_a S_b)^(1/2))`. The trace of the
 * root is the sum of the roots of the eigenvalues of `L^T S_b L`, symmetric and of those of `S_a S_b`, where
 * `S_a = L L^T`: real by construction, and with singular covariances too.
 *
 * @returns at least 0
 * @throws ShapeError where the dimensions differ
 * @see Dowson and Landau 1982, https://doi.org/10.1016/0047-259X(82)90077-X
 */
export function frechetBetweenGaussians(a: Moments, b: Moments): number {
  const d = a.mean.length;
  if (b.mean.length !== d || a.covariance.length !== d * d || b.covariance.length !== d * d)
    throw new ShapeError(
      `frechetBetweenGaussians: both must have a mean [d] and a covariance [d, d] with the same d, got ${d}, ${a.covariance.length}, ${b.mean.length} and ${b.covariance.length} numbers`,
    );
  let distance = 0;
  for (let i = 0; i < d; i++) {
    distance += (a.mean[i]! - b.mean[i]!) ** 2;
    distance += a.covariance[i * d + i]! + b.covariance[i * d + i]!;
  }
  return Math.max(0, distance - 2 * traceOfRoot(a.covariance, b.covariance, d));
}

/**
 * Fréchet distance between two sets of feature vectors (on Inception's features it is FID): it rises with whatever moves
 * mean or covariance, blur and missing classes alike. With few vectors it is too high, by about a constant over their number;
 * `valueAtHalf` shows by how much and `extrapolated` takes it off.
 *
 * @param real - float32 [n, d], 4 or more that are not all equal
 * @param fake - float32 [m, d], 4 or more
 * @throws ShapeError or DataError where the sets cannot be compared (`requireSamples`)
 * @see Heusel et al. 2017, https://arxiv.org/abs/1706.08500; Chong and Forsyth 2020 for the bias,
 *   https://arxiv.org/abs/1911.07023
 */
export function frechetDistance(
  real: Tensor<'float32'>,
  fake: Tensor<'float32'>,
  { features, seed = 0 }: FrechetOptions,
): FrechetDistance {
  const demands = { least: 4, leastFor: 'a covariance of each half' };
  const { count: n, dimension } = requireSamples('frechet', real, { name: 'real', ...demands, varied: true });
  const { count: m } = requireSamples('frechet', fake, { name: 'samples', ...demands, dimension });
  const reals = momentsWithHalves(real, seed, 'frechet/real');
  const fakes = momentsWithHalves(fake, seed, 'frechet/fake');
  const value = frechetBetweenGaussians(reals.whole, fakes.whole);
  const valueAtHalf =
    (frechetBetweenGaussians(reals.halves[0], fakes.halves[0]) +
      frechetBetweenGaussians(reals.halves[1], fakes.halves[1])) /
    2;
  const fewest = Math.min(n, m);
  return {
    value,
    valueAtHalf,
    extrapolated: 2 * value - valueAtHalf,
    real: n,
    fake: m,
    features,
    ...(fewest <= dimension && {
      notice: `The Fréchet distance has ${fewest} vectors for ${dimension} dimensions: more than ${dimension} are needed for covariances of full rank, and it is much too high until then.`,
    }),
    protocol: {
      real: n,
      fake: m,
      features,
      dimension,
      covariance: 'divided by n - 1',
      halves: 2,
      seed,
    },
  };
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
  return moments([scatter(features, rows, meanOf(features, rows), dimension)]);
}

/** Sums over some vectors, less a centre near their mean: what moments are made of, and what may be added up. */
interface Scatter {
  readonly count: number;
  readonly centre: Float64Array;
  /** float64 [d], `sum (x - c)` */
  readonly sums: Float64Array;
  /** float64 [d, d], `sum (x - c) (x - c)^T`; the lower triangle. */
  readonly products: Float64Array;
}

/** The halves are random ones: data may be in an order, and is in that of its classes more often than not. */
function momentsWithHalves(
  features: Tensor<'float32'>,
  seed: number,
  stream: string,
): { readonly whole: Moments; readonly halves: readonly [Moments, Moments] } {
  const [count, dimension] = [features.shape[0]!, features.shape[1]!];
  const order = permutation({ seed, stream: streamOf(stream) }, 0, count);
  const centre = meanOf(features, order);
  const first = scatter(features, order.subarray(0, Math.floor(count / 2)), centre, dimension);
  const second = scatter(features, order.subarray(Math.floor(count / 2)), centre, dimension);
  return { whole: moments([first, second]), halves: [moments([first]), moments([second])] };
}

function meanOf({ shape, data }: Tensor<'float32'>, rows: Uint32Array): Float64Array {
  const dimension = shape[1]!;
  const mean = new Float64Array(dimension);
  for (const row of rows)
    for (let i = 0, at = row * dimension; i < dimension; i++, at++) mean[i]! += data[at]!;
  return mean.map((total) => total / rows.length);
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
function moments(parts: readonly Scatter[]): Moments {
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

/** `Tr (a b)^(1/2)` for positive semidefinite a and b, [d, d]. */
function traceOfRoot(a: Float64Array, b: Float64Array, d: number): number {
  const { factor, rank } = pivotedCholesky(a, d);
  // factor is [rank, d], the rows of L^T: L^T b L comes from products of rows alone.
  const half = new Float64Array(rank * d);
  for (let i = 0; i < rank; i++)
    for (let k = 0; k < d; k++) half[i * d + k] = dot(factor, i * d, b, k * d, d);
  const product = new Float64Array(rank * rank);
  for (let i = 0; i < rank; i++)
    for (let j = 0; j <= i; j++) {
      const value = dot(half, i * d, factor, j * d, d);
      product[i * rank + j] = value;
      product[j * rank + i] = value;
    }
  const eigenvalues = symmetricEigenvalues(product, rank);
  // Below this an eigenvalue is rounding, whose root would not be small: 1e-16 has the root 1e-8.
  const noise = rank * Number.EPSILON * Math.max(0, eigenvalues[rank - 1] ?? 0);
  return eigenvalues.reduce((sum, value) => (value > noise ? sum + Math.sqrt(value) : sum), 0);
}

/**
 * `factor` [rank, d] with `factor^T factor = a` for positive semidefinite a: Cholesky's factor, the largest remaining
 * diagonal element first, until nothing but rounding remains.
 */
function pivotedCholesky(
  a: Float64Array,
  d: number,
): { readonly factor: Float64Array; readonly rank: number } {
  const factor = new Float64Array(d * d);
  const left = Float64Array.from({ length: d }, (_, i) => a[i * d + i]!);
  const limit = d * Number.EPSILON * left.reduce((most, value) => Math.max(most, value), 0);
  for (let rank = 0; rank < d; rank++) {
    let pivot = 0;
    for (let i = 1; i < d; i++) if (left[i]! > left[pivot]!) pivot = i;
    if (!(left[pivot]! > limit)) return { factor: factor.subarray(0, rank * d), rank };
    const root = Math.sqrt(left[pivot]!);
    const row = rank * d;
    for (let i = 0; i < d; i++) factor[row + i] = a[pivot * d + i]!;
    for (let k = 0; k < rank; k++) {
      const weight = factor[k * d + pivot]!;
      for (let i = 0; i < d; i++) factor[row + i]! -= weight * factor[k * d + i]!;
    }
    for (let i = 0; i < d; i++) {
      // An element that was a pivot before is finished: what its sum leaves is rounding.
      factor[row + i] = left[i] === 0 ? 0 : factor[row + i]! / root;
      left[i] = Math.max(0, left[i]! - factor[row + i]! ** 2);
    }
    left[pivot] = 0;
  }
  return { factor, rank: d };
}

function dot(a: Float64Array, aStart: number, b: Float64Array, bStart: number, length: number): number {
  let total = 0;
  for (let k = 0; k < length; k++) total += a[aStart + k]! * b[bStart + k]!;
  return total;
}
