import { ShapeError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';
import { type Moments, momentsOfParts, randomScatters, type Scatter } from './moments.ts';
import { requireSamples } from './sample-check.ts';
import { symmetricEigenvalues } from './symmetric-eigenvalues.ts';

/** A Fréchet distance with what it depends on. */
export interface FrechetDistance {
  /** Squared Fréchet distance of the two Gaussians, from all vectors; 0 for equal sets. */
  readonly value: number;
  /**
   * Of `value`, by the jackknife over ten random groups of both sets at once: what other images and other samples would change.
   * Not there below 20 vectors on a side, and above 512 dimensions, where ten more roots of matrices take minutes.
   */
  readonly standardError?: number;
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

/** Of vectors, for the jackknife; half of them are the halves. */
const GROUPS = 10;
const LARGEST_FOR_ERROR = 512;

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
  const reals = randomScatters(real, GROUPS, { seed, stream: 'frechet/real' });
  const fakes = randomScatters(fake, GROUPS, { seed, stream: 'frechet/fake' });
  const between = (kept: (group: number) => boolean): number => {
    const momentsOfKept = (scatters: readonly Scatter[]) =>
      momentsOfParts(scatters.filter((_, group) => kept(group)));
    return frechetBetweenGaussians(momentsOfKept(reals), momentsOfKept(fakes));
  };
  const value = between(() => true);
  const valueAtHalf = (between((group) => group < GROUPS / 2) + between((group) => group >= GROUPS / 2)) / 2;
  const fewest = Math.min(n, m);
  return {
    value,
    ...(fewest >= 2 * GROUPS &&
      dimension <= LARGEST_FOR_ERROR && {
        standardError: jackknife(GROUPS, (left) => between((group) => group !== left)),
      }),
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

/** Standard error of a statistic from its values without one group each (Efron and Tibshirani 1993, chapter 11). */
function jackknife(groups: number, without: (group: number) => number): number {
  const values = Array.from({ length: groups }, (_, group) => without(group));
  const mean = values.reduce((sum, value) => sum + value, 0) / groups;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(((groups - 1) / groups) * squares);
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
