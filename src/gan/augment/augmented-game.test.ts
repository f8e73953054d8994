import { describe, expect, it } from 'vitest';
import { inputsFor, type PlayedStep, playSteps } from '../../../test/play-step.ts';
import { tinyGame } from '../../../test/tiny-games.ts';
import { Feeds } from '../../graph/feeds.ts';
import { elementCount, type Tensor, type Tensors } from '../../graph/tensor.ts';
import { relu } from '../../nn/activations.ts';
import { dense } from '../../nn/dense.ts';
import { sequential } from '../../nn/sequential.ts';
import { sgd } from '../../optim/sgd.ts';
import { drawFeed } from '../../train/feeder.ts';
import { type Game, initialVariables } from '../game.ts';
import { gameStep } from '../game-step.ts';
import { r1 } from '../penalties/zero-centred.ts';
import { buildStep } from '../step.ts';
import { ada, adaTransforms } from './ada.ts';
import type { Augmentation } from './augmentation.ts';
import { diffAugment } from './diff-augment.ts';

const BATCH = 4;
const shape = [3, 6, 6];
const size = elementCount(shape);

/** Four images, always the same: what a discriminator learns by heart. */
const examples = Uint8Array.from({ length: BATCH * size }, (_, i) => (i * i * 7919 + i * 31) % 256);

function augmentedGame(augmentation: Augmentation, settings: Partial<Game> = {}, learningRate = 0.1): Game {
  const game = tinyGame({ shape, range: 'symmetric' });
  const layers = [dense({ units: 24 }), relu(), dense({ units: 1 })];
  return {
    ...game,
    generator: { ...game.generator, optimiser: sgd({ learningRate: 1e-6 }) },
    discriminator: {
      network: sequential('discriminator', [size], layers),
      optimiser: sgd({ learningRate }),
    },
    augmentation,
    ...settings,
  };
}

/** Iterations `first` to `first + count` of a game. */
async function play(game: Game, variables: Tensors, first: number, count: number): Promise<PlayedStep[]> {
  const feeds = new Feeds();
  buildStep(gameStep(game, feeds), inputsFor(variables), feeds);
  const iterations = Array.from({ length: count }, (_, i) =>
    Object.fromEntries(
      feeds.list
        .filter(({ recipe }) => recipe.kind !== 'scalar')
        .map(({ name, dtype, shape: feedShape, recipe }): [string, Tensor] => {
          if (recipe.kind === 'minibatch')
            return [name, { dtype: 'uint8', shape: feedShape, data: examples }];
          const data = new Float32Array(elementCount(feedShape));
          drawFeed({ name, dtype, shape: feedShape, recipe }, 2, first + i, data);
          return [name, { dtype: 'float32', shape: feedShape, data }];
        }),
    ),
  );
  return playSteps((it) => gameStep(game, it), variables, iterations);
}

const everyTransform = Object.fromEntries(adaTransforms.map((name) => [name, 1]));
const probabilityOf = ({ variables }: PlayedStep): number =>
  Number(variables['augment/probability']!.data[0]);

describe('a game with augmentation', () => {
  it.each([
    ['diffAugment', diffAugment()],
    ['ada', ada({ transforms: everyTransform, target: -1, speed: 10 * BATCH })],
  ])('%s stays finite with R1, and both networks move', async (_, augmentation) => {
    for (const updateOrder of ['alternating', 'simultaneous'] as const) {
      const game = augmentedGame(augmentation, { penalties: [r1({ gamma: 10 })], updateOrder });
      const initial = initialVariables(game, 1);
      const played = await play(game, initial, 0, 12);
      for (const { finite, metrics } of played) {
        expect(finite).toBe(true);
        expect(metrics['penalty/r1']).toBeGreaterThan(0);
      }
      const { variables } = played.at(-1)!;
      for (const name of ['generator/dense1/weight', 'discriminator/dense1/weight'])
        expect(variables[name]!.data).not.toEqual(initial[name]!.data);
    }
  });

  it('shows D other images than those that are fed, and gives G its gradient through them', async () => {
    const augmentation = diffAugment();
    const initial = initialVariables(augmentedGame(augmentation), 1);
    const [plain] = await play(augmentedGame(diffAugment({ strength: 0 })), initial, 0, 1);
    const [changed] = await play(augmentedGame(augmentation), initial, 0, 1);
    for (const metric of ['D(x)', 'D(G(z))', 'lossG', 'sampleGradientNorm'])
      expect(changed!.metrics[metric]).not.toBeCloseTo(plain!.metrics[metric]!, 4);
  });
});

describe('the probability of ADA', () => {
  const adaptive = ada({ transforms: { xint: 1, brightness: 1 }, speed: 20 * BATCH });
  const game = augmentedGame(adaptive);

  it('rises while D learns its images by heart, and falls back where it no longer tells', async () => {
    const learning = await play(game, initialVariables(game, 1), 0, 40);
    expect(learning.map(({ metrics }) => metrics['augmentProbability'])[0]).toBe(0);
    const risen = probabilityOf(learning.at(-1)!);
    expect(risen).toBeGreaterThan(0.5);

    // The same p with a discriminator that takes everything for generated, and does not learn.
    const unable = augmentedGame(adaptive, {}, 1e-9);
    const variables = {
      ...initialVariables(unable, 2),
      'augment/probability': learning.at(-1)!.variables['augment/probability']!,
      'discriminator/dense2/bias': { dtype: 'float32', shape: [1], data: Float32Array.of(-50) } as const,
    };
    const falling = (await play(unable, variables, 40, 25)).map(probabilityOf);
    expect(falling[0]).toBeCloseTo(risen - 1 / 20, 6);
    expect(falling.at(-1)).toBe(0);
  });

  it('is state of the step: taken up again, the game goes on bit for bit', async () => {
    const whole = await play(game, initialVariables(game, 1), 0, 8);
    const [, , , half] = await play(game, initialVariables(game, 1), 0, 4);
    const rest = await play(game, half!.variables, 4, 4);
    expect(rest.at(-1)!.variables).toEqual(whole.at(-1)!.variables);
    expect(probabilityOf(rest.at(-1)!)).toBeGreaterThan(0);
  });
});
