import { describe, expect, it } from 'vitest';
import { affineGame } from '../../test/affine-game.ts';
import { inputsFor, type PlayedStep, playSteps } from '../../test/play-step.ts';
import { float32 } from '../../test/tensors.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import { type Feed, Feeds } from '../graph/feeds.ts';
import { add, mul, sign } from '../graph/functions/elementwise.ts';
import { mean } from '../graph/functions/reductions.ts';
import type { Tensors } from '../graph/tensor.ts';
import { dense } from '../nn/dense.ts';
import { sequential } from '../nn/sequential.ts';
import { linear } from '../optim/schedules.ts';
import { sgd } from '../optim/sgd.ts';
import type { Augmentation } from './augment/augmentation.ts';
import { type Game, initialVariables } from './game.ts';
import { gameStep } from './game-step.ts';
import { relativistic } from './losses/relativistic.ts';
import { r1 } from './penalties/zero-centred.ts';

const start: Tensors = {
  'generator/dense1/weight': float32([1, 1], [1.5]),
  'generator/dense1/bias': float32([1], [-0.5]),
  'discriminator/dense1/weight': float32([1, 1], [0.75]),
  'discriminator/dense1/bias': float32([1], [0.25]),
};

const feeds: Tensors = {
  examples: float32([2, 1], [2, 3]),
  'discriminator/latent': float32([2, 1], [-1, 0.5]),
  'generator/latent': float32([2, 1], [1, -2]),
};

const RATE = 0.5;
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

async function play(game: Game, iterations: readonly Tensors[] = [feeds], initial: Tensors = start) {
  const variables = { ...initialVariables(game, 1), ...initial };
  return playSteps((f) => gameStep(game, f), variables, iterations);
}

/** What a game's step asks of the host. */
function declared(game: Game): readonly Feed[] {
  const inputs = new Feeds();
  const variables = inputsFor({ ...initialVariables(game, 1), ...start });
  for (const update of gameStep(game, inputs).updates) update.objective(variables);
  return inputs.list;
}

/** Generator and discriminator, weight and bias of each, after a step. */
const left = ({ variables }: PlayedStep): number[] =>
  Object.keys(start).map((name) => Number(variables[name]!.data[0]));

/** The game of `affineGame` by hand: D's update from given views of real and fake, then G's, from its parameters. */
function discriminatorUpdate(real: readonly number[], fake: readonly number[]): [d: number, e: number] {
  let [d, e] = [0.75, 0.25];
  const slopes = [
    ...real.map((x) => [(logistic(0.75 * x + 0.25) - 1) / real.length, x]),
    ...fake.map((x) => [logistic(0.75 * x + 0.25) / fake.length, x]),
  ] as [number, number][];
  for (const [slope, x] of slopes) {
    d -= RATE * slope * x;
    e -= RATE * slope;
  }
  return [d, e];
}

const generated = (z: number): number => 1.5 * z - 0.5;

/** What D's update leaves where it sees just what is fed and generated. */
const plainD = discriminatorUpdate([2, 3], [-1, 0.5].map(generated));

describe('relativistic pairing', () => {
  it("G compares its samples with D's logits of the last minibatch, by the D of this very step", async () => {
    const [played] = await play(affineGame({ loss: relativistic }));
    // D: softplus(fake - real) per pair; e has no slope.
    const pairs = [
      [2, generated(-1)],
      [3, generated(0.5)],
    ] as const;
    const d = pairs.reduce(
      (value, [real, fake]) => value - (RATE * logistic(0.75 * (fake - real)) * (fake - real)) / 2,
      0.75,
    );
    const judged = [
      [2, 1],
      [3, -2],
    ] as const;
    const lossG =
      judged.reduce((sum, [real, z]) => sum + Math.log1p(Math.exp(d * (real - generated(z)))), 0) / 2;
    const slopes = judged.map(([real, z]) => [(-d * logistic(d * (real - generated(z)))) / 2, z] as const);
    expect([played!.metrics['lossG']!]).toBeAllClose([lossG]);
    expect(left(played!)).toBeAllClose([
      slopes.reduce((g, [slope, z]) => g - RATE * slope * z, 1.5),
      slopes.reduce((h, [slope]) => h - RATE * slope, -0.5),
      d,
      0.25,
    ]);
  });

  it('with k = 2 that is the minibatch of the last of its updates', () => {
    const game = affineGame({ loss: relativistic, k: 2 });
    const inputs = declared(game);
    const minibatches = inputs.filter(({ recipe }) => recipe.kind === 'minibatch');
    expect(minibatches.map(({ name }) => name)).toEqual(['examples', 'examples2']);
  });
});

