import { ShapeError } from '../errors.ts';
import { reshape } from '../graph/functions/shaping.ts';
import { label, type Value, type Values } from '../graph/value.ts';
import type { LayerContext } from '../nn/layer.ts';
import { oneHot } from '../nn/one-hot.ts';
import { toPixels } from './example-format.ts';
import { AVERAGE, averagedNames, type Game } from './game.ts';

/**
 * The generator as a function of z, from current parameters or from their average.
 *
 * @param z - float32 [N, latentDim], N may be symbolic
 * @param variables - of the game, as `initialVariables` names them
 * @param averaged - take the average; only where the game keeps one
 * @param classes - integer [N]: what to make samples of, in games with labels
 * @returns float32 [N, ...examples.shape]: pixels in [0, 1], points in the data's units
 * @throws ShapeError where the game has labels and there are no classes
 */
export function samplesOf(
  game: Game,
  variables: Values,
  z: Value,
  averaged: boolean,
  classes?: Value,
): Value {
  if (game.labels && !classes)
    throw new ShapeError(
      `samplesOf: a generator of labelled samples needs the class of each, one of ${game.labels.classes}, got none`,
    );
  const averages = averaged
    ? Object.fromEntries(averagedNames(game).map((name) => [name, variables[AVERAGE + name]!]))
    : {};
  const context: LayerContext = {
    mode: 'sample',
    ...(game.labels && classes ? { labels: oneHot(classes, game.labels.classes) } : {}),
    bernoulli: (name) => {
      throw new ShapeError(
        `samplesOf: a generator must be a function of z when it samples, got the mask ${name}`,
      );
    },
  };
  const named = { ...variables, ...averages };
  const { y } = game.generator.network.apply({ parameters: named, state: named }, z, context);
  const samples = toPixels(reshape(y, [z.shape[0]!, ...game.examples.shape]), game.examples);
  if (game.examples.range !== 'data') label('samples', [samples], [y]);
  return samples;
}
