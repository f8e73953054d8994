import type { InitialiserConfig, LayerConfig } from './layer-config.ts';
import type { NetworkConfig, OptimiserConfig } from './network-config.ts';
import type { LossConfig } from './objective-config.ts';
import type { Preset } from './preset.ts';

// Each has the objective, the optimiser and the networks' form of its paper at 32 x 32; widths are a quarter of DCGAN's, so that
// a few thousand steps pass on two cores. Where a paper's own figure is another one, the description says so.

/** A loss without any of its options. */
function loss(name: string): LossConfig {
  return { name, labelSmoothing: 1, halved: false };
}

function adam(learningRate: number, beta1: number, beta2: number): OptimiserConfig {
  return { name: 'adam', learningRate, beta1, beta2, epsilon: 1e-8 };
}

const leaky: LayerConfig = { leakyRelu: 0.2 };

/** A kernel of side 4 that halves or doubles the sides of an image. */
const halving = { size: 4, stride: 2, padding: 1 } as const;

/** DCGAN's initial weights. */
const narrow: InitialiserConfig = { normal: 0.02 };

/** DCGAN's batch norm. */
const norm: LayerConfig = { batchNorm: { gainDeviation: 0.02 } };

/** Channels of the networks from the image inwards. */
const widths = [64, 128, 256] as const;

/** DCGAN's generator: projected to 4 x 4, then doubled to 32 x 32. */
function transposed(input: readonly LayerConfig[] = []): readonly LayerConfig[] {
  const doubling = (channels: number | 'data', biases: 'tied' | 'none'): LayerConfig => ({
    convTranspose: { channels, ...halving, biases },
  });
  return [
    ...input,
    { project: { channels: widths[2], factor: 8 } },
    norm,
    'relu',
    doubling(widths[1], 'none'),
    norm,
    'relu',
    doubling(widths[0], 'none'),
    norm,
    'relu',
    doubling('data', 'tied'),
    'crop',
    'tanh',
  ];
}

/** DCGAN's discriminator, or a critic without norms. */
function strided(hasNorm: boolean, head: LayerConfig = { dense: 1 }): readonly LayerConfig[] {
  const blocks = widths.flatMap((channels, level): LayerConfig[] => {
    const normed = hasNorm && level > 0;
    const conv = { channels, ...halving, ...(normed ? { biases: 'none' as const } : {}) };
    return [{ conv }, ...(normed ? [norm] : []), leaky];
  });
  return [...blocks, 'flatten', head];
}

/** SN-GAN's standard network: pairs of a 3 x 3 and a halving kernel, every weight normalised. */
function spectral(): readonly LayerConfig[] {
  const kernel = (channels: number, window: { size: number; stride?: number; padding: number }) =>
    [{ spectralNorm: { conv: { channels, ...window } } }, { leakyRelu: 0.1 }] as const;
  return [
    ...widths.flatMap((channels) => [
      ...kernel(channels / 2, { size: 3, padding: 1 }),
      ...kernel(channels, halving),
    ]),
    'flatten',
    { spectralNorm: { dense: 1 } },
  ];
}

/** Residual networks as the code of R1's paper has them in small: no norm on either side. */
const residualGenerator: readonly LayerConfig[] = [
  { project: { channels: 128, factor: 8 } },
  ...[128, 64, 32].map(
    (channels): LayerConfig => ({ residual: { channels, resample: 'up', activation: leaky } }),
  ),
  leaky,
  { conv: { channels: 'data', size: 3, padding: 1 } },
  'crop',
  'tanh',
];
const residualDiscriminator: readonly LayerConfig[] = [
  ...[32, 64, 128].map(
    (channels, level): LayerConfig => ({
      residual: { channels, resample: 'down', activation: leaky, first: level === 0 },
    }),
  ),
  leaky,
  'flatten',
  { dense: 1 },
];

