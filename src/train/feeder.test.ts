import { afterEach, describe, expect, it, vi } from 'vitest';
import { datasetFromArray } from '../data/array-dataset.ts';
import { minibatches } from '../data/minibatches.ts';
import { ring8 } from '../data/toy.ts';
import { ConfigError } from '../errors.ts';
import { gaussian, type Latent, spherical, uniform } from '../gan/latent.ts';
import type { Feed, Recipe } from '../graph/feeds.ts';
import { elementCount, type Tensor, type Tensors } from '../graph/tensor.ts';
import { drawFeed, type FeedSources, feedBytes, fillFeeds } from './feeder.ts';

const feed = (
  name: string,
  shape: readonly number[],
  recipe: Recipe,
  dtype: Feed['dtype'] = 'float32',
): Feed => ({
  name,
  dtype,
  shape,
  recipe,
});

/** One feed of every kind. */
const feeds: readonly Feed[] = [
  feed('examples', [4, 2], { kind: 'minibatch', index: 0 }),
  feed('examples2', [4, 2], { kind: 'minibatch', index: 1 }),
  feed('generator/latent', [4, 5], uniform.recipe),
  feed('discriminator/latent', [4, 5], gaussian.recipe),
  feed('direction', [4, 5], spherical.recipe),
  feed('half/mask', [4, 9], { kind: 'bernoulli', probability: 0.5 }, 'bool'),
  feed('most/mask', [4, 9], { kind: 'bernoulli', probability: 0.8 }, 'bool'),
  feed('rate', [], { kind: 'scalar', at: ({ step, epoch }) => step + epoch / 10 }),
];

const sources = (seed = 1): FeedSources => ({
  seed,
  minibatches: minibatches(ring8, { batch: 4, k: 2, seed }),
});

/** Rows `from` to `to` of every tensor. */
const rows = (tensors: Tensors, from: number, to: number): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape, data }]) => {
      const size = elementCount(shape.slice(1));
      const part = data.slice(from * size, to * size) as Tensor['data'];
      return [name, { dtype, shape: [to - from, ...shape.slice(1)], data: part }];
    }),
  );

afterEach(() => {
  vi.restoreAllMocks();
});

describe('what a step is fed with', () => {
  it('does not depend on how steps are grouped', async () => {
    const together = await fillFeeds(feeds, sources(), 5, 7);
    expect(together['generator/latent']!.shape).toEqual([7, 4, 5]);
    expect(await fillFeeds(feeds, sources(), 5, 3)).toEqual(rows(together, 0, 3));
    expect(await fillFeeds(feeds, sources(), 8, 4)).toEqual(rows(together, 3, 7));
    for (let step = 5; step < 12; step++) {
      const alone = await fillFeeds(feeds, sources(), step);
      expect(alone['generator/latent']!.shape).toEqual([4, 5]);
      const inGroup = rows(together, step - 5, step - 4);
      for (const [name, { data }] of Object.entries(alone)) expect(data, name).toEqual(inGroup[name]!.data);
    }
  });

  it('does not depend on what else is fed', async () => {
    const all = await fillFeeds(feeds, sources(), 2, 2);
    for (const one of feeds)
      expect(await fillFeeds([one], sources(), 2, 2)).toEqual({ [one.name]: all[one.name] });
  });

  it('is another for another step, seed or name', async () => {
    const random = feeds.filter(({ recipe }) => recipe.kind !== 'scalar');
    const [here, next, reseeded] = [
      await fillFeeds(random, sources(), 2),
      await fillFeeds(random, sources(), 3),
      await fillFeeds(random, sources(2), 2),
    ];
    for (const { name } of random) {
      expect(next[name]!.data, name).not.toEqual(here[name]!.data);
      expect(reseeded[name]!.data, name).not.toEqual(here[name]!.data);
    }
    const renamed = await fillFeeds([feed('other/latent', [4, 5], uniform.recipe)], sources(), 2);
    expect(renamed['other/latent']!.data).not.toEqual(here['generator/latent']!.data);
    expect(here['examples2']!.data).not.toEqual(here['examples']!.data);
  });

  it('counts epochs where the data ends, and none where it does not', async () => {
    const rate = feeds.filter(({ name }) => name === 'rate');
    const data = new Uint8Array(12 * 4);
    const images = await datasetFromArray({ dtype: 'uint8', shape: [12, 2, 2], data });
    // Three steps of 2 x 2 examples in an epoch of 12.
    const ending: FeedSources = { seed: 1, minibatches: minibatches(images, { batch: 2, k: 2, seed: 1 }) };
    expect((await fillFeeds(rate, ending, 1, 6))['rate']!.data).toBeAllClose([1, 2, 3.1, 4.1, 5.1, 6.2]);
    expect((await fillFeeds(rate, sources(), 100, 2))['rate']!.data).toBeAllClose([100, 101]);
  });
});

