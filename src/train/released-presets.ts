import type { InitialiserConfig, LayerConfig } from './layer-config.ts';
import type { OptimiserConfig } from './network-config.ts';
import type { LossConfig } from './objective-config.ts';
import type { Preset } from './preset.ts';

// What https://github.com/goodfeli/adversarial holds as YAML, figure by figure: networks, initial weights, dropout, batch,
// learning rates, momentum. What the code behind them does is said where it is done: src/optim/sgd.ts, src/gan/game.ts.

/** Both networks at once, each objective as the released cost has it: non-saturating, D's the mean of its two terms. */
const loss: LossConfig = { name: 'nonSaturating', labelSmoothing: 1, halved: true };

/**
 * SGD as the released recipes set it, which differ in the learning rate only. Pylearn2 moves the momentum between epochs:
 * .5 in the first, then in a straight line to .7 in the 250th.
 */
function sgd(learningRate: number): OptimiserConfig {
  return {
    name: 'sgd',
    learningRate: { exponential: { from: learningRate, divisor: 1.000004, floor: 1e-6 } },
    momentum: { linear: { from: 0.5, to: 0.7, epochs: 249 } },
  };
}

/** The released discriminators: two maxout layers of five pieces, with dropout before every weight matrix. */
function maxoutWithDropout(units: number): readonly LayerConfig[] {
  return [
    { dropout: { include: 0.8 } },
    { maxout: { units, pieces: 5 } },
    { dropout: { include: 0.5 } },
    { maxout: { units, pieces: 5 } },
    { dropout: { include: 0.5 } },
    { dense: 1 },
  ];
}

const generatorInit: InitialiserConfig = { uniform: 0.05 };
const discriminatorInit: InitialiserConfig = { uniform: 0.005 };

/** The bound on the incoming weights of every unit of the TFD recipes. */
const maxNorm = 1.9365;

/** The generator of the first TFD stage, and the end of that of the second. */
const facesFromHidden: readonly LayerConfig[] = [
  { dense: 8000 },
  'relu',
  { dense: 8000, bias: -2 },
  'sigmoid',
  { dense: 'data', init: { sparse: 100 }, bias: 'marginals' },
  'sigmoid',
];

/** What the released recipes have in common. */
const released = {
  seed: 1,
  batch: 100,
  k: 1,
  updateOrder: 'simultaneous',
  latentDim: 100,
  loss,
  penalties: [],
  logEvery: 1,
  gradientNormsEvery: 50,
  device: 'auto',
} as const;

/** A stage of the TFD recipe. A checkpoint of it takes 0.8 GB. */
function tfd(epochs: number, layers: readonly LayerConfig[]) {
  return {
    ...released,
    data: 'tfd',
    epochs,
    latent: 'gaussian',
    range: 'unit',
    generator: { layers, init: generatorInit, optimiser: sgd(0.05), maxNorm },
    discriminator: {
      layers: maxoutWithDropout(1200),
      init: discriminatorInit,
      optimiser: sgd(0.05),
      maxNorm,
    },
    checkpointEvery: 2000,
    sampleEvery: 1000,
  } as const;
}

/** The recipes that the authors of the 2014 paper released, by the names of their presets. */
export const releasedPresets: Readonly<Record<string, Preset>> = {
  'goodfellow2014-mnist': {
    description:
      "the authors' released MNIST recipe of 2014, exactly: both networks at once, SGD, maxout, dropout",
    config: {
      ...released,
      data: 'mnist',
      // The released recipe has no stop of its own; 250 epochs is where its momentum stops rising.
      epochs: 250,
      latent: 'uniform',
      range: 'unit',
      generator: {
        layers: [
          { dense: 1200 },
          'relu',
          { dense: 1200 },
          'relu',
          { dense: 'data', bias: 'marginals' },
          'sigmoid',
        ],
        init: generatorInit,
        optimiser: sgd(0.1),
      },
      discriminator: { layers: maxoutWithDropout(240), init: discriminatorInit, optimiser: sgd(0.1) },
      checkpointEvery: 5000,
      sampleEvery: 2500,
    },
  },
  'goodfellow2014-tfd-pretrain': {
    description:
      "first stage of the authors' released TFD recipe: the generator that the second one builds on",
    config: tfd(50, facesFromHidden),
  },
  'goodfellow2014-tfd': {
    description:
      "second stage of the authors' released TFD recipe: two layers before the pretrained generator",
    config: {
      ...tfd(22, [{ dense: 8000 }, 'relu', { dense: 100, bias: -2 }, 'sigmoid', ...facesFromHidden]),
      pretrained: 'goodfellow2014-tfd-pretrain-1',
    },
  },
  'goodfellow2014-cifar': {
    description: "the authors' released fully connected CIFAR-10 recipe of 2014: 127 million parameters",
    config: {
      ...released,
      data: 'cifar10',
      // As for MNIST: no stop of its own.
      epochs: 250,
      latent: 'gaussian',
      range: { contrast: 55 },
      generator: {
        layers: [
          { dense: 8000 },
          'relu',
          { dense: 8000 },
          'sigmoid',
          { dense: 'data', init: { uniform: 0.5 } },
        ],
        init: generatorInit,
        optimiser: sgd(0.025),
      },
      discriminator: { layers: maxoutWithDropout(1600), init: discriminatorInit, optimiser: sgd(0.025) },
      // A checkpoint takes 1 GB.
      checkpointEvery: 2000,
      sampleEvery: 1000,
    },
  },
  'goodfellow2014-cifar-conv': {
    description: "the authors' released convolutional CIFAR-10 recipe of 2014: 77 million parameters",
    config: {
      ...released,
      data: 'cifar10',
      epochs: 250,
      batch: 128,
      latent: 'gaussian',
      range: { contrast: 55 },
      generator: {
        layers: [
          { dense: 8000 },
          'relu',
          { dense: 8000 },
          'sigmoid',
          { reshape: [80, 10, 10] },
          { convTranspose: { channels: 'data', size: 5, stride: 3, biases: 'untied' } },
        ],
        init: generatorInit,
        optimiser: sgd(0.004),
      },
      discriminator: {
        layers: [
          { dropout: { include: 0.8 } },
          { convMaxout: { channels: 32, pieces: 2, size: 8, padding: 4, pool: { size: 4, stride: 2 } } },
          { dropout: { include: 0.5 } },
          { convMaxout: { channels: 32, pieces: 2, size: 8, padding: 3, pool: { size: 4, stride: 2 } } },
          { dropout: { include: 0.5 } },
          { convMaxout: { channels: 192, pieces: 2, size: 5, padding: 3, pool: { size: 2, stride: 2 } } },
          'flatten',
          { dropout: { include: 0.5 } },
          { maxout: { units: 500, pieces: 5 } },
          { dropout: { include: 0.5 } },
          { dense: 1 },
        ],
        init: discriminatorInit,
        optimiser: sgd(0.004),
      },
      checkpointEvery: 2000,
      sampleEvery: 1000,
    },
  },
};
