import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barDataset, barImages } from '../../test/bar-images.ts';
import { runGraph } from '../../test/run-graph.ts';
import { float32 } from '../../test/tensors.ts';
import { tinyGame, trainedVariables } from '../../test/tiny-games.ts';
import type { FiniteDataset } from '../data/dataset.ts';
import { ConfigError, DataError } from '../errors.ts';
import type { Game } from '../gan/game.ts';
import type { Tensors } from '../graph/tensor.ts';
import { constant } from '../graph/value.ts';
import { predictingPass } from '../learned/layer-context.ts';
import { leakyRelu, relu } from '../nn/activations.ts';
import { conv } from '../nn/conv.ts';
import { dense } from '../nn/dense.ts';
import { dropout } from '../nn/dropout.ts';
import { flatten, reshape } from '../nn/reshaping.ts';
import { sequential } from '../nn/sequential.ts';
import { LocalSession } from '../runtime/local-session.ts';
import { openNodeExecutor } from '../runtime/node.ts';
import type { Session } from '../runtime/session.ts';
import { discriminatorBody } from './discriminator-body.ts';
import { labelledSubset } from './labelled-subset.ts';
import { probeSteps } from './probe.ts';
import { semiSupervised } from './semi-supervised.ts';
import { semiSupervisedText } from './semi-supervised-text.ts';

const SIDE = 8;

/** A game whose D has the given layers. */
function gameWith(layers: Parameters<typeof sequential>[2], range: Game['examples']['range'] = 'unit'): Game {
  const game = tinyGame({ shape: [1, SIDE, SIDE], range, output: [] });
  const network = sequential('discriminator', [SIDE * SIDE], layers);
  return { ...game, discriminator: { ...game.discriminator, network } };
}

const constants = (tensors: Tensors) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, constant(tensor, name)]));

describe("a discriminator's body", () => {
  it.each(['unit', 'symmetric'] as const)('ends where its decision begins (%s pixels)', async (range) => {
    const game = gameWith(
      [dense({ units: 7 }), leakyRelu(), dropout({ include: 0.5 }), dense({ units: 1 })],
      range,
    );
    const variables = trainedVariables(game);
    const { network } = game.discriminator;
    const body = discriminatorBody(game, variables);
    expect(body.sizes).toEqual({ last: 7, hidden: 7 });
    expect(Object.keys(body.trained)).toEqual(['discriminator/dense1/weight', 'discriminator/dense1/bias']);
    const pixels = Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => ((i * 37) % 101) / 100);
    const seen = pixels.map((value) => (range === 'unit' ? value : 2 * value - 1));
    const whole = network.apply(
      { parameters: constants(variables), state: {} },
      constant(float32([3, SIDE * SIDE], seen)),
      predictingPass,
    );
    const values = constants(body.trained);
    const { features } = body.last(values, constant(float32([3, SIDE * SIDE], pixels)), predictingPass);
    const out = await runGraph({ features, logits: whole.y });
    const [weight, bias] = ['weight', 'bias'].map((name) => variables[`discriminator/dense2/${name}`]!.data);
    const logits = Array.from({ length: 3 }, (_, row) => {
      let sum = Number(bias![0]);
      for (let i = 0; i < 7; i++) sum += Number(out['features']!.data[7 * row + i]) * Number(weight![i]);
      return sum;
    });
    expect(out['logits']!.data).toBeAllClose(logits, { rtol: 1e-5, atol: 1e-6 });
  });

  it('has the features of all hidden layers, images averaged down to 4 x 4', async () => {
    const layers = [
      reshape([1, SIDE, SIDE]),
      conv({ channels: 2, size: 3, padding: 1 }),
      leakyRelu(),
      conv({ channels: 3, size: 4, stride: 2, padding: 1 }),
      leakyRelu(),
      flatten(),
      dense({ units: 5 }),
      leakyRelu(),
      dense({ units: 1 }),
    ];
    const game = gameWith(layers);
    const variables = trainedVariables(game);
    const body = discriminatorBody(game, variables);
    expect(body.sizes).toEqual({ last: 5, hidden: 2 * 16 + 3 * 16 + 5 });
    const x = constant(
      float32(
        [2, SIDE * SIDE],
        Array.from({ length: 2 * SIDE * SIDE }, (_, i) => (i % 13) / 12),
      ),
    );
    const values = constants(body.trained);
    const out = await runGraph({
      hidden: body.hidden(values, x),
      last: body.last(values, x, predictingPass).features,
    });
    const [hidden, last] = [out['hidden']!, out['last']!];
    expect(hidden.shape).toEqual([2, body.sizes.hidden]);
    for (const row of [0, 1])
      expect(hidden.data.slice((row + 1) * body.sizes.hidden - 5, (row + 1) * body.sizes.hidden)).toEqual(
        last.data.slice(5 * row, 5 * row + 5),
      );
  });

  it('is refused where there is none', () => {
    expect(() => discriminatorBody(gameWith([dense({ units: 1 })]), {})).toThrow(
      new ConfigError('features: D must have a layer of weights before its last, got dense1'),
    );
    const packed = { ...gameWith([dense({ units: 3 }), dense({ units: 1 })]), pack: 2 };
    expect(() => discriminatorBody(packed, {})).toThrow('got a game with pack 2');
    const told: Game = { ...packed, pack: 1, labels: { classes: 4, ofSamples: 'data' } };
    expect(() => discriminatorBody(told, {})).toThrow('got one that was told 4 classes');
  });
});

