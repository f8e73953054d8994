import type { LayerConfig } from './layer-config.ts';
import type { OptimiserConfig } from './network-config.ts';
import type { Preset } from './preset.ts';

const STEPS = 15_000;

/**
 * Adam at 1e-3 without momentum, which falls in a straight line to 0 in the second half: chosen among candidates on four data
 * sets, docs/image-presets.md.
 */
const optimiser: OptimiserConfig = {
  name: 'adam',
  learningRate: { linear: { from: 1e-3, to: 0, steps: STEPS, startAt: STEPS / 2 } },
  beta1: 0,
  beta2: 0.99,
  epsilon: 1e-8,
};

/** A kernel of side 4 that halves or doubles the sides of an image. */
const halving = { size: 4, stride: 2, padding: 1 } as const;

/**
 * DCGAN's generator with batch norm against a discriminator without norms, which R1 keeps gentle and DiffAugment from knowing
 * a few hundred photos by heart.
 *
 * @param widths - channels beside the image, and at each halving of its sides
 * @param gamma - weight of R1; its squared norm adds up over pixels, so it grows with their number
 */
function imageGame(widths: readonly number[], gamma: number) {
  const outwards = widths.toReversed();
  const generator: LayerConfig[] = [
    { project: { channels: outwards[0]!, factor: 2 ** widths.length } },
    'batchNorm',
    'relu',
    ...outwards
      .slice(1)
      .flatMap((channels): LayerConfig[] => [
        { convTranspose: { channels, ...halving, biases: 'none' } },
        'batchNorm',
        'relu',
      ]),
    { convTranspose: { channels: 'data', ...halving } },
    'crop',
    'tanh',
  ];
  const discriminator: LayerConfig[] = [
    ...widths.flatMap((channels): LayerConfig[] => [{ conv: { channels, ...halving } }, { leakyRelu: 0.2 }]),
    'flatten',
    { dense: 1 },
  ];
  return {
    seed: 1,
    data: 'cifar10',
    steps: STEPS,
    batch: 64,
    k: 1,
    updateOrder: 'alternating',
    latentDim: 100,
    latent: 'gaussian',
    range: 'symmetric',
    generator: { layers: generator, init: { normal: 0.02 }, optimiser },
    discriminator: { layers: discriminator, init: 'he', optimiser },
    loss: { name: 'nonSaturating', labelSmoothing: 1, halved: false },
    penalties: [{ r1: { gamma, every: 8 } }],
    augment: 'color,translation,cutout',
    ema: { halfLife: 20_000, rampUp: 0.05 },
    checkpointEvery: 1000,
    sampleEvery: 500,
    logEvery: 1,
    gradientNormsEvery: 50,
    device: 'auto',
  } as const;
}

/** Small convolutional nets for a user's own images, by the names of their presets. */
export const imagePresets: Readonly<Record<string, Preset>> = {
  images: {
    description:
      'images of about 32 x 32, such as a folder of photos: small convolutional nets with DiffAugment; half an hour',
    config: imageGame([32, 64, 128], 0.05),
  },
  'images-64': {
    description: 'images of about 64 x 64: one halving more than images; hours on 2 cores',
    config: imageGame([32, 64, 128, 256], 0.2),
  },
  'images-128': {
    description:
      'images of about 128 x 128: two halvings more, narrower beside the image; many hours on 2 cores',
    config: imageGame([16, 32, 64, 128, 256], 0.8),
  },
};
