import { describe, expect, it } from 'vitest';
import { datasetFromArray } from '../data/array-dataset.ts';
import { ring8 } from '../data/toy.ts';
import { ConfigError } from '../errors.ts';
import { type Game, initialVariables } from '../gan/game.ts';
import { gameStep } from '../gan/game-step.ts';
import { gaussian, spherical, uniform } from '../gan/latent.ts';
import { losses } from '../gan/losses.ts';
import { buildStep } from '../gan/step.ts';
import { Feeds, type Time } from '../graph/feeds.ts';
import { input } from '../graph/value.ts';
import { type Schedule, valueAt } from '../optim/optimiser.ts';
import { buildGame } from './build-game.ts';
import { type DatasetFacts, datasetFacts } from './dataset-facts.ts';
import { resolveConfig } from './resolve-config.ts';

const onRing = (...set: string[]): Game =>
  buildGame(resolveConfig({ preset: 'ring8', set }), datasetFacts(ring8));

/** Four images of 1 x 2 pixels: the first pixel is 51 on average, the second black. */
const pixels = Uint8Array.of(0, 0, 102, 0, 51, 0, 51, 0);
const images = await datasetFromArray({ dtype: 'uint8', shape: [4, 1, 2], data: pixels });
const onImages = (facts: DatasetFacts, ...set: string[]): Game =>
  buildGame(
    resolveConfig({
      preset: 'digits',
      set: [
        'generator.layers=[{"dense":"data","bias":"marginals"},"sigmoid"]',
        'discriminator.layers=[{"dense":1}]',
        'batch=2',
        ...set,
      ],
    }),
    facts,
  );

const kinds = (game: Game, player: 'generator' | 'discriminator') =>
  game[player].network.layers.map(({ name }) => name);

/** What the scheduled scalars of a step are fed with. */
function scalarsAt(game: Game, time: Time): Record<string, number> {
  const feeds = new Feeds();
  const variables = Object.fromEntries(
    Object.entries(initialVariables(game, 1)).map(([name, { dtype, shape }]) => [
      name,
      input(name, dtype, shape),
    ]),
  );
  buildStep(gameStep(game, feeds), variables, feeds);
  return Object.fromEntries(
    feeds.list.flatMap(({ name, recipe }) => (recipe.kind === 'scalar' ? [[name, recipe.at(time)]] : [])),
  );
}

