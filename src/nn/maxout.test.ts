import { describe, expect, it } from 'vitest';
import { applyLayer } from '../../test/apply-layer.ts';
import { float32 } from '../../test/tensors.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import { maxout } from './maxout.ts';

describe('maxout', () => {
  it('takes the largest piece of each unit, the pieces outermost', async () => {
    // Columns: piece 0 of units 0 and 1, piece 1 of both, piece 2 of both.
    const { y, gradients } = await applyLayer(maxout({ units: 2, pieces: 3 }), float32([2, 1], [1, -1]), {
      parameters: {
        weight: float32([1, 6], [1, 2, 3, -4, 0, 1]),
        bias: float32([6], [0, 0, -1, 0, 0.5, 0]),
      },
    });
    expect(y.shape).toEqual([2, 2]);
    // x = 1: units (1, 2 | 2, -4 | 0.5, 1); x = -1: (-1, -2 | -4, 4 | 0.5, -1).
    expect([...y.data]).toEqual([2, 2, 0.5, 4]);
    expect([...gradients['bias']!.data]).toEqual([0, 1, 1, 1, 1, 0]);
    expect([...gradients['weight']!.data]).toEqual([0, 1, 1, -1, -1, 0]);
  });

  it('shares the gradient among pieces that tie', async () => {
    const { y, gradients } = await applyLayer(maxout({ units: 1, pieces: 4 }), float32([1, 1], [2]), {
      parameters: { weight: float32([1, 4], [1, 1, 0, 1]), bias: float32([4], [0, 0, 0, 0]) },
    });
    expect([...y.data]).toEqual([2]);
    expect(gradients['bias']!.data).toBeAllClose([1 / 3, 1 / 3, 0, 1 / 3]);
  });

  it('is affine with one piece', async () => {
    const { y, dx } = await applyLayer(maxout({ units: 2, pieces: 1 }), float32([1, 2], [1, -2]), {
      parameters: { weight: float32([2, 2], [1, 2, 3, 4]), bias: float32([2], [0.5, 1]) },
    });
    expect([...y.data]).toEqual([-4.5, -5]);
    expect([...dx.data]).toEqual([3, 7]);
  });

  it('has units * pieces columns', () => {
    const layer = maxout({ units: 240, pieces: 5 });
    expect(layer.outputShape([784])).toEqual([240]);
    expect(layer.parameterShapes([784])).toEqual({ weight: [784, 1200], bias: [1200] });
    const { parameters } = layer.init([784], () => ({ seed: 1, stream: 2 }));
    expect(parameters['weight']!.shape).toEqual([784, 1200]);
    expect(parameters['bias']!.shape).toEqual([1200]);
  });

  it('refuses counts that are not positive integers, and images', () => {
    expect(() => maxout({ units: 0, pieces: 5 })).toThrow(
      new ConfigError('maxout: units must be a positive integer, got 0'),
    );
    expect(() => maxout({ units: 2, pieces: 2.5 })).toThrow(
      new ConfigError('maxout: pieces must be a positive integer, got 2.5'),
    );
    expect(() => maxout({ units: 2, pieces: 2 }).outputShape([28, 28])).toThrow(ShapeError);
  });
});
