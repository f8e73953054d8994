import { cast, equal } from '../graph/functions/elementwise.ts';
import { unsqueeze } from '../graph/functions/shaping.ts';
import type { DType } from '../graph/tensor.ts';
import { constant, type Value } from '../graph/value.ts';

/**
 * Class numbers as rows of zeros with a one at the class; a number that is no class gives a row of zeros.
 *
 * @param labels - uint8, int32 or int64 [N], each in 0 ... classes - 1
 * @param dtype - of the result. Default float32
 * @returns [N, classes]
 */
export function oneHot(labels: Value, classes: number, dtype: DType = 'float32'): Value {
  const numbers = constant({
    dtype: 'int32',
    shape: [classes],
    data: Int32Array.from({ length: classes }, (_, c) => c),
  });
  return cast(equal(unsqueeze(cast(labels, 'int32'), [1]), numbers), dtype);
}
