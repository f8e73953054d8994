import type { Dataset } from '../data/dataset.ts';
import { ConfigError } from '../errors.ts';
import type { PixelRange } from '../gan/example-format.ts';
import { type Game, type Player, requireFit } from '../gan/game.ts';
import { gaussian } from '../gan/latent.ts';
import { nonSaturating } from '../gan/losses/cross-entropy.ts';
import type { Layer } from '../nn/layer.ts';
import { sequential } from '../nn/sequential.ts';
import { adam } from '../optim/adam.ts';
import type { Constraint } from '../optim/max-norm.ts';
import type { Optimiser } from '../optim/optimiser.ts';
import { datasetFacts } from './dataset-facts.ts';

/** One side of a game as code describes it. */
export interface PlayerOptions {
  /** From input to output. */
  readonly layers: readonly Layer[];
  /** Default Adam with learning rate 2e-4 and beta1 0.5 (Radford et al. 2015). */
  readonly optimiser?: Optimiser;
  /** Default: none. */
  readonly constraint?: Constraint;
}

/** A game as code describes it. What is left out has the default of `Game`, or the one that is named here. */
export interface GameOptions extends Partial<Omit<Game, 'generator' | 'discriminator' | 'examples'>> {
  /** z [latentDim] -> as many values as an example has; in the range of the examples, see `range`. */
  readonly generator: PlayerOptions;
  /**
   * Example -> one logit. Images come as [C, H, W], packs of them as [pack C, H, W]: dense layers want a `flatten()` before
   * them.
   */
  readonly discriminator: PlayerOptions;
  /** Length of z. Default 64. */
  readonly latentDim?: number;
  /**
   * What the networks see of pixels: [0, 1] (`unit`, for a sigmoid at the end), [-1, 1] (`symmetric`, for a tanh), or
   * normalised ones (for a linear layer). Default `unit`.
   */
  readonly range?: PixelRange;
}

/**
 * A game on a data set, with the usual choices wherever none is made: non-saturating loss, gaussian z of length 64, Adam,
 * batches of 64, k = 1, no moving average.
 *
 * @throws ShapeError where the networks do not fit each other or the examples; the message names the layer. ConfigError
 *   where latentDim is not a count
 */
export function defineGame(
  dataset: Dataset,
  { generator, discriminator, latentDim = 64, range = 'unit', ...rest }: GameOptions,
): Game {
  if (!(Number.isInteger(latentDim) && latentDim > 0))
    throw new ConfigError(`defineGame: latentDim must be a positive integer, got ${latentDim}`);
  const { exampleShape: shape, dtype, kind, table } = datasetFacts(dataset);
  const game: Game = {
    latent: gaussian,
    loss: nonSaturating,
    batch: 64,
    ...rest,
    generator: player('generator', [latentDim], generator),
    discriminator: player('discriminator', [shape[0]! * (rest.pack ?? 1), ...shape.slice(1)], discriminator),
    examples: { shape, dtype, range: kind === 'points' ? 'data' : range, ...(table ? { table } : {}) },
  };
  requireFit(game);
  return game;
}

function player(
  name: string,
  inputShape: readonly number[],
  { layers, optimiser = adam({ learningRate: 2e-4, beta1: 0.5 }), constraint }: PlayerOptions,
): Player {
  const network = sequential(name, inputShape, layers);
  return { network, optimiser, ...(constraint ? { constraint } : {}) };
}
