import { exp } from '../graph/functions/elementwise.ts';
import { elementCount, type Tensors } from '../graph/tensor.ts';
import type { Value, Values } from '../graph/value.ts';
import { relu } from '../nn/activations.ts';
import { conv } from '../nn/conv.ts';
import { logSoftmax } from '../nn/cross-entropy.ts';
import { dense } from '../nn/dense.ts';
import { dropout } from '../nn/dropout.ts';
import { he } from '../nn/initialisers.ts';
import type { Layer, LayerContext } from '../nn/layer.ts';
import { flatten, reshape } from '../nn/reshaping.ts';
import { sequential } from '../nn/sequential.ts';
import type { Program } from '../runtime/session.ts';
import { predictingPass } from './layer-context.ts';
import { predictionProgram } from './prediction.ts';
import { type Standardisation, standardise } from './standardisation.ts';

/** Numbers in one feature vector: the units of the penultimate layer. */
export const CLASSIFIER_FEATURES = 128;
/** Probability with which a hidden unit is kept while training. */
const INCLUDE = 0.9;

/** The network of a classifier: examples to features, features to logits. */
export interface ClassifierNetwork {
  /** Numbers in one example, d. */
  readonly dimension: number;
  /** Initial parameters by name, float32. @param seed - integer in [0, 2^32) */
  init(seed: number): Tensors;
  /**
   * One pass.
   *
   * @param x - float32 [N, d]: pixels in [0, 1], points as they are
   * @returns features [N, 128], not negative; logits [N, C]
   */
  apply(
    variables: Values,
    x: Value,
    pass: LayerContext,
  ): { readonly features: Value; readonly logits: Value };
}

/** Smaller images than this leave convolutions nothing to halve. */
const SMALLEST_SIDE = 16;

const hidden = (units: number): Layer[] => [dense({ units, weight: he() }), relu()];
const halving = (channels: number): Layer[] => [
  conv({ channels, size: 3, stride: 2, padding: 1, weight: he() }),
  relu(),
];

/** Whether images of this shape get a network of convolutions: those of at least 16 x 16. */
export function isConvolutional(exampleShape: readonly number[]): boolean {
  const [, ...sides] = exampleShape;
  return sides.length === 2 && Math.min(...sides) >= SMALLEST_SIDE;
}

/** Layers up to the last before features. A tenth of their units is dropped while training. */
function early(exampleShape: readonly number[]): Layer[] {
  const drop = dropout({ include: INCLUDE });
  if (!isConvolutional(exampleShape)) return [...hidden(512), drop, ...hidden(256), drop];
  const convolutions = [32, 64, 128].flatMap(halving);
  return [reshape(exampleShape), ...convolutions, flatten(), drop];
}

/**
 * d - 512 - 256 - 128 - C with rectifiers; of images of at least 16 x 16 three convolutions 3 x 3 of stride 2 to 32, 64 and
 * 128 channels in the place of the first two layers.
 */
export function classifierNetwork(
  exampleShape: readonly number[],
  classes: number,
  standardisation: Standardisation,
): ClassifierNetwork {
  const dimension = elementCount(exampleShape);
  const body = sequential(
    'classifier',
    [dimension],
    [...early(exampleShape), ...hidden(CLASSIFIER_FEATURES)],
  );
  const head = sequential('classifier/logits', [CLASSIFIER_FEATURES], [dense({ units: classes })]);
  return {
    dimension,
    init: (seed) => ({ ...body.init(seed).parameters, ...head.init(seed).parameters }),
    apply: (variables, x, pass) => {
      const own = { parameters: variables, state: {} };
      const features = body.apply(own, standardise(x, standardisation), pass).y;
      return { features, logits: head.apply(own, features, pass).y };
    },
  };
}

/**
 * A trained classifier as a program with its weights inside: `x` float32 [N, d] to `features` [N, 128] and
 * `probabilities` [N, C].
 *
 * @param name - in the session
 */
export function classifierProgram(name: string, network: ClassifierNetwork, variables: Tensors): Program {
  return predictionProgram({
    name,
    dimension: network.dimension,
    variables,
    weights: 'constants',
    build: (x, values) => {
      const { features, logits } = network.apply(values, x, predictingPass);
      return { features, probabilities: exp(logSoftmax(logits)) };
    },
  });
}
