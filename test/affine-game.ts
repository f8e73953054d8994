import type { Game } from '../src/gan/game.ts';
import { gaussian } from '../src/gan/latent.ts';
import { nonSaturating } from '../src/gan/losses/cross-entropy.ts';
import { dense } from '../src/nn/dense.ts';
import { sequential } from '../src/nn/sequential.ts';
import { sgd } from '../src/optim/sgd.ts';

/** A game of one-dimensional affine players, `G(z) = g z + h` and `D(x) = d x + e`, which a hand can play. */
export function affineGame(options: Partial<Game> = {}): Game {
  const optimiser = sgd({ learningRate: 0.5 });
  return {
    generator: { network: sequential('generator', [1], [dense({ units: 1 })]), optimiser },
    discriminator: { network: sequential('discriminator', [1], [dense({ units: 1 })]), optimiser },
    latent: gaussian,
    loss: nonSaturating,
    examples: { shape: [1], dtype: 'float32', range: 'data' },
    batch: 2,
    ...options,
  };
}
