import type { Game } from '../src/gan/game.ts';
import { initialVariables } from '../src/gan/game.ts';
import { gaussian } from '../src/gan/latent.ts';
import { nonSaturating } from '../src/gan/losses/cross-entropy.ts';
import { elementCount, type Tensors } from '../src/graph/tensor.ts';
import { relu, sigmoid, tanh } from '../src/nn/activations.ts';
import { dense } from '../src/nn/dense.ts';
import type { Layer } from '../src/nn/layer.ts';
import { sequential } from '../src/nn/sequential.ts';
import { sgd } from '../src/optim/sgd.ts';

/** What differs between the games that tests look at. */
export interface TinyGameOptions {
  readonly shape: readonly number[];
  readonly range: Game['examples']['range'];
  readonly latent?: Game['latent'];
  readonly averageDecay?: number;
  /** Last layer of the generator. Default: what keeps it in the range. */
  readonly output?: readonly Layer[];
}

/** The length of z in every tiny game. */
export const LATENT_DIM = 5;

const outputs = { unit: [sigmoid()], symmetric: [tanh()], data: [] };

/** A game with a generator of two dense layers, 5 -> 12 -> example, on images or points. */
export function tinyGame({ shape, range, latent = gaussian, averageDecay, output }: TinyGameOptions): Game {
  const size = elementCount(shape);
  const player = { optimiser: sgd({ learningRate: 0.1 }) };
  const last = output ?? (typeof range === 'string' ? outputs[range] : []);
  const layers = [dense({ units: 12 }), relu(), dense({ units: size }), ...last];
  return {
    generator: { ...player, network: sequential('generator', [LATENT_DIM], layers) },
    discriminator: { ...player, network: sequential('discriminator', [size], [dense({ units: 1 })]) },
    latent,
    loss: nonSaturating,
    examples: { shape, dtype: range === 'data' ? 'float32' : 'uint8', range },
    batch: 4,
    ...(averageDecay === undefined ? {} : { averageDecay }),
  };
}

/** Variables as if trained: biases are not zero, and an average differs from what it follows. */
export function trainedVariables(game: Game): Tensors {
  const initial = initialVariables(game, 3);
  return Object.fromEntries(
    Object.entries(initial).map(([name, tensor], i) => {
      const data = Float32Array.from(
        tensor.data as Float32Array,
        (w, j) => 1.5 * w + Math.sin(7 * i + j) / 4,
      );
      return [name, { ...tensor, data }];
    }),
  );
}

/** The generator of `tinyGame` by hand in float64, before its last activation: [n, size]. */
export function generateByHand(variables: Tensors, z: Float32Array, prefix = ''): Float64Array {
  const affine = (x: ArrayLike<number>, layer: string): Float64Array => {
    const weight = variables[`${prefix}generator/${layer}/weight`]!;
    const bias = variables[`${prefix}generator/${layer}/bias`]!;
    const [inputs, units] = weight.shape as [number, number];
    const rows = x.length / inputs;
    return Float64Array.from({ length: rows * units }, (_, at) => {
      const [row, unit] = [Math.floor(at / units), at % units];
      let sum = Number(bias.data[unit]);
      for (let i = 0; i < inputs; i++) sum += x[row * inputs + i]! * Number(weight.data[i * units + unit]);
      return sum;
    });
  };
  const hidden = affine(z, 'dense1').map((value) => Math.max(value, 0));
  return affine(hidden, 'dense2');
}
