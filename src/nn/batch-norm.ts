import { ConfigError, ShapeError } from '../errors.ts';
import { add, mul, sub } from '../graph/functions/elementwise.ts';
import { reshape } from '../graph/functions/shaping.ts';
import { staticShape } from '../graph/shapes.ts';
import { elementCount, type Tensors } from '../graph/tensor.ts';
import type { Value, Values } from '../graph/value.ts';
import { constant, drawn, type Initialiser, zeros } from './initialisers.ts';
import type { Layer, LayerContext, LayerResult, ParameterShapes } from './layer.ts';
import {
  type Affine,
  type Moments,
  moments,
  perChannel,
  requireChannels,
  requireEpsilon,
  scaled,
} from './standardise.ts';

/** Settings of `batchNorm`. */
export interface BatchNormOptions {
  /** Share of a batch in the running statistics, in (0, 1]. Default 0.1 (PyTorch's). */
  readonly momentum?: number;
  /** Added to variances. Default 1e-5 (PyTorch's; Ioffe and Szegedy leave it open). */
  readonly epsilon?: number;
  /** [C]. Default: ones; DCGAN draws from `normal(0.02, 1)`. */
  readonly gain?: Initialiser;
  /** [C]. Default `zeros()`. */
  readonly bias?: Initialiser;
}

/**
 * Batch normalisation of each channel, `y = gain (x - mean) / sqrt(variance + epsilon) + bias`; [N, C] or [N, C, H, W].
 *
 * Training takes mean and biased variance of the batch, over examples and places, and moves the running ones towards them,
 * `running <- (1 - momentum) running + momentum batch`, with the unbiased variance as PyTorch does. Sampling takes the
 * running ones. Parameters: `gain`, `bias` [C]; state: `mean` [C], from 0, and `variance` [C], from 1.
 *
 * @throws ConfigError where momentum or epsilon lies outside its range; ShapeError where the input has no channels, and in
 *   training where a channel has a single value or the batch is symbolic
 * @see Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167
 */
export function batchNorm({ gain = constant(1), bias = zeros(), ...options }: BatchNormOptions = {}): Layer {
  const statistics = batchStatistics('batchNorm', options);
  return {
    kind: 'batchNorm',
    outputShape: (inputShape) => {
      requireChannels('batchNorm', inputShape);
      return inputShape;
    },
    parameterShapes: (inputShape) => {
      const channels = requireChannels('batchNorm', inputShape);
      return { gain: [channels], bias: [channels] };
    },
    ...statistics.declared,
    init: (inputShape, key) => {
      const channels = requireChannels('batchNorm', inputShape);
      return {
        parameters: {
          gain: drawn(gain, [channels], key('gain')),
          bias: drawn(bias, [channels], key('bias')),
        },
        state: statistics.init(channels),
      };
    },
    apply: ({ parameters, state }, x, context) =>
      statistics.apply(state, x, context, {
        gain: perChannel(parameters['gain']!, x),
        bias: perChannel(parameters['bias']!, x),
      }),
  };
}

/** What batch norm is apart from its gain and bias, which may depend on labels. */
interface BatchStatistics {
  /** What a layer says of itself because of them. */
  readonly declared: Required<Pick<Layer, 'stateShapes' | 'averagedState' | 'mixesExamples'>>;
  /** `mean` 0, `variance` 1. */
  init(channels: number): Tensors;
  /** Standardises x by the batch or by the running statistics, then applies gain and bias, which broadcast to x. */
  apply(state: Values, x: Value, context: LayerContext, affine: Affine): LayerResult;
}

/**
 * Statistics of batches and their running averages, under the names `mean` and `variance`.
 *
 * @param layer - what errors begin with
 * @throws ConfigError where momentum or epsilon lies outside its range
 */
export function batchStatistics(
  layer: string,
  { momentum = 0.1, epsilon = 1e-5 }: Pick<BatchNormOptions, 'momentum' | 'epsilon'>,
): BatchStatistics {
  if (!(momentum > 0 && momentum <= 1))
    throw new ConfigError(`${layer}: momentum must lie in (0, 1], got ${momentum}`);
  requireEpsilon(layer, epsilon);
  const stateShapes = (inputShape: readonly number[]): ParameterShapes => {
    const channels = requireChannels(layer, inputShape);
    return { mean: [channels], variance: [channels] };
  };
  return {
    declared: { stateShapes, averagedState: () => ['mean', 'variance'], mixesExamples: true },
    init: (channels) => ({
      mean: { dtype: 'float32', shape: [channels], data: new Float32Array(channels) },
      variance: { dtype: 'float32', shape: [channels], data: new Float32Array(channels).fill(1) },
    }),
    apply: (state, x, { mode }, affine) => {
      if (mode === 'sample') {
        const [mean, variance] = [perChannel(state['mean']!, x), perChannel(state['variance']!, x)];
        return { y: scaled({ mean, variance, centred: sub(x, mean) }, epsilon, affine), state };
      }
      const [batch, channels, ...places] = staticShape(layer, x.shape);
      const count = batch! * elementCount(places);
      if (count < 2)
        throw new ShapeError(
          `${layer}: training needs at least 2 values a channel, got 1. Use a larger batch`,
        );
      const own = moments(x, [0, ...places.map((_, axis) => axis + 2)]);
      return { y: scaled(own, epsilon, affine), state: moved(state, own, channels!, count, momentum) };
    },
  };
}

/** The running statistics after a batch of `count` values a channel. */
function moved(state: Values, batch: Moments, channels: number, count: number, momentum: number): Values {
  const towards = (running: Value, value: Value, factor: number): Value =>
    add(mul(running, 1 - momentum), mul(reshape(value, [channels]), momentum * factor));
  return {
    mean: towards(state['mean']!, batch.mean, 1),
    variance: towards(state['variance']!, batch.variance, count / (count - 1)),
  };
}