describe('instance noise', () => {
  const noise: Tensors = {
    'discriminator/real/noise': float32([2, 1], [1, -1]),
    'discriminator/fake/noise': float32([2, 1], [0.5, 2]),
    'generator/noise': float32([2, 1], [-1, 0]),
  };

  it('is added to real examples and to samples, in both updates, each with its own', async () => {
    const game = affineGame({ instanceNoise: linear({ from: 0.5, to: 0, updates: 2 }) });
    const [first, second, third] = await play(
      game,
      [feeds, feeds, feeds].map((fed) => ({ ...fed, ...noise })),
    );
    const [d, e] = discriminatorUpdate([2.5, 2.5], [generated(-1) + 0.25, generated(0.5) + 1]);
    const slopes = [generated(1) - 0.5, generated(-2)].map((x) => ((logistic(d * x + e) - 1) * d) / 2);
    expect(left(first!)).toBeAllClose([
      1.5 - RATE * (slopes[0]! - 2 * slopes[1]!),
      -0.5 - RATE * (slopes[0]! + slopes[1]!),
      d,
      e,
    ]);
    // At the end of its schedule it is gone.
    const plain = await play(affineGame(), [feeds], second!.variables);
    expect(left(third!)).toBeAllClose(left(plain[0]!));
  });

  it('a constant is in the recipe of the noise', () => {
    const inputs = declared(affineGame({ instanceNoise: 0.1 }));
    expect(inputs.find(({ name }) => name === 'discriminator/real/noise')!.recipe).toEqual({
      kind: 'normal',
      standardDeviation: 0.1,
    });
  });
});

describe('packing', () => {
  const optimiser = sgd({ learningRate: RATE });
  const packedGame = (options: Partial<Game> = {}) =>
    affineGame({
      pack: 2,
      discriminator: { network: sequential('discriminator', [2], [dense({ units: 1 })]), optimiser },
      ...options,
    });

  it('D decides on two examples together, which stand in a row', async () => {
    const initial = { ...start, 'discriminator/dense1/weight': float32([2, 1], [0.75, -0.5]) };
    const [played] = await play(packedGame(), [feeds], initial);
    const logit = (a: number, b: number) => 0.75 * a - 0.5 * b + 0.25;
    const [real, fake] = [logit(2, 3), logit(generated(-1), generated(0.5))];
    expect([played!.metrics['D(x)']!, played!.metrics['D(G(z))']!]).toBeAllClose([
      logistic(real),
      logistic(fake),
    ]);
    const bias = 0.25 - RATE * (logistic(real) - 1 + logistic(fake));
    expect(played!.variables['discriminator/dense1/bias']!.data).toBeAllClose([bias]);
  });

  it('a penalty is of decisions: one norm for both examples', async () => {
    const initial = { ...start, 'discriminator/dense1/weight': float32([2, 1], [3, -4]) };
    const [played] = await play(packedGame({ penalties: [r1({ gamma: 2 })] }), [feeds], initial);
    expect([played!.metrics['penalty/r1']!]).toBeAllClose([25]);
  });

  it('must fit the batch and the discriminator', () => {
    expect(() => gameStep(packedGame({ batch: 3 }), new Feeds())).toThrow(
      new ConfigError('game: pack must be a count that divides the batch of 3, got 2'),
    );
    expect(() => gameStep(affineGame({ pack: 2 }), new Feeds())).toThrow(
      new ShapeError('game: the discriminator must take 2 values, 2 examples [1], got 1'),
    );
  });
});

describe('what G learns from', () => {
  /** G after its update from these slopes of its loss by its samples. */
  const generatorAfter = (slopes: readonly number[]) => [
    1.5 - RATE * (slopes[0]! - 2 * slopes[1]!),
    -0.5 - RATE * (slopes[0]! + slopes[1]!),
  ];
  const [d, e] = plainD;
  const judged = [1, -2].map((z) => d * generated(z) + e);
  const slopes = judged.map((logit) => ((logistic(logit) - 1) * d) / 2);

  it('top-k: the samples that D takes most for real, as many as the schedule says', async () => {
    const game = affineGame({ topK: linear({ from: 1, to: 0.5, updates: 1 }) });
    const [first, second] = await play(game, [feeds, feeds]);
    expect(left(first!).slice(0, 2)).toBeAllClose(generatorAfter(slopes));
    // In the second step one of two counts, and counts double.
    const [half] = await play(affineGame({ topK: 0.5 }), [feeds]);
    const best = judged[0]! > judged[1]! ? 0 : 1;
    expect(left(half!).slice(0, 2)).toBeAllClose(
      generatorAfter(slopes.map((s, i) => (i === best ? 2 * s : 0))),
    );
    expect([half!.metrics['lossG']!]).toBeAllClose([Math.log1p(Math.exp(-judged[best]!))]);
    expect(second!.finite).toBe(true);
  });

  it('a gradient that is too small is scaled up to the target, one that is large enough is left', async () => {
    const norm = Math.hypot(...slopes);
    const [scaled] = await play(affineGame({ gradientTarget: 3 * norm }));
    expect(left(scaled!).slice(0, 2)).toBeAllClose(generatorAfter(slopes.map((slope) => 3 * slope)));
    expect([scaled!.metrics['sampleGradientNorm']!]).toBeAllClose([norm]);
    const [kept] = await play(affineGame({ gradientTarget: norm / 2 }));
    expect(left(kept!).slice(0, 2)).toBeAllClose(generatorAfter(slopes));
  });
});