describe('names become what they name', () => {
  it.each([
    ...losses.map(({ loss }): [string, Partial<Game>] => [`loss.name=${loss.name}`, { loss }]),
    ['latent=uniform', { latent: uniform }],
    ['latent=gaussian', { latent: gaussian }],
    ['latent=spherical', { latent: spherical }],
    ['k=3', { k: 3 }],
    ['updateOrder=simultaneous', { updateOrder: 'simultaneous' }],
    ['loss.labelSmoothing=0.9', { realTarget: 0.9 }],
    ['loss.halved=true', { halved: true }],
    ['penalties=[{"r1":{"gamma":7}}]', { penalties: [{ name: 'r1', settings: { gamma: 7 }, every: 1 }] }],
    [
      'penalties=[{"r1":{"every":4}},{"drift":{}}]',
      {
        penalties: [
          { name: 'r1', settings: { gamma: 10 }, every: 4 },
          { name: 'drift', settings: { weight: 0.001 }, every: 1 },
        ],
      },
    ],
    ['ema={"decay":0.5}', { averageDecay: 0.5 }],
    ['ema={"halfLife":128000,"rampUp":0}', { averageDecay: 0.5 ** 0.001 }],
    ['instanceNoise=0.1', { instanceNoise: 0.1 }],
    ['pack=2', { pack: 2 }],
    ['loss.topK=0.5', { topK: 0.5 }],
    ['loss.gradientTarget=0.1', { gradientTarget: 0.1 }],
    ['batch=11', { batch: 11 }],
  ])('%s', (assignment, expected) => {
    expect(onRing(assignment)).toMatchObject(expected);
  });

  it('what changes with the steps', () => {
    const game = onRing(
      'ema={"halfLife":128000}',
      'instanceNoise={"linear":{"from":1,"to":0,"steps":10}}',
      'penalties=[{"r1":{"gamma":{"linear":{"from":2,"to":1,"steps":10}}}}]',
    );
    const at = (schedule: Schedule | undefined, update: number) => valueAt(schedule!, { update, epoch: 0 });
    // Half-life 0.05 of the 128 * 100 images seen, in batches of 128.
    expect(at(game.averageDecay, 100)).toBeCloseTo(0.5 ** (1 / 5), 12);
    expect(at(game.instanceNoise, 5)).toBe(0.5);
    expect(at(game.penalties![0]!.settings['gamma'], 5)).toBe(1.5);
  });

  it('lazy costs, and a decision on packs of examples', () => {
    const game = onRing('loss.lazy={"generator":0}', 'pack=4');
    expect(game.loss).toMatchObject({ name: 'nonSaturating' });
    expect(game.loss).not.toBe(onRing().loss);
    expect(game.discriminator.network.inputShape).toEqual([8]);
  });

  it('labels: of as many classes as the data has, and an auxiliary classifier where D ends in one', () => {
    const labelled: DatasetFacts = {
      name: 'images',
      kind: 'images',
      exampleShape: [1, 1, 2],
      dtype: 'uint8',
      classes: 3,
    };
    const conditional = 'generator.layers=["concatLabels",{"dense":"data"},"sigmoid"]';
    const plain = onImages(labelled, conditional, 'labels=data');
    expect(plain.labels).toEqual({ classes: 3, ofSamples: 'data' });
    expect(plain.auxiliary).toBeUndefined();
    const named = 'discriminator.layers=[{"dense":5},"auxiliaryClassifier"]';
    const acgan = onImages(labelled, conditional, named, 'labels=uniform');
    expect(acgan.auxiliary).toEqual({ discriminator: 1, generator: 1 });
    expect(acgan.discriminator.network.outputShape).toEqual([4]);
    const weights = 'loss.auxiliary={"discriminator":1,"generator":0.1}';
    expect(onImages(labelled, conditional, named, 'labels=uniform', weights).auxiliary).toEqual({
      discriminator: 1,
      generator: 0.1,
    });
    const { classes: _, ...unlabelled } = labelled;
    expect(() => onImages(unlabelled, 'labels=data')).toThrow(
      new ConfigError('labels: must be left out for data without classes, got data for images'),
    );
  });

  it('weights within a limit, also beside a norm', () => {
    const game = onRing('discriminator.weightClip=0.01', 'generator.weightClip=0.1', 'generator.maxNorm=2');
    expect(game.discriminator.constraint).toBeDefined();
    expect(game.generator.constraint).toBeDefined();
  });

  it('consensus, with both at once', () => {
    expect(onRing('loss.consensus=0.3', 'updateOrder=simultaneous').consensus).toBe(0.3);
  });

  it('layers', () => {
    const layers = [
      '{"dense":4}',
      '"relu"',
      '"tanh"',
      '"sigmoid"',
      '{"leakyRelu":0.1}',
      '{"dropout":{"include":0.5}}',
    ];
    const game = onRing(`generator.layers=[${layers},{"maxout":{"units":3,"pieces":2}},{"dense":"data"}]`);
    expect(kinds(game, 'generator')).toEqual([
      'dense1',
      'relu1',
      'tanh1',
      'sigmoid1',
      'leakyRelu1',
      'dropout1',
      'maxout1',
      'dense2',
    ]);
    expect(game.generator.network.outputShape).toEqual([2]);
    expect(game.generator.network.inputShape).toEqual([2]);
  });

  it.each(['sgd', 'adam', 'rmsprop'])('the optimiser %s, and a constraint for one player', (name) => {
    const game = onRing(`generator.optimiser={"name":"${name}","learningRate":0.1}`, 'generator.maxNorm=2');
    expect(game.generator.optimiser.name).toBe(name);
    expect(game.generator.constraint).toBeDefined();
    expect(game.discriminator).not.toHaveProperty('constraint');
  });

  it('weights start as the network says, a layer of its own as it says itself', () => {
    const game = onRing(
      'generator.init={"uniform":0.001}',
      'generator.layers=[{"dense":50},{"dense":50,"init":{"normal":10}},{"dense":"data"}]',
    );
    const variables = initialVariables(game, 1);
    const largest = (name: string): number =>
      (variables[`generator/${name}/weight`]!.data as Float32Array).reduce(
        (most, w) => Math.max(most, Math.abs(w)),
        0,
      );
    expect(largest('dense1')).toBeLessThanOrEqual(0.001);
    expect(largest('dense3')).toBeLessThanOrEqual(0.001);
    expect(largest('dense2')).toBeGreaterThan(20);
  });
});

