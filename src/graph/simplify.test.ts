import { test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { randomGraph } from '../../test/random-graph.ts';
import { nodesOf, operatorCounts, runOn } from '../../test/rewritten-graph.ts';
import { float32 } from '../../test/tensors.ts';
import { add, identity, mul, neg } from './functions/elementwise.ts';
import { simplify } from './simplify.ts';
import { input, type Values } from './value.ts';

const total = (outputs: Values): number =>
  Object.values(operatorCounts(outputs)).reduce((sum, count) => sum + count, 0);

// A fixed seed: a test that fails must fail again. Any other seed should pass too.
describe('a random graph', () => {
  property.prop([randomGraph], { numRuns: 150, seed: 2014 })(
    'computes the same when it is simplified',
    async ({ outputs, feeds }) => {
      const after = simplify(outputs);
      expect(Object.keys(after)).toEqual(Object.keys(outputs));
      const [expected, found] = [await runOn(feeds, outputs), await runOn(feeds, after)];
      for (const [name, { shape, data }] of Object.entries(expected)) {
        const values = data as Float64Array;
        // Where numbers explode, so do their rounding errors.
        const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        expect(found[name]!.shape).toEqual(shape);
        expect(found[name]!.data, name).toBeAllClose(values, { rtol: 0, atol: 1e-9 * largest });
      }
    },
  );

  property.prop([randomGraph], { numRuns: 150, seed: 2014 })(
    'has fewer operators afterwards, or as many',
    ({ outputs }) => {
      const after = simplify(outputs);
      // What joins rows for a merged product and parts them again is the price of one product less.
      const joints = ({ Concat = 0, Split = 0 }: Record<string, number>): number => Concat + Split;
      const added = Math.max(0, joints(operatorCounts(after)) - joints(operatorCounts(outputs)));
      expect(total(after) - added).toBeLessThanOrEqual(total(outputs));
    },
  );
});

it('what no output needs is not there', async () => {
  const x = input('x', 'float32', [2]);
  const unread = mul(neg(x), 2);
  const after = simplify({ y: add(x, 1) });
  expect(nodesOf(after)).not.toContain(unread.node);
  expect(operatorCounts(after)).toEqual({ Add: 1 });
});

it('one rule makes room for another', async () => {
  const x = input('x', 'float32', [2]);
  const outputs = { y: mul(neg(x), neg(identity(add(x, 0)))) };
  const after = simplify(outputs);
  expect(operatorCounts(after)).toEqual({ Neg: 1, Mul: 1 });
  const feeds = { x: float32([2], [3, -4]) };
  expect(await runOn(feeds, after)).toEqual({ y: float32([2], [9, 16]) });
});

it('an output that is an input stays one', async () => {
  const x = input('x', 'float32', [2]);
  expect(simplify({ y: identity(x) })).toEqual({ y: x });
});
