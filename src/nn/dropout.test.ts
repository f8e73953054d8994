import { describe, expect, it } from 'vitest';
import { applyLayer } from '../../test/apply-layer.ts';
import { bool, float32 } from '../../test/tensors.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import { input } from '../graph/value.ts';
import { fillBernoulli } from '../random/bernoulli.ts';
import { dropout } from './dropout.ts';

const x = float32([2, 3], [1, 2, 3, 4, 5, 6]);
const random = { mask: bool([2, 3], [1, 0, 1, 0, 0, 1]) };

describe('dropout', () => {
  it.each([
    [0.8, 1.25],
    [0.5, 2],
  ])("scales what it keeps at include %d by %d, the released recipes' numbers", async (include, scale) => {
    const { y, dx, declared } = await applyLayer(dropout({ include }), x, { random });
    expect(y.data).toBeAllClose([scale, 0, 3 * scale, 0, 0, 6 * scale]);
    expect(dx.data).toBeAllClose([scale, 0, scale, 0, 0, scale]);
    expect(declared).toEqual([{ name: 'mask', shape: [2, 3], probability: include }]);
  });

  it('takes another scale', async () => {
    const { y } = await applyLayer(dropout({ include: 0.8, scale: 1 }), x, { random });
    expect([...y.data]).toEqual([1, 0, 3, 0, 0, 6]);
  });

  it('keeps the expectation over many masks', async () => {
    const size = 20_000;
    const ones = float32([1, size], new Float32Array(size).fill(1));
    const mask = bool([1, size], new Uint8Array(size));
    fillBernoulli({ seed: 3, stream: 4 }, 0, mask.data, 0.8);
    const { y } = await applyLayer(dropout({ include: 0.8 }), ones, { random: { mask } });
    const mean = (y.data as Float32Array).reduce((sum, value) => sum + value, 0) / size;
    // The mean of 20,000 has a standard deviation of 0.0035.
    expect(Math.abs(mean - 1)).toBeLessThan(0.015);
  });

  it('is the identity when sampling, with a symbolic batch, and asks for nothing', async () => {
    const { y, declared } = await applyLayer(dropout({ include: 0.5 }), x, { mode: 'sample' });
    expect([...y.data]).toEqual([...x.data]);
    expect(declared).toEqual([]);
    const symbolic = input('x', 'float32', ['N', 3]);
    const context = { mode: 'sample', bernoulli: () => symbolic } as const;
    expect(dropout({ include: 0.5 }).apply({ parameters: {}, state: {} }, symbolic, context).y).toBe(
      symbolic,
    );
  });

  it('asks for nothing where it keeps everything', async () => {
    const { y, declared } = await applyLayer(dropout({ include: 1, scale: 3 }), x);
    expect([...y.data]).toEqual([3, 6, 9, 12, 15, 18]);
    expect(declared).toEqual([]);
  });

  it('masks every element of an image by itself', async () => {
    const image = float32([1, 2, 2, 1], [1, 2, 3, 4]);
    const mask = bool([1, 2, 2, 1], [0, 1, 1, 0]);
    const { y } = await applyLayer(dropout({ include: 0.5 }), image, { random: { mask } });
    expect(y.shape).toEqual([1, 2, 2, 1]);
    expect([...y.data]).toEqual([0, 4, 6, 0]);
  });

  it.each([0, -0.5, 1.01, Number.NaN])('refuses to include %s', (include) => {
    expect(() => dropout({ include })).toThrow(
      new ConfigError(`dropout: include must lie in (0, 1], got ${include}`),
    );
  });

  it('refuses a scale of 0, and a symbolic batch while training', () => {
    expect(() => dropout({ include: 0.5, scale: 0 })).toThrow(ConfigError);
    const symbolic = input('x', 'float32', ['N', 3]);
    const context = { mode: 'train', bernoulli: () => symbolic } as const;
    expect(() => dropout({ include: 0.5 }).apply({ parameters: {}, state: {} }, symbolic, context)).toThrow(
      ShapeError,
    );
  });
});
