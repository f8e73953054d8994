import { ShapeError } from '../errors.ts';
import { exp, log, mul, neg, stopGradient, sub } from '../graph/functions/elementwise.ts';
import { maxOver, mean, sum } from '../graph/functions/reductions.ts';
import { formatShape } from '../graph/shapes.ts';
import type { Value } from '../graph/value.ts';
import { oneHot } from './one-hot.ts';

/**
 * `logits - log(sum_c e^logits_c)`: the log-probabilities of classes, computed with the largest logit subtracted first, so
 * that they are finite for any finite logits.
 *
 * Made of primitives because ONNX's own LogSoftmax leaves the device on WebGPU. The largest logit counts as a constant:
 * the function does not depend on what is subtracted, so its derivatives of any order stay right.
 *
 * @param logits - float [..., C], one row of C classes each
 * @returns the same shape and dtype, in nats, at most 0
 * @throws ShapeError where logits are a scalar
 */
export function logSoftmax(logits: Value): Value {
  if (logits.shape.length === 0) throw new ShapeError('logSoftmax: logits must be [..., C], got []');
  const classes = { axes: [-1], keepDims: true };
  const shifted = sub(logits, stopGradient(maxOver(logits, classes)));
  return sub(shifted, log(sum(exp(shifted), classes)));
}

/**
 * Cross-entropy of class labels under the softmax of logits, `-mean_n log softmax(logits_n)[label_n]`: finite for any
 * finite logits, log C where all are equal. Its gradient is `(softmax(logits) - oneHot(label)) / N`.
 *
 * @param logits - float [N, C]
 * @param labels - uint8, int32 or int64 [N], each in 0 ... C - 1; one that is not counts as no class and adds 0
 * @returns [], in nats
 * @throws ShapeError where the shapes or dtypes are others
 */
export function softmaxCrossEntropy(logits: Value, labels: Value): Value {
  const classes = logits.shape[1];
  if (logits.shape.length !== 2 || typeof classes !== 'number')
    throw new ShapeError(`softmaxCrossEntropy: logits must be [N, C], got ${formatShape(logits.shape)}`);
  if (labels.shape.length !== 1 || labels.shape[0] !== logits.shape[0])
    throw new ShapeError(
      `softmaxCrossEntropy: labels must be ${formatShape([logits.shape[0]!])}, one for each row of logits ${formatShape(logits.shape)}, got ${formatShape(labels.shape)}`,
    );
  if (!['uint8', 'int32', 'int64'].includes(labels.dtype))
    throw new ShapeError(`softmaxCrossEntropy: labels must be uint8, int32 or int64, got ${labels.dtype}`);
  const classOf = oneHot(labels, classes, logits.dtype);
  return neg(mean(sum(mul(logSoftmax(logits), classOf), { axes: [1] })));
}
