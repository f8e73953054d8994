import { describe, expect, it } from 'vitest';
import { applyLayer } from '../../test/apply-layer.ts';
import { float32 } from '../../test/tensors.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import { streamOf } from '../random/threefry.ts';
import { dense } from './dense.ts';
import { constant } from './initialisers.ts';

describe('dense', () => {
  it('computes x W + b and its gradients', async () => {
    const { y, dx, gradients } = await applyLayer(
      dense({ units: 2 }),
      float32([3, 3], [1, 2, 3, -1, 0, 1, 0.5, 0.5, 0.5]),
      { parameters: { weight: float32([3, 2], [1, 2, 3, 4, 5, 6]), bias: float32([2], [10, -10]) } },
    );
    expect(y.shape).toEqual([3, 2]);
    expect(y.data).toBeAllClose([1 + 6 + 15 + 10, 2 + 8 + 18 - 10, 4 + 10, 4 - 10, 4.5 + 10, 6 - 10]);
    expect(dx.data).toBeAllClose([3, 7, 11, 3, 7, 11, 3, 7, 11]);
    expect(gradients['weight']!.data).toBeAllClose([0.5, 0.5, 2.5, 2.5, 4.5, 4.5]);
    expect(gradients['bias']!.data).toBeAllClose([3, 3]);
  });

  it('takes one input, one unit and one example', async () => {
    const { y } = await applyLayer(dense({ units: 1 }), float32([1, 1], [3]), {
      parameters: { weight: float32([1, 1], [-2]), bias: float32([1], [0.5]) },
    });
    expect(y.shape).toEqual([1, 1]);
    expect([...y.data]).toEqual([-5.5]);
  });

  it('draws weight and bias from streams of their own and in their own shapes', () => {
    const asked: [readonly number[], number][] = [];
    const spy = (value: number) => (shape: readonly number[], key: { stream: number }) => {
      asked.push([shape, key.stream]);
      return constant(value)(shape, { seed: 0, stream: 0 });
    };
    const layer = dense({ units: 3, weight: spy(1), bias: spy(2) });
    const { parameters, state } = layer.init([2], (name) => ({ seed: 7, stream: streamOf(name) }));
    expect(asked).toEqual([
      [[2, 3], streamOf('weight')],
      [[3], streamOf('bias')],
    ]);
    expect(parameters).toEqual({
      weight: float32([2, 3], [1, 1, 1, 1, 1, 1]),
      bias: float32([3], [2, 2, 2]),
    });
    expect(state).toEqual({});
    expect(layer.parameterShapes([2])).toEqual({ weight: [2, 3], bias: [3] });
  });

  it('starts as Glorot and Bengio say, with biases of zero', () => {
    const { parameters } = dense({ units: 50 }).init([100], () => ({ seed: 1, stream: 1 }));
    const bound = Math.sqrt(6 / 150);
    const weight = parameters['weight']!.data as Float32Array;
    expect(Math.max(...weight)).toBeGreaterThan(0.99 * bound);
    expect(Math.max(...weight.map(Math.abs))).toBeLessThanOrEqual(Math.fround(bound));
    expect(new Set(parameters['bias']!.data as Float32Array)).toEqual(new Set([0]));
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %s units', (units) => {
    expect(() => dense({ units })).toThrow(
      new ConfigError(`dense: units must be a positive integer, got ${units}`),
    );
  });

  it('refuses an example that is not a vector', () => {
    expect(() => dense({ units: 2 }).outputShape([1, 28, 28])).toThrow(
      new ShapeError(
        'dense: an example must be a vector [features], got [1, 28, 28]. Put flatten() before it',
      ),
    );
    expect(() => dense({ units: 2 }).outputShape([])).toThrow(ShapeError);
  });
});
