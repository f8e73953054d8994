import { describe, expect, it } from 'vitest';
import { affineGame } from '../../test/affine-game.ts';
import { inputsFor, type PlayedStep, playSteps } from '../../test/play-step.ts';
import { runGraph } from '../../test/run-graph.ts';
import { smallDiscriminator, smallGenerator, smallVariables } from '../../test/small-networks.ts';
import { bool, float32, type ReferenceArray, readReference } from '../../test/tensors.ts';
import { Feeds } from '../graph/feeds.ts';
import type { Tensor, Tensors } from '../graph/tensor.ts';
import { input } from '../graph/value.ts';
import { sigmoid, tanh } from '../nn/activations.ts';
import { dense } from '../nn/dense.ts';
import { dropout } from '../nn/dropout.ts';
import { sequential } from '../nn/sequential.ts';
import { maxNorm } from '../optim/max-norm.ts';
import type { UpdateTime } from '../optim/optimiser.ts';
import { sgd } from '../optim/sgd.ts';
import { type Game, initialVariables } from './game.ts';
import { gameStep } from './game-step.ts';
import { uniform } from './latent.ts';
import { minimax, nonSaturating } from './losses/cross-entropy.ts';
import { r1 } from './penalties/zero-centred.ts';
import { samplesOf } from './samples.ts';

type Masks = Readonly<Record<string, ReferenceArray>>;

interface Minibatch {
  readonly real: ReferenceArray;
  readonly noiseD: ReferenceArray;
  readonly masksD: Masks;
}

interface Iteration {
  readonly metrics: Readonly<Record<string, number>>;
  readonly parameters: Readonly<Record<string, ReferenceArray>>;
}

interface StepsReference {
  readonly float32Bound: number;
  readonly learningRates: readonly number[];
  readonly learningRatesTwice: readonly number[];
  readonly momentum: number;
  readonly parameters: Readonly<Record<string, ReferenceArray>>;
  readonly feeds: readonly (Minibatch & {
    readonly noiseG: ReferenceArray;
    readonly masksG: Masks;
    readonly second: Minibatch;
  })[];
  readonly alternating: readonly Iteration[];
  readonly alternatingTwice: readonly Iteration[];
  readonly simultaneous: readonly Iteration[];
}

