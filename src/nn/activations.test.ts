import { describe, expect, it } from 'vitest';
import { applyLayer } from '../../test/apply-layer.ts';
import { float32 } from '../../test/tensors.ts';
import { ConfigError } from '../errors.ts';
import { leakyRelu, relu, sigmoid, tanh } from './activations.ts';
import type { Layer } from './layer.ts';

const points = [-50, -1, -0.25, 0.25, 1, 50];
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

const cases: [Layer, (x: number) => number, (x: number) => number][] = [
  [relu(), (x) => Math.max(x, 0), (x) => Number(x > 0)],
  [leakyRelu(), (x) => (x > 0 ? x : 0.2 * x), (x) => (x > 0 ? 1 : 0.2)],
  [leakyRelu(0.01), (x) => (x > 0 ? x : 0.01 * x), (x) => (x > 0 ? 1 : 0.01)],
  [sigmoid(), logistic, (x) => logistic(x) * logistic(-x)],
  [tanh(), Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
];

describe.each(cases)('$kind', (layer, value, derivative) => {
  it('computes its function and derivative', async () => {
    const { y, dx } = await applyLayer(layer, float32([6, 1], points));
    expect(y.data).toBeAllClose(points.map(value), { rtol: 1e-5, atol: 1e-7 });
    expect(dx.data).toBeAllClose(points.map(derivative), { rtol: 1e-5, atol: 1e-6 });
  });

  it('keeps any shape and has no parameters', async () => {
    expect(layer.outputShape([3, 8, 8])).toEqual([3, 8, 8]);
    expect(layer.parameterShapes([3, 8, 8])).toEqual({});
    expect(layer.init([3], () => ({ seed: 0, stream: 0 }))).toEqual({ parameters: {}, state: {} });
    const { y } = await applyLayer(layer, float32([1, 3, 1, 2], points));
    expect(y.shape).toEqual([1, 3, 1, 2]);
  });
});

it.each([-0.1, 1.5, Number.NaN])('leakyRelu refuses a slope of %s', (alpha) => {
  expect(() => leakyRelu(alpha)).toThrow(
    new ConfigError(`leakyRelu: alpha must lie in [0, 1], got ${alpha}`),
  );
});
