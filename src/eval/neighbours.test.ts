import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asPixels, hasMnist, measuresReference, mnistBytes } from '../../test/measured-sets.ts';
import { float32 } from '../../test/tensors.ts';
import { DataError, ShapeError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';
import { fillNormal } from '../random/normal.ts';
import { streamOf } from '../random/threefry.ts';
import { openSession } from '../runtime/node-session.ts';
import type { Session } from '../runtime/session.ts';
import { measureNeighbours } from './neighbours.ts';

let session: Session;
beforeAll(async () => {
  session = await openSession({ device: 'cpu', threads: 1 });
});
afterAll(() => session.release());

const { gaussians, neighbours: reference } = measuresReference;
const line = (...values: number[]) => float32([values.length, 1], values);

describe('measureNeighbours', () => {
  it('is what numpy computes on Gaussians, two of the samples being copies', async () => {
    const found = await measureNeighbours(session, {
      samples: float32(reference.gaussians.samples.shape, reference.gaussians.samples.data),
      training: float32(gaussians.real.shape, gaussians.real.data),
      heldOut: float32(gaussians.fake.shape, gaussians.fake.data),
    });
    const { medianDistanceRatio, ...counts } = reference.gaussians.expected;
    expect(found).toMatchObject(counts);
    expect(found.medianDistanceRatio).toBeCloseTo(medianDistanceRatio, 9);
  });

  it.runIf(hasMnist)('is what numpy computes on MNIST', async () => {
    const found = await measureNeighbours(session, {
      samples: asPixels(mnistBytes('train', 0, 350)),
      training: asPixels(mnistBytes('train', 50_000, 51_000)),
      heldOut: asPixels(mnistBytes('t10k', 0, 300)),
    });
    const { medianDistanceRatio, ...counts } = reference.pixels;
    expect(found).toMatchObject(counts);
    expect(found.medianDistanceRatio).toBeCloseTo(medianDistanceRatio, 6);
  });

  it('by hand: a third of the fifth distance is near, and medians are of distances', async () => {
    const found = await measureNeighbours(session, {
      // From 1: nearest at 1, fifth at 3 (the training point 4). From 0.9: 0.9 and 3.1. From -20: 20 and 24.
      samples: line(1, 0.9, -20),
      training: line(0, 2, 3, 3.5, 4),
      heldOut: line(11, -3),
    });
    // At 1 both 0 and 2 are at distance 1, the fifth at 3: the border counts.
    expect(found.nearDuplicates).toBe(2);
    expect(found.heldOutNearDuplicates).toBe(0);
    expect(found.medianDistances).toEqual({ samples: 1, heldOut: 5 });
    expect(found.medianDistanceRatio).toBe(0.2);
    expect(found.protocol).toEqual({
      samples: 3,
      training: 5,
      heldOut: 2,
      distance: 'Euclidean, pixels in [0, 1]',
      nearDuplicate: 'nearest training image at most 1/3 as far as the 5th nearest',
    });
  });

  it.runIf(hasMnist)('finds copies with noise on them, and takes no real digit for one', async () => {
    const training = asPixels(mnistBytes('train', 0, 2000));
    const noisy = (deviation: number): Tensor<'float32'> => {
      const noise = new Float32Array(200 * 784);
      fillNormal({ seed: 1, stream: streamOf('noise') }, 0, noise, deviation);
      return float32(
        [200, 784],
        noise.map((value, i) => Math.min(1, Math.max(0, value + training.data[i]!))),
      );
    };
    const heldOut = asPixels(mnistBytes('t10k', 0, 500));
    const copies = await measureNeighbours(session, { samples: noisy(0.02), training, heldOut });
    expect(copies).toMatchObject({ nearDuplicates: 200, heldOutNearDuplicates: 0 });
    expect(copies.medianDistanceRatio).toBeLessThan(0.1);
    const real = await measureNeighbours(session, {
      samples: asPixels(mnistBytes('t10k', 500, 1000)),
      training,
      heldOut,
    });
    expect(real.nearDuplicates).toBe(0);
    expect(real.medianDistanceRatio).toBeGreaterThan(0.9);
    expect(real.medianDistanceRatio).toBeLessThan(1.1);
  });

  it('refuses held-out images that are training images, other sizes, too few', async () => {
    const training = line(0, 1, 2, 3, 4);
    await expect(
      measureNeighbours(session, { samples: line(0.5), training, heldOut: line(1, 2, 3, 9) }),
    ).rejects.toThrow(
      new DataError(
        'neighbours: held-out images must not be training images, got 4 of which half or more are. Take the validation or test part',
      ),
    );
    await expect(
      measureNeighbours(session, { samples: float32([1, 2], [0, 1]), training, heldOut: line(9) }),
    ).rejects.toThrow(ShapeError);
    await expect(
      measureNeighbours(session, { samples: line(1), training: line(1, 2), heldOut: line(9) }),
    ).rejects.toThrow('training images must be 5 or more, for the distance to the fifth nearest, got 2');
  });
});
