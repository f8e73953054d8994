import { describe, expect, it } from 'vitest';
import { applyLayer } from '../../test/apply-layer.ts';
import { float32 } from '../../test/tensors.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import { input } from '../graph/value.ts';
import { crop, flatten, reshape } from './reshaping.ts';

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

describe('crop', () => {
  it('keeps the middle, and the gradient of what is kept', async () => {
    const { y, dx } = await applyLayer(crop([1, 2]), image);
    expect(y.shape).toEqual([2, 1, 1, 2]);
    expect([...y.data]).toEqual([0, 1, 6, 7]);
    expect([...dx.data].map((slope) => slope !== 0)).toEqual(
      [...image.data].map((element) => [0, 1, 6, 7].includes(Number(element))),
    );
    const inner = await applyLayer(crop([2, 1]), image);
    expect([...inner.y.data]).toEqual([1, 4, 7, 10]);
  });

  it('refuses what is smaller, and what is no image', () => {
    expect(() => crop([3, 2]).outputShape([1, 2, 3])).toThrow(
      new ShapeError('crop: an example must be an image [C, H, W] of at least 3 x 2, got [1, 2, 3]'),
    );
    expect(() => crop([1, 1]).outputShape([784])).toThrow('got [784]');
    expect(() => crop([0, 2])).toThrow(new ConfigError('crop: sides must be positive integers, got 0 and 2'));
  });
});
