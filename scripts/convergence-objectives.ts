import type { Dynamics } from '../src/theory/dirac-gan.ts';

/** A data set of points that an objective is tried on. */
export type PointSet = 'ring8' | 'grid25';

/** An objective with the settings of its paper, as what is said over the presets `ring8` and `grid25`. */
export interface Objective {
  readonly name: string;
  /** Loss, penalty and constraint in words. */
  readonly what: string;
  /** The optimiser, and what else is set. */
  readonly how: string;
  /** Assignments of a config. @param steps - length of the training */
  settings(steps: number): readonly string[];
  /** Discriminator updates a step. Default 1. */
  readonly k?: number;
  /** The method of the Dirac-GAN that it is there, and how its players take turns. */
  readonly dirac?: readonly [method: string, dynamics: Dynamics];
}

/** Steps of generators whose discriminator makes one update a step; with k updates a step there are 2 / k as many. */
export const lengths: Readonly<Record<PointSet, number>> = { ring8: 8000, grid25: 20_000 };

/** How many steps an objective is trained for. */
export function stepsOf({ k = 1 }: Objective, set: PointSet): number {
  return k === 1 ? lengths[set] : Math.round((2 * lengths[set]) / k);
}

function optimisers(config: object): string[] {
  const text = JSON.stringify(config);
  return [`generator.optimiser=${text}`, `discriminator.optimiser=${text}`];
}

const adam = (learningRate: unknown, beta1: number, beta2: number): string[] =>
  optimisers({ name: 'adam', learningRate, beta1, beta2 });

const falling = (from: number, steps: number): unknown => ({ linear: { from, to: 0, steps } });

const loss = (name: string): string => `loss.name=${name}`;

const penalties = (...list: readonly object[]): string => `penalties=${JSON.stringify(list)}`;

const leaky = { leakyRelu: 0.2 };
const spectral = { spectralNorm: { dense: 64 } };
const spectralLayers = [spectral, leaky, spectral, leaky, spectral, leaky, { spectralNorm: { dense: 1 } }];

/** Adam as DCGAN and most papers after it have it, with five times their rate of 2e-4: these networks are small. */
const usual = adam(1e-3, 0.5, 0.999);

/** Every objective of the table, in the order of its rows. */
export const objectives: readonly Objective[] = [
  {
    name: 'minimax',
    what: 'minimax',
    how: 'Adam 1e-3 (.5, .999)',
    settings: () => [loss('minimax'), penalties(), ...usual],
    dirac: ['GAN', 'alternating'],
  },
  {
    name: 'non-saturating',
    what: 'nonSaturating',
    how: 'Adam 1e-3 (.5, .999), as DCGAN',
    settings: () => [loss('nonSaturating'), penalties(), ...usual],
    dirac: ['NSGAN', 'alternating'],
  },
  {
    name: 'LSGAN',
    what: 'leastSquares',
    how: 'Adam 1e-3 (.5, .999)',
    settings: () => [loss('leastSquares'), penalties(), ...usual],
  },
  {
    name: 'PacGAN',
    what: 'nonSaturating, pack 2',
    how: 'Adam 1e-3 (.5, .999)',
    settings: () => [loss('nonSaturating'), penalties(), 'pack=2', ...usual],
  },
  {
    name: 'instance noise',
    what: 'nonSaturating, noise .5 falling to 0',
    how: 'Adam 1e-3 (.5, .999)',
    settings: (steps) => [
      loss('nonSaturating'),
      penalties(),
      `instanceNoise=${JSON.stringify(falling(0.5, steps))}`,
      ...usual,
    ],
    dirac: ['instance noise', 'alternating'],
  },
  {
    name: 'consensus',
    what: 'nonSaturating, consensus 1',
    how: 'both at once, RMSprop 1e-3',
    settings: () => [
      loss('nonSaturating'),
      penalties(),
      'updateOrder=simultaneous',
      'loss.consensus=1',
      ...optimisers({ name: 'rmsprop', learningRate: 1e-3 }),
    ],
    dirac: ['consensus', 'simultaneous'],
  },
  {
    name: 'WGAN',
    what: 'wasserstein, weights clipped to .1',
    how: 'RMSprop 5e-4, k = 5',
    k: 5,
    settings: () => [
      loss('wasserstein'),
      penalties(),
      'discriminator.weightClip=0.1',
      'k=5',
      ...optimisers({ name: 'rmsprop', learningRate: 5e-4 }),
    ],
    dirac: ['WGAN', 'alternating'],
  },
  {
    name: 'WGAN-GP',
    what: 'wasserstein, gradientPenalty of weight .1',
    how: 'Adam 2e-3 (.5, .9), falling to 0, k = 5',
    k: 5,
    settings: (steps) => [
      loss('wasserstein'),
      penalties({ gradientPenalty: { weight: 0.1 } }),
      'k=5',
      ...adam(falling(2e-3, steps), 0.5, 0.9),
    ],
    dirac: ['WGAN-GP', 'alternating'],
  },
  {
    name: 'SN-GAN',
    what: 'hinge, spectral norm on all of D',
    how: 'Adam 2e-3 (0, .9), falling to 0, k = 5',
    k: 5,
    settings: (steps) => [
      loss('hinge'),
      penalties(),
      `discriminator.layers=${JSON.stringify(spectralLayers)}`,
      'k=5',
      ...adam(falling(2e-3, steps), 0, 0.9),
    ],
  },
  {
    name: 'DRAGAN',
    what: 'nonSaturating, dragan of weight .1',
    how: 'Adam 1e-3 (.5, .9)',
    settings: () => [loss('nonSaturating'), penalties({ dragan: { weight: 0.1 } }), ...adam(1e-3, 0.5, 0.9)],
  },
  {
    name: 'zero-centred GP',
    what: 'nonSaturating, zeroCentredGradientPenalty of weight .1',
    how: 'Adam 2e-3 (0, .99), falling to 0',
    settings: (steps) => [
      loss('nonSaturating'),
      penalties({ zeroCentredGradientPenalty: { weight: 0.1 } }),
      ...adam(falling(2e-3, steps), 0, 0.99),
    ],
  },
  {
    name: 'R1',
    what: 'nonSaturating, r1 of gamma .1',
    how: 'Adam 2e-3 (0, .99), falling to 0: the presets',
    settings: (steps) => [
      loss('nonSaturating'),
      penalties({ r1: { gamma: 0.1 } }),
      ...adam(falling(2e-3, steps), 0, 0.99),
    ],
    dirac: ['NSGAN + R1', 'alternating'],
  },
  {
    name: 'lazy R1',
    what: 'nonSaturating, r1 of gamma .1 every 8 steps',
    how: 'as R1',
    settings: (steps) => [
      loss('nonSaturating'),
      penalties({ r1: { gamma: 0.1, every: 8 } }),
      ...adam(falling(2e-3, steps), 0, 0.99),
    ],
  },
  {
    name: 'R3GAN',
    what: 'relativistic, r1 and r2 of gamma .1',
    how: 'Adam 2e-3 (0, .99), falling to 0',
    settings: (steps) => [
      loss('relativistic'),
      penalties({ r1: { gamma: 0.1 } }, { r2: { gamma: 0.1 } }),
      ...adam(falling(2e-3, steps), 0, 0.99),
    ],
  },
];
