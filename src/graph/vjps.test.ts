import { describe, expect, test } from 'vitest';
import { runGraph } from '../../test/run-graph.ts';
import {
  abs,
  clip,
  leakyRelu,
  max,
  min,
  mul,
  pow,
  relu,
  softplus,
  stopGradient,
} from './functions/elementwise.ts';
import { maxOver, sum } from './functions/reductions.ts';
import { gather, scatterAdd } from './functions/shaping.ts';
import { grad } from './grad.ts';
import type { DType, Tensor } from './tensor.ts';
import { constant, input, type Value } from './value.ts';

const vector = (...values: number[]): Tensor => ({
  dtype: 'float32',
  shape: [values.length],
  data: Float32Array.from(values),
});

/** Gradients of `sum(f(xs))` by each x. */
async function gradients(f: (...xs: Value[]) => Value, ...points: readonly Tensor[]) {
  const xs = points.map((point, i) => input(`x${i}`, point.dtype, point.shape));
  const results = grad(sum(f(...xs)), xs);
  const outputs = Object.fromEntries(results.map((value, i) => [`g${i}`, value]));
  const tensors = await runGraph(outputs, Object.fromEntries(points.map((point, i) => [`x${i}`, point])));
  return points.map((_, i) => [...tensors[`g${i}`]!.data]);
}

// Gradcheck keeps away from these points, where a function has no derivative and a convention decides.
describe('on a kink', () => {
  test.each<[string, (x: Value) => Value, number[], number[]]>([
    ['relu at 0: 0', relu, [-1, -0, 0, 1], [0, 0, 0, 1]],
    ['leakyRelu at 0: alpha', (x) => leakyRelu(x, 0.5), [-1, 0, 1], [0.5, 0.5, 1]],
    ['abs at 0: 0', abs, [-2, 0, 2], [-1, 0, 1]],
    ['clip on its bounds: 1', (x) => clip(x, -1, 2), [-1.5, -1, 0, 2, 2.5], [0, 1, 1, 1, 0]],
    ['max with a number that ties: a half', (x) => max(x, 1), [0, 1, 2], [0, 0.5, 1]],
  ])('%s', async (_, f, point, expected) => {
    expect(await gradients(f, vector(...point))).toEqual([expected]);
  });

  test('max and min share a tie in halves, and the winner takes all', async () => {
    const [a, b] = [vector(1, 2, 3), vector(1, 3, 2)];
    expect(await gradients(max, a, b)).toEqual([
      [0.5, 0, 1],
      [0.5, 1, 0],
    ]);
    expect(await gradients(min, a, b)).toEqual([
      [0.5, 1, 0],
      [0.5, 0, 1],
    ]);
  });

  test('maxOver: elements that tie share equally, each slice on its own', async () => {
    const x: Tensor = { dtype: 'float32', shape: [2, 3], data: Float32Array.of(5, 5, 1, 7, 7, 7) };
    const third = Math.fround(1 / 3);
    const expected = [0.5, 0.5, 0, third, third, third];
    expect(await gradients((value) => maxOver(value, { axes: [1] }), x)).toEqual([expected]);
  });
});

describe('pow', () => {
  test('by the base at 0: no NaN where the exponent is 1, 2 or 0', async () => {
    for (const [exponent, slope] of [[0, 0] as const, [1, 1] as const, [2, 0] as const]) {
      expect(await gradients((x) => pow(x, exponent), vector(0, 0))).toEqual([[slope, slope]]);
    }
  });

  test('by the exponent: y log(base) where the base is positive, 0 elsewhere', async () => {
    const [, byExponent] = await gradients(pow, vector(2, 1, 0, -2), vector(3, 5, 2, 2));
    expect(byExponent).toBeAllClose([8 * Math.log(2), 0, 0, 0], { rtol: 1e-6 });
  });
});

test('softplus in float64 has slope 1/2 at 0, although it is put together from pieces', async () => {
  const zero: Tensor = { dtype: 'float64', shape: [1], data: Float64Array.of(0) };
  expect(await gradients(softplus, zero)).toEqual([[0.5]]);
});

test('stopGradient: the factor behind it counts as a constant', async () => {
  expect(await gradients((x) => mul(x, stopGradient(x)), vector(3, -4))).toEqual([[3, -4]]);
});

// ONNX Runtime's ScatterND with reduction add loses rows when it runs on two threads.
test('the gradient of gather adds every row, however many meet on an index and however many threads run', async () => {
  const [rows, columns, size] = [20_000, 64, 4];
  const indices: Tensor = {
    dtype: 'int64',
    shape: [rows],
    data: BigInt64Array.from({ length: rows }, (_, i) => BigInt(i % size)),
  };
  const table = input('table', 'float32', [size, columns]);
  const [gradient] = grad(sum(gather(table, constant(indices))), [table]);
  const feeds = { table: { dtype: 'float32' as DType, shape: [size, columns], data: new Float32Array(256) } };
  for (let run = 0; run < 3; run++) {
    const { g } = await runGraph({ g: gradient! }, feeds, 2);
    expect(g!.data.every((value: number | bigint) => value === rows / size)).toBe(true);
  }
});

test('scatterAdd: one row lands on its index, the others stay 0', async () => {
  const updates = input('updates', 'float32', [1, 2]);
  const index = constant({ dtype: 'int64', shape: [1], data: BigInt64Array.of(1n) });
  const { y } = await runGraph(
    { y: scatterAdd(3, index, updates) },
    { updates: { ...vector(5, 6), shape: [1, 2] } },
  );
  expect([...y!.data]).toEqual([0, 0, 5, 6, 0, 0]);
});
