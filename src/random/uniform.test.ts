import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { fillBits } from './threefry.ts';
import { fillUniform } from './uniform.ts';

const key = { seed: 2014, stream: 7 };

function uniforms(step: number, length: number, low: number, high: number): Float32Array {
  const out = new Float32Array(length);
  fillUniform(key, step, out, low, high);
  return out;
}

describe('fillUniform', () => {
  it('is the upper 24 bits of each word over [0, 1)', () => {
    const bits = new Uint32Array(1001);
    fillBits(key, 4, bits);
    expect(Array.from(uniforms(4, 1001, 0, 1))).toEqual(
      Array.from(bits, (word) => Math.floor(word / 256) / 2 ** 24),
    );
  });

  it.each([
    ['the latent of the 2014 paper', -Math.sqrt(3), Math.sqrt(3)],
    ['weights', -0.05, 0.05],
    ['far from zero', 1000, 1001],
    ['negative', -8, -3],
    ['up to zero', -1, 0],
  ])('stays in [low, high) with the right moments: %s', (_, low, high) => {
    const n = 100_000;
    const values = uniforms(1, n, low, high);
    let sum = 0;
    let sumOfSquares = 0;
    for (const value of values) {
      const u = (value - low) / (high - low) - 0.5;
      sum += u;
      sumOfSquares += u * u;
    }
    expect(values.every((value) => value >= Math.fround(low) && value < Math.fround(high))).toBe(true);
    // u has mean 0, variance 1/12, fourth moment 1/80: 4.5 standard errors of each.
    expect(Math.abs(sum / n)).toBeLessThan(4.5 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(sumOfSquares / n - 1 / 12)).toBeLessThan(4.5 * Math.sqrt((1 / 80 - 1 / 144) / n));
  });

  it('does not reach `high` where rounding would take it there', () => {
    // [1, 1 + 2^-23) holds a single float32: half of the draws would round up to its end.
    const values = uniforms(0, 64, 1, 1 + 2 ** -23);
    expect(new Set(values)).toEqual(new Set([1]));
    expect(new Set(uniforms(0, 64, -(2 ** -149), 0))).toEqual(new Set([-(2 ** -149)]));
  });

  it('spreads evenly over 100 cells', () => {
    const values = uniforms(2, 100_000, -1, 1);
    const counts = new Float64Array(100);
    for (const value of values) counts[Math.floor((value + 1) * 50)]!++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 99 degrees of freedom: deviation 14.1; 4.5 of them either way.
    expect(Math.abs(chiSquare - 99)).toBeLessThan(63.4);
  });

  it.each([
    [1, 1],
    [2, 1],
    [Number.NaN, 1],
    [0, Number.POSITIVE_INFINITY],
    [1, 1 + 1e-9],
  ])('refuses [%d, %d)', (low, high) => {
    expect(() => uniforms(0, 1, low, high)).toThrow(ConfigError);
  });
});
