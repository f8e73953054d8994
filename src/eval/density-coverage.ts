import type { Tensor } from '../graph/tensor.ts';
import type { Session } from '../runtime/session.ts';
import { nearestNeighbours, squaredDistances } from './distances.ts';
import {
  type ManifoldOptions,
  type ManifoldShare,
  requireManifolds,
  squaredRadii,
} from './precision-recall.ts';

/** A measure beside the value that it has on average where samples and data are from one distribution. */
export interface ExpectedShare extends ManifoldShare {
  readonly expected: number;
}

/** Fidelity and variety by the balls of the real vectors alone. */
export interface DensityCoverage {
  /** Real balls around a sample on average, divided by k; expected 1, more where samples crowd where the data is dense. */
  readonly density: ExpectedShare;
  /** Share of the real balls with a sample in them, in [0, 1]; expected `1 - prod_{j=1..k} (n - j) / (n + m - j)`. */
  readonly coverage: ExpectedShare;
}

/**
 * Density and coverage: `1/(k m) sum_j sum_i [y_j in B_i]` and `1/n sum_i [some y_j in B_i]`, where B_i is the ball around
 * real vector i, as large as the distance to its k-th nearest other real vector, border included.
 *
 * Against precision and recall they have an expected value for equal distributions, and a far-out vector moves density by
 * one ball only. Coverage falls with missing modes; with fewer samples than real vectors it falls as well.
 *
 * @param real - float32 [n, d], k + 1 or more that are not all equal
 * @param fake - float32 [m, d], k + 1 or more
 * @param options - `k`: default 5, the paper's
 * @throws ShapeError or DataError where the sets cannot be compared (`requireSamples`)
 * @see Naeem et al. 2020, https://arxiv.org/abs/2002.09797
 */
export async function densityCoverage(
  session: Session,
  real: Tensor<'float32'>,
  fake: Tensor<'float32'>,
  { features, k = 5 }: ManifoldOptions,
): Promise<DensityCoverage> {
  const shape = requireManifolds('densityCoverage', real, fake, k);
  const radii = await squaredRadii(session, real, k);
  let hits = 0;
  await squaredDistances(session, fake, real, (_, { data }) => {
    for (let at = 0; at < data.length; )
      for (let j = 0; j < radii.length; j++, at++) if (data[at]! <= radii[j]!) hits++;
  });
  const nearest = await nearestNeighbours(session, real, fake, 1);
  const covered = nearest.squaredDistances.filter((distance, i) => distance <= radii[i]!).length;
  const protocol = { ...shape, features, k };
  return {
    density: { value: hits / (k * shape.fake), expected: 1, protocol },
    coverage: {
      value: covered / shape.real,
      expected: expectedCoverage(shape.real, shape.fake, k),
      protocol,
    },
  };
}

/** The chance that of a real vector's n - 1 + m companions the nearest k are not all real. */
function expectedCoverage(real: number, fake: number, k: number): number {
  let allReal = 1;
  for (let j = 1; j <= k; j++) allReal *= (real - j) / (real + fake - j);
  return 1 - allReal;
}
