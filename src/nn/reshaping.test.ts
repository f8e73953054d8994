import { describe, expect, it } from 'vitest';
import { applyLayer } from '../../test/apply-layer.ts';
import { float32 } from '../../test/tensors.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import { input } from '../graph/value.ts';
import { flatten, reshape } from './reshaping.ts';

const image = float32([2, 1, 2, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);

describe('flatten', () => {
  it('makes a row of every example', async () => {
    const { y, dx } = await applyLayer(flatten(), image);
    expect(y.shape).toEqual([2, 6]);
    expect([...y.data]).toEqual([...image.data]);
    expect(dx.shape).toEqual([2, 1, 2, 3]);
    expect(flatten().outputShape([1, 2, 3])).toEqual([6]);
  });

  it('leaves a vector and makes one of a number', () => {
    expect(flatten().outputShape([7])).toEqual([7]);
    expect(flatten().outputShape([])).toEqual([1]);
  });

  it('keeps a symbolic batch', () => {
    const x = input('x', 'float32', ['N', 1, 28, 28]);
    const context = { mode: 'sample', bernoulli: () => x } as const;
    expect(flatten().apply({ parameters: {}, state: {} }, x, context).y.shape).toEqual(['N', 784]);
  });
});

describe('reshape', () => {
  it('gives every example its shape', async () => {
    const { y } = await applyLayer(reshape([3, 2]), image);
    expect(y.shape).toEqual([2, 3, 2]);
    expect([...y.data]).toEqual([...image.data]);
    expect(reshape([1, 28, 28]).outputShape([784])).toEqual([1, 28, 28]);
  });

  it('refuses another number of elements', () => {
    expect(() => reshape([1, 28, 28]).outputShape([1024])).toThrow(
      new ShapeError('reshape: element counts must agree, got 1024 in [1024] and 784 in [1, 28, 28]'),
    );
  });

  it.each([[[0, 3]], [[-1, 28]], [[1.5]]])('refuses the sizes %j', (shape) => {
    expect(() => reshape(shape)).toThrow(ConfigError);
  });
});
