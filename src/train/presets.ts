import type { Table } from '../data/table/table.ts';
import { descendantPresets } from './descendant-presets.ts';
import { imagePresets } from './image-presets.ts';
import type { LayerConfig } from './layer-config.ts';
import type { OptimiserConfig } from './network-config.ts';
import type { LossConfig } from './objective-config.ts';
import type { Preset } from './preset.ts';
import { releasedPresets } from './released-presets.ts';
import { tablePreset } from './table-preset.ts';

/** The objectives that practice has settled on; Goodfellow et al. 2014, end of section 3. */
const nonSaturating: LossConfig = { name: 'nonSaturating', labelSmoothing: 1, halved: false };

/** Adam without a first moment, as R3GAN has it (Huang et al. 2024), its rate falling in a straight line to 0. */
function adam(from: number, steps: number): OptimiserConfig {
  return {
    name: 'adam',
    learningRate: { linear: { from, to: 0, steps } },
    beta1: 0,
    beta2: 0.99,
    epsilon: 1e-8,
  };
}

/** The generator of the paper's MNIST experiment, of any width; its output starts at the mean pixel. */
function pixelGenerator(width: number): readonly LayerConfig[] {
  return [
    { dense: width },
    'relu',
    { dense: width },
    'relu',
    { dense: 'data', bias: 'marginals' },
    'sigmoid',
  ];
}

/**
 * Two maxout layers without dropout: the R1 penalty does what dropout did, keeping D from being sure, and lets the
 * generator see every class within minutes (with dropout and Adam it drew nothing but ones after 3,000 steps).
 */
function maxoutWithoutDropout(units: number, pieces: number): readonly LayerConfig[] {
  const maxout: LayerConfig = { maxout: { units, pieces } };
  return [maxout, maxout, { dense: 1 }];
}

/** What the presets share where nothing speaks for another value. */
const common = {
  seed: 1,
  k: 1,
  updateOrder: 'alternating',
  logEvery: 1,
  gradientNormsEvery: 50,
  device: 'auto',
} as const;

/**
 * Networks for points in the plane: three layers of 64, without normalisation. What makes them cover every mode was found
 * by trying: R1, no first moment in Adam, rates that fall to 0, an averaged generator, and a latent of the data's own
 * dimension (16 dimensions leave a tenth more samples between the modes).
 */
function pointGame(steps: number) {
  const optimiser = adam(2e-3, steps);
  const leaky: LayerConfig = { leakyRelu: 0.2 };
  const hidden: LayerConfig = { dense: 64 };
  return {
    steps,
    batch: 128,
    latentDim: 2,
    latent: 'gaussian',
    range: 'data',
    generator: {
      layers: [hidden, 'relu', hidden, 'relu', hidden, 'relu', { dense: 'data' }],
      init: 'he',
      optimiser,
    },
    discriminator: {
      layers: [hidden, leaky, hidden, leaky, hidden, leaky, { dense: 1 }],
      init: 'he',
      optimiser,
    },
    loss: nonSaturating,
    penalties: [{ r1: { gamma: 0.1 } }],
    ema: { decay: 0.999 },
  } as const;
}

/**
 * Fully connected networks for images whose values lie about 0. In [0, 1], where the mean image is the largest direction of
 * all, faces that vary in brightness had not taken shape after 2,000 steps; centred they had. The output layer starts near
 * 0 because fully connected generators are slow to lose the noise of large random weights.
 */
function centredGame(
  steps: number,
  widths: { readonly generator: number; readonly discriminator: number; readonly output?: 'tanh' },
) {
  const optimiser = adam(1e-3, steps);
  const hidden: LayerConfig = { dense: widths.generator };
  const output: LayerConfig = { dense: 'data', init: { normal: 0.01 } };
  const last = widths.output === undefined ? [] : [widths.output];
  return {
    steps,
    batch: 64,
    latentDim: 100,
    latent: 'gaussian',
    generator: { layers: [hidden, 'relu', hidden, 'relu', output, ...last], init: 'he', optimiser },
    discriminator: {
      layers: maxoutWithoutDropout(widths.discriminator, 4),
      init: 'glorot',
      optimiser,
    },
    ema: { decay: 0.999 },
  } as const;
}

/** The layers of the paper's MNIST experiment, trained as practice has come to train. */
function mnistGame(steps: number) {
  return {
    ...common,
    data: 'mnist',
    steps,
    batch: 100,
    latentDim: 100,
    latent: 'gaussian',
    range: 'unit',
    generator: { layers: pixelGenerator(1200), init: 'glorot', optimiser: adam(7e-4, steps) },
    discriminator: { layers: maxoutWithoutDropout(240, 5), init: 'glorot', optimiser: adam(7e-4, steps) },
    loss: nonSaturating,
    penalties: [{ r1: { gamma: 2 } }],
  } as const;
}

