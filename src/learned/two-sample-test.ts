import type { Tensor } from '../graph/tensor.ts';
import type { Session } from '../runtime/session.ts';
import { trainFreshDiscriminator } from './fresh-discriminator.ts';
import { twoSampleParts } from './two-sample-parts.ts';

/** What a fresh discriminator makes of samples beside real data. */
export interface TwoSampleTest {
  /** Share of held-out examples that it calls right, real and fake equally many: 1/2 where it cannot tell. */
  readonly accuracy: number;
  /** Of the accuracy, `sqrt(a (1 - a) / n)` over the n tested examples. */
  readonly standardError: number;
  /**
   * `log 2 - held-out mean cross-entropy` in nats, not clipped: 0 where it cannot tell, log 2 = 0.693 where it always can. A
   * lower bound of the Jensen-Shannon divergence in expectation, so chance may take it a little below 0.
   */
  readonly jsd: number;
  /** Of `jsd`: the deviation of the cross-entropies divided by the root of their number. */
  readonly jsdStandardError: number;
  readonly protocol: {
    /** Examples used of each side, half of all. */
    readonly real: number;
    readonly fake: number;
    /** Examples of both sides together: trained on, used to decide when to stop, tested on. */
    readonly training: number;
    readonly validation: number;
    readonly testing: number;
    /** What the real ones are, as the caller said. */
    readonly split: string;
    readonly discriminator: string;
    /** Pixels as a picture file would hold them. */
    readonly pixels?: 'rounded to 8 bits';
    /** Iterations of the weights that were tested, and iterations in all. */
    readonly step: number;
    readonly steps: number;
    readonly seed: number;
  };
}

/** What `twoSampleTest` needs besides the examples. */
export interface TwoSampleOptions {
  /** Where the discriminator is trained; its state gets the discriminator's variables. */
  readonly session: Session;
  /** Images are compared as 8 bit pictures, points as they are. */
  readonly kind: 'images' | 'points';
  /** What the real examples are, for the protocol: `test`. They must not have been trained on. */
  readonly split: string;
  /** Most examples of each side that are used. Default 10,000. */
  readonly most?: number;
  /** Of weights, order, masks and which example is tested: integer in [0, 2^32). Default 1. */
  readonly seed?: number;
  /** Told about twice a second: iterations so far, and at most how many. */
  readonly onProgress?: ((step: number, steps: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Classifier two-sample test: trains a fresh discriminator to tell samples from real data and tests it on examples of both
 * that it has not seen. The paper's own criterion, D = 1/2 everywhere, as a number: a generator that has learned the data
 * leaves it at an accuracy of 1/2.
 *
 * The discriminator is a perceptron with dropout of 0.5, d - 512 - 256 - 1 for images, and d - 128 - 128 - 128 - 1 without
 * dropout for points; Adam at 0.001, up to 25 epochs on 60 % of the examples. It starts at D = 1/2 exactly and is stopped on
 * another 10 %, so one that learns nothing says 1/2; the rest tests it. Images of both sides are rounded to 8 bits first:
 * else the fractions between pixel values would give every generator away.
 *
 * A test split that was collected otherwise than the training split is told apart from it as well: compare with what the
 * training images themselves get in place of samples.
 *
 * @param real - that the generator was not trained on: images uint8 or float32 in [0, 1], points float32; [N, ...]
 * @param fake - samples, of the same shape and range
 * @throws ShapeError where the two do not fit each other; DataError for fewer than 200 of either, NaN, pixels out of range
 *   and real examples that are all alike; ExecutionError where training fails; what `signal` was aborted with
 * @see Lopez-Paz and Oquab 2017, Revisiting Classifier Two-Sample Tests, https://arxiv.org/abs/1610.06545
 */
export async function twoSampleTest(
  real: Tensor,
  fake: Tensor,
  { session, kind, split, most = 10_000, seed = 1, onProgress, signal }: TwoSampleOptions,
): Promise<TwoSampleTest> {
  const parts = twoSampleParts(real, fake, { kind, most, seed });
  const discriminator = await trainFreshDiscriminator({ kind, parts, session, seed, onProgress, signal });
  const { accuracy, crossEntropy, crossEntropyError } = await discriminator.judge(parts.testing);
  const [training, validation, testing] = [parts.training.count, parts.validation.count, parts.testing.count];
  const each = (training + validation + testing) / 2;
  return {
    accuracy,
    standardError: Math.sqrt((accuracy * (1 - accuracy)) / testing),
    jsd: Math.LN2 - crossEntropy,
    jsdStandardError: crossEntropyError,
    protocol: {
      real: each,
      fake: each,
      training,
      validation,
      testing,
      split,
      discriminator: discriminator.network,
      ...(kind === 'images' ? { pixels: 'rounded to 8 bits' as const } : {}),
      step: discriminator.step,
      steps: discriminator.steps,
      seed,
    },
  };
}