describe('labelled examples', () => {
  const set = barImages(400, 3);
  const take = (count: number, seed: number) =>
    labelledSubset(set, { name: 'bars', classes: 4, count, seed });

  it('are of every class equally many, with their own labels, others for another seed', () => {
    const { examples, labels, count } = take(22, 1);
    expect([count, labels.length, examples.length]).toEqual([22, 22, 22 * SIDE * SIDE]);
    const counts = [0, 1, 2, 3].map((label) => labels.filter((value) => value === label).length);
    expect(counts).toEqual([6, 6, 5, 5]);
    for (const row of [0, 7, 21]) {
      const image = examples.subarray(row * SIDE * SIDE, (row + 1) * SIDE * SIDE).join();
      const at = Array.from({ length: 400 }, (_, i) => i).find(
        (i) => set.examples.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE).join() === image,
      );
      expect(set.labels[at!]).toBe(labels[row]);
    }
    expect(take(22, 1).examples).toEqual(examples);
    expect(take(22, 2).examples).not.toEqual(examples);
    expect(take(400, 1).examples).toBe(set.examples);
  });

  it('must be there', () => {
    expect(() => take(3, 1)).toThrow('at least one for each of 4 classes, got 3');
    const { labels: _, ...bare } = set;
    expect(() => labelledSubset(bare, { name: 'bars', classes: 4, count: 8, seed: 1 })).toThrow(
      new DataError('features: bars must have labels, got none'),
    );
    const one = { ...set, labels: new Uint8Array(400) };
    expect(() => labelledSubset(one, { name: 'bars', classes: 2, count: 8, seed: 1 })).toThrow(
      'bars must have 4 examples of class 1 for 8 labels, got 0',
    );
  });
});

describe('the comparison', () => {
  let session: Session;
  let dataset: FiniteDataset;
  beforeAll(async () => {
    session = new LocalSession(await openNodeExecutor({ device: 'cpu', threads: 1 }));
    dataset = await barDataset();
  });
  afterAll(() => session.release());

  /** Features that a bar is plain in: how bright each row and each column is. */
  function rowsAndColumns(): Tensors {
    const weight = new Float32Array(SIDE * SIDE * 2 * SIDE);
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++)
        for (const unit of [y, SIDE + x]) weight[(y * SIDE + x) * 2 * SIDE + unit] = 1 / SIDE;
    return {
      'discriminator/dense1/weight': float32([SIDE * SIDE, 2 * SIDE], weight),
      'discriminator/dense1/bias': float32([2 * SIDE], new Float32Array(2 * SIDE).fill(-0.5)),
    };
  }

  it('finds features that know the classes better than pixels with few labels, and says so', async () => {
    const game = gameWith([dense({ units: 2 * SIDE }), relu(), dense({ units: 1 })]);
    const body = discriminatorBody(game, rowsAndColumns());
    const result = await semiSupervised(body, dataset, { session, labels: [60], seeds: [1, 2] });
    const [{ accuracy, labels, steps }] = result.results as [(typeof result.results)[0]];
    expect([labels, steps, result.unlabelled, result.testing]).toEqual([60, 500, 1200, 400]);
    expect(accuracy.features.mean).toBeGreaterThan(0.95);
    expect(accuracy.features.mean).toBeGreaterThan(accuracy.pixels.mean + 0.03);
    expect(accuracy.features.mean).toBeGreaterThan(accuracy.randomFeatures.mean + 0.03);
    expect(accuracy.fineTuned.mean).toBeGreaterThan(0.85);
    expect(accuracy.scratch.mean).toBeGreaterThan(0.85);
    for (const { mean, standardError } of Object.values(accuracy)) {
      expect(mean).toBeGreaterThan(0.3);
      expect(standardError).toBeGreaterThanOrEqual(0);
    }
    expect(semiSupervisedText(result)).toMatch(/^linear, on D's features +\d\d\.\d\d \+- \d\.\d\d$/m);
  });

  it('is refused without labels', async () => {
    const { labels: _, ...train } = dataset.train;
    const body = discriminatorBody(gameWith([dense({ units: 3 }), dense({ units: 1 })]), {});
    const options = { session, labels: [40], seeds: [1] };
    await expect(semiSupervised(body, { ...dataset, train }, options)).rejects.toThrow(
      'bars must have labelled training and test examples, got no labels',
    );
  });
});

it('iterations grow with the labels, within bounds', () => {
  expect([100, 10_000, 50_000].map(probeSteps)).toEqual([500, 1500, 2000]);
});
