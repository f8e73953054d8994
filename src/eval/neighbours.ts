import { DataError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Session } from '../runtime/session.ts';
import { type Neighbours, nearestNeighbours } from './distances.ts';
import { requireSamples } from './sample-check.ts';

/** How near samples lie to the training images, beside held-out images that nobody copied. */
export interface TrainingNeighbours {
  /** Samples that pass for copies of their nearest training image; see `measureNeighbours` for the test. */
  readonly nearDuplicates: number;
  /** The same among the held-out images: what the test says of images that are no copies. */
  readonly heldOutNearDuplicates: number;
  /**
   * Median distance of a sample to its nearest training image, divided by that of a held-out image. Far below 1: copies, or
   * images smoother than real ones, which lie near everything; above 1: further from the data than real images are.
   */
  readonly medianDistanceRatio: number;
  /** The two medians, Euclidean, in the units of a pixel's range. */
  readonly medianDistances: { readonly samples: number; readonly heldOut: number };
  readonly protocol: {
    readonly samples: number;
    readonly training: number;
    readonly heldOut: number;
    readonly distance: 'Euclidean, pixels in [0, 1]';
    readonly nearDuplicate: string;
  };
}

/** The sets that are compared, float32 [n, d] each, pixels in [0, 1]. */
export interface NeighbourInputs {
  /** 1 or more. */
  readonly samples: Tensor<'float32'>;
  /** What the generator was trained on; 5 or more. */
  readonly training: Tensor<'float32'>;
  /** Real images that it was not trained on; 1 or more. */
  readonly heldOut: Tensor<'float32'>;
}

/** The neighbour that the nearest is measured by. Up to three repetitions of an image in the training set do no harm. */
const FAR_NEIGHBOUR = 5;
/** So many times nearer the nearest has to be: Yoon et al. 2023 and Gu et al. 2023 ask for it of the second neighbour. */
const TIMES_NEARER = 3;

/**
 * Whether samples are copies of training images, by the distance to the nearest of them in pixels.
 *
 * A sample is a near duplicate where its nearest training image is at most a third as far as the fifth nearest. The local
 * spacing of the data is the yardstick, so that a 1, which is near to many others by nature, is no copy for that, while a copy
 * with some noise on it remains one. In 784 dimensions neighbours are about equally far, and real images hardly ever pass:
 * `heldOutNearDuplicates` says how many do here, and where they are many (repeated images in the data, points in the
 * plane) the count of samples means little. A copy that is shifted by a pixel is not found: pixels are compared in place.
 *
 * @throws ShapeError or DataError where the sets cannot be compared (`requireSamples`), or half of the held-out images are
 *   training images
 * @see Yoon et al. 2023, "Diffusion probabilistic models generalize when they fail to memorize",
 *   https://openreview.net/forum?id=shciCbSk9h; Gu et al. 2023, https://arxiv.org/abs/2310.02664
 */
export async function measureNeighbours(
  session: Session,
  { samples, training, heldOut }: NeighbourInputs,
): Promise<TrainingNeighbours> {
  const caller = 'neighbours';
  const { count: trained, dimension } = requireSamples(caller, training, {
    name: 'training images',
    least: FAR_NEIGHBOUR,
    leastFor: 'the distance to the fifth nearest',
    varied: true,
  });
  const { count: drawn } = requireSamples(caller, samples, { name: 'samples', dimension });
  const { count: held } = requireSamples(caller, heldOut, { name: 'held-out images', dimension });
  const ofSamples = await nearestNeighbours(session, samples, training, FAR_NEIGHBOUR);
  const ofHeldOut = await nearestNeighbours(session, heldOut, training, FAR_NEIGHBOUR);
  const medianDistances = { samples: medianDistance(ofSamples), heldOut: medianDistance(ofHeldOut) };
  if (medianDistances.heldOut === 0)
    throw new DataError(
      `neighbours: held-out images must not be training images, got ${held} of which half or more are. Take the validation or test part`,
    );
  return {
    nearDuplicates: nearDuplicates(ofSamples),
    heldOutNearDuplicates: nearDuplicates(ofHeldOut),
    medianDistanceRatio: medianDistances.samples / medianDistances.heldOut,
    medianDistances,
    protocol: {
      samples: drawn,
      training: trained,
      heldOut: held,
      distance: 'Euclidean, pixels in [0, 1]',
      nearDuplicate: 'nearest training image at most 1/3 as far as the 5th nearest',
    },
  };
}

function nearDuplicates({ k, squaredDistances }: Neighbours): number {
  let count = 0;
  for (let at = 0; at < squaredDistances.length; at += k)
    if (TIMES_NEARER ** 2 * squaredDistances[at]! <= squaredDistances[at + k - 1]!) count++;
  return count;
}

/** Median over the rows of the distance to the nearest; of an even number the mean of the middle two. */
function medianDistance({ k, squaredDistances }: Neighbours): number {
  const nearest = squaredDistances
    .filter((_, at) => at % k === 0)
    .map(Math.sqrt)
    .sort();
  const middle = nearest.length / 2;
  return (nearest[Math.ceil(middle) - 1]! + nearest[Math.floor(middle)]!) / 2;
}
