import { describe, expect, it } from 'vitest';
import { affineGame } from '../../test/affine-game.ts';
import { inputsFor, type PlayedStep, playSteps } from '../../test/play-step.ts';
import { runGraph } from '../../test/run-graph.ts';
import { float32 } from '../../test/tensors.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import { Feeds } from '../graph/feeds.ts';
import type { Tensor, Tensors } from '../graph/tensor.ts';
import { input } from '../graph/value.ts';
import { dense } from '../nn/dense.ts';
import { concatLabels } from '../nn/labels.ts';
import { sequential } from '../nn/sequential.ts';
import { sgd } from '../optim/sgd.ts';
import { type Game, initialVariables } from './game.ts';
import { gameStep } from './game-step.ts';
import { relativistic } from './losses/relativistic.ts';
import { gradientPenalty } from './penalties/gradient-penalty.ts';
import { r1 } from './penalties/zero-centred.ts';
import { samplesOf } from './samples.ts';

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const classes = (numbers: readonly number[]): Tensor => ({
  dtype: 'uint8',
  shape: [numbers.length],
  data: Uint8Array.from(numbers),
});

const optimiser = sgd({ learningRate: 0.5 });
const conditional = (name: string, units: number) =>
  sequential(name, [1], [concatLabels({ classes: 2 }), dense({ units })]);

/** Affine players that see the label of two as well: `G(z, c) = g z + g_c`, `D(x, c) = d x + d_c`. */
function labelledGame(options: Partial<Game> = {}): Game {
  return affineGame({
    labels: { classes: 2, ofSamples: 'uniform' },
    generator: { network: conditional('generator', 1), optimiser },
    discriminator: { network: conditional('discriminator', 1), optimiser },
    ...options,
  });
}

const [g, ofG, d, ofD] = [1.5, [-0.5, 0.25], 0.75, [0.1, -0.3]] as const;
const start: Tensors = {
  'generator/dense1/weight': float32([3, 1], [g, ...ofG]),
  'generator/dense1/bias': float32([1], [0]),
  'discriminator/dense1/weight': float32([3, 1], [d, ...ofD]),
  'discriminator/dense1/bias': float32([1], [0]),
};

const feeds: Tensors = {
  examples: float32([2, 1], [2, 3]),
  labels: classes([1, 0]),
  'discriminator/latent': float32([2, 1], [-1, 0.5]),
  'discriminator/labels': classes([1, 1]),
  'generator/latent': float32([2, 1], [1, -2]),
  'generator/labels': classes([0, 1]),
};

async function play(game: Game, fed: Tensors = feeds, initial: Tensors = start): Promise<PlayedStep> {
  const variables = { ...initialVariables(game, 1), ...initial };
  return (await playSteps((f) => gameStep(game, f), variables, [fed]))[0]!;
}

const generate = (z: number, c: number): number => g * z + ofG[c]!;
const judge = (x: number, c: number): number => d * x + ofD[c]!;

function declared(game: Game) {
  const inputs = new Feeds();
  const variables = inputsFor(initialVariables(game, 1));
  for (const update of gameStep(game, inputs).updates) update.objective(variables);
  return inputs.list;
}

describe('labels', () => {
  it('go into both networks: real ones with their examples, those of samples into G and D alike', async () => {
    const { metrics } = await play(labelledGame());
    const real = [judge(2, 1), judge(3, 0)];
    const fake = [judge(generate(-1, 1), 1), judge(generate(0.5, 1), 1)];
    expect([metrics['D(x)']!, metrics['D(G(z))']!]).toBeAllClose([
      (logistic(real[0]!) + logistic(real[1]!)) / 2,
      (logistic(fake[0]!) + logistic(fake[1]!)) / 2,
    ]);
  });

  it('stay with their examples where these go through D apart, and in passes of penalties', async () => {
    const together = await play(labelledGame());
    const apart = await play(labelledGame({ penalties: [r1({ gamma: 0 })] }));
    expect(apart.metrics['D(x)']).toBeCloseTo(together.metrics['D(x)']!, 6);
    expect(apart.metrics['D(G(z))']).toBeCloseTo(together.metrics['D(G(z))']!, 6);
    // The slope of D by x is d whatever the class: the penalty can only come out right if labels are there at all.
    const shares = { 'discriminator/gradientPenalty/share': float32([2, 1], [0.5, 0.5]) };
    const penalised = await play(labelledGame({ penalties: [gradientPenalty({ weight: 1 })] }), {
      ...feeds,
      ...shares,
    });
    expect(penalised.metrics['penalty/gradientPenalty']).toBeCloseTo((d - 1) ** 2, 6);
  });

  it('of samples are drawn by the host, or are those of the minibatch', () => {
    const recipes = (options: Partial<Game>) =>
      Object.fromEntries(
        declared(labelledGame(options))
          .filter(({ name }) => name.includes('labels'))
          .map(({ name, recipe }) => [name, recipe]),
      );
    expect(recipes({ k: 2 })).toEqual({
      labels: { kind: 'labels', index: 0 },
      labels2: { kind: 'labels', index: 1 },
      'discriminator/labels': { kind: 'classes', classes: 2 },
      'discriminator2/labels': { kind: 'classes', classes: 2 },
      'generator/labels': { kind: 'classes', classes: 2 },
    });
    const ofData = { classes: 2, ofSamples: 'data' } as const;
    expect(recipes({ labels: ofData })).toEqual({ labels: { kind: 'labels', index: 0 } });
    expect(Object.keys(recipes({ labels: ofData, updateOrder: 'simultaneous' }))).toEqual(['labels']);
    expect(Object.keys(recipes({ updateOrder: 'simultaneous', loss: relativistic }))).toEqual([
      'labels',
      'generator/labels',
    ]);
  });

  it('say what to make samples of', async () => {
    const game = labelledGame();
    const variables = inputsFor(start);
    const [z, wanted] = [input('z', 'float32', ['N', 1]), input('classes', 'int64', ['N'])];
    const samples = samplesOf(game, variables, z, false, wanted);
    const given = { 'generator/dense1/weight': start['generator/dense1/weight']! };
    const results = await runGraph(
      { samples },
      {
        ...given,
        'generator/dense1/bias': float32([1], [0]),
        z: float32([3, 1], [1, 1, -2]),
        classes: { dtype: 'int64', shape: [3], data: BigInt64Array.of(0n, 1n, 1n) },
      },
    );
    expect(results['samples']!.data).toBeAllClose([generate(1, 0), generate(1, 1), generate(-2, 1)]);
    expect(() => samplesOf(game, variables, z, false)).toThrow(
      new ShapeError(
        'samplesOf: a generator of labelled samples needs the class of each, one of 2, got none',
      ),
    );
  });

  it('and packs exclude each other', () => {
    const discriminator = { network: sequential('discriminator', [2], [dense({ units: 1 })]), optimiser };
    expect(() => gameStep(labelledGame({ pack: 2, discriminator }), new Feeds())).toThrow(
      new ConfigError('game: packed examples have no label in common, so pack must be 1 with labels, got 2'),
    );
  });
});

