import { describe, expect, it } from 'vitest';
import { runUpdates } from '../../test/run-updates.ts';
import { float32, type ReferenceArray, readReference } from '../../test/tensors.ts';
import { ConfigError } from '../errors.ts';
import { input } from '../graph/value.ts';
import { exponentialMovingAverage, halfLifeDecay } from './ema.ts';
import { type Clock, type Schedule, valueAt } from './optimiser.ts';

interface EmaReference {
  readonly start: ReferenceArray;
  readonly ema: readonly {
    readonly path: ReferenceArray;
    readonly decay: number;
    readonly averages: ReferenceArray;
  }[];
}

const { start, ema } = readReference<EmaReference>('optimisers');

/** The averages of a path after each of its updates. */
async function follow(decay: Schedule, first: ReferenceArray, path: ReferenceArray): Promise<Float32Array> {
  const average = exponentialMovingAverage({ decay });
  const count = path.shape[0]!;
  const found = await runUpdates({
    count,
    initial: average.init({ weight: float32(first.shape, first.data) }),
    feeds: { weights: float32(path.shape, path.data) },
    body: (averages, { weights }, clock) => average.update(averages, { weight: weights! }, clock),
  });
  return found.path['weight']!.data as Float32Array;
}

describe('exponentialMovingAverage', () => {
  it.each(ema)(
    'follows its recursion for twenty updates at decay $decay',
    async ({ path, decay, averages }) => {
      expect(await follow(decay, start, path)).toBeAllClose(averages.data, { rtol: 1e-5 });
      expect(await follow(() => decay, start, path)).toBeAllClose(averages.data, { rtol: 1e-5 });
    },
  );

  it('takes a decay that changes', async () => {
    const path = { shape: [3, 1], data: [4, 8, 16] };
    const warmUp = ({ update }: { update: number }) => update / (update + 1);
    // Decays 0, 1/2, 2/3 make the plain mean of what was seen.
    expect(await follow(warmUp, { shape: [1], data: [100] }, path)).toBeAllClose([4, 6, 28 / 3]);
  });

  it('stays where it is once it has arrived, to the bit', async () => {
    const value = 1 / 3;
    const path = { shape: [50, 1], data: Array.from({ length: 50 }, () => value) };
    const found = await follow(0.999, { shape: [1], data: [value] }, path);
    expect(new Set(found)).toEqual(new Set([Math.fround(value)]));
  });

  it('starts from a copy', () => {
    const weight = float32([2], [1, 2]);
    const averages = exponentialMovingAverage({ decay: 0.9 }).init({ weight });
    expect(averages).toEqual({ weight });
    expect(averages['weight']!.data).not.toBe(weight.data);
  });

  it('needs every value and a decay in [0, 1)', () => {
    const weight = input('weight', 'float32', [2]);
    const clock: Clock = { scalar: (name) => input(name, 'float32', []) };
    expect(() => exponentialMovingAverage({ decay: 0.9 }).update({ weight }, {}, clock)).toThrow(
      new ConfigError(
        'exponentialMovingAverage: every average needs its value, got none named weight among 0',
      ),
    );
    expect(() => exponentialMovingAverage({ decay: 1 })).toThrow(
      new ConfigError('exponentialMovingAverage: decay must be in [0, 1), got 1'),
    );
  });
});

describe('halfLifeDecay', () => {
  const at = (schedule: Schedule, update: number) => valueAt(schedule, { update, epoch: 0 });

  it('leaves half of a value after so many images', () => {
    const decay = halfLifeDecay({ images: 6400, batch: 64, rampUp: 0 });
    expect(at(decay, 0) ** 100).toBeCloseTo(0.5, 12);
    expect(at(decay, 5000)).toBe(at(decay, 0));
  });

  it('is as long as a share of the images seen while these are few, and never longer than asked', () => {
    const decay = halfLifeDecay({ images: 6400, batch: 64, rampUp: 0.5 });
    // The first average is a copy; after 10 updates 640 images are seen, and 320 images halve.
    expect(at(decay, 0)).toBe(0);
    expect(at(decay, 10) ** 5).toBeCloseTo(0.5, 12);
    expect(at(decay, 200)).toBe(at(decay, 100_000));
    expect(at(decay, 200) ** 100).toBeCloseTo(0.5, 12);
    expect(at(decay, 199)).toBeLessThan(at(decay, 200));
    // StyleGAN2's share.
    expect(at(halfLifeDecay({ images: 1e6, batch: 10 }), 40) ** 2).toBeCloseTo(0.5, 12);
  });

  it('takes positive half-lives', () => {
    expect(() => halfLifeDecay({ images: 0, batch: 1 })).toThrow(
      new ConfigError('halfLifeDecay: images must be finite and positive, got 0'),
    );
    expect(() => halfLifeDecay({ images: 1, batch: 1, rampUp: -1 })).toThrow(
      'halfLifeDecay: rampUp must be finite and not negative, got -1',
    );
  });
});
