import { ShapeError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';
import { permutation } from '../random/permutation.ts';
import { streamOf } from '../random/threefry.ts';
import type { Session } from '../runtime/session.ts';
import { nearestNeighbours } from './distances.ts';

/** Options of `kMeans`. */
export interface KMeansOptions {
  /** Number of centroids, at most the number of rows. */
  readonly clusters: number;
  /** Rounds of assigning rows and moving centroids. */
  readonly rounds: number;
  /** Of the rows that are the first centroids: integer in [0, 2^32). */
  readonly seed: number;
}

/** Centroids of a set, and how far from them its rows lie. */
export interface KMeans {
  /** float32 [clusters, d] */
  readonly centroids: Tensor<'float32'>;
  /** Mean squared distance of a row to its centroid before each round: it never rises. */
  readonly meanSquaredDistances: readonly number[];
}

/**
 * Centroids by Lloyd's algorithm from randomly chosen rows: each row goes to its nearest centroid, each centroid to the
 * mean of its rows. A centroid that no row chose stays where it is.
 *
 * @param rows - float32 [n, d]
 * @throws ShapeError where `clusters` is not from 1 to n, or `rounds` is negative or fractional
 * @see Lloyd 1982, https://doi.org/10.1109/TIT.1982.1056489
 */
export async function kMeans(
  session: Session,
  rows: Tensor<'float32'>,
  { clusters, rounds, seed }: KMeansOptions,
): Promise<KMeans> {
  const [n = 0, dimension = 0] = rows.shape;
  if (!Number.isInteger(clusters) || clusters < 1 || clusters > n)
    throw new ShapeError(`kMeans: clusters must be a whole number from 1 to ${n}, got ${clusters}`);
  if (!Number.isInteger(rounds) || rounds < 0)
    throw new ShapeError(`kMeans: rounds must be a whole number of at least 0, got ${rounds}`);
  const order = permutation({ seed, stream: streamOf('kMeans') }, 0, n);
  let centroids = pickRows(rows, order.subarray(0, clusters));
  const meanSquaredDistances: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { indices, squaredDistances } = await nearestNeighbours(session, rows, centroids, 1);
    meanSquaredDistances.push(squaredDistances.reduce((total, value) => total + value, 0) / n);
    const totals = new Float64Array(clusters * dimension);
    const counts = new Uint32Array(clusters);
    for (let row = 0, at = 0; row < n; row++) {
      const cluster = indices[row]!;
      counts[cluster]!++;
      for (let axis = 0; axis < dimension; axis++) totals[cluster * dimension + axis]! += rows.data[at++]!;
    }
    const data = centroids.data.slice();
    for (let cluster = 0; cluster < clusters; cluster++) {
      const count = counts[cluster]!;
      if (count === 0) continue;
      const first = cluster * dimension;
      for (let at = first; at < first + dimension; at++) data[at] = totals[at]! / count;
    }
    centroids = { ...centroids, data };
  }
  return { centroids, meanSquaredDistances };
}

/** The named rows of a set, in that order. @returns float32 [indices.length, d] */
export function pickRows({ shape, data }: Tensor<'float32'>, indices: ArrayLike<number>): Tensor<'float32'> {
  const dimension = shape[1]!;
  const picked = new Float32Array(indices.length * dimension);
  for (let i = 0; i < indices.length; i++) {
    const first = indices[i]! * dimension;
    picked.set(data.subarray(first, first + dimension), i * dimension);
  }
  return { dtype: 'float32', shape: [indices.length, dimension], data: picked };
}