describe('an auxiliary classifier', () => {
  const discriminator = { network: sequential('discriminator', [1], [dense({ units: 3 })]), optimiser };
  const weights = { discriminator: 0.5, generator: 0.2 };
  const game = labelledGame({ discriminator, auxiliary: weights });
  // Columns: real or not, class 0, class 1.
  const initial: Tensors = {
    ...start,
    'discriminator/dense1/weight': float32([1, 3], [0.75, -1, 0.5]),
    'discriminator/dense1/bias': float32([3], [0.25, 0.1, -0.2]),
  };

  it('is what D is told of real examples and samples, and G of its samples', async () => {
    const played = await play(game, feeds, initial);
    const softmax = (x: number, [a, b]: readonly number[] = [0.1, -0.2], [u, v] = [-1, 0.5]) => {
      const [e0, e1] = [Math.exp(u! * x + a!), Math.exp(v! * x + b!)];
      return [e0 / (e0 + e1), e1 / (e0 + e1)];
    };
    const real = [
      [2, 1],
      [3, 0],
    ] as const;
    const fake = [
      [generate(-1, 1), 1],
      [generate(0.5, 1), 1],
    ] as const;
    const entropy = (pairs: readonly (readonly [number, number])[]) =>
      pairs.reduce((sum, [x, c]) => sum - Math.log(softmax(x)[c]!), 0) / 2;
    expect([played.metrics['lossC(x)']!, played.metrics['lossC(G(z))']!]).toBeAllClose([
      entropy(real),
      entropy(fake),
    ]);
    // The first column alone decides on real or not.
    const logit = (x: number) => 0.75 * x + 0.25;
    expect([played.metrics['D(x)']!]).toBeAllClose([(logistic(logit(2)) + logistic(logit(3))) / 2]);
    // D's biases: the usual slope of the first, (softmax - one-hot) of the classes, times its weight.
    const slopes = [...real, ...fake].map(([x, c]) => softmax(x).map((p, i) => (p - (i === c ? 1 : 0)) / 2));
    const bias = played.variables['discriminator/dense1/bias']!.data as Float32Array;
    const ofClass = (i: number) => slopes.reduce((sum, slope) => sum + slope[i]!, 0) * weights.discriminator;
    const adversarial =
      real.reduce((sum, [x]) => sum + (logistic(logit(x)) - 1) / 2, 0) +
      fake.reduce((sum, [x]) => sum + logistic(logit(x)) / 2, 0);
    expect(bias).toBeAllClose([0.25 - 0.5 * adversarial, 0.1 - 0.5 * ofClass(0), -0.2 - 0.5 * ofClass(1)]);
    // G, by the D that is left: slopes of both its losses at its samples, of which the bias takes the sum.
    const [w, u, v] = played.variables['discriminator/dense1/weight']!.data as Float32Array;
    const atSample = [
      [generate(1, 0), 0],
      [generate(-2, 1), 1],
    ] as const;
    const slope = atSample.reduce((sum, [x, c]) => {
      const probabilities = softmax(x, [bias[1]!, bias[2]!], [u!, v!]);
      const byClass =
        (probabilities[0]! - (c === 0 ? 1 : 0)) * u! + (probabilities[1]! - (c === 1 ? 1 : 0)) * v!;
      return sum + ((logistic(w! * x + bias[0]!) - 1) * w!) / 2 + (weights.generator * byClass) / 2;
    }, 0);
    expect(played.variables['generator/dense1/bias']!.data).toBeAllClose([-0.5 * slope]);
  });

  it('needs labels and a logit for each class', () => {
    const { labels: _, ...unlabelled } = game;
    expect(() => gameStep(unlabelled, new Feeds())).toThrow(
      new ConfigError('game: an auxiliary classifier needs labels, got a game without'),
    );
    expect(() => gameStep(labelledGame({ auxiliary: weights }), new Feeds())).toThrow(
      new ShapeError('game: the discriminator must end in 1 logit and one for each of 2 classes, got 1'),
    );
  });
});