describe('consensus optimisation', () => {
  it('adds the slope of weight / 2 ||v||^2 to both gradients, v the joint gradient field', async () => {
    const z = [-1, 0.5];
    const simultaneous = { ...feeds, latent: float32([2, 1], z) };
    const [played] = await play(affineGame({ updateOrder: 'simultaneous', consensus: 0.3 }), [simultaneous]);
    // The field of [g, h, d, e] in float64, its squared norm differentiated by central differences.
    const field = ([g, h, d, e]: readonly number[]): number[] => {
      const fake = z.map((value) => g! * value + h!);
      const logit = (x: number) => d! * x + e!;
      const toReal = [2, 3].map((x) => (logistic(logit(x)) - 1) / 2);
      const toFake = fake.map((x) => logistic(logit(x)) / 2);
      const toSample = fake.map((x) => ((logistic(logit(x)) - 1) * d!) / 2);
      return [
        toSample[0]! * z[0]! + toSample[1]! * z[1]!,
        toSample[0]! + toSample[1]!,
        toReal[0]! * 2 + toReal[1]! * 3 + toFake[0]! * fake[0]! + toFake[1]! * fake[1]!,
        toReal[0]! + toReal[1]! + toFake[0]! + toFake[1]!,
      ];
    };
    const at = [1.5, -0.5, 0.75, 0.25];
    const energy = (p: readonly number[]) => field(p).reduce((sum, v) => sum + v * v, 0) / 2;
    const moved = (i: number, by: number) => at.map((value, j) => (i === j ? value + by : value));
    const expected = at.map((value, i) => {
      const slope = (energy(moved(i, 1e-5)) - energy(moved(i, -1e-5))) / 2e-5;
      return value - RATE * (field(at)[i]! + 0.3 * slope);
    });
    expect(left(played!)).toBeAllClose(expected, { rtol: 1e-5, atol: 1e-6 });
  });

  it('takes simultaneous updates', () => {
    expect(() => gameStep(affineGame({ consensus: 0.3 }), new Feeds())).toThrow(
      /^game: consensus .* so updateOrder must be simultaneous, got alternating$/,
    );
  });
});

describe('an augmentation', () => {
  const state = 'augment/p';
  /** Multiplies each example by a random number, and follows the sign of D on augmented real ones. */
  const scaling: Augmentation = {
    name: 'scaling',
    apply: (x, { random, variables }) =>
      mul(x, add(random.uniform('factor', [2, 1], 0, 2), variables[state]!)),
    adaptation: {
      initial: { [state]: float32([], [0.5]) },
      next: (variables, realLogits) => ({ [state]: add(variables[state]!, mean(sign(realLogits))) }),
      metrics: (variables) => ({ 'augment/p': variables[state]! }),
    },
  };

  it('is what D sees of real examples and samples, in both updates, and its state goes on', async () => {
    const game = affineGame({ augmentation: scaling, penalties: [r1({ gamma: 2 })] });
    const factors: Tensors = {
      'discriminator/real/augment/factor': float32([2, 1], [1, 0]),
      'discriminator/fake/augment/factor': float32([2, 1], [0.5, 1.5]),
      'generator/augment/factor': float32([2, 1], [0, 1]),
    };
    const [first, second] = await play(
      game,
      [feeds, feeds].map((fed) => ({ ...fed, ...factors })),
    );
    // Both passes have p = 1/2 added to their factors.
    const real = [2 * 1.5, 3 * 0.5];
    const fake = [generated(-1) * 1, generated(0.5) * 2];
    const logit = (x: number) => 0.75 * x + 0.25;
    expect([first!.metrics['D(x)']!, first!.metrics['D(G(z))']!]).toBeAllClose([
      (logistic(logit(real[0]!)) + logistic(logit(real[1]!))) / 2,
      (logistic(logit(fake[0]!)) + logistic(logit(fake[1]!))) / 2,
    ]);
    // R1 is by the examples themselves: the augmentation is a part of what it differentiates.
    expect([first!.metrics['penalty/r1']!]).toBeAllClose([((0.75 * 1.5) ** 2 + (0.75 * 0.5) ** 2) / 2]);
    expect([first!.metrics['augment/p']!, second!.metrics['augment/p']!]).toBeAllClose([0.5, 1.5]);
    expect(first!.variables[state]!.data).toBeAllClose([1.5]);
    // G's pass: its slope comes back through the augmentation of its own samples, by the D and the p that D's update left.
    const [d, e] = ['weight', 'bias'].map((name) =>
      Number(first!.variables[`discriminator/dense1/${name}`]!.data[0]),
    ) as [number, number];
    const slopes = [1.5, 2.5].map((factor, i) => {
      const seen = factor * generated([1, -2][i]!);
      return ((logistic(d * seen + e) - 1) * d * factor) / 2;
    });
    expect(left(first!)[1]!).toBeCloseTo(-0.5 - RATE * (slopes[0]! + slopes[1]!), 5);
  });
});

it('two penalties of a name are refused', () => {
  const penalties = [r1({ gamma: 1 }), r1({ gamma: 2 })];
  expect(() => gameStep(affineGame({ penalties }), new Feeds())).toThrow(
    new ConfigError('game: each penalty may be there once, got r1 twice. Add up their weights'),
  );
});