describe("against PyTorch, three iterations of the paper's networks in small", () => {
  const reference = readReference<StepsReference>('steps');
  const { learningRates, learningRatesTwice, momentum } = reference;
  const rows = 6;

  const game = (options: Partial<Game>, discriminatorRates = learningRates): Game => ({
    generator: { network: smallGenerator(), optimiser: sgdAt(learningRates) },
    discriminator: { network: smallDiscriminator(), optimiser: sgdAt(discriminatorRates) },
    latent: uniform,
    loss: nonSaturating,
    examples: { shape: [8], dtype: 'float32', range: 'data' },
    batch: rows,
    ...options,
  });
  const sgdAt = (rates: readonly number[]) =>
    sgd({ learningRate: ({ update }: UpdateTime) => rates[update]!, momentum });

  const tensor = ({ shape, data }: ReferenceArray): Tensor => float32(shape, data);

  /** Masks under the names of the feeds, all their rows or some. */
  const masks = (scope: string, arrays: Masks, from = 0, to = Number.POSITIVE_INFINITY): Tensors =>
    Object.fromEntries(
      Object.entries(arrays).map(([name, { shape, data }]) => {
        const width = shape[1]!;
        const part = data.slice(from * width, to * width);
        return [`${scope}/${name}/mask`, bool([part.length / width, width], part)];
      }),
    );

  const alternatingFeeds = ({ real, noiseD, masksD, noiseG, masksG }: StepsReference['feeds'][number]) => ({
    examples: tensor(real),
    'discriminator/latent': tensor(noiseD),
    ...masks('discriminator', masksD),
    'generator/latent': tensor(noiseG),
    ...masks('generator', masksG),
  });

  function expectIterations(played: readonly PlayedStep[], expected: readonly Iteration[]): void {
    expect(played).toHaveLength(3);
    for (const [i, { metrics, parameters }] of expected.entries()) {
      const names = Object.keys(metrics);
      expect(Object.keys(played[i]!.metrics).sort()).toEqual([...names].sort());
      expect(names.map((name) => played[i]!.metrics[name]!)).toBeAllClose(Object.values(metrics));
      expect(played[i]!.finite).toBe(true);
      for (const [name, { data }] of Object.entries(smallVariables(parameters))) {
        const largest = Math.max(...(data as Float32Array).map(Math.abs));
        const atol = reference.float32Bound * largest;
        expect(played[i]!.variables[name]!.data, `${name} after ${i + 1}`).toBeAllClose(data, {
          rtol: 0,
          atol,
        });
      }
    }
  }

  const initial = (played: Game): Tensors => {
    const parameters = smallVariables(reference.parameters);
    return { ...initialVariables(played, 1), ...parameters };
  };

  describe.each([
    ['as built', false],
    ['simplified', true],
  ])('%s', (_, isSimplified) => {
    const play = (played: Game, iterations: readonly Tensors[]) =>
      playSteps((feeds) => gameStep(played, feeds), initial(played), iterations, { isSimplified });

    it('alternating, k = 1: G answers the D of this very iteration, and does not look through its update', async () => {
      const played = await play(game({}), reference.feeds.map(alternatingFeeds));
      expectIterations(played, reference.alternating);
    });

    it("alternating, k = 2: each of D's updates has its own minibatch, noise, masks and learning rate", async () => {
      const iterations = reference.feeds.map((feed) => ({
        ...alternatingFeeds(feed),
        examples2: tensor(feed.second.real),
        'discriminator2/latent': tensor(feed.second.noiseD),
        ...masks('discriminator2', feed.second.masksD),
      }));
      const played = await play(game({ k: 2 }, learningRatesTwice), iterations);
      expectIterations(played, reference.alternatingTwice);
    });

    it("simultaneous: both from the same parameters, fakes and masks, D's objective halved", async () => {
      const iterations = reference.feeds.map(({ real, noiseD, masksD }) => ({
        examples: tensor(real),
        latent: tensor(noiseD),
        ...masks('discriminator/real', masksD, 0, rows),
        ...masks('discriminator/fake', masksD, rows),
      }));
      const played = await play(game({ updateOrder: 'simultaneous', halved: true }), iterations);
      expectIterations(played, reference.simultaneous);
    });
  });
});

const affineStart = {
  'generator/dense1/weight': float32([1, 1], [1.5]),
  'generator/dense1/bias': float32([1], [-0.5]),
  'discriminator/dense1/weight': float32([1, 1], [0.75]),
  'discriminator/dense1/bias': float32([1], [0.25]),
};

const affineFeeds = {
  examples: float32([2, 1], [2, 3]),
  'discriminator/latent': float32([2, 1], [-1, 0.5]),
  'generator/latent': float32([2, 1], [1, -2]),
};

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const scalarOf = (tensors: Tensors, name: string): number => Number(tensors[name]!.data[0]);

