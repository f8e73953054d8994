import { describe, expect, it } from 'vitest';
import { runGraph } from '../../test/run-graph.ts';
import { float32, type ReferenceArray, readReference } from '../../test/tensors.ts';
import { ShapeError } from '../errors.ts';
import { mul } from '../graph/functions/elementwise.ts';
import { sum } from '../graph/functions/reductions.ts';
import { grad } from '../graph/grad.ts';
import type { Tensor } from '../graph/tensor.ts';
import { input } from '../graph/value.ts';
import { logSoftmax, softmaxCrossEntropy } from './cross-entropy.ts';

interface Case {
  readonly logits: ReferenceArray;
  readonly labels: readonly number[];
  readonly direction: ReferenceArray;
  readonly logSoftmax: ReferenceArray;
  readonly value: number;
  readonly gradient: ReferenceArray;
  readonly curvature: ReferenceArray;
}

const labelsAs = (labels: readonly number[], dtype: 'uint8' | 'int32' | 'int64'): Tensor => {
  const shape = [labels.length];
  if (dtype === 'int64') return { dtype, shape, data: BigInt64Array.from(labels, BigInt) };
  return dtype === 'int32'
    ? { dtype, shape, data: Int32Array.from(labels) }
    : { dtype, shape, data: Uint8Array.from(labels) };
};

/** Value, gradient and Hessian-vector product of the loss at some logits. */
async function evaluate(
  { shape, data }: ReferenceArray,
  labels: Tensor,
  along: readonly number[] = data,
): Promise<Record<'logProbabilities' | 'loss' | 'gradient' | 'curvature', readonly number[]>> {
  const logits = input('logits', 'float32', shape);
  const direction = input('direction', 'float32', shape);
  const loss = softmaxCrossEntropy(logits, input('labels', labels.dtype, labels.shape));
  const [gradient] = grad(loss, [logits]);
  const [curvature] = grad(sum(mul(gradient!, direction)), [logits]);
  const results = await runGraph(
    { logProbabilities: logSoftmax(logits), loss, gradient: gradient!, curvature: curvature! },
    { logits: float32(shape, data), direction: float32(shape, along), labels },
  );
  const numbers = (name: string): number[] => Array.from(results[name]!.data, Number);
  return {
    logProbabilities: numbers('logProbabilities'),
    loss: numbers('loss'),
    gradient: numbers('gradient'),
    curvature: numbers('curvature'),
  };
}

it("has PyTorch's values and both derivatives, out to logits of +-1000", async () => {
  const cases = readReference<readonly Case[]>('cross-entropy');
  expect(cases.flatMap(({ logits }) => logits.data)).toEqual(expect.arrayContaining([-50, 50, -1000, 1000]));
  const tolerance = { rtol: 2e-5, atol: 2e-7 };
  for (const { logits, labels, direction, value, ...expected } of cases) {
    const found = await evaluate(logits, labelsAs(labels, 'uint8'), direction.data);
    expect(found.loss).toBeAllClose([value], tolerance);
    expect(found.logProbabilities).toBeAllClose(expected.logSoftmax.data, tolerance);
    expect(found.gradient).toBeAllClose(expected.gradient.data, tolerance);
    expect(found.curvature).toBeAllClose(expected.curvature.data, tolerance);
  }
});

describe('by hand', () => {
  it('two classes are the sigmoid of the difference', async () => {
    const found = await evaluate({ shape: [1, 2], data: [3, 1] }, labelsAs([1], 'int32'));
    const wrong = 1 / (1 + Math.exp(-2));
    expect(found.loss).toBeAllClose([-Math.log(1 - wrong)]);
    expect(found.gradient).toBeAllClose([wrong, -wrong]);
  });

  it.each(['uint8', 'int32', 'int64'] as const)('equal logits lose log C, labels as %s', async (dtype) => {
    const found = await evaluate({ shape: [2, 5], data: new Array(10).fill(4) }, labelsAs([4, 0], dtype));
    expect(found.loss).toBeAllClose([Math.log(5)]);
    // Each row's share of the mean: (1/5 - oneHot) / 2.
    expect(found.gradient).toBeAllClose([0.1, 0.1, 0.1, 0.1, -0.4, -0.4, 0.1, 0.1, 0.1, 0.1]);
  });

  it('a label that is no class adds nothing', async () => {
    const found = await evaluate({ shape: [2, 2], data: [0, 0, 0, 0] }, labelsAs([0, 9], 'uint8'));
    expect(found.loss).toBeAllClose([Math.log(2) / 2]);
  });
});

it('says which shapes and dtypes it takes', () => {
  const [logits, labels] = [input('logits', 'float32', [4, 3]), input('labels', 'uint8', [4])];
  expect(() => softmaxCrossEntropy(input('flat', 'float32', [4]), labels)).toThrow(
    new ShapeError('softmaxCrossEntropy: logits must be [N, C], got [4]'),
  );
  expect(() => softmaxCrossEntropy(logits, input('few', 'uint8', [3]))).toThrow(
    new ShapeError('softmaxCrossEntropy: labels must be [4], one for each row of logits [4, 3], got [3]'),
  );
  expect(() => softmaxCrossEntropy(logits, input('one hot', 'uint8', [4, 3]))).toThrow('got [4, 3]');
  expect(() => softmaxCrossEntropy(logits, input('floats', 'float32', [4]))).toThrow(
    new ShapeError('softmaxCrossEntropy: labels must be uint8, int32 or int64, got float32'),
  );
  expect(() => logSoftmax(input('scalar', 'float32', []))).toThrow(
    'logSoftmax: logits must be [..., C], got []',
  );
});
