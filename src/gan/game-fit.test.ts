import { describe, expect, it } from 'vitest';
import { affineGame } from '../../test/affine-game.ts';
import { ShapeError } from '../errors.ts';
import { Feeds } from '../graph/feeds.ts';
import { relu } from '../nn/activations.ts';
import { dense } from '../nn/dense.ts';
import { sequential } from '../nn/sequential.ts';
import { sgd } from '../optim/sgd.ts';
import type { Game } from './game.ts';
import { gameStep } from './game-step.ts';

describe('a game that does not fit', () => {
  const network = (name: string, inputs: number, outputs: number) =>
    sequential(name, [inputs], [dense({ units: outputs }), relu()]);
  const optimiser = sgd({ learningRate: 1 });
  const refused = (options: Partial<Game>) => () => gameStep(affineGame(options), new Feeds());

  it.each<[string, Partial<Game>, string]>([
    [
      'a generator of another size',
      { generator: { network: network('generator', 1, 3), optimiser } },
      'game: the generator must produce 1 values, the size of an example [1], got 3',
    ],
    [
      'a discriminator of another size',
      { discriminator: { network: network('discriminator', 2, 1), optimiser } },
      'game: the discriminator must take 1 values, the size of an example [1], got 2',
    ],
    [
      'a discriminator with two logits',
      { discriminator: { network: network('discriminator', 1, 2), optimiser } },
      'game: the discriminator must end in 1 logit, got 2',
    ],
    [
      'other examples',
      { examples: { shape: [1, 2, 2], dtype: 'uint8', range: 'unit' } },
      'game: the generator must produce 4 values, the size of an example [1, 2, 2], got 1',
    ],
    [
      'k > 1 with one minibatch for both',
      { updateOrder: 'simultaneous', k: 2 },
      'game: simultaneous updates share one minibatch, so k must be 1, got 2',
    ],
  ])('%s', (_, options, message) => {
    expect(refused(options)).toThrow(new ShapeError(message));
  });
});
