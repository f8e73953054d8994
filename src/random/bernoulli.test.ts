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
  // 200,001 units need several pieces of 2,048 words, and end inside a word.
  const n = 200_001;

  it('takes one bit a unit at 1/2, lowest bit first; a one where the bit is 0', () => {
    const bits = new Uint32Array(Math.ceil(n / 32));
    fillBits(key, 3, bits);
    const expected = Uint8Array.from({ length: n }, (_, i) => 1 - ((bits[i >>> 5]! >>> (i & 31)) & 1));
    expect(mask(3, n, 0.5)).toBeAllClose(expected, { rtol: 0, atol: 0 });
  });

  it.each([0.8, 0.3, 2 ** -16])(
    'compares binary fractions with %d, a word of bits for 32 units at a time',
    (p) => {
      const bits = new Uint32Array(n);
      fillBits(key, 3, bits);
      const digits = Array.from(
        { length: 16 },
        (_, i) => Math.floor(Math.round(p * 65536) / 2 ** (15 - i)) % 2,
      );
      const lowest = digits.lastIndexOf(1);
      let word = 0;
      const expected: number[] = [];
      while (expected.length < n) {
        // The unit that takes longest says how many words the 32 of them use.
        const first = word;
        const units = Array.from({ length: 32 }, (_, unit) => {
          const at = digits.findIndex((digit, i) => i > lowest || digit !== (bits[first + i]! >>> unit) % 2);
          const decided = at < 0 || at > lowest ? lowest : at;
          word = Math.max(word, first + decided + 1);
          return at >= 0 && at <= lowest && digits[at] === 1 ? 1 : 0;
        });
        expected.push(...units);
      }
      expect(mask(3, n, p)).toBeAllClose(expected.slice(0, n), { rtol: 0, atol: 0 });
    },
  );

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
