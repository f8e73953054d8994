import { describe, expect, it } from 'vitest';
import { operatorCounts, runOn } from '../../../test/rewritten-graph.ts';
import { float32 } from '../../../test/tensors.ts';
import { add, leakyRelu, mul, relu, sigmoid, tanh } from '../functions/elementwise.ts';
import { type GemmOptions, gemm } from '../functions/linear-algebra.ts';
import { loop } from '../functions/loop.ts';
import { sum } from '../functions/reductions.ts';
import { concat, slice } from '../functions/shaping.ts';
import { grad } from '../grad.ts';
import type { Tensor } from '../tensor.ts';
import { input, scalar, type Value, type Values } from '../value.ts';
import { mergeProducts } from './merge-products.ts';

function noise(shape: readonly number[], seed: number): Tensor {
  const length = shape.reduce((product, size) => product * size, 1);
  const at = (i: number): number => (Math.imul(i + 101 * seed, 2654435761) >>> 8) / 2 ** 23 - 1;
  return float32(
    shape,
    Array.from({ length }, (_, i) => at(i)),
  );
}

const feeds = {
  a: noise([2, 3], 1),
  b: noise([4, 3], 2),
  c: noise([1, 3], 3),
  w: noise([3, 3], 4),
  u: noise([3, 3], 5),
  bias: noise([3], 6),
};
const [a, b, c, w, u, bias] = Object.entries(feeds).map(([name, { shape }]) =>
  input(name, 'float32', shape),
) as [Value, Value, Value, Value, Value, Value];

/** The operators that are left; equal results to the rounding that another grouping of rows may bring. */
async function expectCounts(outputs: Values, counts: Record<string, number>): Promise<void> {
  const after = mergeProducts(outputs);
  expect(operatorCounts(after)).toEqual(counts);
  const [expected, found] = [await runOn(feeds, outputs), await runOn(feeds, after)];
  for (const [name, { shape, data }] of Object.entries(expected)) {
    expect(found[name]!.shape).toEqual(shape);
    expect(found[name]!.data, name).toBeAllClose(data as Float32Array, { rtol: 1e-6, atol: 1e-6 });
  }
}

/** Two layers of a network. */
const network = (x: Value): Value => gemm(relu(gemm(x, w, bias)), u);

describe('products that share their weights become one', () => {
  it.each<[string, () => Values, Record<string, number>]>([
    ['two', () => ({ y: gemm(a, w), z: gemm(b, w) }), { Concat: 1, Gemm: 1, Split: 1 }],
    ['with a bias', () => ({ y: gemm(a, w, bias), z: gemm(b, w, bias) }), { Concat: 1, Gemm: 1, Split: 1 }],
    ['three', () => ({ x: gemm(a, w), y: gemm(b, w), z: gemm(c, w) }), { Concat: 1, Gemm: 1, Split: 1 }],
    [
      'with transposed weights, as gradients have them',
      () => ({ y: gemm(a, w, undefined, { transB: true }), z: gemm(b, w, undefined, { transB: true }) }),
      { Concat: 1, Gemm: 1, Split: 1 },
    ],
    [
      'and so do those of the next layer, activations between them',
      () => ({ y: network(a), z: network(b) }),
      { Concat: 1, Gemm: 2, Relu: 1, Split: 1 },
    ],
    [
      'however many activations follow each other',
      () => ({ y: tanh(relu(gemm(a, w))), z: tanh(relu(gemm(b, w))) }),
      { Concat: 1, Gemm: 1, Relu: 1, Tanh: 1, Split: 1 },
    ],
    [
      'two groups',
      () => ({ y: add(gemm(a, w), gemm(a, u)), z: add(gemm(b, w), gemm(b, u)) }),
      { Concat: 2, Gemm: 2, Split: 2, Add: 2 },
    ],
  ])('%s', (_, build, counts) => expectCounts(build(), counts));

  it('and a gradient of either is the same', async () => {
    const loss = add(sum(sigmoid(network(a))), sum(tanh(network(b))));
    const [dw, du] = grad(loss, [w, u]);
    const outputs = { dw: dw!, du: du! };
    const after = mergeProducts(outputs);
    expect(operatorCounts(after)['Gemm']).toBeLessThan(operatorCounts(outputs)['Gemm']!);
    const [expected, found] = [await runOn(feeds, outputs), await runOn(feeds, after)];
    for (const name of ['dw', 'du'])
      expect(found[name]!.data).toBeAllClose(expected[name]!.data as Float32Array, {
        rtol: 1e-5,
        atol: 1e-6,
      });
  });
});

