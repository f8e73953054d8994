import { ConfigError, ShapeError } from '../errors.ts';
import {
  both,
  type ConvolutionOptions,
  conv as convOf,
  convTranspose as convTransposeOf,
  type Extent,
  type TransposedConvolutionOptions,
} from '../graph/functions/convolution.ts';
import { add } from '../graph/functions/elementwise.ts';
import { formatShape } from '../graph/shapes.ts';
import { input, type Value } from '../graph/value.ts';
import { requireCount } from './dense.ts';
import { drawn, type Fans, glorot, type Initialiser, zeros } from './initialisers.ts';
import type { Layer, ParameterShapes } from './layer.ts';

/** What a convolution and its transpose have in common. */
interface KernelOptions {
  /** Channels of the output: an integer of at least 1. */
  readonly channels: number;
  /** Sides of the kernel: one number, or [height, width]. */
  readonly size: Extent;
  /** Default `glorot()`; DCGAN's is `normal(0.02)`, rectifiers want `he()`. */
  readonly weight?: Initialiser;
  /** Default `zeros()`. */
  readonly bias?: Initialiser;
  /**
   * `tied`: one bias a channel. `untied`: one for each channel and place, as in the released deconvolution. `none`: what
   * batch norm behind it makes of any bias. Default `tied`.
   */
  readonly biases?: 'tied' | 'untied' | 'none';
}

/** Settings of `conv`. */
export interface ConvOptions extends KernelOptions, ConvolutionOptions {}

/** Settings of `convTranspose`. */
export interface ConvTransposeOptions extends KernelOptions, TransposedConvolutionOptions {}

/**
 * Convolution of images, [N, C, H, W] -> [N, channels, H', W'] with
 * `H' = floor((H + top + bottom - dilation (size - 1) - 1) / stride) + 1`. Parameters: `weight`
 * [channels, C / groups, kh, kw], `bias` [channels], or [channels, H', W'] where biases are untied.
 *
 * Initialisers see `C / groups kh kw` inputs and `channels / groups kh kw / (sh sw)` outputs of a unit.
 *
 * @throws ConfigError where a count is no positive integer or groups do not divide the channels; ShapeError where the input
 *   is no image or smaller than the kernel
 */
export function conv({ channels, size, weight, bias, biases, ...window }: ConvOptions): Layer {
  return kernelLayer('conv', { channels, size, weight, bias, biases }, window.groups, {
    outputAxis: 0,
    weightShape: (inputs, groups, kernel) => [channels, inputs / groups, ...kernel],
    // A step of the stride skips the outputs in between: each input reaches fewer.
    fans: (inputs, groups, area) => [
      (inputs / groups) * area,
      ((channels / groups) * area) / strideArea(window),
    ],
    pass: (x, kernel, offset) => convOf(x, kernel, offset, window),
  });
}

/**
 * Transposed convolution of images, [N, C, H, W] -> [N, channels, H', W'] with
 * `H' = stride (H - 1) + outputPadding + dilation (size - 1) + 1 - top - bottom`. Parameters: `weight`
 * [C, channels / groups, kh, kw], `bias` [channels], or [channels, H', W'] where biases are untied.
 *
 * Initialisers see `C / groups kh kw / (sh sw)` inputs and `channels / groups kh kw` outputs of a unit (as WGAN-GP's code
 * counts them; PyTorch takes the outputs for the inputs here and knows no stride).
 *
 * @throws ConfigError where a count is no positive integer or groups do not divide the channels; ShapeError where the input
 *   is no image
 */
export function convTranspose({
  channels,
  size,
  weight,
  bias,
  biases,
  ...window
}: ConvTransposeOptions): Layer {
  return kernelLayer('convTranspose', { channels, size, weight, bias, biases }, window.groups, {
    outputAxis: 1,
    weightShape: (inputs, groups, kernel) => [inputs, channels / groups, ...kernel],
    fans: (inputs, groups, area) => [
      ((inputs / groups) * area) / strideArea(window),
      (channels / groups) * area,
    ],
    pass: (x, kernel, offset) => convTransposeOf(x, kernel, offset, window),
  });
}

function strideArea({ stride = 1 }: ConvolutionOptions): number {
  const [down, across] = both(stride);
  return down * across;
}

/** What tells a convolution from its transpose. */
interface Kernel {
  readonly outputAxis: number;
  weightShape(inputs: number, groups: number, kernel: readonly number[]): readonly number[];
  fans(inputs: number, groups: number, area: number): Fans;
  pass(x: Value, weight: Value, bias: Value | undefined): Value;
}

type Optional<T> = { readonly [K in keyof T]: T[K] | undefined };

function kernelLayer(
  kind: string,
  {
    channels,
    size,
    weight = glorot(),
    bias = zeros(),
    biases = 'tied',
  }: Optional<KernelOptions> & Pick<KernelOptions, 'channels' | 'size'>,
  groups: number = 1,
  kernel: Kernel,
): Layer {
  requireCount(kind, 'channels', channels);
  requireCount(kind, 'groups', groups);
  const sides = both(size);
  for (const side of sides) requireCount(kind, 'size', side);
  if (channels % groups !== 0)
    throw new ConfigError(`${kind}: groups must divide the channels, got ${groups} groups of ${channels}`);
  const weightShape = (inputShape: readonly number[]): readonly number[] =>
    kernel.weightShape(requireImage(kind, inputShape, groups), groups, sides);
  const outputShape = (inputShape: readonly number[]): readonly number[] => {
    const w = input('weight', 'float32', weightShape(inputShape));
    const y = kernel.pass(input('x', 'float32', ['N', ...inputShape]), w, undefined);
    return y.shape.slice(1) as readonly number[];
  };
  const parameterShapes = (inputShape: readonly number[]): ParameterShapes => ({
    weight: weightShape(inputShape),
    ...(biases === 'none' ? {} : { bias: biases === 'tied' ? [channels] : outputShape(inputShape) }),
  });
  const fans = (inputShape: readonly number[]): Fans =>
    kernel.fans(requireImage(kind, inputShape, groups), groups, sides[0] * sides[1]);
  return {
    kind,
    outputShape,
    parameterShapes,
    weights: (inputShape) => ({ weight: { outputAxis: kernel.outputAxis, fans: fans(inputShape) } }),
    init: (inputShape, key) => {
      const shapes = parameterShapes(inputShape);
      return {
        parameters: {
          weight: drawn(weight, shapes['weight']!, key('weight'), fans(inputShape)),
          ...(shapes['bias'] ? { bias: drawn(bias, shapes['bias'], key('bias')) } : {}),
        },
        state: {},
      };
    },
    apply: ({ parameters }, x) => {
      const [w, b] = [parameters['weight']!, parameters['bias']];
      const y = kernel.pass(x, w, biases === 'tied' ? b : undefined);
      return { y: biases === 'untied' ? add(y, b!) : y, state: {} };
    },
  };
}

/** Channels of an image. @throws ShapeError where the input is none, or groups do not divide its channels */
export function requireImage(layer: string, inputShape: readonly number[], groups = 1): number {
  const [channels] = inputShape;
  if (inputShape.length !== 3 || channels === undefined)
    throw new ShapeError(
      `${layer}: an example must be an image [C, H, W], got ${formatShape(inputShape)}. Put reshape([C, H, W]) before it`,
    );
  if (channels % groups !== 0)
    throw new ShapeError(
      `${layer}: groups must divide the input's channels, got ${groups} groups of ${channels}`,
    );
  return channels;
}
