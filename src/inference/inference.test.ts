import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linearGenerator, linearImages } from '../../test/linear-generator.ts';
import { float32 } from '../../test/tensors.ts';
import { tinyGame, trainedVariables } from '../../test/tiny-games.ts';
import { ConfigError, DataError, ShapeError } from '../errors.ts';
import type { Game } from '../gan/game.ts';
import { gaussian, spherical } from '../gan/latent.ts';
import type { Tensor } from '../graph/tensor.ts';
import { LocalSession } from '../runtime/local-session.ts';
import { openNodeExecutor } from '../runtime/node.ts';
import type { Session } from '../runtime/session.ts';
import { samplesAt } from '../train/draw-samples.ts';
import { type Encoder, trainEncoder } from './encoder.ts';
import { fixedGenerator } from './fixed-generator.ts';
import { estimate, setResult } from './inversion.ts';
import { searchLatent } from './latent-search.ts';
import { randomLatents, reconstruct } from './reconstruction.ts';

let session: Session;
beforeAll(async () => {
  session = new LocalSession(await openNodeExecutor({ device: 'cpu', threads: 1 }));
});
afterAll(() => session.release());

const SLOPES = [0.25, 0.1, 0.2];
const linear = linearGenerator(SLOPES);
const imagesOf = (rows: readonly (readonly number[])[]): Tensor<'float32'> =>
  float32([rows.length, 1, 2, 3], linearImages(SLOPES, rows));

describe('the search for z', () => {
  const wanted = [
    [0.4, -1.2, 1.5],
    [-1.7, 0, 0.3],
  ];
  const start = float32([2, 3], [1, 1, -1, 0, 0.5, 0]);
  const from = () => ({ ...start, data: start.data.slice() });

  it('finds the z of an image that the generator can draw', async () => {
    const images = imagesOf(wanted);
    const { data } = await searchLatent(linear, { session, images, start: from() });
    expect(data).toBeAllClose(wanted.flat(), { rtol: 0, atol: 2e-3 });
  });

  it('stops at the edge of p(z) where the image lies beyond', async () => {
    const images = imagesOf([
      [5, -1, 0.2],
      [0.1, -4, 1],
    ]);
    const { data } = await searchLatent(linear, { session, images, start: from() });
    const edge = Math.sqrt(3);
    expect(data).toBeAllClose([edge, -1, 0.2, 0.1, -edge, 1], { rtol: 0, atol: 2e-3 });
  });

  it('gives each image what it would get alone', async () => {
    const together = await searchLatent(linear, {
      session,
      images: imagesOf(wanted),
      start: from(),
      steps: 40,
    });
    for (const [i, row] of wanted.entries()) {
      const alone = float32([1, 3], Array.from(start.data.subarray(3 * i, 3 * i + 3)));
      const options = { session, images: imagesOf([row]), start: alone, steps: 40 };
      const { data } = await searchLatent(linear, options);
      expect(data).toBeAllClose(together.data.subarray(3 * i, 3 * i + 3), { rtol: 1e-5, atol: 1e-6 });
    }
  });

  it('refuses what does not fit', async () => {
    const images = imagesOf(wanted);
    const short = float32([1, 3], [0, 0, 0]);
    await expect(searchLatent(linear, { session, images, start: short })).rejects.toThrow(
      new ShapeError('searchLatent: start must be [2, 3] for 2 images, got [1, 3]'),
    );
    await expect(searchLatent(linear, { session, images, start: from(), steps: 0 })).rejects.toThrow(
      new ConfigError('searchLatent: steps must be a count of at least 1, got 0'),
    );
    await expect(
      reconstruct(linear, {} as Encoder, float32([0, 1, 2, 3], []), { session, seed: 1 }),
    ).rejects.toThrow(DataError);
  });
});

