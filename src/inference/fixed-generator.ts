import { ConfigError } from '../errors.ts';
import { AVERAGE, type Game } from '../gan/game.ts';
import type { Latent } from '../gan/latent.ts';
import { samplesOf } from '../gan/samples.ts';
import type { Tensors } from '../graph/tensor.ts';
import type { Value, Values } from '../graph/value.ts';

/** A trained generator of images that stands still: all that inference needs of a game. */
export interface FixedGenerator {
  readonly latent: Latent;
  readonly latentDim: number;
  /** `[C, H, W]` */
  readonly exampleShape: readonly [number, number, number];
  /** Its weights and what else it computes samples with, by name, float32. */
  readonly variables: Tensors;
  /**
   * Builds G(z) with gradients, where `variables` are values under the names of `FixedGenerator.variables`.
   *
   * @param z - float32 [N, latentDim]
   * @returns float32 [N, C, H, W], pixels in [0, 1]; a pixel that is clipped to that range passes no gradient
   */
  generate(variables: Values, z: Value): Value;
}

/**
 * The generator of a game with its trained weights.
 *
 * @param variables - of the game, as a checkpoint holds them
 * @param averaged - take the moving average of the weights. Default: where the game keeps one
 * @throws ConfigError where the examples are no images, the generator takes labels, or an average is asked for that the game does not keep
 */
export function fixedGenerator(
  game: Game,
  variables: Tensors,
  averaged: boolean = game.averageDecay !== undefined,
): FixedGenerator {
  const { network } = game.generator;
  const { shape } = game.examples;
  if (game.examples.range === 'data' || shape.length !== 3)
    throw new ConfigError(
      `inference: the game must be one of images [C, H, W], got examples [${shape.join(', ')}]`,
    );
  if (game.labels)
    throw new ConfigError(
      `inference: the generator must draw from z alone, got one that is told one of ${game.labels.classes} classes. Train one without labels`,
    );
  if (averaged && game.averageDecay === undefined)
    throw new ConfigError('inference: the averaged weights must be there, got a game without averageDecay');
  const weights = new Set(Object.keys(network.parameterShapes));
  const own = Object.entries(variables).filter(([name]) =>
    averaged
      ? name.startsWith(AVERAGE) || name in network.stateShapes
      : weights.has(name) || name in network.stateShapes,
  );
  return {
    latent: game.latent,
    latentDim: network.inputShape[0]!,
    exampleShape: shape as readonly [number, number, number],
    variables: Object.fromEntries(own),
    generate: (values, z) => samplesOf(game, values, z, averaged),
  };
}