describe('by hand', () => {
  const play = async (game: Game, feeds: Tensors = affineFeeds, start: Tensors = affineStart) => {
    const initial = { ...initialVariables(game, 1), ...start };
    const [played] = await playSteps((f) => gameStep(game, f), initial, [feeds]);
    return played!;
  };

  it('the metrics are of the discriminator before its update, and of the samples that G is judged by', async () => {
    const { metrics, gradientNorms, variables } = await play(affineGame());
    const real = [2, 3].map((x) => 0.75 * x + 0.25);
    const fake = [-1, 0.5].map((z) => 0.75 * (1.5 * z - 0.5) + 0.25);
    const lossD =
      (real.reduce((sum, l) => sum - Math.log(logistic(l)), 0) +
        fake.reduce((sum, l) => sum - Math.log(1 - logistic(l)), 0)) /
      2;
    // Gradients of D's parameters, by hand: dlossD / dl = (D - 1) / 2 on real, D / 2 on fake.
    const dReal = real.map((l) => (logistic(l) - 1) / 2);
    const dFake = fake.map((l) => logistic(l) / 2);
    const dWeight = dReal[0]! * 2 + dReal[1]! * 3 + dFake[0]! * -2 + dFake[1]! * 0.25;
    const dBias = dReal[0]! + dReal[1]! + dFake[0]! + dFake[1]!;
    const [d, e] = [0.75 - 0.5 * dWeight, 0.25 - 0.5 * dBias];
    // G meets the new D with its own noise.
    const judged = [1, -2].map((z) => d * (1.5 * z - 0.5) + e);
    const lossG = judged.reduce((sum, l) => sum - Math.log(logistic(l)), 0) / 2;
    const dSamples = judged.map((l) => ((logistic(l) - 1) / 2) * d);
    expect([
      metrics['lossD']!,
      metrics['D(x)']!,
      metrics['D(G(z))']!,
      metrics['lossG']!,
      metrics['sampleGradientNorm']!,
    ]).toBeAllClose([
      lossD,
      (logistic(real[0]!) + logistic(real[1]!)) / 2,
      (logistic(fake[0]!) + logistic(fake[1]!)) / 2,
      lossG,
      Math.hypot(...dSamples),
    ]);
    const [dg, dh] = [dSamples[0]! - 2 * dSamples[1]!, dSamples[0]! + dSamples[1]!];
    expect([
      gradientNorms['gradientNorm/discriminator']!,
      gradientNorms['gradientNorm/generator']!,
    ]).toBeAllClose([Math.hypot(dWeight, dBias), Math.hypot(dg, dh)]);
    expect(Object.keys(affineStart).map((name) => scalarOf(variables, name))).toBeAllClose([
      1.5 - 0.5 * dg,
      -0.5 - 0.5 * dh,
      d,
      e,
    ]);
  });

  it('label smoothing and halving change what D minimises, minimax what G does', async () => {
    const { metrics: plain } = await play(affineGame());
    const { metrics: halved } = await play(affineGame({ halved: true }));
    expect([halved['lossD']!]).toBeAllClose([plain['lossD']! / 2]);
    const { metrics: smoothed } = await play(affineGame({ realTarget: 0.9 }));
    // -0.9 log D - 0.1 log(1 - D) is 0.1 l above -log D, on average over both examples.
    expect([smoothed['lossD']!]).toBeAllClose([plain['lossD']! + 0.1 * (0.75 * 2.5 + 0.25)]);
    const { metrics: zeroSum } = await play(affineGame({ loss: minimax }));
    expect(zeroSum['lossD']).toBe(plain['lossD']);
    expect(zeroSum['lossG']).toBeLessThan(0);
  });

  it('R1 is minimised with lossD and not counted in it', async () => {
    const plain = await play(affineGame());
    const penalised = await play(affineGame({ penalties: [r1({ gamma: 0.4 })] }));
    expect([penalised.metrics['lossD']!]).toBeAllClose([plain.metrics['lossD']!]);
    // The penalty 0.2 d^2 pulls on the weight with 0.4 d, and on nothing else of D's.
    const left = (run: PlayedStep, name: string) => scalarOf(run.variables, name);
    expect([left(penalised, 'discriminator/dense1/weight')]).toBeAllClose([
      left(plain, 'discriminator/dense1/weight') - 0.5 * 0.4 * 0.75,
    ]);
    expect([left(penalised, 'discriminator/dense1/bias')]).toBeAllClose([
      left(plain, 'discriminator/dense1/bias'),
    ]);
  });

  it('the average follows G after its update, and D has none', async () => {
    const game = affineGame({ averageDecay: 0.75 });
    const start = { ...affineStart, 'average/generator/dense1/weight': float32([1, 1], [10]) };
    const { variables } = await play(game, affineFeeds, start);
    const weight = scalarOf(variables, 'generator/dense1/weight');
    expect([scalarOf(variables, 'average/generator/dense1/weight')]).toBeAllClose([
      0.75 * 10 + 0.25 * weight,
    ]);
    expect(Object.keys(variables).filter((name) => name.startsWith('average/'))).toEqual([
      'average/generator/dense1/weight',
      'average/generator/dense1/bias',
    ]);
  });

  it("a constraint acts on its own player's parameters, after the update", async () => {
    const game = affineGame();
    const { variables: free } = await play(game);
    const bounded = { ...game, discriminator: { ...game.discriminator, constraint: maxNorm(0.5) } };
    const { variables } = await play(bounded);
    expect(Math.abs(scalarOf(free, 'discriminator/dense1/weight'))).toBeGreaterThan(0.5);
    expect(Math.abs(scalarOf(variables, 'discriminator/dense1/weight'))).toBeCloseTo(0.5, 5);
    expect(Math.abs(scalarOf(variables, 'generator/dense1/weight'))).toBeGreaterThan(0.5);
  });

  it('schedules see epochs, and the updates of their own network', async () => {
    const seen: Record<string, UpdateTime[]> = { generator: [], discriminator: [] };
    const watched = (name: string) =>
      sgd({
        learningRate: (time: UpdateTime) => {
          seen[name]!.push(time);
          return 0;
        },
      });
    const game = affineGame({ k: 2 });
    const { generator, discriminator } = game;
    const watching: Game = {
      ...game,
      generator: { ...generator, optimiser: watched('generator') },
      discriminator: { ...discriminator, optimiser: watched('discriminator') },
    };
    const feeds = {
      ...affineFeeds,
      examples2: affineFeeds.examples,
      'discriminator2/latent': affineFeeds['discriminator/latent'],
    };
    await playSteps(
      (f) => gameStep(watching, f),
      { ...initialVariables(game, 1), ...affineStart },
      [feeds, feeds, feeds],
      {
        stepsPerEpoch: 2,
      },
    );
    expect(seen['generator']).toEqual([
      { update: 0, epoch: 0 },
      { update: 1, epoch: 0 },
      { update: 2, epoch: 1 },
    ]);
    expect(seen['discriminator']!.map(({ update, epoch }) => [update, epoch])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 1],
      [5, 1],
    ]);
  });

  it('one quantity that is not finite is enough to say so', async () => {
    const start = { ...affineStart, 'generator/dense1/bias': float32([1], [Number.NaN]) };
    const { finite, metrics } = await play(affineGame(), affineFeeds, start);
    expect(metrics['D(x)']).toBeGreaterThan(0);
    expect(metrics['D(G(z))']).toBeNaN();
    expect(finite).toBe(false);
    // Overflow: D's logits are 1e38 times 1e3.
    const { finite: overflown } = await play(
      affineGame(),
      {
        ...affineFeeds,
        examples: float32([2, 1], [-3e38, -3e38]),
      },
      { ...affineStart, 'discriminator/dense1/weight': float32([1, 1], [1000]) },
    );
    expect(overflown).toBe(false);
  });
});