/** R3GAN's blocks in small: grouped bottlenecks, 1 x 1 kernels where the number of channels changes, bilinear resampling. */
const bottleneck: LayerConfig = { bottleneck: { groups: 4, blocks: 4 } };
const small = [128, 64, 32] as const;
const bottleneckGenerator: readonly LayerConfig[] = [
  { project: { channels: 128, factor: 8 } },
  bottleneck,
  ...small.flatMap((channels): LayerConfig[] => [
    { conv: { channels, size: 1, biases: 'none' } },
    { upsample: 2, interpolation: 'bilinear' },
    bottleneck,
  ]),
  { conv: { channels: 'data', size: 1 } },
  'crop',
];
const bottleneckDiscriminator: readonly LayerConfig[] = [
  { conv: { channels: 32, size: 1 } },
  ...[64, 128, 128].flatMap((channels): LayerConfig[] => [
    bottleneck,
    { averagePool: { size: 2 } },
    { conv: { channels, size: 1, biases: 'none' } },
  ]),
  bottleneck,
  'flatten',
  { dense: 1 },
];

/** What they have in common. */
const common = {
  seed: 1,
  data: 'cifar10',
  steps: 10_000,
  updateOrder: 'alternating',
  latentDim: 100,
  latent: 'gaussian',
  range: 'symmetric',
  penalties: [],
  checkpointEvery: 1000,
  sampleEvery: 500,
  logEvery: 1,
  gradientNormsEvery: 50,
  device: 'auto',
} as const;

function player(
  layers: readonly LayerConfig[],
  init: InitialiserConfig,
  optimiser: OptimiserConfig,
): NetworkConfig {
  return { layers, init, optimiser };
}

/** DCGAN's networks and recipe with a loss. */
function dcgan(name: string) {
  const optimiser = adam(2e-4, 0.5, 0.999);
  return {
    ...common,
    batch: 128,
    k: 1,
    latent: 'uniform',
    generator: player(transposed(), narrow, optimiser),
    discriminator: player(strided(true), narrow, optimiser),
    loss: loss(name),
  } as const;
}

/** A fall over the whole run, as R3GAN lets its settings fall. */
function falling(from: number, to: number) {
  return { cosine: { from, to, steps: common.steps } };
}

