import { ConfigError } from '../errors.ts';
import { AVERAGE, type Game } from '../gan/game.ts';
import { formatShape, sameShape } from '../graph/shapes.ts';
import type { Tensor, Tensors } from '../graph/tensor.ts';
import type { NetworkLayer } from '../nn/sequential.ts';

/** A trained generator, and what it is called in errors: the run that it comes from. */
export interface PretrainedGenerator {
  readonly game: Game;
  readonly variables: Tensors;
  readonly source: string;
}

/**
 * The variables of a game with the last layers of its generator taken from a trained one, as the released TFD recipe puts
 * two new layers before a whole pretrained generator. Where that one keeps an average of its weights, the average is
 * taken: it is what its samples are drawn from. Optimisers and the discriminator start anew.
 *
 * @param variables - initial variables of `game`
 * @throws ConfigError where the last layers of the game's generator are not those of the trained one, in kind and shape
 */
export function withPretrained(game: Game, variables: Tensors, pretrained: PretrainedGenerator): Tensors {
  const before = pretrained.game.generator.network;
  const { network } = game.generator;
  const offset = network.layers.length - before.layers.length;
  if (offset < 0) {
    throw new ConfigError(
      `pretrained: the generator must end in the ${before.layers.length} layers of ${pretrained.source}, got ${network.layers.length} layers`,
    );
  }
  const taken: Record<string, Tensor> = {};
  for (const [i, from] of before.layers.entries()) {
    const to = network.layers[offset + i]!;
    requireSame(to, from, pretrained.source);
    // State, too: the running statistics that the weights were trained with.
    const { layer, inputShape } = from;
    for (const local of Object.keys({
      ...layer.parameterShapes(inputShape),
      ...layer.stateShapes?.(inputShape),
    })) {
      const name = `${before.name}/${from.name}/${local}`;
      const tensor = pretrained.variables[AVERAGE + name] ?? pretrained.variables[name]!;
      const target = `${network.name}/${to.name}/${local}`;
      taken[target] = tensor;
      if (variables[AVERAGE + target]) taken[AVERAGE + target] = tensor;
    }
  }
  return { ...variables, ...taken };
}

/** A layer as errors show it: `dense3, weight [100, 8000], bias [8000]`. */
function described({ name, layer, inputShape }: NetworkLayer): string {
  const shapes = Object.entries(layer.parameterShapes(inputShape));
  return [name, ...shapes.map(([parameter, shape]) => `${parameter} ${formatShape(shape)}`)].join(', ');
}

function requireSame(to: NetworkLayer, from: NetworkLayer, source: string): void {
  const wanted = from.layer.parameterShapes(from.inputShape);
  const got = to.layer.parameterShapes(to.inputShape);
  const fits = Object.entries(wanted).every(([name, shape]) => got[name] && sameShape(got[name], shape));
  if (to.layer.kind === from.layer.kind && fits) return;
  throw new ConfigError(
    `pretrained: the generator must end in the layers of ${source}, got ${described(to)} where that has ${described(from)}`,
  );
}