describe('pixels', () => {
  const network = (name: string) =>
    sequential(name, [4], [dense({ units: name === 'generator' ? 4 : 1 }), sigmoid()]);
  const optimiser = sgd({ learningRate: 0 });
  const game = (range: 'unit' | 'symmetric'): Game => ({
    ...affineGame(),
    generator: { network: network('generator'), optimiser },
    discriminator: { network: sequential('discriminator', [4], [dense({ units: 1 })]), optimiser },
    examples: { shape: [1, 2, 2], dtype: 'uint8', range },
    batch: 1,
  });
  const start: Tensors = {
    'discriminator/dense1/weight': float32([4, 1], [1, 10, 100, 1000]),
    'discriminator/dense1/bias': float32([1], [0]),
  };
  const feeds: Tensors = {
    examples: { dtype: 'uint8', shape: [1, 1, 2, 2], data: Uint8Array.of(0, 255, 51, 0) },
    'discriminator/latent': float32([1, 4], [0, 0, 0, 0]),
    'generator/latent': float32([1, 4], [0, 0, 0, 0]),
  };

  it.each([
    // The pixels are 0, 1, 1/5 and 0, or -1, 1, -3/5 and -1: the logit shows through D(x).
    ['unit', 0.001, 10 + 20],
    ['symmetric', 0.001, -1 + 10 - 60 - 1000],
  ] as const)('reach D in the range %s', async (range, scale, logit) => {
    const played = game(range);
    const weight = float32(
      [4, 1],
      [1, 10, 100, 1000].map((w) => w * scale),
    );
    const initial = { ...initialVariables(played, 1), ...start, 'discriminator/dense1/weight': weight };
    const [{ metrics }] = (await playSteps((f) => gameStep(played, f), initial, [feeds])) as [PlayedStep];
    expect([metrics['D(x)']!]).toBeAllClose([logistic(scale * logit)]);
  });

  it('come out of the generator in [0, 1], from either range', async () => {
    const sample = async (range: 'unit' | 'symmetric', output: ReturnType<typeof tanh>) => {
      const played: Game = {
        ...game(range),
        generator: { network: sequential('generator', [1], [dense({ units: 4 }), output]), optimiser },
      };
      const variables = {
        'generator/dense1/weight': float32([1, 4], [-40, 0, 1, 40]),
        'generator/dense1/bias': float32([4], [0, 0, 0, 0]),
      };
      const z = input('z', 'float32', ['N', 1]);
      const samples = samplesOf(played, inputsFor(variables), z, false);
      expect(samples.shape).toEqual(['N', 1, 2, 2]);
      const results = await runGraph({ samples }, { ...variables, z: float32([2, 1], [1, 0]) });
      return [...results['samples']!.data].map(Number);
    };
    expect(await sample('unit', sigmoid())).toBeAllClose([0, 0.5, logistic(1), 1, 0.5, 0.5, 0.5, 0.5]);
    expect(await sample('symmetric', tanh())).toBeAllClose([
      0,
      0.5,
      (1 + Math.tanh(1)) / 2,
      1,
      0.5,
      0.5,
      0.5,
      0.5,
    ]);
  });
});