describe('an encoder', () => {
  let encoder: Encoder;
  beforeAll(async () => {
    encoder = await trainEncoder(linear, { session, steps: 600, width: 64 });
  });

  it('learns z from samples alone', () => {
    expect(encoder.latentError).toBeLessThan(0.02);
    expect(encoder.variables['encoder/dense3/weight']!.shape).toEqual([64, 3]);
  });

  it('is the same for the same seed, another for another', async () => {
    const options = { session, steps: 3, width: 16 };
    const [first, again, other] = [
      await trainEncoder(linear, options),
      await trainEncoder(linear, options),
      await trainEncoder(linear, { ...options, seed: 2 }),
    ];
    expect(again.latentError).toBe(first.latentError);
    expect(other.latentError).not.toBe(first.latentError);
  });

  it.each([gaussian, spherical])(
    'knows nothing of z where the image does not show it ($name)',
    async (latent) => {
      const blind = linearGenerator([0, 0, 0, 0], latent);
      const { latentError } = await trainEncoder(blind, { session, steps: 300, width: 32 });
      expect(latentError).toBeGreaterThan(0.9);
      expect(latentError).toBeLessThan(1.2);
    },
  );

  it('starts a search that ends nearer than one from random z', async () => {
    const z = randomLatents(linear, 20, 5, 'samples');
    const rows = Array.from({ length: 20 }, (_, i) => [...z.data.subarray(3 * i, 3 * i + 3)]);
    const images = imagesOf(rows);
    const found = await reconstruct(linear, encoder, images, { session, seed: 6, searchSteps: 15 });
    const { routes } = setResult(linear, images, found);
    expect(routes.searchFromEncoder.error.mean).toBeLessThan(routes.searchFromRandom.error.mean / 4);
    expect(routes.encoder.error.mean).toBeLessThan(routes.searchFromRandom.error.mean);
    expect(routes.encoder.latentNorm).toBeGreaterThan(0.8);
    expect(routes.encoder.latentNorm).toBeLessThan(1.2);
    // The error is that of the images that are returned.
    const { errors, images: drawn } = found.searchFromRandom;
    const first = drawn.data.subarray(0, 6).map((value, i) => (value - images.data[i]!) ** 2);
    expect(errors[0]).toBeCloseTo(first.reduce((sum, value) => sum + value, 0) / 6, 6);
  });
});

describe('the fixed generator', () => {
  it.each([true, false])('draws what sampling draws, averaged weights: %s', async (averaged) => {
    const game = tinyGame({ shape: [1, 2, 3], range: 'unit', output: [], averageDecay: 0.9 });
    const variables = trainedVariables(game);
    const generator = fixedGenerator(game, variables, averaged);
    expect(Object.keys(generator.variables).every((name) => name.startsWith('average/') === averaged)).toBe(
      true,
    );
    const latents = randomLatents(generator, 4, 1);
    const images = await samplesAt(
      game,
      variables,
      { ...latents, data: latents.data.slice() },
      { session, averaged },
    );
    const found = await reconstruct(
      generator,
      await trainEncoder(generator, { session, steps: 1, width: 8 }),
      images,
      {
        session,
        seed: 1,
        searchSteps: 1,
      },
    );
    const { latents: z, images: drawn } = found.searchFromRandom;
    const again = await samplesAt(game, variables, { ...z, data: z.data.slice() }, { session, averaged });
    expect(drawn.data).toBeAllClose(again.data, { rtol: 1e-6, atol: 1e-7 });
  });

  it('is one of images, with the average only where there is one', () => {
    const points = tinyGame({ shape: [2], range: 'data', output: [] });
    expect(() => fixedGenerator(points, {})).toThrow('must be one of images [C, H, W], got examples [2]');
    const game = tinyGame({ shape: [1, 2, 3], range: 'unit', output: [] });
    expect(() => fixedGenerator(game, {}, true)).toThrow('got a game without averageDecay');
    const told: Game = { ...game, labels: { classes: 10, ofSamples: 'uniform' } };
    expect(() => fixedGenerator(told, {})).toThrow('got one that is told one of 10 classes');
  });
});

it('an estimate is a mean with its standard error', () => {
  const { mean, standardError } = estimate([1, 2, 3, 6]);
  expect(mean).toBe(3);
  expect(standardError).toBeCloseTo(Math.sqrt(14 / 3 / 4), 12);
});
