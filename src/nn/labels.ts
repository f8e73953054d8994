import { ShapeError } from '../errors.ts';
import { matmul } from '../graph/functions/linear-algebra.ts';
import { concat, expand } from '../graph/functions/shaping.ts';
import { formatShape } from '../graph/shapes.ts';
import type { Value } from '../graph/value.ts';
import { requireCount } from './dense.ts';
import { drawn, type Initialiser, normal } from './initialisers.ts';
import { type Layer, type LayerContext, nothing } from './layer.ts';
import { perChannel, requireChannels } from './standardise.ts';

/** How many classes there are. */
export interface ClassOptions {
  /** An integer of at least 1. */
  readonly classes: number;
}

/** The labels of a pass, one-hot [N, classes]. @throws ShapeError where there are none, or those of other classes */
export function requireLabels(layer: string, { labels }: LayerContext, classes: number): Value {
  if (!labels)
    throw new ShapeError(
      `${layer}: the pass must have labels [N, ${classes}], got none. Train on data with classes, as a conditional game`,
    );
  if (labels.shape.length !== 2 || labels.shape[1] !== classes)
    throw new ShapeError(
      `${layer}: labels must be one-hot [N, ${classes}], got ${formatShape(labels.shape)}`,
    );
  return labels;
}

/** Settings of `concatLabels`. */
export interface ConcatLabelsOptions extends ClassOptions {
  /** Length of each class's learned vector. Absent: the one-hot labels themselves, nothing is learned. */
  readonly size?: number;
  /** [classes, size]. Default `normal(1)`, PyTorch's for embeddings. */
  readonly embedding?: Initialiser;
}

/**
 * Appends the labels to x: each example's class as a one-hot vector, or as a learned one (parameter `embedding`
 * [classes, size]). [N, F] -> [N, F + size]; [N, C, H, W] -> [N, C + size, H, W], the same vector at every place.
 *
 * @throws ConfigError unless the counts are positive integers; ShapeError where a pass has no labels
 * @see Mirza and Osindero 2014, Conditional generative adversarial nets, https://arxiv.org/abs/1411.1784
 */
export function concatLabels({ classes, size, embedding = normal(1) }: ConcatLabelsOptions): Layer {
  requireCount('concatLabels', 'classes', classes);
  if (size !== undefined) requireCount('concatLabels', 'size', size);
  const appended = size ?? classes;
  const shape = [classes, appended];
  return {
    kind: 'concatLabels',
    outputShape: (inputShape) => [
      requireChannels('concatLabels', inputShape) + appended,
      ...inputShape.slice(1),
    ],
    parameterShapes: () => (size === undefined ? {} : { embedding: shape }),
    init: (_, key) =>
      size === undefined
        ? nothing
        : { parameters: { embedding: drawn(embedding, shape, key('embedding')) }, state: {} },
    apply: ({ parameters }, x, context) => {
      const labels = requireLabels('concatLabels', context, classes);
      const vectors = size === undefined ? labels : matmul(labels, parameters['embedding']!);
      const [batch, , ...places] = x.shape;
      const spread = expand(perChannel(vectors, x), [batch!, appended, ...places]);
      return { y: concat([x, spread], 1), state: {} };
    },
  };
}