describe('the host', () => {
  it('gives way to other work every 8 ms', async () => {
    let milliseconds = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (milliseconds += 3));
    const turns = vi.spyOn(globalThis, 'setTimeout');
    await fillFeeds([feeds[2]!], sources(), 0, 12);
    // After every third of the twelve draws, at 9 ms; looking at the clock afterwards takes its 3 ms as well.
    expect(turns).toHaveBeenCalledTimes(4);
    expect(turns.mock.calls.every(([, delay]) => delay === 0)).toBe(true);
  });

  it('is told how many bytes an iteration takes', () => {
    expect(feedBytes(feeds)).toBe(4 * (8 + 8 + 20 + 20 + 20) + 36 + 36 + 4);
    expect(feedBytes([])).toBe(0);
  });
});

describe('latent vectors and masks are of their distribution', () => {
  /** 4000 vectors of 8 coordinates. */
  const draw = ({ recipe }: Latent): Float32Array => {
    const z = new Float32Array(4000 * 8);
    drawFeed(feed('generator/latent', [4000, 8], recipe), 1, 0, z);
    return z;
  };
  const meanOf = (values: ArrayLike<number>, f: (value: number) => number = (value) => value): number =>
    Array.from(values, f).reduce((sum, value) => sum + value, 0) / values.length;

  it.each([
    [uniform, 9 / 5],
    [gaussian, 3],
  ])('%o has mean 0, variance 1 and its own fourth moment per coordinate', (latent, fourthMoment) => {
    const z = draw(latent);
    // Five standard errors of a mean over 32,000 numbers.
    expect(Math.abs(meanOf(z))).toBeLessThan(5 / Math.sqrt(z.length));
    const error = Math.sqrt((fourthMoment - 1) / z.length);
    expect(Math.abs(meanOf(z, (value) => value ** 2) - 1)).toBeLessThan(5 * error);
    expect(Math.abs(meanOf(z, (value) => value ** 4) - fourthMoment)).toBeLessThan(0.3);
  });

  it('uniform fills (-sqrt 3, sqrt 3)', () => {
    const largest = draw(uniform).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeLessThanOrEqual(Math.fround(Math.sqrt(3)));
    expect(largest).toBeGreaterThan(1.73);
  });

  it('spherical has vectors of length 1, in every direction alike', () => {
    const z = draw(spherical);
    for (let row = 0; row < 4000; row++)
      expect(Math.hypot(...z.subarray(8 * row, 8 * row + 8))).toBeCloseTo(1, 5);
    expect(Math.abs(meanOf(z))).toBeLessThan(5 / Math.sqrt(8 * z.length));
  });

  it.each([0.5, 0.8])('a mask keeps %d of its bits', (probability) => {
    const mask = new Uint8Array(40_000);
    drawFeed(feed('mask', [100, 400], { kind: 'bernoulli', probability }, 'bool'), 1, 0, mask);
    const error = Math.sqrt((probability * (1 - probability)) / mask.length);
    expect(Math.abs(meanOf(mask) - probability)).toBeLessThan(5 * error);
    expect(new Set(mask)).toEqual(new Set([0, 1]));
  });
});

describe('errors', () => {
  it('name a feed that is not random where one is drawn', () => {
    expect(() => drawFeed(feeds[0]!, 1, 0, new Float32Array(8))).toThrow(
      new ConfigError('feeds: examples must be random, got a minibatch'),
    );
  });

  it('name a feed whose numbers are no floats', async () => {
    const bytes = feed('noise', [4], gaussian.recipe, 'uint8');
    await expect(fillFeeds([bytes], sources(), 0)).rejects.toThrow(
      'feeds: random numbers must be fed as float32, got uint8 for noise',
    );
  });
});
