import { ShapeError } from '../../errors.ts';
import { staticShape } from '../shapes.ts';
import { applyOperator, type Value } from '../value.ts';
import type { TransposedWindowAttributes, WindowAttributes } from '../window-rules.ts';
import { reshape, slice, transpose } from './shaping.ts';

/** One number for both directions, or [height, width]. */
export type Extent = number | readonly [number, number];

/** Zeros around an image: one number for all four sides, or ONNX's order [top, left, bottom, right]. */
export type Padding = number | readonly [number, number, number, number];

/** How a kernel moves over an image. */
export interface ConvolutionOptions {
  /** Distance between windows, at least 1. Default 1. */
  readonly stride?: Extent;
  /** Zeros around the image. Default 0. */
  readonly padding?: Padding;
  /** Distance between the elements of a kernel, at least 1. Default 1: adjacent ones. */
  readonly dilation?: Extent;
  /** Groups of channels that do not see each other. Default 1: each output sees every channel. */
  readonly groups?: number;
}

/** The same, for a transposed convolution. */
export interface TransposedConvolutionOptions extends ConvolutionOptions {
  /** Rows added below and columns added to the right, each smaller than its stride. Default 0. */
  readonly outputPadding?: Extent;
}

/**
 * Convolution (cross-correlation, as every library of the field has it):
 * `y[n, o, i, j] = b[o] + sum_{c, u, v} w[o, c, u, v] x[n, c, stride i + dilation u - top, stride j + dilation v - left]`.
 *
 * @param x - float32 [N, C, H, W]; N may be symbolic
 * @param w - float32 [O, C / groups, kh, kw]
 * @param b - float32 [O]; nothing is added when it is absent
 * @returns float32 [N, O, H', W'] with `H' = floor((H + top + bottom - dilation (kh - 1) - 1) / stride) + 1`
 * @throws ShapeError where channels, groups or sizes do not fit
 */
export function conv(x: Value, w: Value, b?: Value, options: ConvolutionOptions = {}): Value {
  return applyOperator('Conv', b ? [x, w, b] : [x, w], windowAttributes('conv', options))[0]!;
}

/**
 * Transposed convolution, the adjoint of `conv` with the same options: every element of x adds its multiple of the kernel
 * to the output ("fractionally strided", "deconvolution").
 *
 * @param x - float32 [N, C, H, W]; N may be symbolic
 * @param w - float32 [C, O / groups, kh, kw]
 * @param b - float32 [O]; nothing is added when it is absent
 * @returns float32 [N, O, H', W'] with `H' = stride (H - 1) + outputPadding + dilation (kh - 1) + 1 - top - bottom`
 * @throws ShapeError where channels, groups or sizes do not fit
 */
export function convTranspose(
  x: Value,
  w: Value,
  b?: Value,
  { outputPadding = 0, ...options }: TransposedConvolutionOptions = {},
): Value {
  const attributes = { ...windowAttributes('convTranspose', options), outputPadding: both(outputPadding) };
  requireCounts('convTranspose', 'outputPadding', attributes.outputPadding, 0);
  return applyOperator('ConvTranspose', b ? [x, w, b] : [x, w], attributes)[0]!;
}

/** Options as the operators have them. @throws ShapeError where one is no count */
export function windowAttributes(
  caller: string,
  { stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvolutionOptions,
): WindowAttributes {
  const pads = typeof padding === 'number' ? ([padding, padding, padding, padding] as const) : padding;
  const attributes = { strides: both(stride), pads, dilations: both(dilation), group: groups };
  requireCounts(caller, 'stride', attributes.strides, 1);
  requireCounts(caller, 'padding', pads, 0);
  requireCounts(caller, 'dilation', attributes.dilations, 1);
  requireCounts(caller, 'groups', [groups], 1);
  return attributes;
}

/** An extent as [height, width]. */
export function both(extent: Extent): readonly [number, number] {
  return typeof extent === 'number' ? [extent, extent] : extent;
}

function requireCounts(caller: string, name: string, values: readonly number[], least: number): void {
  if (values.every((value) => Number.isInteger(value) && value >= least)) return;
  throw new ShapeError(
    `${caller}: ${name} must be whole numbers of at least ${least}, got ${values.join(', ')}`,
  );
}

/** The cotangent of a convolution's input: the transposed convolution of `dy`, with the rows that no window reached. */
export function convInputGradient(x: Value, w: Value, dy: Value, attributes: WindowAttributes): Value {
  const outputPadding = leftOver(x, w, dy, attributes);
  return applyOperator('ConvTranspose', [dy, w], { ...attributes, outputPadding })[0]!;
}

/** The cotangent of a transposed convolution's input: the convolution of `dy`. */
export function convTransposeInputGradient(
  w: Value,
  dy: Value,
  { strides, pads, dilations, group }: TransposedWindowAttributes,
): Value {
  return applyOperator('Conv', [dy, w], { strides, pads, dilations, group })[0]!;
}

/** Rows and columns of x behind the last window. */
function leftOver(
  x: Value,
  w: Value,
  dy: Value,
  { strides, pads, dilations }: WindowAttributes,
): readonly [number, number] {
  const [extent, kernel, windows] = [x, w, dy].map((value) =>
    staticShape('grad of conv', value.shape.slice(2)),
  );
  const [rows, columns] = [0, 1].map(
    (axis) =>
      extent![axis]! +
      pads[axis]! +
      pads[axis + 2]! -
      strides[axis]! * (windows![axis]! - 1) -
      dilations[axis]! * (kernel![axis]! - 1) -
      1,
  );
  return [rows!, columns!];
}

/**
 * The cotangent of a convolution's weight, [O, C / groups, kh, kw]: the convolution of the input with the output's
 * cotangent, in which examples are summed as channels are in the first, stride and dilation change places, and the groups
 * of channels stay apart.
 *
 * @param x - [N, C, H, W] the convolution's input
 * @param dy - [N, O, H', W'] its output's cotangent
 * @param weightShape - [O, C / groups, kh, kw]
 */
export function convWeightGradient(
  x: Value,
  dy: Value,
  weightShape: readonly number[],
  { strides, pads, dilations, group }: WindowAttributes,
): Value {
  const [n, channels, height, width] = staticShape('grad of conv', x.shape) as [
    number,
    number,
    number,
    number,
  ];
  const [out, perGroup, ...kernel] = weightShape as [number, number, number, number];
  // Channels of a group as examples, groups of examples as channels.
  const images =
    group === 1
      ? transpose(x, [1, 0, 2, 3])
      : reshape(transpose(reshape(x, [n, group, perGroup, height, width]), [2, 1, 0, 3, 4]), [
          channels / group,
          group * n,
          height,
          width,
        ]);
  const summed = applyOperator('Conv', [images, transpose(dy, [1, 0, 2, 3])], {
    strides: dilations,
    pads,
    dilations: strides,
    group,
  })[0]!;
  // Rows that no window reached may leave room for further elements of a kernel.
  const cropped = kernel.reduce(
    (rest, size, i) => (rest.shape[i + 2] === size ? rest : slice(rest, i + 2, 0, size)),
    summed,
  );
  return reshape(transpose(cropped, [1, 0, 2, 3]), [out, perGroup, ...kernel]);
}
