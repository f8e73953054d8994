import { describe, expect, it } from 'vitest';
import { operatorCounts, runOn } from '../../../test/rewritten-graph.ts';
import { float32 } from '../../../test/tensors.ts';
import {
  add,
  cast,
  div,
  greater,
  identity,
  mul,
  neg,
  sqrt,
  stopGradient,
  sub,
  where,
} from '../functions/elementwise.ts';
import { sum } from '../functions/reductions.ts';
import { expand, reshape, squeeze, transpose, unsqueeze } from '../functions/shaping.ts';
import { grad } from '../grad.ts';
import { applyOperator, constant, full, input, scalar, type Value } from '../value.ts';
import { constantNumber, identities } from './identities.ts';
import { rewrite } from './rewrite.ts';

const x = input('x', 'float32', [2, 3]);
const row = input('row', 'float32', [1, 3]);
const count = input('count', 'int64', [2]);
const feeds = {
  x: float32([2, 3], [-1.5, -0.25, 0.1, 3, 2, 1e30]),
  row: float32([1, 3], [1, -2, 0.3]),
  count: { dtype: 'int64', shape: [2], data: BigInt64Array.of(5n, -7n) },
} as const;

type Case = readonly [name: string, graph: Value, left: Readonly<Record<string, number>>];

/** The operators that are left are the expected ones, and ONNX Runtime computes the same bits from them. */
async function expectLeft([, graph, left]: Case): Promise<void> {
  const before = { y: graph };
  const after = rewrite(before, identities);
  expect(operatorCounts(after)).toEqual(left);
  expect([after['y']!.dtype, after['y']!.shape]).toEqual([graph.dtype, graph.shape]);
  expect(await runOn(feeds, after)).toEqual(await runOn(feeds, before));
}

// Most end in a Neg, so that not the whole graph goes.
describe('what changes nothing is dropped', () => {
  it.each<Case>([
    ['identity', neg(identity(x)), { Neg: 1 }],
    ['stopGradient', neg(stopGradient(x)), { Neg: 1 }],
    ['x + 0', neg(add(x, 0)), { Neg: 1 }],
    ['0 + x', neg(add(0, x)), { Neg: 1 }],
    ['x - 0', neg(sub(x, 0)), { Neg: 1 }],
    ['1 x', neg(mul(1, x)), { Neg: 1 }],
    ['x 1', neg(mul(x, 1)), { Neg: 1 }],
    ['x / 1', neg(div(x, 1)), { Neg: 1 }],
    ['a reshape to the same shape', neg(reshape(x, [2, 3])), { Neg: 1 }],
    ['an expand to the same shape', neg(applyOperator('Expand', [x], { shape: [2, 3] })[0]!), { Neg: 1 }],
    ['a cast to the same dtype', neg(applyOperator('Cast', [x], { to: 'float32' })[0]!), { Neg: 1 }],
    ['a concat of one', neg(applyOperator('Concat', [x], { axis: 0 })[0]!), { Neg: 1 }],
    ['all of it, one in the other', neg(mul(identity(add(reshape(x, [2, 3]), 0)), 1)), { Neg: 1 }],
  ])('%s', (...example) => expectLeft(example));

  it.each<Case>([
    ['0 - x', sub(0, x), { Sub: 1 }],
    ['1 / x', div(1, x), { Div: 1 }],
    ['x 0, which may be NaN', mul(x, 0), { Mul: 1 }],
    ['x + 1', add(x, 1), { Add: 1 }],
    ['a zero that gives the sum its shape', add(row, full([2, 3], 0)), { Expand: 1, Add: 1 }],
    ['an expand that stretches', neg(expand(row, [2, 3])), { Expand: 1, Neg: 1 }],
    ['a cast', cast(greater(x, 0), 'float32'), { Greater: 1, Cast: 1 }],
    ['a transpose', neg(transpose(x)), { Transpose: 1, Neg: 1 }],
    ['integers, which no rule knows', add(count, 0), { Add: 1 }],
  ])('not %s', (...example) => expectLeft(example));
});

