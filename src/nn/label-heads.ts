import { add, mul } from '../graph/functions/elementwise.ts';
import { matmul } from '../graph/functions/linear-algebra.ts';
import { sum } from '../graph/functions/reductions.ts';
import {
  type AffineOptions,
  affine,
  affineShapes,
  affineWeights,
  dense,
  initAffine,
  requireCount,
  requireVector,
} from './dense.ts';
import { drawn, glorot, type Initialiser } from './initialisers.ts';
import { type ClassOptions, requireLabels } from './labels.ts';
import type { Layer } from './layer.ts';

/** Settings of `projection`. */
export interface ProjectionOptions extends ClassOptions, AffineOptions {
  /** [classes, in]. Default: that of the weight. */
  readonly embedding?: Initialiser;
}

/**
 * Projection head, one logit: `y = x w + b + <e_label, x>`, [N, in] -> [N, 1]. Parameters: `weight` [in, 1], `bias` [1],
 * `embedding` [classes, in].
 *
 * @throws ConfigError unless classes is a positive integer; ShapeError where the input is not a vector, or a pass has no
 *   labels
 * @see Miyato and Koyama 2018, cGANs with projection discriminator, https://arxiv.org/abs/1802.05637
 */
export function projection({
  classes,
  weight = glorot(),
  embedding = weight,
  ...rest
}: ProjectionOptions): Layer {
  requireCount('projection', 'classes', classes);
  return {
    kind: 'projection',
    outputShape: (inputShape) => {
      requireVector('projection', inputShape);
      return [1];
    },
    parameterShapes: (inputShape) => {
      const inputs = requireVector('projection', inputShape);
      return { ...affineShapes(inputs, 1), embedding: [classes, inputs] };
    },
    weights: (inputShape) => {
      const inputs = requireVector('projection', inputShape);
      return { ...affineWeights(inputs, 1), embedding: { outputAxis: 0, fans: [inputs, classes] } };
    },
    init: (inputShape, key) => {
      const inputs = requireVector('projection', inputShape);
      return {
        parameters: {
          ...initAffine(inputs, 1, { weight, ...rest }, key),
          embedding: drawn(embedding, [classes, inputs], key('embedding'), [inputs, classes]),
        },
        state: {},
      };
    },
    apply: ({ parameters }, x, context) => {
      const labels = requireLabels('projection', context, classes);
      const own = sum(mul(x, matmul(labels, parameters['embedding']!)), { axes: [1], keepDims: true });
      return { y: add(affine(parameters, x), own), state: {} };
    },
  };
}

/**
 * Auxiliary classifier head: [N, in] -> [N, 1 + classes]. Column 0 is the adversarial logit, the others are the classes'
 * logits; the loss splits them. Parameters as `dense` has them.
 *
 * @throws ConfigError unless classes is a positive integer; ShapeError where the input is not a vector
 * @see Odena et al. 2017, https://arxiv.org/abs/1610.09585
 */
export function auxiliaryClassifier({ classes, ...initialisers }: ClassOptions & AffineOptions): Layer {
  requireCount('auxiliaryClassifier', 'classes', classes);
  return { ...dense({ units: 1 + classes, ...initialisers }), kind: 'auxiliaryClassifier' };
}
