import { ConfigError } from '../errors.ts';
import { both } from '../graph/functions/convolution.ts';
import {
  averagePool as averagePoolOf,
  maxPool as maxPoolOf,
  type PoolingOptions,
} from '../graph/functions/pooling.ts';
import { mean, sum } from '../graph/functions/reductions.ts';
import { input, type Value } from '../graph/value.ts';
import { requireImage } from './conv.ts';
import { requireCount } from './dense.ts';
import { type Layer, pureLayer } from './layer.ts';

/**
 * The mean of each window and channel, [N, C, H, W] -> [N, C, H', W']; zeros of the padding count.
 *
 * @throws ConfigError where a side of the window is no positive integer; ShapeError where the input is no image or smaller
 *   than a window
 */
export function averagePool(options: Omit<PoolingOptions, 'ceil'>): Layer {
  for (const side of both(options.size)) requireCount('averagePool', 'size', side);
  return imageLayer('averagePool', (x) => averagePoolOf(x, options));
}

/**
 * The largest element of each window and channel, [N, C, H, W] -> [N, C, H', W']; equal ones share the gradient.
 *
 * @throws ConfigError where a side of the window is no positive integer; ShapeError where the input is no image or smaller
 *   than a window
 */
export function maxPool(options: PoolingOptions): Layer {
  for (const side of both(options.size)) requireCount('maxPool', 'size', side);
  return imageLayer('maxPool', (x) => maxPoolOf(x, options));
}

/**
 * One number a channel, [N, C, H, W] -> [N, C]: the mean over all places, or their sum, which SN-GAN's discriminator takes.
 *
 * @throws ConfigError for another reduction; ShapeError where the input is no image
 */
export function globalPool(reduction: 'mean' | 'sum' = 'mean'): Layer {
  if (reduction !== 'mean' && reduction !== 'sum')
    throw new ConfigError(`globalPool: reduction must be mean or sum, got ${reduction}`);
  const reduce = reduction === 'mean' ? mean : sum;
  return imageLayer('globalPool', (x) => reduce(x, { axes: [2, 3] }));
}

/** A function of images as a layer; the shape of its output is what the function itself says. */
export function imageLayer(kind: string, apply: (x: Value) => Value): Layer {
  return pureLayer(kind, apply, (inputShape) => {
    requireImage(kind, inputShape);
    return apply(input('x', 'float32', ['N', ...inputShape])).shape.slice(1) as readonly number[];
  });
}
