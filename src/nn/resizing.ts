import { ConfigError } from '../errors.ts';
import { resizeBilinear, resizeNearest } from '../graph/functions/resizing.ts';
import { requireCount } from './dense.ts';
import type { Layer } from './layer.ts';
import { imageLayer } from './pooling.ts';

/** How pixels between the input's are made: repeated, or on straight lines between their centres. */
export type Interpolation = 'nearest' | 'bilinear';

/**
 * Images `factor` times as large in both directions, [N, C, H, W] -> [N, C, factor H, factor W]. To shrink them,
 * `averagePool({ size: factor })`: for a factor of 2 that is bilinear, too.
 *
 * @param factor - integer of at least 1; default 2
 * @param interpolation - default `nearest`, the choice of WGAN-GP's, SN-GAN's and Progressive GAN's generators
 * @throws ConfigError where the factor is no such number, or for another interpolation; ShapeError where the input is no
 *   image
 */
export function upsample(factor = 2, interpolation: Interpolation = 'nearest'): Layer {
  requireCount('upsample', 'factor', factor);
  if (interpolation !== 'nearest' && interpolation !== 'bilinear')
    throw new ConfigError(`upsample: interpolation must be nearest or bilinear, got ${interpolation}`);
  return imageLayer('upsample', (x) => {
    if (interpolation === 'nearest') return resizeNearest(x, factor);
    const [height, width] = x.shape.slice(2) as [number, number];
    return resizeBilinear(x, [factor * height, factor * width]);
  });
}
