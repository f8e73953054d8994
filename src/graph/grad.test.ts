import { describe, expect, test } from 'vitest';
import { runGraph } from '../../test/run-graph.ts';
import { ShapeError } from '../errors.ts';
import { add, cast, exp, mul, neg, pow, sub } from './functions/elementwise.ts';
import { matmul } from './functions/linear-algebra.ts';
import { loop } from './functions/loop.ts';
import { sum } from './functions/reductions.ts';
import { gather, split } from './functions/shaping.ts';
import { grad } from './grad.ts';
import type { Tensor } from './tensor.ts';
import { constant, input, label, scalar, topologicalOrder, type Value } from './value.ts';

const vector = (...values: number[]): Tensor => ({
  dtype: 'float32',
  shape: [values.length],
  data: Float32Array.from(values),
});

/** Values of the graph where its only input x is `point`. */
async function at(point: Tensor, ...values: readonly Value[]): Promise<readonly Tensor[]> {
  const results = await runGraph(Object.fromEntries(values.map((value, i) => [`y${i}`, value])), {
    x: point,
  });
  return values.map((_, i) => results[`y${i}`]!);
}

const x = input('x', 'float32', [3]);
const point = vector(1, -2, 3);

test('an input that y does not depend on gets zeros of its own type', async () => {
  const other = input('other', 'float64', [2, 1]);
  const indices = input('indices', 'int64', [2]);
  const [byOther, byIndices] = grad(sum(gather(x, indices)), [other, indices]);
  const [a, b] = await at(point, byOther!, byIndices!);
  expect(a).toMatchObject({ dtype: 'float64', shape: [2, 1], data: Float64Array.of(0, 0) });
  expect(b).toMatchObject({ dtype: 'int64', shape: [2], data: BigInt64Array.of(0n, 0n) });
});

test('values in between: the gradient by each, and through it', async () => {
  const h = mul(x, 3);
  const y = sum(mul(h, h));
  const [byH, byX, byY] = grad(y, [h, x, y]);
  const [a, b, c] = await at(point, byH!, byX!, byY!);
  expect([...a!.data]).toEqual([6, -12, 18]);
  expect([...b!.data]).toEqual([18, -36, 54]);
  expect([...c!.data]).toEqual([1]);
});

test('stops at the values asked for: nothing behind them is differentiated', () => {
  const h = exp(exp(exp(x)));
  const gradientNodes = (value: Value) =>
    topologicalOrder([value]).filter((node) => node.scope === 'gradient');
  const [byH] = grad(sum(mul(h, h)), [h]);
  expect(gradientNodes(byH!).map((node) => node.op)).toEqual(['Reshape', 'Expand', 'Mul', 'Mul', 'Add']);
});

test('a value that is used several times gathers all its shares, and may be asked for twice', async () => {
  const y = sum(add(add(mul(x, x), mul(x, 3)), x));
  const [a, b] = await at(point, ...grad(y, [x, x]));
  expect([...a!.data]).toEqual([6, 0, 10]);
  expect([...b!.data]).toEqual([6, 0, 10]);
});

test('one output of a node that has several', async () => {
  const [head, tail] = split(x, [1, 2], 0);
  const y = add(sum(mul(head!, head!)), mul(sum(tail!), 5));
  const [byTail, byX] = await at(point, ...grad(y, [tail!, x]));
  expect([...byTail!.data]).toEqual([5, 5]);
  expect([...byX!.data]).toEqual([2, 5, 5]);
});

describe.each<[string, (x: Value) => Value]>([
  ['products', (value) => mul(mul(value, value), value)],
  ['pow', (value) => pow(value, 3)],
])('the cubic by %s', (_, cube) => {
  test('first to fourth derivative, at 0 too', async () => {
    const [first] = grad(sum(cube(x)), [x]);
    const [second] = grad(sum(first!), [x]);
    const [third] = grad(sum(second!), [x]);
    const [fourth] = grad(sum(third!), [x]);
    const results = await at(vector(1, -2, 0), first!, second!, third!, fourth!);
    expect(results.map(({ data }) => [...data].map((value) => Number(value) + 0))).toEqual([
      [3, 12, 0],
      [6, -12, 0],
      [6, 6, 6],
      [0, 0, 0],
    ]);
  });
});

test('dy: a vector-Jacobian product of any shape', async () => {
  const matrix = constant({ dtype: 'float32', shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
  const row = input('x', 'float32', [1, 3]);
  const y = matmul(row, matrix);
  const dy = constant({ dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, 10) });
  const [byRow] = await at({ ...point, shape: [1, 3] }, ...grad(y, [row], dy));
  expect([...byRow!.data]).toEqual([21, 43, 65]);
});

test('a gradient inside the body of a loop: three steps down a parabola', async () => {
  const { state } = loop(
    constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(3n) }),
    { x },
    (_, now) => {
      const [slope] = grad(sum(mul(now['x']!, now['x']!)), [now['x']!]);
      return { state: { x: sub(now['x']!, mul(slope!, 0.25)) } };
    },
  );
  const [result] = await at(point, state['x']!);
  expect([...result!.data]).toEqual([1 / 8, -2 / 8, 3 / 8]);
});

test('gradient nodes are named after the part of the model that they differentiate', () => {
  const h = mul(x, x);
  label('generator/dense1', [h], [x]);
  const [dx] = grad(sum(exp(h)), [x]);
  const scopes = new Map(topologicalOrder([dx!]).map((node) => [node.op, node.scope]));
  expect(scopes.get('Add')).toBe('generator/dense1/gradient');
  expect(scopes.get('Expand')).toBe('gradient');
  expect(scopes.get('Exp')).toBeUndefined();
});

test('depth is not bounded by the stack', () => {
  let y = sum(x);
  for (let i = 0; i < 12_000; i++) y = neg(y);
  const [dx] = grad(y, [x]);
  expect(dx!.shape).toEqual([3]);
});

describe('refuses', () => {
  const halves = loop(
    constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(3n) }),
    { x },
    (_, now) => ({
      state: { x: mul(now['x']!, 0.5) },
    }),
  );
  test.each<[string, () => unknown, string]>([
    [
      'a y that is not a scalar',
      () => grad(mul(x, 2), [x]),
      'grad: y must be a scalar, got [3]. Use mean or sum, or pass dy',
    ],
    [
      'a y that is not a float',
      () => grad(cast(sum(x), 'int32'), [x]),
      'grad: y must be a float, got int32. Use cast',
    ],
    [
      'a dy of another shape',
      () => grad(mul(x, 2), [x], input('dy', 'float32', [1, 3])),
      "grad: dy must have y's type float32 [3], got float32 [1, 3]",
    ],
    [
      'a dy of another dtype',
      () => grad(sum(x), [x], scalar(1, 'float64')),
      "grad: dy must have y's type float32 [], got float64 []",
    ],
    [
      'a loop on the way',
      () => grad(sum(halves.state['x']!), [x]),
      'grad: a loop is not differentiable, got a gradient through one. Take the gradient inside its body',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(new ShapeError(message));
  });

  test('but not a loop beside the way', async () => {
    const [dx] = await at(point, ...grad(sum(mul(halves.state['x']!, x)), [halves.state['x']!]));
    expect([...dx!.data]).toEqual([1, -2, 3]);
  });
});
