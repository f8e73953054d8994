import { afterAll, describe, expect, it } from 'vitest';
import { barImages } from '../../test/bar-images.ts';
import type { FiniteDataset } from '../data/dataset.ts';
import { loadDataset } from '../data/disk/load-dataset.ts';
import { ring8 } from '../data/toy.ts';
import { ConfigError, DataError, ShapeError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';
import { fillNormal } from '../random/normal.ts';
import { permutation } from '../random/permutation.ts';
import { fillUniform } from '../random/uniform.ts';
import { LocalSession } from '../runtime/local-session.ts';
import { openNodeExecutor } from '../runtime/node.ts';
import type { Session } from '../runtime/session.ts';
import { type TwoSampleOptions, type TwoSampleTest, twoSampleTest } from './two-sample-test.ts';

let opened: Promise<Session> | undefined;
const session = (): Promise<Session> => {
  opened ??= openNodeExecutor({ device: 'cpu', threads: 2 }).then((executor) => new LocalSession(executor));
  return opened;
};
afterAll(async () => (await opened)?.release());

const test = async (
  real: Tensor,
  fake: Tensor,
  options: Partial<TwoSampleOptions> = {},
): Promise<TwoSampleTest> =>
  twoSampleTest(real, fake, { session: await session(), kind: 'points', split: 'fresh', ...options });

/** Draws from N((mean, 0), 1) in the plane. */
function gaussian(seed: number, mean = 0, count = 4000): Tensor<'float32'> {
  const data = new Float32Array(count * 2);
  fillNormal({ seed, stream: 7 }, 0, data);
  for (let i = 0; i < data.length; i += 2) data[i]! += mean;
  return { dtype: 'float32', shape: [count, 2], data };
}

function ring(seed: number, count = 4000): Tensor<'float32'> {
  const data = new Float32Array(count * 2);
  ring8.draw({ seed, stream: 7 }, 0, data);
  return { dtype: 'float32', shape: [count, 2], data };
}

const bars = (seed: number, count = 1000): Tensor<'uint8'> => ({
  dtype: 'uint8',
  shape: [count, 1, 8, 8],
  data: barImages(count, seed).examples as Tensor<'uint8'>['data'],
});

/** JSD(N(0, 1) || N(mean, 1)) by the trapezoid rule, exact to rounding for a density that is smooth and decays. */
function exactJsd(mean: number): number {
  const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const h = 0.01;
  let total = 0;
  for (let x = -12; x <= 12 + mean; x += h) {
    const [p, q] = [density(x), density(x - mean)];
    for (const one of [p, q]) if (one > 0) total += (h / 2) * one * Math.log((2 * one) / (p + q));
  }
  return total;
}

describe('says 1/2 and 0 of one distribution', () => {
  it.each<[string, () => Tensor, () => Tensor, 'points' | 'images']>([
    ['a Gaussian', () => gaussian(1), () => gaussian(2), 'points'],
    ['a ring of eight', () => ring(1), () => ring(2), 'points'],
    ['images', () => bars(1), () => bars(2), 'images'],
  ])('%s', async (_, real, fake, kind) => {
    const { accuracy, standardError, jsd, jsdStandardError } = await test(real(), fake(), { kind });
    expect(Math.abs(accuracy - 0.5)).toBeLessThan(3 * standardError);
    expect(Math.abs(jsd)).toBeLessThan(3 * jsdStandardError + 1e-3);
  });
});

describe('measures', () => {
  it.each([0.5, 1, 2])('the Jensen-Shannon divergence of Gaussians %d apart, from below', async (mean) => {
    const { jsd, jsdStandardError, accuracy, standardError } = await test(gaussian(1), gaussian(2, mean));
    const exact = exactJsd(mean);
    expect(jsd).toBeLessThan(exact + 3 * jsdStandardError);
    expect(jsd).toBeGreaterThan(exact - 3 * jsdStandardError - 0.01);
    // The best anybody can do is to ask on which side of the middle a point lies: Phi(mean / 2).
    const best = { 0.5: 0.5987, 1: 0.6915, 2: 0.8413 }[mean]!;
    expect(Math.abs(accuracy - best)).toBeLessThan(3 * standardError + 0.01);
  });

  it('a mode that was lost: log 2 over an eighth of the data', async () => {
    // Without its eighth mode a ring is the other seven: JSD = 1/2 sum over p, q of each against their middle.
    const [real, fake] = [ring(1), ring(2)];
    const keep: number[] = [];
    for (let i = 0; i < fake.shape[0]!; i++)
      if (!(fake.data[2 * i]! > 1 && Math.abs(fake.data[2 * i + 1]!) < 0.5)) keep.push(i);
    expect(keep.length).toBeGreaterThan(3300);
    expect(keep.length).toBeLessThan(3700);
    const seven: Tensor = {
      dtype: 'float32',
      shape: [keep.length, 2],
      data: Float32Array.from(keep.flatMap((i) => [fake.data[2 * i]!, fake.data[2 * i + 1]!])),
    };
    const [p, q] = [1 / 8, 1 / 7];
    const m = (p + q) / 2;
    const exact = (7 * (p * Math.log(p / m) + q * Math.log(q / m)) + p * Math.log(2)) / 2;
    const { jsd, jsdStandardError } = await test(real, seven);
    expect(Math.abs(jsd - exact)).toBeLessThan(3 * jsdStandardError + 0.01);
  });

  it('1 and log 2 where nothing is in common, noise and a collapsed generator alike', async () => {
    const noise = new Float32Array(1000 * 64);
    fillUniform({ seed: 1, stream: 7 }, 0, noise, 0, 1);
    const one = bars(5, 1).data;
    const collapsed = Uint8Array.from({ length: 1000 * 64 }, (_, i) => one[i % 64]!);
    const fakes: Tensor[] = [
      { dtype: 'float32', shape: [1000, 64], data: noise },
      { dtype: 'uint8', shape: [1000, 64], data: collapsed },
    ];
    for (const fake of fakes) {
      const { accuracy, jsd } = await test(bars(1), fake, { kind: 'images' });
      expect(accuracy).toBeGreaterThan(0.99);
      expect(jsd).toBeGreaterThan(0.65);
      expect(jsd).toBeLessThanOrEqual(Math.LN2);
    }
  });
});

describe('the protocol', () => {
  it('says how many of what, and bytes and floats of the same pixels are the same', async () => {
    const [real, fake] = [bars(1, 600), bars(2, 500)];
    const asFloats = (images: Tensor<'uint8'>): Tensor => ({
      dtype: 'float32',
      shape: [images.shape[0]!, 64],
      // A quarter of a level beside a pixel's value: no picture file would show it.
      data: Float32Array.from(images.data, (value) => Math.min(1, (value + 0.25) / 255)),
    });
    const options = { kind: 'images', split: 'test', most: 400, seed: 4 } as const;
    const found = await test(real, fake, options);
    expect(found.protocol).toMatchObject({
      real: 400,
      fake: 400,
      training: 480,
      validation: 80,
      testing: 240,
      split: 'test',
      discriminator: '64 - 512 - 256 - 1',
      pixels: 'rounded to 8 bits',
      seed: 4,
    });
    expect(await test(asFloats(real), asFloats(fake), options)).toEqual(found);
    const { accuracy, standardError } = found;
    expect(standardError).toBeCloseTo(Math.sqrt((accuracy * (1 - accuracy)) / 240), 12);
  });

  it('points are taken as they are, whatever the scale of a coordinate', async () => {
    const stretched = ({ data, shape }: Tensor<'float32'>): Tensor => ({
      dtype: 'float32',
      shape,
      data: data.map((value, i) => (i % 2 === 0 ? value / 1000 : 1e4 + 1000 * value)),
    });
    const { jsd, protocol } = await test(stretched(gaussian(1)), stretched(gaussian(2, 2)));
    expect(protocol).not.toHaveProperty('pixels');
    expect(protocol.discriminator).toBe('34 - 128 - 128 - 128 - 1');
    expect(jsd).toBeGreaterThan(exactJsd(2) - 0.05);
  });

  it('progress is told, and an abort ends it with its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const told: number[] = [];
    const aborted = test(gaussian(1), gaussian(2), {
      signal: controller.signal,
      onProgress: (step) => {
        told.push(step);
        controller.abort(reason);
      },
    });
    await expect(aborted).rejects.toBe(reason);
    expect(told).toHaveLength(1);
  });
});