/** The presets by name, in the order of `train --help`; the first is the default. */
export const presets: Readonly<Record<string, Preset>> = {
  digits: {
    description: 'the embedded handwritten-looking digits, small networks: about a minute on 2 cores',
    config: {
      ...common,
      data: 'digits',
      steps: 4000,
      batch: 64,
      latentDim: 64,
      latent: 'gaussian',
      range: 'unit',
      generator: { layers: pixelGenerator(512), init: 'glorot', optimiser: adam(1e-3, 4000) },
      discriminator: { layers: maxoutWithoutDropout(128, 4), init: 'glorot', optimiser: adam(1e-3, 4000) },
      loss: nonSaturating,
      penalties: [{ r1: { gamma: 2 } }],
      ema: { decay: 0.995 },
      checkpointEvery: 500,
      sampleEvery: 250,
    },
  },
  mnist: {
    description:
      "MNIST with the paper's networks and a modern recipe: R1 instead of dropout, Adam, weight averaging",
    config: {
      ...mnistGame(10_000),
      ema: { decay: 0.999 },
      checkpointEvery: 1000,
      sampleEvery: 500,
    },
  },
  'mnist-long': {
    description: 'mnist four times as long, with a slower average: for the Parzen window of table 1',
    config: {
      ...mnistGame(40_000),
      ema: { decay: 0.9995 },
      checkpointEvery: 2500,
      sampleEvery: 2500,
    },
  },
  faces: {
    description:
      '48 x 48 faces: fully connected networks that see pixels about 0, and the modern recipe; minutes on 2 cores',
    config: {
      ...common,
      ...centredGame(6000, { generator: 600, discriminator: 160, output: 'tanh' }),
      data: 'faces',
      range: 'symmetric',
      // 1400 faces are soon known by heart: D has to be held back, and training to end early.
      loss: nonSaturating,
      penalties: [{ r1: { gamma: 30 } }],
      checkpointEvery: 500,
      sampleEvery: 250,
    },
  },
  cifar10: {
    description:
      'CIFAR-10 in small: fully connected networks, the modern recipe; about half an hour on a single core',
    config: {
      ...common,
      ...centredGame(12_000, { generator: 1000, discriminator: 240 }),
      data: 'cifar10',
      range: { contrast: 55 },
      loss: nonSaturating,
      penalties: [{ r1: { gamma: 15 } }],
      checkpointEvery: 1000,
      sampleEvery: 500,
    },
  },
  ...imagePresets,
  ...releasedPresets,
  ...descendantPresets,
  ring8: {
    description:
      'eight Gaussians on a ring, where a plain GAN collapses: R1, falling learning rate, weight averaging',
    config: { ...common, data: 'ring8', ...pointGame(8000), checkpointEvery: 1000, sampleEvery: 250 },
  },
  grid25: {
    description: '25 Gaussians on a grid, as ring8 with more modes to cover',
    config: { ...common, data: 'grid25', ...pointGame(16_000), checkpointEvery: 2000, sampleEvery: 500 },
  },
  table: tablePreset,
};

/** Presets for the data sets that have none of their own name. */
const suited: ReadonlyMap<unknown, string> = new Map([
  ['fashion-mnist', 'mnist'],
  ['tfd', 'faces'],
  ['swissroll', 'ring8'],
  ['gaussians-1d', 'ring8'],
]);

/** What of a data set says which preset suits it. */
export interface SuitedFacts {
  readonly kind: 'images' | 'points';
  /** Images `[C, H, W]`, points `[d]`. */
  readonly exampleShape: readonly number[];
  /** Of points that are the rows of a table: its columns. */
  readonly table?: Table;
}

/** The largest grey images that the networks of the digits are for. */
const DIGIT_SIZE = 28;

/** The preset for data of the user's own, by what it is. */
function suitedTo({ kind, exampleShape, table }: SuitedFacts): string {
  if (table) return 'table';
  if (kind === 'points') return 'ring8';
  const [channels, height, width] = exampleShape as readonly [number, number, number];
  if (channels === 1 && Math.max(height, width) <= DIGIT_SIZE) return 'digits';
  const side = Math.max(height, width);
  if (side < 64) return 'images';
  return side < 128 ? 'images-64' : 'images-128';
}

/**
 * The preset to start from where only the data is named: for data of the user's own by what it is, where that is known, and
 * else the default one.
 */
export function presetFor(data: unknown, facts?: SuitedFacts): string {
  // A fold of a set suits what the set does: faces:3.
  const name = typeof data === 'string' ? data.replace(/:\d+$/, '') : data;
  if (typeof name === 'string' && Object.hasOwn(presets, name)) return name;
  return suited.get(name) ?? (facts ? suitedTo(facts) : 'digits');
}