describe('arithmetic on constants is done when the graph is built', () => {
  const third = div(scalar(1), scalar(3));
  it.each<Case>([
    ['(2 + 3) x', mul(x, add(scalar(2), scalar(3))), { Mul: 1 }],
    ['2 - 3', mul(x, sub(scalar(2), scalar(3))), { Mul: 1 }],
    ['-(2 3)', mul(x, neg(mul(scalar(2), scalar(3)))), { Mul: 1 }],
    ['1 / 3, to the last bit of float32', mul(x, third), { Mul: 1 }],
    ['chains round after every step', mul(x, mul(add(third, scalar(0.1)), scalar(0.7))), { Mul: 1 }],
    ['the root of 2', mul(x, sqrt(scalar(2))), { Mul: 1 }],
    ['a constant in another shape', mul(x, squeeze(unsqueeze(scalar(7), [0, 1]), [0, 1])), { Mul: 1 }],
    ['what folds to 1 is dropped as well', neg(mul(x, div(scalar(5), scalar(5)))), { Neg: 1 }],
  ])('%s', (...example) => expectLeft(example));

  it('in the precision of their dtype', async () => {
    const d = input('d', 'float64', []);
    const before = { y: mul(d, div(scalar(1, 'float64'), scalar(3, 'float64'))) };
    const after = rewrite(before, identities);
    expect(operatorCounts(after)).toEqual({ Mul: 1 });
    const results = await runOn({ d: { dtype: 'float64', shape: [], data: Float64Array.of(3) } }, after);
    expect(results['y']!.data[0]).toBe(1);
  });

  it.each<Case>([
    ['whole tensors, which are not worth their bytes', neg(constant(float32([2], [1, 2]))), { Neg: 1 }],
    [
      'functions that engines round differently',
      mul(x, applyOperator('Exp', [scalar(1)], {})[0]!),
      { Exp: 1, Mul: 1 },
    ],
  ])('not %s', (...example) => expectLeft(example));
});

describe('an operand that is stretched only to be broadcast goes in as it is', () => {
  it.each<Case>([
    ['in a product', mul(x, expand(row, [2, 3])), { Mul: 1 }],
    ['on either side', sub(full([2, 3], 2), x), { Sub: 1 }],
    ['as a condition', where(expand(greater(row, 0), [2, 3]), x, full([2, 3], 5)), { Greater: 1, Where: 1 }],
    ['and is dropped if it was 1', neg(mul(full([2, 3], 1), x)), { Neg: 1 }],
  ])('%s', (...example) => expectLeft(example));

  it.each<Case>([
    [
      'where nothing else has the shape',
      mul(expand(row, [2, 3]), expand(row, [2, 3])),
      { Expand: 2, Mul: 1 },
    ],
    [
      'for an operator that does not broadcast',
      sum(expand(row, [2, 3]), { axes: [0] }),
      { Expand: 1, ReduceSum: 1 },
    ],
  ])('not %s', (...example) => expectLeft(example));

  it('so that the gradient of a sum has no matrix of ones', async () => {
    const [dx] = grad(sum(mul(x, x)), [x]);
    await expectLeft(['', dx!, { Add: 1 }]);
  });
});

describe('a reshape of a reshape is one', () => {
  it.each<Case>([
    ['two', neg(reshape(reshape(x, [6]), [3, 2])), { Reshape: 1, Neg: 1 }],
    ['four', neg(reshape(reshape(reshape(reshape(x, [6]), [3, 2]), [1, 6]), [6, 1])), { Reshape: 1, Neg: 1 }],
    ['there and back is none', neg(reshape(reshape(x, [6]), [2, 3])), { Neg: 1 }],
  ])('%s', (...example) => expectLeft(example));

  it('with a symbolic size', async () => {
    const batch = input('batch', 'float32', ['N', 6]);
    const after = rewrite({ y: neg(reshape(reshape(batch, ['N', 2, 3]), ['N', 3, 2])) }, identities);
    expect(operatorCounts(after)).toEqual({ Reshape: 1, Neg: 1 });
    const results = await runOn({ batch: float32([1, 6], [1, 2, 3, 4, 5, 6]) }, after);
    expect(results['y']).toEqual(float32([1, 3, 2], [-1, -2, -3, -4, -5, -6]));
  });
});

it('constantNumber knows one-element floats', () => {
  expect(constantNumber(scalar(0.1))).toBe(Math.fround(0.1));
  expect(constantNumber(scalar(0.1, 'float64'))).toBe(0.1);
  expect(constantNumber(constant(float32([1, 1], [4])))).toBe(4);
  expect(constantNumber(constant(float32([2], [4, 4])))).toBeUndefined();
  expect(constantNumber(scalar(4, 'int64'))).toBeUndefined();
  expect(constantNumber(x)).toBeUndefined();
});
