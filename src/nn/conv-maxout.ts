import type { Extent, Padding } from '../graph/functions/convolution.ts';
import { maxPool, type PoolingOptions } from '../graph/functions/pooling.ts';
import { maxOver } from '../graph/functions/reductions.ts';
import { reshape } from '../graph/functions/shaping.ts';
import { conv } from './conv.ts';
import { requireCount } from './dense.ts';
import type { Initialiser } from './initialisers.ts';
import type { Layer } from './layer.ts';
import { imageLayer } from './pooling.ts';

/** Settings of `convMaxout`. */
export interface ConvMaxoutOptions {
  /** Channels of the output: an integer of at least 1. */
  readonly channels: number;
  /** Linear pieces of which each channel takes the largest: an integer of at least 1; 2 in the released recipe. */
  readonly pieces: number;
  /** Sides of the kernel. */
  readonly size: Extent;
  /** Zeros around the image. Default 0. */
  readonly padding?: Padding;
  /** Windows of which the largest value stays, `ceil` as in the released code. Absent: no pooling. */
  readonly pool?: Pick<PoolingOptions, 'size' | 'stride'>;
  /** Default `glorot()`. */
  readonly weight?: Initialiser;
  /** Default `zeros()`; one a piece and channel. */
  readonly bias?: Initialiser;
}

/**
 * Maxout of convolutions with spatial max pooling, [N, C, H, W] -> [N, channels, H', W']: the largest of `pieces`
 * convolutions at each place, then the largest of each pooling window, the last of which may reach beyond the image.
 *
 * Parameters: `weight` [pieces * channels, C, kh, kw], `bias` [pieces * channels], the pieces outermost, as `maxout` has
 * them.
 *
 * @throws ConfigError where a count is no positive integer; ShapeError where the input is no image or smaller than the
 *   kernel
 * @see Goodfellow et al. 2013, section 5, https://arxiv.org/abs/1302.4389; Pylearn2's MaxoutConvC01B
 */
export function convMaxout({
  channels,
  pieces,
  size,
  padding = 0,
  pool,
  ...start
}: ConvMaxoutOptions): Layer {
  requireCount('convMaxout', 'channels', channels);
  requireCount('convMaxout', 'pieces', pieces);
  const linear = conv({ channels: pieces * channels, size, padding, ...start });
  const largest = imageLayer('convMaxout', (h) => {
    const [batch, , ...places] = h.shape;
    const y = maxOver(reshape(h, [batch!, pieces, channels, ...places]), { axes: [1] });
    return pool ? maxPool(y, { ...pool, ceil: true }) : y;
  });
  return {
    ...linear,
    kind: 'convMaxout',
    outputShape: (inputShape) => largest.outputShape(linear.outputShape(inputShape)),
    apply: (variables, x, context) =>
      largest.apply({ parameters: {}, state: {} }, linear.apply(variables, x, context).y, context),
  };
}
