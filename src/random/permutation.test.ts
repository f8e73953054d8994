import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { permutation } from './permutation.ts';

const key = { seed: 2014, stream: 7 };

describe('permutation', () => {
  // scripts/reference/threefry.py
  it('gives the order of an independent implementation', () => {
    expect([...permutation(key, 3, 10)]).toEqual([9, 0, 5, 7, 1, 4, 8, 6, 3, 2]);
  });

  it('does so where words are rejected: 6 of 300,000', () => {
    const bytes = new Uint8Array(permutation(key, 3, 300_000).buffer);
    const digest = bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5) >>> 0;
    expect(digest.toString(16)).toBe('51408315');
  });

  it.each([0, 1, 2, 1000])('contains each of %d integers once', (length) => {
    expect([...permutation(key, 0, length)].sort((a, b) => a - b)).toEqual(
      Array.from({ length }, (_, i) => i),
    );
  });

  it('makes each of the 24 orders of 4 equally likely', () => {
    const counts = new Map<string, number>();
    const n = 24_000;
    for (let epoch = 0; epoch < n; epoch++) {
      const order = permutation(key, epoch, 4).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 23 degrees of freedom: deviation 6.8; 4.5 of them.
    expect(Math.abs(chiSquare - 23)).toBeLessThan(30.5);
  });

  it.each([-1, 2.5, 2 ** 32])('refuses a length of %d', (length) => {
    expect(() => permutation(key, 0, length)).toThrow(ConfigError);
  });
});
