import { describe, expect, it } from 'vitest';
import { operatorCounts, runOn } from '../../../test/rewritten-graph.ts';
import { float32 } from '../../../test/tensors.ts';
import { add, clip, div, leakyRelu, mul, neg, sigmoid } from '../functions/elementwise.ts';
import { gemm } from '../functions/linear-algebra.ts';
import { loop } from '../functions/loop.ts';
import { sum } from '../functions/reductions.ts';
import { concat, reshape } from '../functions/shaping.ts';
import type { Tensor } from '../tensor.ts';
import { constant, input, scalar, topologicalOrder, type Value, type Values } from '../value.ts';
import { commonSubexpressions } from './common-subexpressions.ts';
import { rewrite } from './rewrite.ts';

const x = input('x', 'float32', [2, 2]);
const feeds = { x: float32([2, 2], [0.5, -1, 2, 3]) };

const share = (outputs: Values): Values => rewrite(outputs, commonSubexpressions());

async function expectCounts(outputs: Values, counts: Record<string, number>): Promise<void> {
  const after = share(outputs);
  expect(operatorCounts(after)).toEqual(counts);
  expect(await runOn(feeds, after)).toEqual(await runOn(feeds, outputs));
}

describe('computed once', () => {
  it.each<[string, () => Values, Record<string, number>]>([
    [
      'the same operator on the same inputs',
      () => ({ y: add(sigmoid(x), sigmoid(x)) }),
      { Sigmoid: 1, Add: 1 },
    ],
    [
      'whole chains',
      () => ({ y: add(neg(sigmoid(mul(x, x))), neg(sigmoid(mul(x, x)))) }),
      { Mul: 1, Sigmoid: 1, Neg: 1, Add: 1 },
    ],
    ['equal constants', () => ({ y: add(mul(x, 0.3), mul(x, 0.3)) }), { Mul: 1, Add: 1 }],
    ['equal attributes', () => ({ y: add(leakyRelu(x, 0.2), leakyRelu(x, 0.2)) }), { LeakyRelu: 1, Add: 1 }],
    ['across outputs', () => ({ y: neg(sigmoid(x)), z: sigmoid(x) }), { Sigmoid: 1, Neg: 1 }],
  ])('%s', (_, build, counts) => expectCounts(build(), counts));
});

describe('not taken for the same', () => {
  const vector = (data: ArrayLike<number>): Value => constant(float32([data.length], data));
  it.each<[string, () => Values, Record<string, number>]>([
    ['other attributes', () => ({ y: add(leakyRelu(x, 0.2), leakyRelu(x, 0.3)) }), { LeakyRelu: 2, Add: 1 }],
    [
      'other axes',
      () => ({ y: add(sum(x, { axes: [0], keepDims: true }), sum(x, { axes: [1], keepDims: true })) }),
      { ReduceSum: 2, Add: 1 },
    ],
    [
      'transposed factors',
      () => ({ y: add(gemm(x, x, undefined, { transA: true }), gemm(x, x, undefined, { transB: true })) }),
      { Gemm: 2, Add: 1 },
    ],
    ['infinite bounds', () => ({ y: add(clip(x, 0, 1), clip(x, 0, Infinity)) }), { Clip: 2, Add: 1 }],
    ['operands in another order', () => ({ y: add(div(x, 2), div(2, x)) }), { Div: 2, Add: 1 }],
    [
      'constants of another shape',
      () => ({ y: concat([reshape(mul(x, vector([2])), [4]), reshape(mul(x, 2), [4])], 0) }),
      {
        Mul: 2,
        Reshape: 2,
        Concat: 1,
      },
    ],
    // 1 / 0 and 1 / -0 are the two infinities.
    [
      '0 and -0',
      () => ({ y: add(div(1, mul(scalar(0), x)), div(1, mul(scalar(-0), x))) }),
      { Mul: 2, Div: 2, Add: 1 },
    ],
  ])('%s', (_, build, counts) => expectCounts(build(), counts));

  it('constants of another dtype', () => {
    const bits = new Uint8Array(4);
    const tensors: Tensor[] = [
      { dtype: 'int32', shape: [1], data: new Int32Array(bits.buffer) },
      { dtype: 'float32', shape: [1], data: new Float32Array(bits.buffer) },
      { dtype: 'uint8', shape: [1], data: new Uint8Array(1) },
      { dtype: 'bool', shape: [1], data: new Uint8Array(1) },
    ];
    const after = share(Object.fromEntries(tensors.map((tensor) => [tensor.dtype, constant(tensor)])));
    expect(new Set(Object.values(after)).size).toBe(4);
  });

  it('inputs of one name, such as the states of two loops', async () => {
    const twice = (value: Value): Value =>
      loop(scalar(2, 'int64'), { state: value }, (_, { state }) => ({
        state: { state: mul(state!, state!) },
      })).state['state']!;
    await expectCounts({ y: twice(x), z: twice(neg(x)) }, { Loop: 2, Mul: 2, Neg: 1 });
  });

  it('constants as large as weights, which would have to be compared number by number', () => {
    const weights = () => constant(float32([65], new Float32Array(65)));
    const values = topologicalOrder(Object.values(share({ y: add(weights(), weights()) })));
    expect(values.filter(({ op }) => op === 'Constant')).toHaveLength(2);
  });
});

it('in a loop body, too, and from there to what is outside', async () => {
  const outside = sigmoid(x);
  const { state } = loop(scalar(3, 'int64'), { s: x }, (_, { s }) => ({
    state: { s: add(add(neg(s!), neg(s!)), sigmoid(x)) },
  }));
  await expectCounts({ y: state['s']!, z: outside }, { Sigmoid: 1, Loop: 1, Neg: 1, Add: 2 });
});
