import { describe, expect, it } from 'vitest';
import { nodesOf, operatorCounts, runOn } from '../../../test/rewritten-graph.ts';
import { float32 } from '../../../test/tensors.ts';
import { add, identity, mul, neg, sigmoid } from '../functions/elementwise.ts';
import { loop } from '../functions/loop.ts';
import { stack } from '../functions/shaping.ts';
import { applyLike, input, label, scalar, topologicalOrder, type Values } from '../value.ts';
import { countUses, type Rule, rewrite } from './rewrite.ts';

const x = input('x', 'float32', [2]);
const feeds = { x: float32([2], [3, -4]) };

const dropIdentity: Rule = (node, inputs) => (node.op === 'Identity' ? inputs : undefined);

/** Neg becomes Sigmoid. */
const exchange: Rule = (node, inputs) =>
  node.op === 'Neg' ? applyLike(node, 'Sigmoid', inputs, {}) : undefined;

/** `s <- s + 2 x`, three times, with what it depends on from outside under an identity. */
function looped(): Values {
  const { state, scans } = loop(scalar(3, 'int64'), { s: x }, (_, { s }) => {
    const next = identity(add(identity(s!), mul(identity(x), 2)));
    return { state: { s: next }, scans: { negated: neg(next) } };
  });
  return { s: state['s']!, negated: scans['negated']! };
}

it('leaves a graph alone that no rule changes, to the node', () => {
  const outputs = looped();
  const after = rewrite(outputs, () => undefined);
  expect(after['s']).toBe(outputs['s']);
  expect(after['negated']).toBe(outputs['negated']);
});

it('rewrites each node once, wherever it is read', () => {
  const shared = identity(x);
  let asked = 0;
  const after = rewrite({ a: neg(shared), b: add(shared, shared) }, (node, inputs) => {
    if (node.op === 'Identity') asked++;
    return dropIdentity(node, inputs);
  });
  expect(asked).toBe(1);
  expect(after['a']!.node.inputs).toEqual([x]);
  expect(after['b']!.node.inputs).toEqual([x, x]);
});

it('asks a rule with the inputs as they were rewritten', async () => {
  const outputs = { y: neg(neg(neg(x))) };
  const after = rewrite(outputs, exchange);
  expect(operatorCounts(after)).toEqual({ Sigmoid: 3 });
  const results = await runOn(feeds, after);
  const logistic = (value: number): number => 1 / (1 + Math.exp(-value));
  expect(results['y']!.data).toBeAllClose([3, -4].map((value) => logistic(logistic(logistic(value)))));
});

describe('a loop', () => {
  it('is rewritten inside', async () => {
    const outputs = looped();
    const after = rewrite(outputs, dropIdentity);
    expect(operatorCounts(outputs)['Identity']).toBe(3);
    expect(operatorCounts(after)).toEqual({ Loop: 1, Mul: 1, Add: 1, Neg: 1 });
    expect(await runOn(feeds, after)).toEqual(await runOn(feeds, outputs));
    expect((await runOn(feeds, after))['s']!.data).toEqual(Float32Array.of(21, -28));
  });

  it('may end up passing values through: its own state, or what is outside', async () => {
    const { state, scans } = loop(scalar(2, 'int64'), { kept: x, replaced: x }, (_, { kept }) => ({
      state: { kept: identity(kept!), replaced: identity(sigmoid(x)) },
      scans: { seen: identity(x) },
    }));
    const outputs = { ...state, seen: scans['seen']! };
    const after = rewrite(outputs, dropIdentity);
    expect(operatorCounts(after)).toEqual({ Loop: 1, Sigmoid: 1 });
    expect(await runOn(feeds, after)).toEqual(await runOn(feeds, outputs));
  });

  it('in a loop is rewritten, too', async () => {
    const { state } = loop(scalar(2, 'int64'), { outer: x }, (_, { outer }) => {
      const inner = loop(scalar(2, 'int64'), { s: outer! }, (i, { s }) => ({
        state: { s: add(identity(s!), identity(outer!)) },
        scans: { i },
      }));
      return { state: { outer: identity(inner.state['s']!) } };
    });
    const after = rewrite(state, dropIdentity);
    expect(operatorCounts(after)).toEqual({ Loop: 2, Add: 1 });
    expect((await runOn(feeds, after))['outer']!.data).toEqual(Float32Array.of(27, -36));
  });

  it('keeps the scope and the origin from which errors are explained', () => {
    const outputs = looped();
    label('training', Object.values(outputs), [x]);
    const loopOf = (values: Values) => nodesOf(values).find(({ op }) => op === 'Loop')!;
    const [before, after] = [loopOf(outputs), loopOf(rewrite(outputs, dropIdentity))];
    expect(after).not.toBe(before);
    expect([after.scope, after.origin]).toEqual(['training', before.origin]);
    expect(after.origin).toBe(before.origin);
  });
});

describe('uses', () => {
  it('are counted for nodes, results and both operands', () => {
    const once = neg(x);
    const twice = mul(once, once);
    const uses = countUses({ a: twice, b: twice, c: x });
    expect([uses.get(x), uses.get(once), uses.get(twice)]).toEqual([2, 2, 2]);
  });

  it('are counted in loop bodies, and where a body takes a value from outside', () => {
    const outside = sigmoid(x);
    const inside: Record<string, ReturnType<typeof neg>> = {};
    const { state } = loop(scalar(2, 'int64'), { s: x }, (_, { s }) => {
      inside['product'] = mul(s!, outside);
      inside['scan'] = neg(inside['product']);
      return { state: { s: inside['product'] }, scans: { scan: inside['scan'] } };
    });
    const uses = countUses({ s: state['s']! });
    // Once as an input of the loop, which captures it, once by the node in its body.
    expect(uses.get(outside)).toBe(2);
    expect(uses.get(inside['product']!)).toBe(2);
    expect(uses.get(inside['scan']!)).toBe(1);
  });

  it('are none for what nothing reaches', () => {
    const dead = stack([sigmoid(scalar(1))]);
    const uses = countUses({ y: neg(x) });
    for (const node of topologicalOrder([dead])) expect(uses.has(node.outputs[0]!)).toBe(false);
  });
});
