import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barDataset } from '../../test/bar-images.ts';
import { runGraph } from '../../test/run-graph.ts';
import { float32 } from '../../test/tensors.ts';
import { ConfigError, DataError, ShapeError } from '../errors.ts';
import { grad } from '../graph/grad.ts';
import type { Tensor } from '../graph/tensor.ts';
import { constant } from '../graph/value.ts';
import { LocalSession } from '../runtime/local-session.ts';
import { openNodeExecutor } from '../runtime/node.ts';
import type { Session } from '../runtime/session.ts';
import { type Completer, openCompleter } from './completions.ts';
import { measureInpainting } from './inpainting.ts';
import { inpaintingText, relativeDiversity } from './inpainting-text.ts';
import { knownPixels } from './masks.ts';
import { energyScore, type Inpainter, trainInpainter } from './train-inpainter.ts';

const SIDE = 8;
let session: Session;
beforeAll(async () => {
  session = new LocalSession(await openNodeExecutor({ device: 'cpu', threads: 1 }));
});
afterAll(() => session.release());

describe('the energy score', () => {
  const images = (...values: number[]): Tensor<'float32'> => float32([1, 1, 1, values.length], values);

  it('is the mean distance to the truth less half of that between draws', async () => {
    const [x, a, b] = [images(0, 0), images(3, 4), images(0, 1)].map((tensor) => constant(tensor));
    const { score } = await runGraph({ score: energyScore(x!, a!, b!) });
    expect(Number(score!.data[0])).toBeCloseTo((5 + 1 - Math.hypot(3, 3)) / 2, 5);
  });

  it('is finite with its gradient where draws and truth are the same', async () => {
    const x = constant(images(0.5, 0.5));
    const score = energyScore(x, x, x);
    const out = await runGraph({ score, gradient: grad(score, [x])[0]! });
    for (const { data } of Object.values(out))
      for (const value of data) expect(Number.isFinite(Number(value))).toBe(true);
  });

  it('is smallest, on average, for draws from the distribution of the truth', async () => {
    // Truth is 0 or 1 with equal probability: draws of the same, of its mean, and too wide ones.
    const score = async (draws: readonly number[]): Promise<number> => {
      const triples = [0, 1].flatMap((x) => draws.flatMap((a) => draws.map((b) => [x, a, b] as const)));
      const column = (i: 0 | 1 | 2) =>
        constant(
          float32(
            [triples.length, 1, 1, 1],
            triples.map((t) => t[i]),
          ),
        );
      const out = await runGraph({ score: energyScore(column(0), column(1), column(2)) });
      return Number(out['score']!.data[0]);
    };
    const [exact, mean, wide] = [await score([0, 1]), await score([0.5]), await score([-0.5, 1.5])];
    expect(exact).toBeLessThan(mean! - 0.1);
    expect(exact).toBeLessThan(wide! - 0.1);
  });
});

describe('training on bars', () => {
  let inpainter: Inpainter;
  let completer: Completer;
  let images: Tensor<'float32'>;
  beforeAll(async () => {
    const dataset = await barDataset();
    inpainter = await trainInpainter(dataset, { session, steps: 150 });
    completer = await openCompleter(inpainter, { session, seed: 1 });
    const pixels = dataset.test.examples.subarray(0, 100 * SIDE * SIDE);
    images = float32(
      [100, 1, SIDE, SIDE],
      Array.from(pixels, (value) => value / 255),
    );
  }, 60_000);

  it('completes hidden pixels alone, several ways, the same again for the same draw', async () => {
    const known = knownPixels('right', SIDE, SIDE, 1);
    const first = await completer.complete(images, known, 0);
    const again = await completer.complete(images, known, 0);
    const other = await completer.complete(images, known, 1);
    expect(again.drawn.data).toEqual(first.drawn.data);
    expect(other.mean.data).toEqual(first.mean.data);
    const changed = { drawn: 0, mean: 0, draws: 0 };
    for (const [i, value] of images.data.entries()) {
      if (known[i % (SIDE * SIDE)] === 1) {
        expect(first.drawn.data[i]).toBeCloseTo(value, 6);
        expect(first.mean.data[i]).toBeCloseTo(value, 6);
      } else {
        changed.drawn += Math.abs(first.drawn.data[i]! - value);
        changed.mean += Math.abs(first.mean.data[i]! - value);
        changed.draws += Math.abs(first.drawn.data[i]! - other.drawn.data[i]!);
      }
    }
    for (const sum of Object.values(changed)) expect(sum).toBeGreaterThan(1);
    // What is hidden is not looked at.
    const blank = images.data.map((value, i) => (known[i % (SIDE * SIDE)] === 1 ? value : 0.9));
    const blind = await completer.complete({ ...images, data: blank }, known, 0);
    expect(blind.drawn.data).toBeAllClose(first.drawn.data, { rtol: 1e-5, atol: 1e-6 });
  });

  it('takes a mask for each image', async () => {
    const masks = new Float32Array(100 * SIDE * SIDE);
    for (let i = 0; i < 100; i++)
      masks.set(knownPixels(i % 2 === 0 ? 'left' : 'top', SIDE, SIDE, 1), i * SIDE * SIDE);
    const each = await completer.complete(images, masks, 2);
    const left = await completer.complete(images, knownPixels('left', SIDE, SIDE, 1), 2);
    expect(each.drawn.data.subarray(0, SIDE * SIDE)).toBeAllClose(left.drawn.data.subarray(0, SIDE * SIDE), {
      rtol: 1e-5,
      atol: 1e-6,
    });
  });

  it('is better than a guess, and its measures are what they say', async () => {
    const result = await measureInpainting(inpainter, {
      completer,
      images,
      parts: ['right'],
      draws: 4,
      seed: 1,
    });
    const [part] = result.parts as [(typeof result.parts)[0]];
    expect(part.hidden).toBe(SIDE * (SIDE / 2));
    // Half of the hidden pixels' variance is noise that nobody can predict.
    const values = images.data.filter((_, i) => i % SIDE >= SIDE / 2);
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
    expect(part.meanPredictor.mean).toBeLessThan(0.93 * variance);
    expect(part.draw.mean).toBeGreaterThan(part.averageOfDraws.mean);
    expect(part.draw.mean).toBeLessThan(2.5 * variance);
    expect(relativeDiversity(part)).toBeGreaterThan(0.05);
    // Of four draws: the mean error of a draw is that of their average and the variance between them.
    expect(part.averageOfDraws.mean + (3 / 8) * part.diversity.mean).toBeCloseTo(part.draw.mean, 2);
    expect(inpaintingText({ data: 'bars', versions: {}, ...result })).toMatch(
      /^right half +0\.\d{4} \+- 0\.\d{4} /m,
    );
  });

  it('refuses what does not fit', async () => {
    await expect(completer.complete(float32([1, 1, 2, 2], [0, 0, 0, 0]), images.data, 0)).rejects.toThrow(
      new ShapeError('complete: images must be [1, 1, 8, 8], got [1, 1, 2, 2]'),
    );
    await expect(completer.complete(images, new Float32Array(3), 0)).rejects.toThrow(
      'known must be [64] or [100, 64], got 3 numbers',
    );
    const points = { ...(await barDataset()), kind: 'points' as const };
    await expect(trainInpainter(points, { session })).rejects.toThrow(DataError);
    await expect(trainInpainter(await barDataset(), { session, steps: 0.5 })).rejects.toThrow(ConfigError);
  });
});
