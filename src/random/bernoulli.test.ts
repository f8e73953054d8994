import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { fillBernoulli } from './bernoulli.ts';
import { fillBits } from './threefry.ts';

const key = { seed: 2014, stream: 7 };

function mask(step: number, length: number, probability: number): Uint8Array {
  const out = new Uint8Array(length).fill(255);
  fillBernoulli(key, step, out, probability);
  return out;
}

describe('fillBernoulli', () => {
  // 200,001 units cross the internal pieces of 65,536 and 4,096 units, and end inside a word.
  const n = 200_001;

  it('takes one bit a unit at 1/2, lowest bit first', () => {
    const bits = new Uint32Array(Math.ceil(n / 32));
    fillBits(key, 3, bits);
    const expected = Uint8Array.from({ length: n }, (_, i) => (bits[i >>> 5]! >>> (i & 31)) & 1);
    expect(mask(3, n, 0.5)).toBeAllClose(expected, { rtol: 0, atol: 0 });
  });

  it('compares 16 bits a unit with the probability otherwise, lower half first', () => {
    const bits = new Uint32Array(Math.ceil(n / 2));
    fillBits(key, 3, bits);
    const expected = Uint8Array.from({ length: n }, (_, i) => {
      const half = i % 2 === 0 ? bits[i >>> 1]! % 65536 : Math.floor(bits[i >>> 1]! / 65536);
      return half / 65536 < Math.round(0.8 * 65536) / 65536 ? 1 : 0;
    });
    expect(mask(3, n, 0.8)).toBeAllClose(expected, { rtol: 0, atol: 0 });
  });

  it.each([0.001, 0.2, 0.5, 0.8, 0.999])('gives ones at the rate %d', (probability) => {
    const ones = mask(8, n, probability).reduce((sum, unit) => sum + unit, 0);
    expect(Math.abs(ones - n * probability)).toBeLessThan(
      4.5 * Math.sqrt(n * probability * (1 - probability)),
    );
  });

  it.each([0, 1])('is constant at %d', (probability) => {
    expect(new Set(mask(0, n, probability))).toEqual(new Set([probability]));
  });

  it.each([-0.1, 1.1, Number.NaN])('refuses %d', (probability) => {
    expect(() => mask(0, 1, probability)).toThrow(
      new ConfigError(`fillBernoulli: probability must be in [0, 1], got ${probability}`),
    );
  });
});
