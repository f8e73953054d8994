import { describe, expect, it } from 'vitest';
import { nodesOf, operatorCounts, runOn } from '../../../test/rewritten-graph.ts';
import { float32 } from '../../../test/tensors.ts';
import { add, mul, square, tanh } from '../functions/elementwise.ts';
import { gemm } from '../functions/linear-algebra.ts';
import { loop } from '../functions/loop.ts';
import { mean, sum } from '../functions/reductions.ts';
import { grad } from '../grad.ts';
import type { Tensor } from '../tensor.ts';
import { input, isFrom, scalar, type Value, type Values } from '../value.ts';
import { accumulateInGemm } from './accumulate-in-gemm.ts';
import { countUses, rewrite } from './rewrite.ts';

/** Numbers without a pattern, in [-1, 1). */
function noise(shape: readonly number[], seed: number): Tensor {
  const length = shape.reduce((product, size) => product * size, 1);
  const at = (i: number): number => (Math.imul(i + 101 * seed, 2654435761) >>> 8) / 2 ** 23 - 1;
  return float32(
    shape,
    Array.from({ length }, (_, i) => at(i)),
  );
}

const [BATCH, IN, OUT] = [5, 4, 3];
const x = input('x', 'float32', [BATCH, IN]);
const w = input('w', 'float32', [IN, OUT]);
const velocity = input('velocity', 'float32', [IN, OUT]);
const rate = input('rate', 'float32', []);
const feeds = {
  x: noise([BATCH, IN], 1),
  w: noise([IN, OUT], 2),
  velocity: noise([IN, OUT], 3),
  rate: float32([], [-0.1]),
  momentum: float32([], [0.5]),
  bias: noise([OUT], 4),
};

const fold = (outputs: Values): Values => rewrite(outputs, accumulateInGemm(countUses(outputs)));

const lossOf = (weight: Value): Value => mean(square(tanh(gemm(x, weight))));

/** Factors of an update: constants, or values that are fed. */
interface Descent {
  readonly minusRate: Value | number;
  readonly momentum?: Value | number;
}

/** One update of w as the optimiser writes it: `v <- mu v - rate g; w <- w + v`, or without v. */
function updated({ minusRate, momentum }: Descent, weight = w, state = velocity) {
  const [gradient] = grad(lossOf(weight), [weight]);
  const change = mul(gradient!, minusRate);
  if (momentum === undefined) return { outputs: { w: add(weight, change) }, gradient: gradient! };
  const next = add(mul(state, momentum), change);
  return { outputs: { w: add(weight, next), velocity: next }, gradient: gradient! };
}

/** beta of the products that accumulate. */
const betas = (outputs: Values): number[] =>
  nodesOf(outputs).flatMap(({ outputs: [value] }) =>
    isFrom(value!, 'Gemm') && value.node.inputs.length === 3 ? [value.node.attributes.beta] : [],
  );

/** How many operators fewer: by name, those whose count has changed. */
function saved(before: Values, after: Values): Record<string, number> {
  const [more, fewer] = [operatorCounts(before), operatorCounts(after)];
  return Object.fromEntries(
    Object.entries(more)
      .map(([op, count]) => [op, count - (fewer[op] ?? 0)] as const)
      .filter(([, difference]) => difference !== 0),
  );
}

async function expectEqualResults(before: Values, after: Values): Promise<void> {
  const [expected, found] = [await runOn(feeds, before), await runOn(feeds, after)];
  for (const [name, { data }] of Object.entries(expected))
    expect(found[name]!.data, name).toBeAllClose(data as Float32Array, { rtol: 1e-6, atol: 1e-7 });
}

describe('an update becomes part of the product that makes its gradient', () => {
  const momentum = input('momentum', 'float32', []);
  it.each<[string, Descent, beta: number, fewer: Record<string, number>]>([
    ['plain descent', { minusRate: -0.1 }, 1, { Add: 1 }],
    ['plain descent with a fed rate', { minusRate: rate }, 1, { Add: 1 }],
    ['momentum', { minusRate: -0.1, momentum: 0.75 }, 0.75, { Add: 1, Mul: 1 }],
    ['momentum with a fed rate', { minusRate: rate, momentum: 0.75 }, 0.75, { Add: 1, Mul: 1 }],
    // beta is an attribute, so a fed momentum keeps its own pass over the velocity.
    ['fed momentum', { minusRate: rate, momentum }, 1, { Add: 1 }],
  ])('%s', async (_, factors, beta, fewer) => {
    const { outputs } = updated(factors);
    const after = fold(outputs);
    expect(betas(outputs)).toEqual([]);
    expect(betas(after)).toEqual([beta]);
    expect(saved(outputs, after)).toEqual(fewer);
    await expectEqualResults(outputs, after);
  });

  it('whichever way round sum and products are written', async () => {
    const product = gemm(x, x, undefined, { transA: true });
    const square4 = input('square', 'float32', [IN, IN]);
    const outputs: Values = {
      a: add(mul(product, rate), mul(square4, 0.5)),
      b: add(mul(0.5, square4), mul(rate, product)),
    };
    const after = fold(outputs);
    expect(betas(after)).toEqual([0.5, 0.5]);
    const all = { ...feeds, square: noise([IN, IN], 5) };
    const results = await runOn(all, after);
    expect(results['a']).toEqual(results['b']);
    expect(results['a']!.data).toBeAllClose((await runOn(all, outputs))['a']!.data as Float32Array, {
      rtol: 1e-6,
    });
  });

  it.each([
    ['the cotangent, where it is smaller', [8, 4], [8, 3], [8, 3]],
    ['the activations, where they are', [8, 3], [8, 4], [8, 3]],
  ])('the rate scales %s', (_, left, right, scaled) => {
    const [a, b] = [input('a', 'float32', left), input('b', 'float32', right)];
    const c = input('c', 'float32', [left[1]!, right[1]!]);
    const after = fold({ y: add(c, mul(gemm(a, b, undefined, { transA: true }), rate)) });
    const [product] = nodesOf(after).filter(({ op }) => op === 'Mul');
    expect(product!.outputs[0]!.shape).toEqual(scaled);
  });
});

