import { expect, test } from 'vitest';
import { mergeConfig, parseAssignment } from './config-merge.ts';

// The cases of RFC 7396, appendix A, whose list entries no other rule of ours touches.
test.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('%j + %j = %j', (base, patch, merged) => {
  expect(mergeConfig(base, patch)).toEqual(merged);
});

test.each([
  [{ steps: 5 }, { epochs: 2 }, { epochs: 2 }],
  [{ epochs: 2 }, { steps: 5, epochs: 3 }, { steps: 5, epochs: 3 }],
  [{ init: { uniform: 0.05 } }, { init: { normal: 1 } }, { init: { normal: 1 } }],
  [{ init: { uniform: 0.05 } }, { init: { sparse: 9 } }, { init: { sparse: 9 } }],
  [{ range: 'unit' }, { range: { contrast: 55 } }, { range: { contrast: 55 } }],
  [{ range: { contrast: 55 } }, { range: 'unit' }, { range: 'unit' }],
  [
    { range: { contrast: 55 } },
    { range: { mean: 0.5, deviation: 0.2 } },
    { range: { mean: 0.5, deviation: 0.2 } },
  ],
  [
    { range: { mean: 0.5, deviation: 0.2 } },
    { range: { mean: 0.4 } },
    { range: { mean: 0.4, deviation: 0.2 } },
  ],
  [{ range: { mean: 0.5, deviation: 0.2 } }, { range: { contrast: 1 } }, { range: { contrast: 1 } }],
  [{ init: 'he' }, { init: { normal: 1 } }, { init: { normal: 1 } }],
  [
    { learningRate: { linear: { from: 1, to: 0, steps: 9 } } },
    { learningRate: { linear: { epochs: 2 } } },
    { learningRate: { linear: { from: 1, to: 0, epochs: 2 } } },
  ],
  [
    { learningRate: { linear: { from: 1, to: 0, steps: 9 } } },
    { learningRate: { constant: 2 } },
    { learningRate: { constant: 2 } },
  ],
  [
    { generator: { optimiser: { name: 'adam', beta1: 0.5 } } },
    { generator: { optimiser: { beta1: 0.9 } } },
    { generator: { optimiser: { name: 'adam', beta1: 0.9 } } },
  ],
  [
    { generator: { optimiser: { name: 'adam', beta1: 0.5 } } },
    { generator: { optimiser: { name: 'sgd', momentum: 0.9 } } },
    { generator: { optimiser: { name: 'sgd', momentum: 0.9 } } },
  ],
  [
    { layers: ['relu', { dense: 5 }] },
    { layers: { 1: { dense: 7, init: 'he' } } },
    { layers: ['relu', { dense: 7, init: 'he' }] },
  ],
  [
    { layers: [{ dense: 5, bias: 'zeros' }] },
    { layers: { 0: { leakyRelu: 0.1 } } },
    { layers: [{ leakyRelu: 0.1 }] },
  ],
])('%j + %j = %j, beyond the RFC', (base, patch, merged) => {
  expect(mergeConfig(base, patch)).toEqual(merged);
});

test('merging changes neither side', () => {
  const base = Object.freeze({ a: Object.freeze({ b: 1 }), list: Object.freeze([1, 2]) });
  const patch = Object.freeze({ a: Object.freeze({ c: 2 }), list: Object.freeze({ 0: 3 }) });
  expect(mergeConfig(base, patch)).toEqual({ a: { b: 1, c: 2 }, list: [3, 2] });
});

test.each([{ 2: 1 }, { '-1': 1 }, { '1.5': 1 }, { push: 1 }])(
  'an index outside its list is refused: %j',
  (list) => {
    expect(() => mergeConfig({ list: [1, 2] }, { list })).toThrow(
      /^config: list must be indexed from 0 to 1, got /,
    );
  },
);

test('__proto__ stays an ordinary key, for the schema to refuse', () => {
  const merged = mergeConfig({}, JSON.parse('{"__proto__": {"polluted": true}}')) as object;
  expect(Object.keys(merged)).toEqual(['__proto__']);
  expect(Object.keys(parseAssignment('__proto__.polluted=true'))).toEqual(['__proto__']);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test.each([
  ['batch=50', { batch: 50 }],
  ['loss.name=minimax', { loss: { name: 'minimax' } }],
  ['loss.halved = true', { loss: { halved: true } }],
  ['ema=null', { ema: null }],
  ['data=a=b.npy', { data: 'a=b.npy' }],
  ['data=', { data: '' }],
  ['generator.layers[0].dense=5', { generator: { layers: { 0: { dense: 5 } } } }],
  ['generator.layers.0.dense=5', { generator: { layers: { 0: { dense: 5 } } } }],
  ['generator.layers=["relu", {"dense": 5}]', { generator: { layers: ['relu', { dense: 5 }] } }],
])('%s', (assignment, patch) => {
  expect(parseAssignment(assignment)).toEqual(patch);
});

test.each(['batch', '=5', '.batch=5', 'generator..init=he'])('%s is no assignment', (assignment) => {
  expect(() => parseAssignment(assignment)).toThrow(
    `--set: must be key=value or key.path=value, got ${assignment}`,
  );
});
