import { describe, expect, it } from 'vitest';
import { runGraph } from '../../../test/run-graph.ts';
import { float32 } from '../../../test/tensors.ts';
import { simplify } from '../simplify.ts';
import { scalarTensor } from '../tensor.ts';
import { input, scalar, topologicalOrder } from '../value.ts';
import { add, exp, greater, mul, neg } from './elementwise.ts';
import { changeWhere, loop } from './loop.ts';

const x = input('x', 'float32', [2]);
const y = input('y', 'float32', [2]);
const switched = input('switch', 'float32', []);

describe('changeWhere', () => {
  it.each([
    [1, [0 + 2 * Math.exp(3), 1 + 2 * Math.exp(4)], [-0, -1]],
    [0, [0, 1], [7, 8]],
  ])('changes the state where the condition holds: %d', async (on, first, second) => {
    const state = { first: x, second: input('z', 'float32', [2]) };
    const after = changeWhere(greater(switched, 0.5), state, (before, bring) => ({
      first: add(before['first']!, mul(exp(bring(y)), 2)),
      second: neg(before['first']!),
    }));
    const feeds = {
      x: float32([2], [0, 1]),
      y: float32([2], [3, 4]),
      z: float32([2], [7, 8]),
      switch: float32([], [on]),
    };
    for (const results of [await runGraph(after, feeds), await runGraph(simplify(after), feeds)]) {
      expect(results['first']!.data).toBeAllClose(first, { rtol: 1e-6, atol: 0 });
      expect(results['second']!.data).toBeAllClose(second, { rtol: 0, atol: 0 });
    }
  });

  it('computes inside what depends on values that were brought in, and outside what does not', () => {
    const graph = (isBrought: boolean) =>
      changeWhere(scalar(1, 'bool'), { x }, (before, bring) => ({
        x: add(before['x']!, exp(isBrought ? bring(y) : y)),
      }));
    const outside = (isBrought: boolean) =>
      topologicalOrder(Object.values(graph(isBrought))).filter(({ op }) => op === 'Exp').length;
    expect(outside(true)).toBe(0);
    expect(outside(false)).toBe(1);
  });

  it('stands in a loop, whose state decides', async () => {
    // Doubles while it is at most 5.
    const count = input('count', 'int64', []);
    const { state } = loop(count, { x: input('start', 'float32', []) }, (_, current) => ({
      state: changeWhere(greater(5.5, current['x']!), current, ({ x: before }) => ({ x: mul(before!, 2) })),
    }));
    const results = await runGraph(simplify(state), {
      count: scalarTensor('int64', 20),
      start: float32([], [1]),
    });
    expect(results['x']!.data).toEqual(Float32Array.of(8));
  });
});
