import { datasetFromArray } from '../src/data/array-dataset.ts';
import type { FiniteDataset } from '../src/data/dataset.ts';
import type { Game } from '../src/gan/game.ts';
import { gradientPenalty } from '../src/gan/penalties/gradient-penalty.ts';
import { r1 } from '../src/gan/penalties/zero-centred.ts';
import type { Penalty } from '../src/gan/penalty.ts';
import { leakyRelu, relu, tanh } from '../src/nn/activations.ts';
import { batchNorm } from '../src/nn/batch-norm.ts';
import { conv, convTranspose } from '../src/nn/conv.ts';
import { dense } from '../src/nn/dense.ts';
import { normal } from '../src/nn/initialisers.ts';
import type { Layer } from '../src/nn/layer.ts';
import { flatten, reshape } from '../src/nn/reshaping.ts';
import { adam } from '../src/optim/adam.ts';
import { fillBits } from '../src/random/threefry.ts';
import { defineGame } from '../src/train/define-game.ts';
import type { StepOptions } from './protocol.ts';

const LATENT = 100;
const WIDTH = 64;
const IMAGES = 2000;

/** Colour images of noise: the arithmetic does not depend on the pixels. */
export function colourNoise({ size }: StepOptions): Promise<FiniteDataset> {
  const words = new Uint32Array((IMAGES * 3 * size * size) / 4);
  fillBits({ seed: 1, stream: 0 }, 0, words);
  const data = new Uint8Array(words.buffer);
  return datasetFromArray({ dtype: 'uint8', shape: [IMAGES, 3, size, size], data }, { name: 'noise' });
}

/** The common definition of a DCGAN step, as pytorch_dcgan.py has it. */
export function dcganGame(options: StepOptions, dataset: FiniteDataset): Game {
  const { size, batch, penalty } = options;
  const weight = normal(0.02);
  const channels = Array.from({ length: Math.log2(size) - 2 }, (_, level) => WIDTH * 2 ** level);
  const widest = channels.at(-1)!;
  const move = { size: 4, stride: 2, padding: 1, weight } as const;
  const generator: Layer[] = [
    // A transposed convolution of one pixel is a matrix product.
    dense({ units: widest * 16, weight }),
    reshape([widest, 4, 4]),
    batchNorm(),
    relu(),
    ...channels
      .slice(0, -1)
      .reverse()
      .flatMap((wide) => [convTranspose({ ...move, channels: wide, biases: 'none' }), batchNorm(), relu()]),
    convTranspose({ ...move, channels: 3 }),
    tanh(),
  ];
  const discriminator: Layer[] = [
    ...channels.flatMap((wide, level) => {
      const hasNorm = penalty === 'none' && level > 0;
      const convolution = conv({ ...move, channels: wide, biases: hasNorm ? 'none' : 'tied' });
      return [convolution, ...(hasNorm ? [batchNorm()] : []), leakyRelu(0.2)];
    }),
    flatten(),
    dense({ units: 1, weight }),
  ];
  const optimiser = adam({ learningRate: 2e-4, beta1: 0.5 });
  return defineGame(dataset, {
    generator: { layers: generator, optimiser },
    discriminator: { layers: discriminator, optimiser },
    latentDim: LATENT,
    range: 'symmetric',
    batch,
    penalties: penaltiesOf(penalty),
  });
}

function penaltiesOf(penalty: StepOptions['penalty']): readonly Penalty[] {
  if (penalty === 'none') return [];
  return [penalty === 'r1' ? r1({ gamma: 10 }) : gradientPenalty({ weight: 10 })];
}
