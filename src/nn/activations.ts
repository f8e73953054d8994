import { ConfigError } from '../errors.ts';
import {
  leakyRelu as leakyReluOf,
  relu as reluOf,
  sigmoid as sigmoidOf,
  tanh as tanhOf,
} from '../graph/functions/elementwise.ts';
import { type Layer, pureLayer } from './layer.ts';

/** `max(x, 0)`, any shape. */
export function relu(): Layer {
  return pureLayer('relu', reluOf);
}

/**
 * `x` where x >= 0, else `alpha x`; any shape.
 *
 * @param alpha - slope for negative inputs; default 0.2, DCGAN's (Radford et al. 2015)
 * @throws ConfigError unless alpha is in [0, 1]
 */
export function leakyRelu(alpha = 0.2): Layer {
  if (!(alpha >= 0 && alpha <= 1)) throw new ConfigError(`leakyRelu: alpha must lie in [0, 1], got ${alpha}`);
  return pureLayer('leakyRelu', (x) => leakyReluOf(x, alpha));
}

/** `1 / (1 + e^-x)`, any shape. A discriminator ends without it: the losses take logits. */
export function sigmoid(): Layer {
  return pureLayer('sigmoid', sigmoidOf);
}

/** `tanh(x)`, any shape. */
export function tanh(): Layer {
  return pureLayer('tanh', tanhOf);
}