/** The descendants of the 2014 game by the names of their presets. */
export const descendantPresets: Readonly<Record<string, Preset>> = {
  dcgan: {
    description: 'DCGAN (Radford et al. 2015): strided kernels, batch norm, Adam with beta1 .5',
    source: 'https://arxiv.org/abs/1511.06434; z has variance 1 here, U(-1, 1) there',
    config: dcgan('nonSaturating'),
  },
  lsgan: {
    description: 'LSGAN (Mao et al. 2017): least squares to the labels 1 and 0, with the networks of dcgan',
    source: 'https://arxiv.org/abs/1611.04076',
    config: dcgan('leastSquares'),
  },
  wgan: {
    description:
      'WGAN (Arjovsky et al. 2017): a critic of clipped weights, five updates of it for one of G, RMSProp',
    source:
      "https://arxiv.org/abs/1701.07875; without the 100 updates of the first 25 steps that the paper's code makes",
    config: {
      ...common,
      batch: 64,
      k: 5,
      generator: player(transposed(), narrow, {
        name: 'rmsprop',
        learningRate: 5e-5,
        decay: 0.99,
        epsilon: 1e-8,
      }),
      discriminator: {
        ...player(strided(true), narrow, { name: 'rmsprop', learningRate: 5e-5, decay: 0.99, epsilon: 1e-8 }),
        weightClip: 0.01,
      },
      loss: loss('wasserstein'),
    },
  },
  'wgan-gp': {
    description:
      'WGAN-GP (Gulrajani et al. 2017): gradient penalty 10 between data and samples, no norm in the critic',
    source:
      'https://arxiv.org/abs/1704.00028, algorithm 1: Adam 1e-4 with betas 0 and .9, five updates of the critic',
    config: {
      ...common,
      batch: 64,
      k: 5,
      generator: player(transposed(), narrow, adam(1e-4, 0, 0.9)),
      discriminator: player(strided(false), 'he', adam(1e-4, 0, 0.9)),
      loss: loss('wasserstein'),
      penalties: [{ gradientPenalty: { weight: 10, target: 1 } }],
    },
  },
  sngan: {
    description: 'SN-GAN (Miyato et al. 2018): hinge loss, spectral norm on every weight of D',
    source:
      'https://arxiv.org/abs/1802.05957: the standard network, Adam 2e-4 with betas 0 and .9, five updates of D',
    config: {
      ...common,
      batch: 64,
      k: 5,
      generator: player(transposed(), narrow, adam(2e-4, 0, 0.9)),
      discriminator: player(spectral(), narrow, adam(2e-4, 0, 0.9)),
      loss: loss('hinge'),
    },
  },
  r1: {
    description:
      'R1 (Mescheder et al. 2018): residual networks without norms, gradient penalty on data, an averaged G',
    source: 'https://arxiv.org/abs/1801.04406: gamma 10, RMSProp 1e-4, z of 256 numbers, average .999',
    config: {
      ...common,
      batch: 64,
      k: 1,
      latentDim: 256,
      generator: player(residualGenerator, 'he', {
        name: 'rmsprop',
        learningRate: 1e-4,
        decay: 0.99,
        epsilon: 1e-8,
      }),
      discriminator: player(residualDiscriminator, 'he', {
        name: 'rmsprop',
        learningRate: 1e-4,
        decay: 0.99,
        epsilon: 1e-8,
      }),
      loss: loss('nonSaturating'),
      penalties: [{ r1: { gamma: 10 } }],
      ema: { decay: 0.999 },
    },
  },
  'r3gan-small': {
    description:
      'R3GAN (Huang et al. 2024) in small: relativistic pairs, R1 and R2 in every step, ADA, no norms',
    source:
      'https://arxiv.org/abs/2501.05441: gamma .05 to .005 and Adam 2e-4 to 5e-5 as for CIFAR-10; beta2 stays at .99 here, rises from .9 there',
    config: {
      ...common,
      batch: 64,
      k: 1,
      latentDim: 64,
      generator: player(bottleneckGenerator, 'he', {
        ...adam(2e-4, 0, 0.99),
        learningRate: falling(2e-4, 5e-5),
      }),
      discriminator: player(bottleneckDiscriminator, 'he', {
        ...adam(2e-4, 0, 0.99),
        learningRate: falling(2e-4, 5e-5),
      }),
      loss: loss('relativistic'),
      penalties: [{ r1: { gamma: falling(0.05, 0.005) } }, { r2: { gamma: falling(0.05, 0.005) } }],
      augment: { ada: { target: 0.6, speed: 500_000, max: 0.55, transforms: ['xflip', 'rotate90', 'xint'] } },
      ema: { halfLife: 20_000, rampUp: 0.05 },
    },
  },
  cgan: {
    description:
      'conditional nets (Mirza and Osindero 2014): the class goes into G and D beside z and the image',
    source: 'https://arxiv.org/abs/1411.1784; optimiser and penalty are those of the preset mnist',
    config: {
      ...common,
      data: 'mnist',
      batch: 100,
      k: 1,
      range: 'unit',
      labels: 'uniform',
      generator: player(
        [
          'concatLabels',
          { dense: 1200 },
          'relu',
          { dense: 1200 },
          'relu',
          { dense: 'data', bias: 'marginals' },
          'sigmoid',
        ],
        'glorot',
        { ...adam(7e-4, 0, 0.99), learningRate: { linear: { from: 7e-4, to: 0, steps: common.steps } } },
      ),
      discriminator: player(
        [
          'flatten',
          'concatLabels',
          { maxout: { units: 240, pieces: 5 } },
          { maxout: { units: 240, pieces: 5 } },
          { dense: 1 },
        ],
        'glorot',
        { ...adam(7e-4, 0, 0.99), learningRate: { linear: { from: 7e-4, to: 0, steps: common.steps } } },
      ),
      loss: loss('nonSaturating'),
      penalties: [{ r1: { gamma: 2 } }],
      ema: { decay: 0.999 },
    },
  },
  acgan: {
    description: 'ACGAN (Odena et al. 2017): D names the class as well, and G is paid for what D names right',
    source: 'https://arxiv.org/abs/1610.09585; the networks of dcgan',
    config: {
      ...common,
      data: 'fashion-mnist',
      batch: 100,
      k: 1,
      labels: 'uniform',
      generator: player(transposed(['concatLabels']), narrow, adam(2e-4, 0.5, 0.999)),
      discriminator: player(strided(true, 'auxiliaryClassifier'), narrow, adam(2e-4, 0.5, 0.999)),
      loss: loss('nonSaturating'),
    },
  },
};
