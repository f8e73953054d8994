import { ShapeError } from '../../errors.ts';
import { formatShape, type Shape, staticShape } from '../shapes.ts';
import type { Value } from '../value.ts';
import { both, type ConvolutionOptions, type Extent, windowAttributes } from './convolution.ts';
import { maxOver, mean } from './reductions.ts';
import { concat, pad, reshape, slice } from './shaping.ts';

/** The windows of a pooling. */
export interface PoolingOptions extends Pick<ConvolutionOptions, 'padding'> {
  /** Sides of a window, at least 1. */
  readonly size: Extent;
  /** Distance between windows. Default: `size`, windows side by side. */
  readonly stride?: Extent;
  /** Whether a last window that reaches beyond the image counts ("ceil mode"). Default false. */
  readonly ceil?: boolean;
}

/** What lies beyond the image: smaller than any activation, and finite, for 0 times infinity is not a number. */
const LEAST = -3.4e38;

/**
 * The largest element of each window and channel.
 *
 * Its gradient goes to the largest element; equal ones share it.
 *
 * @param x - float [N, C, H, W]; N may be symbolic
 * @returns [N, C, H', W'] with `H' = floor((H + top + bottom - size) / stride) + 1`, rounded up with `ceil` as long as the
 *   last window begins inside the image or above it
 * @throws ShapeError where a window does not fit
 */
export function maxPool(x: Value, options: PoolingOptions): Value {
  return maxOver(windows('maxPool', x, options, LEAST), { axes: [3, 5] });
}

/**
 * The mean of each window and channel; zeros of the padding count (PyTorch's `count_include_pad`).
 *
 * @param x - float [N, C, H, W]; N may be symbolic
 * @returns [N, C, H', W'], sizes as `maxPool` has them
 * @throws ShapeError where a window does not fit, or with `ceil`, whose means would count what is not there
 */
export function averagePool(x: Value, options: PoolingOptions): Value {
  if (options.ceil)
    throw new ShapeError('averagePool: ceil must be false, got true. Add padding, whose zeros then count');
  return mean(windows('averagePool', x, options, 0), { axes: [3, 5] });
}

/** All windows of x, [N, C, H', kh, W', kw]. */
function windows(
  caller: string,
  x: Value,
  { size, stride = size, padding = 0, ceil = false }: PoolingOptions,
  fill: number,
): Value {
  if (x.shape.length !== 4)
    throw new ShapeError(`${caller}: x must be [N, C, H, W], got ${formatShape(x.shape)}`);
  const { strides, pads } = windowAttributes(caller, { stride, padding });
  const extent = staticShape(caller, x.shape.slice(2));
  const kernel = both(size);
  const counts = extent.map((length, axis) =>
    windowCount(
      caller,
      { length, before: pads[axis]!, after: pads[axis + 2]!, size: kernel[axis]!, stride: strides[axis]! },
      ceil,
    ),
  );
  // What the last window covers, beyond the padding or short of it.
  const missing = counts.map(
    (count, axis) => strides[axis]! * (count - 1) + kernel[axis]! - pads[axis]! - extent[axis]!,
  );
  const after = missing.map((rows) => Math.max(rows, 0));
  const surrounded = [pads[0], pads[1], ...after].some((rows) => rows > 0)
    ? pad(x, [0, 0, pads[0], pads[1], 0, 0, after[0]!, after[1]!], fill)
    : x;
  const rows = unfold(surrounded, 2, counts[0]!, kernel[0], strides[0]);
  return unfold(rows, 4, counts[1]!, kernel[1], strides[1]);
}

interface Line {
  readonly length: number;
  readonly before: number;
  readonly after: number;
  readonly size: number;
  readonly stride: number;
}

function windowCount(caller: string, { length, before, after, size, stride }: Line, ceil: boolean): number {
  if (!(Number.isInteger(size) && size >= 1))
    throw new ShapeError(`${caller}: size must be a whole number of at least 1, got ${size}`);
  const padded = length + before + after;
  if (padded < size && !(ceil && length > 0))
    throw new ShapeError(`${caller}: a window must fit into the image, got ${size} over ${padded}`);
  if (!ceil) return Math.floor((padded - size) / stride) + 1;
  const count = Math.max(Math.ceil((padded - size) / stride), 0) + 1;
  // As PyTorch: no window that begins behind the image.
  return (count - 1) * stride >= length + before ? count - 1 : count;
}

/**
 * Windows along one axis, [..., L, ...] -> [..., count, size, ...], made of blocks of `stride` elements: a window is the
 * beginning of one block after another.
 */
function unfold(x: Value, axis: number, count: number, size: number, stride: number): Value {
  const blocksPerWindow = Math.ceil(size / stride);
  const blocks = count - 1 + blocksPerWindow;
  const whole = extended(x, axis, blocks * stride);
  const cut: Shape = [...x.shape.slice(0, axis), blocks, stride, ...x.shape.slice(axis + 1)];
  const blocked = reshape(whole, cut);
  const parts = Array.from({ length: blocksPerWindow }, (_, block) => {
    const own = blocks === count ? blocked : slice(blocked, axis, block, block + count);
    const taken = Math.min(stride, size - block * stride);
    return taken === stride ? own : slice(own, axis + 1, 0, taken);
  });
  return parts.length === 1 ? parts[0]! : concat(parts, axis + 1);
}

/** An axis cut, or filled up with elements that no window reads. */
function extended(x: Value, axis: number, length: number): Value {
  const size = x.shape[axis] as number;
  if (size === length) return x;
  if (size > length) return slice(x, axis, 0, length);
  const after = x.shape.map((_, i) => (i === axis ? length - size : 0));
  return pad(x, [...x.shape.map(() => 0), ...after]);
}
