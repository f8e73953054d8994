import { ConfigError } from '../errors.ts';
import { mul } from '../graph/functions/elementwise.ts';
import { staticShape } from '../graph/shapes.ts';
import type { Values } from '../graph/value.ts';
import { drawn, normal } from './initialisers.ts';
import type { Layer } from './layer.ts';

/**
 * Equalised learning rate: the layer with weights that start from N(0, 1), whatever its own initialisers say, and are
 * multiplied by He's constant `gain / sqrt(inputs)` in every pass. An optimiser that rescales gradients then moves all
 * weights at the same pace. Keeps the layer's own name; biases stay as they are.
 *
 * @param layer - one that has weights: `dense`, `maxout`, `conv`, `convTranspose`, `residual`, ...
 * @param gain - positive; default sqrt 2, Progressive GAN's for layers before a rectifier (1 for linear ones)
 * @throws ConfigError where the layer has no weights or the gain is not positive
 * @see Karras et al. 2017, section 4.1, https://arxiv.org/abs/1710.10196
 */
export function equalised(layer: Layer, gain: number = Math.SQRT2): Layer {
  const weightsOf = layer.weights;
  if (!weightsOf)
    throw new ConfigError(
      `equalised: the layer must have weights, as dense, maxout, conv and convTranspose do, got ${layer.kind}`,
    );
  if (!(gain > 0 && Number.isFinite(gain)))
    throw new ConfigError(`equalised: gain must be positive and finite, got ${gain}`);
  const scale = (weights: Values, inputShape: readonly number[]): Values => ({
    ...weights,
    ...Object.fromEntries(
      Object.entries(weightsOf(inputShape)).map(([name, { fans }]) => [
        name,
        mul(weights[name]!, gain / Math.sqrt(fans[0])),
      ]),
    ),
  });
  return {
    ...layer,
    init: (inputShape, key) => {
      const { parameters, state } = layer.init(inputShape, key);
      const standard = Object.keys(weightsOf(inputShape)).map((name) => [
        name,
        drawn(normal(1), parameters[name]!.shape, key(name)),
      ]);
      return { parameters: { ...parameters, ...Object.fromEntries(standard) }, state };
    },
    apply: ({ parameters, state }, x, context) =>
      layer.apply(
        { parameters: scale(parameters, staticShape('equalised', x.shape.slice(1))), state },
        x,
        context,
      ),
  };
}
