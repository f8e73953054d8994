import {
  add,
  and,
  cast,
  div,
  equal,
  greater,
  less,
  mul,
  stopGradient,
} from '../graph/functions/elementwise.ts';
import { sum } from '../graph/functions/reductions.ts';
import { transpose } from '../graph/functions/shaping.ts';
import { constant, type Value } from '../graph/value.ts';

/**
 * Weights of samples under which a mean runs over the `count` of them that D takes most for real: N / count for those, 0
 * for the others. Of equal logits the earlier ones are taken.
 *
 * @param fakeLogits - float32 [N, 1]
 * @param count - float32 [], a whole number from 1 to N
 * @returns float32 [N, 1], without a gradient
 * @see Sinha et al. 2020, Top-k Training of GANs, https://arxiv.org/abs/2002.06224
 */
export function topKWeights(fakeLogits: Value, count: Value): Value {
  const rows = Number(fakeLogits.shape[0]);
  const logits = stopGradient(fakeLogits);
  const others = transpose(logits, [1, 0]);
  const number = constant({
    dtype: 'int32',
    shape: [rows, 1],
    data: Int32Array.from({ length: rows }, (_, row) => row),
  });
  const earlier = and(equal(others, logits), less(transpose(number, [1, 0]), number));
  // Each sample's rank: how many are better, or as good and before it.
  const rank = sum(add(cast(greater(others, logits), 'float32'), cast(earlier, 'float32')), {
    axes: [1],
    keepDims: true,
  });
  return mul(cast(less(rank, count), 'float32'), div(rows, count));
}
