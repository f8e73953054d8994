import type { Tensor } from '../graph/tensor.ts';
import { permutation } from '../random/permutation.ts';
import { streamOf } from '../random/threefry.ts';
import type { Session } from '../runtime/session.ts';
import { columnMeans } from './distances.ts';
import { kMeans, pickRows } from './k-means.ts';
import { type ParzenInputs, parzenEstimate } from './parzen.ts';

/** What the Parzen measure gives for sets that no generator drew, in nats, by the protocol of the samples themselves. */
export interface ParzenBaselines {
  /** Randomly chosen training images in the place of samples: what real data scores. */
  readonly trainingData: number;
  /** Centroids of the training images: smoother than data, and far above it. */
  readonly kMeans: number;
  /** One Gaussian around the mean training image, its deviation refined: the best generator that ignores z. */
  readonly gaussian: number;
  readonly protocol: {
    /** Training images chosen. */
    readonly count: number;
    /** Centroids made: as many, or half of the training images where there are not twice as many. */
    readonly centroids: number;
    readonly kMeansRounds: number;
    readonly seed: number;
  };
}

/** Options of `parzenBaselines`. */
export interface ParzenBaselineOptions extends Omit<ParzenInputs, 'samples'> {
  /** float32 [n, d], pixels in [0, 1] */
  readonly train: Tensor<'float32'>;
  /** As many as there are samples beside them; at most the training images. */
  readonly count: number;
  /** Integer in [0, 2^32). */
  readonly seed: number;
}

/** One round already gives all but a nat of what many give (334.2 against 334.8 on MNIST). */
const ROUNDS = 1;

/**
 * What stands beside a Parzen value so that nobody is misled by it: real images, centroids of k-means, a single Gaussian.
 *
 * @throws as `parzenEstimate`
 * @see Theis, van den Oord, Bethge 2016, section 3.3, https://arxiv.org/abs/1511.01844
 */
export async function parzenBaselines(
  session: Session,
  { train, count, seed, ...images }: ParzenBaselineOptions,
): Promise<ParzenBaselines> {
  const available = train.shape[0]!;
  const chosen = permutation({ seed, stream: streamOf('parzenBaselines') }, 0, available);
  const used = Math.min(count, available);
  const real = pickRows(train, chosen.subarray(0, used));
  // As many centroids as images would be the images themselves.
  const clusters = Math.max(1, Math.min(used, Math.floor(available / 2)));
  const { centroids } = await kMeans(session, train, { clusters, rounds: ROUNDS, seed });
  const mean: Tensor<'float32'> = {
    dtype: 'float32',
    shape: [1, train.shape[1]!],
    data: Float32Array.from(columnMeans(train)),
  };
  const score = (samples: Tensor<'float32'>) => parzenEstimate(session, { samples, ...images });
  return {
    trainingData: (await score(real)).logLikelihood,
    kMeans: (await score(centroids)).logLikelihood,
    gaussian: (await score(mean)).fine.logLikelihood,
    protocol: { count: used, centroids: clusters, kMeansRounds: ROUNDS, seed },
  };
}
