import { ConfigError, ShapeError } from '../errors.ts';
import { add, exp, log, mul, neg } from '../graph/functions/elementwise.ts';
import { concat, slice } from '../graph/functions/shaping.ts';
import { formatShape, staticShape } from '../graph/shapes.ts';
import type { Value } from '../graph/value.ts';
import { logSoftmax } from './cross-entropy.ts';
import { type Layer, type LayerContext, nothing } from './layer.ts';

/** Settings of `gumbelSoftmax`. */
export interface GumbelSoftmaxOptions {
  /** Where each choice stands in an example: `size` logits from `first`; apart from each other, in their order. */
  readonly blocks: readonly { readonly first: number; readonly size: number }[];
  /** tau above 0: the smaller, the closer to one-hot, and the larger the gradients. Default .2 (CTGAN's). */
  readonly temperature?: number;
}

/** The smallest number that is drawn: 0 would be infinite in the logarithm. */
const LEAST = 2 ** -24;

/**
 * Differentiable draws from categories: while training, each block of logits becomes `softmax((logits + g) / temperature)`,
 * g independent Gumbel noise, nearly one-hot with the probabilities `softmax(logits)`. When sampling it gives the expectation
 * of such a draw, those probabilities themselves; to draw from them is for the caller. Values outside the blocks are kept.
 * [N, d] -> [N, d]; each pass that trains declares a random input `gumbel`.
 *
 * @throws ConfigError where the temperature is not positive; ShapeError where a block lies outside the input, where blocks
 *   overlap, and while training where the batch is symbolic or the pass offers no uniform numbers
 * @see Jang et al. 2017, https://arxiv.org/abs/1611.01144; Xu et al. 2019 (CTGAN), https://arxiv.org/abs/1907.00503
 */
export function gumbelSoftmax({ blocks, temperature = 0.2 }: GumbelSoftmaxOptions): Layer {
  if (!(temperature > 0 && Number.isFinite(temperature)))
    throw new ConfigError(`gumbelSoftmax: temperature must be positive and finite, got ${temperature}`);
  return {
    kind: 'gumbelSoftmax',
    outputShape: (inputShape) => {
      requireBlocks(blocks, inputShape);
      return inputShape;
    },
    parameterShapes: () => ({}),
    init: () => nothing,
    apply: (_, x, context) => {
      if (blocks.length === 0) return { y: x, state: {} };
      const noise = context.mode === 'train' ? gumbel(x, blocks, context) : undefined;
      const parts: Value[] = [];
      let [end, drawn] = [0, 0];
      for (const { first, size } of blocks) {
        if (first > end) parts.push(slice(x, 1, end, first));
        end = first + size;
        const logits = slice(x, 1, first, end);
        if (noise) {
          const perturbed = add(logits, slice(noise, 1, drawn, drawn + size));
          parts.push(softmax(mul(perturbed, 1 / temperature)));
        } else parts.push(softmax(logits));
        drawn += size;
      }
      const width = Number(x.shape[1]);
      if (end < width) parts.push(slice(x, 1, end, width));
      return { y: parts.length === 1 ? parts[0]! : concat(parts, 1), state: {} };
    },
  };
}

/** `-log(-log u)` for every logit of the blocks: [N, logits]. */
function gumbel(x: Value, blocks: GumbelSoftmaxOptions['blocks'], { uniform }: LayerContext): Value {
  if (!uniform)
    throw new ShapeError('gumbelSoftmax: a pass that trains must offer uniform numbers, got only masks');
  const [count] = staticShape('gumbelSoftmax', x.shape) as readonly [number];
  const logits = blocks.reduce((total, { size }) => total + size, 0);
  return neg(log(neg(log(uniform('gumbel', [count, logits], LEAST, 1)))));
}

const softmax = (logits: Value): Value => exp(logSoftmax(logits));

function requireBlocks(blocks: GumbelSoftmaxOptions['blocks'], inputShape: readonly number[]): void {
  const [width, ...rest] = inputShape;
  if (width === undefined || rest.length > 0)
    throw new ShapeError(`gumbelSoftmax: x must be [N, d], got ${formatShape(['N', ...inputShape])}`);
  let end = 0;
  for (const { first, size } of blocks) {
    if (first < end || size < 1 || first + size > width)
      throw new ShapeError(
        `gumbelSoftmax: blocks must lie in [0, ${width}), one after the other, got ${size} from ${first} after ${end}`,
      );
    end = first + size;
  }
}
