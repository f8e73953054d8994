import { matmul } from '../graph/functions/linear-algebra.ts';
import type { Value } from '../graph/value.ts';
import { type BatchNormOptions, batchStatistics } from './batch-norm.ts';
import { requireCount } from './dense.ts';
import { constant, drawn, zeros } from './initialisers.ts';
import { type ClassOptions, requireLabels } from './labels.ts';
import type { Layer } from './layer.ts';
import { perChannel, requireChannels } from './standardise.ts';

/** Settings of `conditionalBatchNorm`. */
export interface ConditionalBatchNormOptions
  extends ClassOptions,
    Pick<BatchNormOptions, 'momentum' | 'epsilon'> {}

/**
 * Batch normalisation whose gain and bias belong to the example's class: `batchNorm` but for its parameters, `gain` and
 * `bias` [classes, C], from 1 and 0.
 *
 * @throws as `batchNorm`, and ShapeError where a pass has no labels
 * @see Dumoulin et al. 2017, https://arxiv.org/abs/1610.07629; Miyato and Koyama 2018
 */
export function conditionalBatchNorm({ classes, ...options }: ConditionalBatchNormOptions): Layer {
  requireCount('conditionalBatchNorm', 'classes', classes);
  const statistics = batchStatistics('conditionalBatchNorm', options);
  const shapeOf = (inputShape: readonly number[]): readonly number[] => [
    classes,
    requireChannels('conditionalBatchNorm', inputShape),
  ];
  return {
    kind: 'conditionalBatchNorm',
    outputShape: (inputShape) => {
      shapeOf(inputShape);
      return inputShape;
    },
    parameterShapes: (inputShape) => ({ gain: shapeOf(inputShape), bias: shapeOf(inputShape) }),
    ...statistics.declared,
    init: (inputShape, key) => ({
      parameters: {
        gain: drawn(constant(1), shapeOf(inputShape), key('gain')),
        bias: drawn(zeros(), shapeOf(inputShape), key('bias')),
      },
      state: statistics.init(shapeOf(inputShape)[1]!),
    }),
    apply: ({ parameters, state }, x, context) => {
      const labels = requireLabels('conditionalBatchNorm', context, classes);
      const ofClass = (name: string): Value => perChannel(matmul(labels, parameters[name]!), x);
      return statistics.apply(state, x, context, { gain: ofClass('gain'), bias: ofClass('bias') });
    },
  };
}