describe('samples', () => {
  it('come from the parameters or from their average', async () => {
    const game = affineGame({ averageDecay: 0.9 });
    const variables: Tensors = {
      'generator/dense1/weight': float32([1, 1], [2]),
      'generator/dense1/bias': float32([1], [0]),
      'average/generator/dense1/weight': float32([1, 1], [3]),
      'average/generator/dense1/bias': float32([1], [1]),
    };
    const z = input('z', 'float32', ['N', 1]);
    const results = await runGraph(
      {
        current: samplesOf(game, inputsFor(variables), z, false),
      },
      {
        'generator/dense1/weight': variables['generator/dense1/weight']!,
        'generator/dense1/bias': variables['generator/dense1/bias']!,
        z: float32([1, 1], [5]),
      },
    );
    expect([...results['current']!.data]).toEqual([10]);
    const averaged = await runGraph(
      { average: samplesOf(game, inputsFor(variables), z, true) },
      {
        'average/generator/dense1/weight': variables['average/generator/dense1/weight']!,
        'average/generator/dense1/bias': variables['average/generator/dense1/bias']!,
        z: float32([1, 1], [5]),
      },
    );
    expect([...averaged['average']!.data]).toEqual([16]);
  });

  it('are a function of z: dropout in a generator does not drop when it samples', () => {
    const game = affineGame({
      generator: {
        network: sequential('generator', [1], [dropout({ include: 0.5 }), dense({ units: 1 })]),
        optimiser: sgd({ learningRate: 1 }),
      },
    });
    const feeds = new Feeds();
    gameStep(game, feeds).updates.map((update) => update.objective(inputsFor(initialVariables(game, 1))));
    expect(feeds.list.map(({ name }) => name)).toEqual([
      'examples',
      'discriminator/latent',
      'discriminator/fake/generator/dropout1/mask',
      'generator/latent',
      'generator/generator/dropout1/mask',
    ]);
    const variables = inputsFor(initialVariables(game, 1));
    expect(samplesOf(game, variables, input('z', 'float32', ['N', 1]), false).shape).toEqual(['N', 1]);
  });
});

describe('initial variables', () => {
  it('are those of both networks, their optimisers and the average', () => {
    const game = affineGame({ averageDecay: 0.9 });
    const withMomentum = {
      ...game,
      discriminator: { ...game.discriminator, optimiser: sgd({ learningRate: 1, momentum: 0.5 }) },
    };
    expect(Object.keys(initialVariables(withMomentum, 1))).toEqual([
      'generator/dense1/weight',
      'generator/dense1/bias',
      'discriminator/dense1/weight',
      'discriminator/dense1/bias',
      'discriminator/dense1/weight/velocity',
      'discriminator/dense1/bias/velocity',
      'average/generator/dense1/weight',
      'average/generator/dense1/bias',
    ]);
  });

  it('depend on the seed alone; the average starts from the parameters', () => {
    const game = affineGame({ averageDecay: 0.9 });
    const variables = initialVariables(game, 7);
    expect(initialVariables(game, 7)).toEqual(variables);
    expect(initialVariables(game, 8)).not.toEqual(variables);
    expect(variables['average/generator/dense1/weight']).toEqual(variables['generator/dense1/weight']);
  });
});
