import { ShapeError } from '../errors.ts';
import { add, div, mul, sqrt, square } from '../graph/functions/elementwise.ts';
import { mean } from '../graph/functions/reductions.ts';
import { reshape } from '../graph/functions/shaping.ts';
import { formatShape } from '../graph/shapes.ts';
import type { Value } from '../graph/value.ts';
import { requireCount } from './dense.ts';
import { constant, drawn, zeros } from './initialisers.ts';
import { type Layer, nothing, pureLayer } from './layer.ts';
import { moments, perChannel, requireChannels, requireEpsilon, scaled } from './standardise.ts';

/** Settings of `layerNorm`. */
export interface NormOptions {
  /** Added to variances. Default 1e-5 (PyTorch's). */
  readonly epsilon?: number;
  /** Whether a learned gain (from 1) and bias (from 0) follow. */
  readonly affine?: boolean;
}

/** Settings of `groupNorm`. */
export interface GroupNormOptions extends NormOptions {
  /** Groups of neighbouring channels; their number divides that of the channels. */
  readonly groups: number;
}

/**
 * Layer normalisation: each example as a whole brought to mean 0 and variance 1, then `gain y + bias`, of which every
 * element of an example has its own; any shape, the same in training and in sampling. `affine` defaults to true.
 *
 * The critic of WGAN-GP for images has one gain a channel: `groupNorm({ groups: 1 })`.
 *
 * @throws ConfigError unless epsilon is positive
 * @see Ba et al. 2016, https://arxiv.org/abs/1607.06450; PyTorch's LayerNorm over all axes but the first
 */
export function layerNorm({ epsilon = 1e-5, affine = true }: NormOptions = {}): Layer {
  requireEpsilon('layerNorm', epsilon);
  return normLayer(
    'layerNorm',
    affine,
    (inputShape) => inputShape,
    (x) => x,
    (x) => {
      return scaledBy(x, everyAxis(x), epsilon);
    },
  );
}

/**
 * Instance normalisation: each channel of each example brought to mean 0 and variance 1 over its places, then, with
 * `affine`, `gain y + bias` a channel; [N, C, H, W]. The same in training and in sampling. `affine` defaults to false,
 * PyTorch's default and what pix2pix and CycleGAN use.
 *
 * @throws ConfigError unless epsilon is positive; ShapeError where an example is not an image of at least two pixels
 * @see Ulyanov et al. 2016, https://arxiv.org/abs/1607.08022
 */
export function instanceNorm({ epsilon = 1e-5, affine = false }: NormOptions = {}): Layer {
  requireEpsilon('instanceNorm', epsilon);
  const parameters = (inputShape: readonly number[]): readonly number[] => {
    const [channels, height, width] = inputShape;
    if (inputShape.length !== 3 || height! * width! < 2)
      throw new ShapeError(
        `instanceNorm: an example must be an image [C, H, W] of at least two pixels, got ${formatShape(inputShape)}`,
      );
    return [channels!];
  };
  return normLayer('instanceNorm', affine, parameters, perChannel, (x) => scaledBy(x, [2, 3], epsilon));
}

/**
 * Group normalisation: each group of channels of each example brought to mean 0 and variance 1 over its channels and
 * places, then `gain y + bias` a channel; [N, C] or [N, C, H, W]. The same in training and in sampling. `affine` defaults
 * to true.
 *
 * @throws ConfigError unless epsilon is positive and groups a positive integer; ShapeError where groups do not divide the
 *   channels
 * @see Wu and He 2018, https://arxiv.org/abs/1803.08494
 */
export function groupNorm({ groups, epsilon = 1e-5, affine = true }: GroupNormOptions): Layer {
  requireCount('groupNorm', 'groups', groups);
  requireEpsilon('groupNorm', epsilon);
  const parameters = (inputShape: readonly number[]): readonly number[] => {
    const channels = requireChannels('groupNorm', inputShape);
    if (channels % groups !== 0)
      throw new ShapeError(`groupNorm: groups must divide the channels, got ${groups} groups of ${channels}`);
    return [channels];
  };
  return normLayer('groupNorm', affine, parameters, perChannel, (x) => {
    const grouped = reshape(x, [x.shape[0]!, groups, -1]);
    return reshape(scaledBy(grouped, [2], epsilon), x.shape);
  });
}

/**
 * Pixelwise feature normalisation, `x / sqrt(mean_c x_c^2 + epsilon)` at every place; [N, C] or [N, C, H, W].
 *
 * @param epsilon - default 1e-8, Progressive GAN's
 * @throws ConfigError unless epsilon is positive; ShapeError where the input has no channels
 * @see Karras et al. 2017, section 4.2, https://arxiv.org/abs/1710.10196
 */
export function pixelNorm(epsilon = 1e-8): Layer {
  requireEpsilon('pixelNorm', epsilon);
  return pureLayer(
    'pixelNorm',
    (x) => mul(x, div(1, sqrt(add(mean(square(x), { axes: [1], keepDims: true }), epsilon)))),
    (inputShape) => {
      requireChannels('pixelNorm', inputShape);
      return inputShape;
    },
  );
}

function everyAxis(x: Value): readonly number[] {
  return x.shape.slice(1).map((_, axis) => axis + 1);
}

function scaledBy(x: Value, axes: readonly number[], epsilon: number): Value {
  return scaled(moments(x, axes), epsilon);
}

/** A layer that standardises and then applies a gain and a bias of one shape. */
function normLayer(
  kind: string,
  affine: boolean,
  affineShape: (inputShape: readonly number[]) => readonly number[],
  broadcast: (values: Value, x: Value) => Value,
  standardise: (x: Value) => Value,
): Layer {
  return {
    kind,
    outputShape: (inputShape) => {
      affineShape(inputShape);
      return inputShape;
    },
    parameterShapes: (inputShape) =>
      affine ? { gain: affineShape(inputShape), bias: affineShape(inputShape) } : {},
    init: (inputShape, key) =>
      affine
        ? {
            parameters: {
              gain: drawn(constant(1), affineShape(inputShape), key('gain')),
              bias: drawn(zeros(), affineShape(inputShape), key('bias')),
            },
            state: {},
          }
        : nothing,
    apply: ({ parameters: { gain, bias } }, x) => {
      const y = standardise(x);
      return {
        y: affine ? add(mul(y, broadcast(gain!, x)), broadcast(bias!, x)) : y,
        state: {},
      };
    },
  };
}