describe('schedules', () => {
  it('count steps for both networks: with k = 2 the discriminator makes two updates in each', () => {
    const rate = '{"linear":{"from":1,"to":0,"steps":10,"startAt":10}}';
    const optimiser = `{"name":"sgd","learningRate":${rate}}`;
    const game = onRing('k=2', `generator.optimiser=${optimiser}`, `discriminator.optimiser=${optimiser}`);
    const at = (step: number) => scalarsAt(game, { step, epoch: 0 });
    const names = ['generator', 'discriminator', 'discriminator2'].map((name) => `${name}/minusLearningRate`);
    expect(names.map((name) => at(9)[name]!)).toBeAllClose([-1, -1, -1]);
    expect(names.map((name) => at(15)[name]!)).toBeAllClose([-0.5, -0.5, -0.45]);
    expect(names.map((name) => at(20)[name]!)).toBeAllClose([0, 0, 0]);
  });

  it('in epochs do not depend on k', () => {
    const momentum = '{"linear":{"from":0.5,"to":0.7,"epochs":2}}';
    const optimiser = `{"name":"sgd","learningRate":0.1,"momentum":${momentum}}`;
    const game = onRing('k=2', `discriminator.optimiser=${optimiser}`);
    expect(scalarsAt(game, { step: 50, epoch: 1 })['discriminator2/momentum']).toBeCloseTo(0.6, 12);
  });

  it('of every form become numbers', () => {
    const rate = (text: string): number =>
      -scalarsAt(onRing(`generator.optimiser={"name":"sgd","learningRate":${text}}`), { step: 5, epoch: 0 })[
        'generator/minusLearningRate'
      ]!;
    expect(rate('{"cosine":{"from":1,"to":0,"steps":10}}')).toBeCloseTo(0.5, 12);
    expect(rate('{"exponential":{"from":8,"divisor":2,"floor":0.01}}')).toBeCloseTo(8 / 32, 12);
    // Constants are no feeds.
    expect(rate('{"constant":0.1}')).toBeNaN();
    expect(rate('0.1')).toBeNaN();
  });
});

describe('images', () => {
  it('the last bias starts from the marginals, out of reach for pixels that are always black', () => {
    const game = onImages(datasetFacts(images));
    expect(game.examples).toEqual({ shape: [1, 1, 2], dtype: 'uint8', range: 'unit' });
    const bias = initialVariables(game, 1)['generator/dense1/bias']!.data as Float32Array;
    expect(bias[0]).toBeCloseTo(Math.log(0.2 / 0.8), 5);
    expect(bias[1]).toBeLessThan(-3);
    expect(bias[1]).toBeGreaterThan(Number.NEGATIVE_INFINITY);
  });

  it('as floats have the same marginals', async () => {
    const floats = Float32Array.from(pixels, (value) => value / 255);
    const same = await datasetFromArray({ dtype: 'float32', shape: [4, 1, 2], data: floats });
    const [bytes, reals] = [images, same].map((dataset) =>
      initialVariables(onImages(datasetFacts(dataset)), 1),
    );
    expect(reals!['generator/dense1/bias']!.data).toBeAllClose(
      bytes!['generator/dense1/bias']!.data as Float32Array,
    );
    expect(onImages(datasetFacts(same)).examples.dtype).toBe('float32');
  });

  it('that are not at hand still make a game, without initial values', () => {
    const { meanPixels: _, ...facts } = datasetFacts(images);
    const game = onImages(facts);
    expect(game.generator.network.outputShape).toEqual([2]);
    expect(() => initialVariables(game, 1)).toThrow(
      new ConfigError('generator.layers: bias "marginals" needs the data array, got none'),
    );
  });
});

describe('what does not fit is refused, by its key', () => {
  it.each<[string, () => Game, string]>([
    [
      'a generator of another size',
      () => onRing('generator.layers=[{"dense":3}]'),
      'generator.layers: must produce 2 values, the size of an example of ring8 [2], got 3',
    ],
    [
      'marginals of points',
      () => onRing('generator.layers=[{"dense":"data","bias":"marginals"}]'),
      'generator.layers: bias "marginals" must be used with images, got ring8',
    ],
    [
      'points in a range of pixels',
      () => onRing('range=unit'),
      'range: must be data for points (ring8), got unit',
    ],
    [
      'images without one',
      () => onImages(datasetFacts(images), 'range=data'),
      'range: must be unit, symmetric, {"contrast": norm} or {"mean", "deviation"} for images (array), got data',
    ],
  ])('%s', (_, build, message) => {
    expect(build).toThrow(new ConfigError(message));
  });
});