describe('a sum of products', () => {
  it('is the second, accumulated on the first', async () => {
    const [left, right] = [gemm(x, w), gemm(tanh(x), w)];
    const outputs = { y: add(left, right) };
    const after = fold(outputs);
    expect(saved(outputs, after)).toEqual({ Add: 1 });
    expect(betas(after)).toEqual([1]);
    const [before, folded] = [await runOn(feeds, outputs), await runOn(feeds, after)];
    expect(folded['y']!.data as Float32Array).toBeAllClose(before['y']!.data as Float32Array, {
      rtol: 1e-6,
      atol: 1e-6,
    });
  });
});

describe('a gradient that is looked at', () => {
  const { outputs, gradient } = updated({ minusRate: -0.1, momentum: 0.75 });
  const watched = { ...outputs, norm: sum(square(gradient)) };

  it('is computed twice, so that the update does not change by a bit', async () => {
    const [alone, seen] = [fold(outputs), fold(watched)];
    expect(betas(seen)).toEqual([0.75]);
    expect(operatorCounts(seen)['Gemm']).toBe(operatorCounts(alone)['Gemm']! + 1);
    const { norm, ...rest } = await runOn(feeds, seen);
    expect(rest).toEqual(await runOn(feeds, alone));
    expect(norm!.data[0]).toBe((await runOn(feeds, watched))['norm']!.data[0]);
  });
});

describe('left as it is', () => {
  const row = input('bias', 'float32', [OUT]);
  const productWith = (c?: Value): Value => gemm(x, tanh(gemm(x, w)), c, { transA: true });
  const product = productWith();
  const scaled = mul(product, rate);
  const decayed = mul(velocity, 0.75);
  it.each<[string, Values]>([
    ['where the scaled gradient is read by something else', { y: add(velocity, scaled), step: scaled }],
    ['where a row is added to the product', { y: add(row, scaled) }],
    ['where the product adds something already', { y: add(velocity, mul(productWith(row), rate)) }],
    ['where the scale is no single number', { y: add(velocity, mul(product, row)) }],
    ['where the product itself is read by something else', { y: add(velocity, product), product }],
  ])('%s', async (_, outputs) => {
    const after = fold(outputs);
    expect(operatorCounts(after)).toEqual(operatorCounts(outputs));
    expect(await runOn(feeds, after)).toEqual(await runOn(feeds, outputs));
  });

  it('a decayed velocity that something else reads: then it is what the product adds to', async () => {
    const outputs = { y: add(decayed, scaled), decayed };
    const after = fold(outputs);
    expect(betas(after)).toEqual([1]);
    await expectEqualResults(outputs, after);
  });
});

it('float64 keeps a momentum that float32, the type of beta, cannot hold', async () => {
  const double = (name: string, shape: readonly number[]): Value => input(name, 'float64', shape);
  const [a, v] = [double('a', [2, 2]), double('v', [2, 2])];
  const updatedBy = (momentum: number): Values => ({
    y: add(mul(v, momentum), mul(gemm(a, a, undefined, { transA: true }), -0.25)),
  });
  const doubles = {
    a: { dtype: 'float64', shape: [2, 2], data: Float64Array.of(1, 0, 0, 1) },
    v: { dtype: 'float64', shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) },
  } as const;
  const after = fold(updatedBy(0.9));
  expect(betas(after)).toEqual([1]);
  expect((await runOn(doubles, after))['y']!.data).toBeAllClose([0.65, 1.8, 2.7, 3.35], { rtol: 1e-15 });
  expect(betas(fold(updatedBy(0.75)))).toEqual([0.75]);
});

it('folds in a loop body, and ten updates with momentum end where they would', async () => {
  const { state } = loop(scalar(10, 'int64'), { w, velocity }, (_, carried) => {
    const { outputs } = updated({ minusRate: -0.1, momentum: 0.75 }, carried['w'], carried['velocity']);
    return { state: outputs };
  });
  const after = fold(state);
  expect(betas(after)).toEqual([0.75]);
  expect(saved(state, after)).toEqual({ Add: 1, Mul: 1 });
  const [expected, found] = [await runOn(feeds, state), await runOn(feeds, after)];
  expect(found['w']!.data).toBeAllClose(expected['w']!.data as Float32Array, { rtol: 1e-5, atol: 1e-6 });
  expect(found['w']!.data).not.toEqual(feeds.w.data);
});