describe('activations stay where they are', () => {
  it.each<[string, () => Values, Record<string, number>]>([
    [
      'behind the split if not every part has the same',
      () => ({ y: relu(gemm(a, w)), z: tanh(gemm(b, w)) }),
      { Concat: 1, Gemm: 1, Split: 1, Relu: 1, Tanh: 1 },
    ],
    [
      'or not with the same settings',
      () => ({ y: leakyRelu(gemm(a, w), 0.1), z: leakyRelu(gemm(b, w), 0.2) }),
      { Concat: 1, Gemm: 1, Split: 1, LeakyRelu: 2 },
    ],
  ])('%s', (_, build, counts) => expectCounts(build(), counts));

  it('and the parts before them remain for whoever else reads them', async () => {
    const [y, z] = [gemm(a, w), gemm(b, w)];
    await expectCounts(
      { y: relu(y), z: relu(z), before: add(slice(z, 0, 0, 2), y) },
      { Concat: 1, Gemm: 1, Split: 2, Relu: 1, Slice: 1, Add: 1 },
    );
  });
});

describe('not merged', () => {
  const symbolic = input('batch', 'float32', ['N', 3]);
  const pair = (left: GemmOptions, right: GemmOptions): Values => ({
    y: gemm(a, w, undefined, left),
    z: gemm(b, w, undefined, right),
  });
  it.each<[string, () => Values]>([
    ['one that needs the other', () => ({ y: gemm(tanh(gemm(a, w)), w) })],
    ['with other weights', () => ({ y: gemm(a, w), z: gemm(b, u) })],
    ['with other factors', () => pair({ alpha: 1 }, { alpha: 2 })],
    ['with weights transposed in one', () => pair({}, { transB: true })],
    [
      'with their rows across',
      () => ({ y: gemm(w, w, undefined, { transA: true }), z: gemm(u, w, undefined, { transA: true }) }),
    ],
    ['with a bias in one', () => ({ y: gemm(a, w, bias), z: gemm(b, w) })],
    ['with a whole matrix added', () => ({ y: gemm(w, w, u), z: gemm(u, w, u) })],
    ['a single one', () => ({ y: gemm(concat([a, b], 0), w) })],
  ])('%s', (_, build) => {
    const outputs = build();
    return expectCounts(outputs, operatorCounts(outputs));
  });

  it('rows whose number only the run knows', () => {
    const outputs = { y: gemm(symbolic, w), z: gemm(a, w) };
    expect(mergeProducts(outputs)).toEqual(outputs);
  });
});

describe('loops', () => {
  const count = scalar(3, 'int64');

  it('have their own products merged', async () => {
    const { state } = loop(count, { x: a, y: b }, (_, { x, y }) => ({
      state: { x: tanh(gemm(x!, w)), y: tanh(gemm(y!, w)) },
    }));
    await expectCounts(state, { Loop: 1, Concat: 1, Gemm: 1, Tanh: 1, Split: 1 });
  });

  it('do not share products with what is outside, which has not their values', async () => {
    const { state } = loop(count, { x: a }, (_, { x }) => ({ state: { x: tanh(gemm(x!, w)) } }));
    await expectCounts({ ...state, outside: gemm(b, w) }, { Loop: 1, Gemm: 2, Tanh: 1 });
  });

  it('nor with each other', async () => {
    const looped = (x: Value): Value =>
      loop(count, { x }, (_, state) => ({ state: { x: tanh(gemm(state['x']!, w)) } })).state['x']!;
    await expectCounts({ y: looped(a), z: looped(b) }, { Loop: 2, Gemm: 2, Tanh: 2 });
  });

  it('in front of a product are not run twice', async () => {
    const { state } = loop(count, { x: a }, (_, { x }) => ({ state: { x: mul(x!, 0.5) } }));
    await expectCounts(
      { y: gemm(state['x']!, w), z: gemm(b, w) },
      { Loop: 1, Mul: 1, Concat: 1, Gemm: 1, Split: 1 },
    );
  });
});
