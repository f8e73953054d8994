import type { Tensor } from '../graph/tensor.ts';
import type { Session } from '../runtime/session.ts';
import { nearestNeighbours, squaredDistances } from './distances.ts';
import { requireSamples } from './sample-check.ts';

/** A share in [0, 1] with how it was measured. */
export interface ManifoldShare {
  readonly value: number;
  readonly protocol: {
    readonly real: number;
    readonly fake: number;
    readonly features: string;
    readonly dimension: number;
    readonly k: number;
  };
}

/** Fidelity and variety, each as a share. */
export interface PrecisionRecall {
  /** Share of the samples that lie within the real manifold: how many look real. */
  readonly precision: ManifoldShare;
  /** Share of the real vectors that lie within the samples' manifold: how much of the data can be drawn. */
  readonly recall: ManifoldShare;
}

/** Options of measures by nearest neighbours. */
export interface ManifoldOptions {
  /** Name of the features for the reader, such as `pixels`. */
  readonly features: string;
  /** Which neighbour's distance is the radius. */
  readonly k?: number;
}

/**
 * Improved precision and recall. A set's manifold is the union of balls around its vectors, each as large as the distance to
 * the k-th nearest other vector of that set, its border included.
 *
 * Both depend on the number of vectors (more vectors, smaller balls): compare only values of equal protocol, and see what
 * held-out data reaches, which is not 1. A single real vector far out has a large ball that takes in bad samples as well;
 * `densityCoverage` is less moved by it.
 *
 * @param real - float32 [n, d], k + 1 or more that are not all equal
 * @param fake - float32 [m, d], k + 1 or more
 * @param options - `k`: default 3, the paper's
 * @throws ShapeError or DataError where the sets cannot be compared (`requireSamples`)
 * @see Kynkäänniemi et al. 2019, https://arxiv.org/abs/1904.06991
 */
export async function precisionRecall(
  session: Session,
  real: Tensor<'float32'>,
  fake: Tensor<'float32'>,
  { features, k = 3 }: ManifoldOptions,
): Promise<PrecisionRecall> {
  const shape = requireManifolds('precisionRecall', real, fake, k);
  const protocol = { ...shape, features, k };
  return {
    precision: { value: await shareWithin(session, fake, real, k), protocol },
    recall: { value: await shareWithin(session, real, fake, k), protocol },
  };
}

/**
 * Throws unless both sets have as many vectors as a k-th neighbour needs and fit each other.
 *
 * @returns their sizes
 */
export function requireManifolds(
  caller: string,
  real: Tensor<'float32'>,
  fake: Tensor<'float32'>,
  k: number,
): { readonly real: number; readonly fake: number; readonly dimension: number } {
  const demands = { least: k + 1, leastFor: `the distance to neighbour ${k} of each` };
  const { count, dimension } = requireSamples(caller, real, { name: 'real', ...demands, varied: true });
  const drawn = requireSamples(caller, fake, { name: 'samples', ...demands, dimension });
  return { real: count, fake: drawn.count, dimension };
}

/** Squared distance of each row to the k-th nearest other row of its set, float64 [n]. */
export async function squaredRadii(
  session: Session,
  set: Tensor<'float32'>,
  k: number,
): Promise<Float64Array> {
  const found = await nearestNeighbours(session, set, set, k, { excludeSelf: true });
  return found.squaredDistances.filter((_, at) => at % k === k - 1);
}

/** Share of the rows of `points` that lie in a ball around some row of `manifold`. */
async function shareWithin(
  session: Session,
  points: Tensor<'float32'>,
  manifold: Tensor<'float32'>,
  k: number,
): Promise<number> {
  const radii = await squaredRadii(session, manifold, k);
  let within = 0;
  await squaredDistances(session, points, manifold, (_, { shape, data }) => {
    for (let i = 0, at = 0; i < shape[0]!; i++, at += radii.length)
      for (let j = 0; j < radii.length; j++) {
        if (data[at + j]! > radii[j]!) continue;
        within++;
        break;
      }
  });
  return within / points.shape[0]!;
}