describe('refuses', () => {
  const points = gaussian(1, 0, 300);
  const broken = (at: number, value: number): Tensor => ({
    ...points,
    data: points.data.map((own, i) => (i === at ? value : own)),
  });
  const shaped = (shape: number[], value = 0): Tensor<'float32'> => ({
    dtype: 'float32',
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
  });

  it.each<[string, Tensor, Tensor, Partial<TwoSampleOptions>, Error]>([
    [
      'too few samples',
      points,
      gaussian(2, 0, 199),
      {},
      new DataError('twoSampleTest: samples must be at least 200, got 199'),
    ],
    [
      'too few real examples',
      gaussian(1, 0, 20),
      points,
      {},
      new DataError('twoSampleTest: real examples must be at least 200, got 20'),
    ],
    [
      'samples of another shape',
      points,
      shaped([300, 3]),
      {},
      new ShapeError('twoSampleTest: samples must be [N, 2], as the real examples are, got [300, 3]'),
    ],
    [
      'NaN',
      points,
      broken(5, Number.NaN),
      {},
      new DataError('twoSampleTest: samples must be finite numbers, got NaN at [2, 1]'),
    ],
    [
      'real examples that are all alike',
      shaped([300, 2], 7),
      points,
      {},
      new DataError('twoSampleTest: real examples must differ from each other, got 300 that are all alike'),
    ],
    [
      'pixels out of range',
      bars(1, 300),
      shaped([300, 1, 8, 8], -0.5),
      { kind: 'images' },
      new DataError(
        'twoSampleTest: samples must be pixels in [0, 1], got -0.5 at [0, 0]. Divide those of 0 to 255 by 255, map those of -1 to 1 by (x + 1) / 2',
      ),
    ],
    [
      'a limit that is none',
      points,
      points,
      { most: 50 },
      new ConfigError('twoSampleTest: most must be a count of at least 200, got 50'),
    ],
  ])('%s', async (_, real, fake, options, error) => {
    await expect(test(real, fake, options)).rejects.toThrow(error);
  });
});

const dataDir = process.env['ZEROSUM_DATA'] ?? '../shared/data';
const mnist = await loadDataset('mnist', { dataDir, mirrors: [] }).catch((error: Error) => error);
if (mnist instanceof Error) console.log(`skipped: two halves of MNIST's test images (${mnist.message})`);

it.skipIf(mnist instanceof Error)(
  "cannot tell two random halves of MNIST's test images apart",
  async () => {
    const { examples, count } = (mnist as FiniteDataset).test;
    const order = permutation({ seed: 1, stream: 7 }, 0, count);
    const half = (from: number): Tensor => {
      const data = new Uint8Array(2500 * 784);
      for (let i = 0; i < 2500; i++)
        data.set(examples.subarray(order[from + i]! * 784, (order[from + i]! + 1) * 784), i * 784);
      return { dtype: 'uint8', shape: [2500, 1, 28, 28], data };
    };
    const found = await test(half(0), half(5000), { kind: 'images', split: 'test' });
    expect(Math.abs(found.accuracy - 0.5)).toBeLessThan(3 * found.standardError);
    expect(Math.abs(found.jsd)).toBeLessThan(3 * found.jsdStandardError + 1e-3);
  },
  120_000,
);
