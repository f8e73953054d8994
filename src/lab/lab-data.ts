import type { Dataset, Distribution, ExampleSet, FiniteDataset } from '../data/dataset.ts';
import { digitsSet, drawDigits } from '../data/digits/digits.ts';
import { gaussians1d, grid25, mixture, ring8, swissroll } from '../data/toy.ts';
import { DataError } from '../errors.ts';
import type { LabImages } from './lab-protocol.ts';
import type { LabData, LabGaussian } from './lab-state.ts';

/** Data that are points, as the distribution that they are drawn from; undefined for images. */
export function labDistribution(data: LabData): Distribution | undefined {
  switch (data.kind) {
    case 'ring8':
      return ring8;
    case 'grid25':
      return grid25;
    case 'swissroll':
      return swissroll;
    case 'gaussians-1d':
      return gaussians1d({
        means: data.gaussians.map(({ centre }) => centre[0]!),
        deviations: data.gaussians.map(({ deviation }) => deviation),
        weights: data.gaussians.map(({ weight }) => weight),
      });
    case 'gaussians-2d':
      return planeMixture(data.kind, data.gaussians);
    case 'drawn': {
      const gaussians = data.points.map((centre) => ({ centre, deviation: data.bandwidth, weight: 1 }));
      // The points are where the hand went, not modes.
      const { modes: _, ...distribution } = planeMixture(data.kind, gaussians);
      return distribution;
    }
    default:
      return undefined;
  }
}

function planeMixture(name: string, gaussians: readonly LabGaussian[]): Distribution {
  const total = gaussians.reduce((sum, { weight }) => sum + weight, 0);
  const centres = gaussians.map(({ centre }) => centre);
  const deviations = gaussians.map(({ deviation }) => deviation);
  const weights = gaussians.map(({ weight }) => weight / total);
  const words = centres.map((centre) => centre.join(' ')).join(', ');
  return mixture({
    name,
    fingerprint: `${name}: centres ${words}, deviations ${deviations.join(' ')}, weights ${weights.join(' ')}`,
    centres,
    deviations,
    weights,
  });
}

/** What loading images tells, and what it gives way to between slices. */
export interface LabDataProgress {
  preparing(done: number, of: number): Promise<void>;
}

let drawn: Promise<FiniteDataset> | undefined;

/**
 * The data set of a state. The embedded digits are drawn once and kept, which takes seconds.
 *
 * @param images - for `images`
 * @throws DataError where `images` are missing, or no images
 */
export async function labDataset(
  data: LabData,
  images: LabImages | undefined,
  progress: LabDataProgress,
): Promise<Dataset> {
  const distribution = labDistribution(data);
  if (distribution) return distribution;
  if (data.kind === 'digits') {
    drawn ??= drawTrainingDigits(progress);
    return drawn.catch((error) => {
      drawn = undefined;
      throw error;
    });
  }
  if (!images)
    throw new DataError('openLab: images must come with the game, got none. Drop some into the page');
  const { pixels, count, channels, height, width } = images;
  if (pixels.length !== count * channels * height * width)
    throw new DataError(
      `openLab: images must be ${count} x ${channels} x ${height} x ${width} bytes, got ${pixels.length}`,
    );
  return imageSet('images', [channels, height, width], { count, examples: pixels });
}

/** The training part of the digits, which is what `zerosum train digits` trains on, drawn in slices. */
async function drawTrainingDigits({ preparing }: LabDataProgress): Promise<FiniteDataset> {
  const { name, exampleShape, classes, counts } = digitsSet;
  const count = counts.train;
  const size = exampleShape.reduce((product, side) => product * side, 1);
  const examples = new Uint8Array(count * size);
  const labels = new Uint8Array(count);
  const slice = 1000;
  for (let first = 0; first < count; first += slice) {
    const part = drawDigits({ first, count: slice });
    examples.set(part.examples, first * size);
    labels.set(part.labels, first);
    await preparing(first + slice, count);
  }
  return { ...imageSet(name, exampleShape, { count, examples, labels }), classes };
}

/** A fingerprint costs a secure page, and the lab writes none down: names stand for it. */
function imageSet(name: string, exampleShape: readonly number[], train: ExampleSet): FiniteDataset {
  const none: ExampleSet = { count: 0, examples: train.examples.subarray(0, 0) };
  return {
    kind: 'images',
    name,
    exampleShape,
    train,
    validation: none,
    test: none,
    fingerprint: `${name}, not digested`,
  };
}
