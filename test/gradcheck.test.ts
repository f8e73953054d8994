import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { add, mul } from '../src/graph/functions/elementwise.ts';
import { sum } from '../src/graph/functions/reductions.ts';
import { grad } from '../src/graph/grad.ts';
import { type OpType, operators } from '../src/graph/operators.ts';
import { simplify } from '../src/graph/simplify.ts';
import { elementCount, type Tensor } from '../src/graph/tensor.ts';
import { constant, input, topologicalOrder, type Value } from '../src/graph/value.ts';
import { vjps } from '../src/graph/vjps.ts';
import { streamOf } from '../src/random/threefry.ts';
import { fillUniform } from '../src/random/uniform.ts';
import { type GradientCase, type GradientCheck, gradcheck, references } from './gradcheck.ts';
import { type CompiledGraph, compileGraph, runGraph } from './run-graph.ts';

/** Reproducible float64 numbers in [low, high); `index` tells the draws of one case apart. */
function draw(name: string, index: number, shape: readonly number[], low: number, high: number): Tensor {
  const data = new Float32Array(elementCount(shape));
  fillUniform({ seed: 2014, stream: streamOf(name) }, index, data, low, high);
  return { dtype: 'float64', shape, data: Float64Array.from(data) };
}

/** `sum(w y^2) / 2` over all results, w random: its gradient depends on x even where f is linear. */
function lossOf(name: string, ys: readonly Value[]): Value {
  return ys
    .map((y, i) => {
      const weight = constant(draw(name, 100 + i, y.shape as readonly number[], 0.5, 1.5));
      return mul(sum(mul(weight, mul(y, y))), 0.5);
    })
    .reduce(add);
}

const dot = (as: readonly Value[], bs: readonly Value[]): Value =>
  as.map((a, i) => sum(mul(a, bs[i]!))).reduce(add);

/** The loss, its gradient g, `<g, direction>` for a random direction, and that number's gradient. */
function bothOrders(op: OpType, { name, inputs, f }: GradientCase) {
  const key = `${op} ${name}`;
  const xs = inputs.map(({ shape }, i) => input(`x${i}`, 'float64', shape));
  const ys = [f(...xs)].flat();
  const loss = lossOf(key, ys);
  const first = grad(loss, xs);
  const directions = inputs.map(({ shape }, i) => constant(draw(key, 200 + i, shape, -1, 1)));
  const slope = dot(first, directions);
  const second = grad(slope, xs);
  const point = inputs.map(({ shape, low, high }, i) => draw(key, i, shape, low, high));
  return { ys, loss, first, slope, second, point };
}

const feedsOf = (tensors: readonly Tensor[]) => Object.fromEntries(tensors.map((t, i) => [`x${i}`, t]));

/** A tensor with one element moved. */
function moved(tensor: Tensor, element: number, by: number): Tensor {
  const data = Float64Array.from(tensor.data as Float64Array);
  data[element] = data[element]! + by;
  return { ...tensor, data };
}

/** Central differences of the loss and of the slope, element by element of input `i`. */
async function differences(graph: CompiledGraph, point: readonly Tensor[], i: number, step: number) {
  const tensor = point[i]!;
  const losses = new Float64Array(tensor.data.length);
  const slopes = new Float64Array(tensor.data.length);
  for (const element of losses.keys()) {
    const up = await graph.run(feedsOf(point.with(i, moved(tensor, element, step))));
    const down = await graph.run(feedsOf(point.with(i, moved(tensor, element, -step))));
    const change = (name: string): number => Number(up[name]!.data[0]) - Number(down[name]!.data[0]);
    losses[element] = change('loss') / (2 * step);
    slopes[element] = change('slope') / (2 * step);
  }
  return { losses, slopes };
}

const isZero = (value: number | bigint): boolean => value === 0;

for (const [op, check] of Object.entries(gradcheck) as [OpType, GradientCheck][]) {
  if (!('cases' in check)) continue;
  describe(op, () => {
    test.each(check.cases.map((example) => [example.name, example] as const))('%s', async (_, example) => {
      const { ys, loss, first, slope, second, point } = bothOrders(op, example);
      expect(topologicalOrder(ys).map((node) => node.op)).toContain(op);
      const gradients = [...first.entries()].flatMap(([i, value]) => [
        [`first${i}`, value],
        [`second${i}`, second[i]!],
      ]);
      const outputs = { loss, slope, ...Object.fromEntries(gradients) };
      const graph = await compileGraph(outputs);
      try {
        const results = await graph.run(feedsOf(point));
        // Simplification must keep every number, whatever operator it comes from.
        const simplified = await runGraph(simplify(outputs), feedsOf(point));
        for (const [name, { data }] of Object.entries(results)) {
          expect(simplified[name]!.data).toBeAllClose(data, { rtol: 1e-12, atol: 1e-13 });
        }
        for (const [i, { shape }] of point.entries()) {
          const [g, h] = [results[`first${i}`]!, results[`second${i}`]!];
          expect([g.shape, h.shape]).toEqual([shape, shape]);
          const { losses, slopes } = await differences(graph, point, i, example.step ?? 1e-5);
          if (check.by === 'design') {
            expect(losses.some(isZero)).toBe(false);
          } else {
            expect(g.data).toBeAllClose(losses, { rtol: 1e-6, atol: 1e-8 });
            expect(h.data).toBeAllClose(slopes, { rtol: 1e-6, atol: 1e-8 });
          }
          if (check.by !== 'differences') expect([...g.data, ...h.data].every(isZero)).toBe(true);
        }
      } finally {
        await graph.release();
      }
    });
  });
}

describe('against PyTorch, out to +-50', () => {
  const numbers = JSON.parse(readFileSync(new URL('./reference/operators.json', import.meta.url), 'utf8'));
  for (const [name, f] of Object.entries(references)) {
    test.each(['float32', 'float64'] as const)(`${name} in %s`, async (dtype) => {
      const { x, y, first, second } = numbers[name];
      const value = input('x', dtype, x.shape);
      const result = f(value);
      const [slope] = grad(sum(result), [value]);
      const [curvature] = grad(sum(slope!), [value]);
      const data = dtype === 'float32' ? Float32Array.from(x.data) : Float64Array.from(x.data);
      const results = await runGraph(
        { result, slope: slope!, curvature: curvature! },
        { x: { dtype, shape: x.shape, data } },
      );
      // float64: as many digits as the file has, but for leakyRelu's alpha, which is a float32 in an ONNX file.
      const rtol = name === 'leakyRelu' ? 2e-8 : 1e-11;
      const tolerance = dtype === 'float32' ? { rtol: 2e-6, atol: 5e-7 } : { rtol, atol: 1e-15 };
      expect(results['result']!.data).toBeAllClose(y.data, tolerance);
      expect(results['slope']!.data).toBeAllClose(first.data, tolerance);
      expect(results['curvature']!.data).toBeAllClose(second.data, tolerance);
    });
  }
});

test('every operator has cases or a reason', () => {
  expect(Object.keys(gradcheck).sort()).toEqual(Object.keys(operators).sort());
  for (const [op, check] of Object.entries(gradcheck)) {
    if ('cases' in check) expect(check.cases.length, op).toBeGreaterThan(0);
    const nothingPasses = vjps[op as OpType] === null || op === 'Loop';
    expect(check.by !== 'differences' && check.by !== 'pytorch', op).toBe(nothingPasses);
  }
});
