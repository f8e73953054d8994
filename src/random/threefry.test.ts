import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { fillBits, streamOf, threefry2x32 } from './threefry.ts';

const hex = (words: Iterable<number>) => Array.from(words, (word) => word.toString(16).padStart(8, '0'));

function bits(seed: number, stream: number, step: number, length: number, first = 0): Uint32Array {
  const out = new Uint32Array(length);
  fillBits({ seed, stream }, step, out, first);
  return out;
}

/** Ones in a word, by sums of neighbouring pairs, nibbles and bytes. */
function popcount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

describe('threefry2x32', () => {
  // The vectors that Random123 publishes for threefry2x32 with 20 rounds (its file kat_vectors).
  it.each([
    { counter: [0, 0], key: [0, 0], expected: ['6b200159', '99ba4efe'] },
    {
      counter: [0xffffffff, 0xffffffff],
      key: [0xffffffff, 0xffffffff],
      expected: ['1cb996fc', 'bb002be7'],
    },
    {
      counter: [0x243f6a88, 0x85a308d3],
      key: [0x13198a2e, 0x03707344],
      expected: ['c4923a9c', '483df7a0'],
    },
  ] as const)('encrypts $counter under $key as published', ({ counter, key, expected }) => {
    expect(hex(threefry2x32(key[0], key[1], counter[0], counter[1]))).toEqual(expected);
  });

  it('changes each output bit with probability 1/2 when one bit of key or counter changes', () => {
    const from = [0x2545f491, 0x9e3779b9, 0x01234567, 0x89abcdef] as const;
    const [a0, a1] = threefry2x32(...from);
    const flipsPerBit = new Float64Array(64);
    for (let input = 0; input < 128; input++) {
      const to: [number, number, number, number] = [...from];
      to[input >> 5] = (to[input >> 5]! ^ (1 << (input & 31))) >>> 0;
      const [b0, b1] = threefry2x32(...to);
      const flips = popcount(a0 ^ b0) + popcount(a1 ^ b1);
      // 64 fair coins: 32 +- 4; 5 deviations for the worst of 128.
      expect(Math.abs(flips - 32)).toBeLessThan(20);
      for (let bit = 0; bit < 64; bit++)
        flipsPerBit[bit]! += ((bit < 32 ? a0 ^ b0 : a1 ^ b1) >>> (bit & 31)) & 1;
    }
    // 128 fair coins: 64 +- 5.7; 5 deviations for the worst of 64.
    for (const flips of flipsPerBit) expect(Math.abs(flips - 64)).toBeLessThan(28.5);
  });
});

describe('streamOf', () => {
  // '', 'a' and 'foobar' are FNV's own test vectors; the others are from scripts/reference/threefry.py.
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
    ['generator/latent', 0x3d247061],
    ['Größe', 0x48b3427a],
    ['数据', 0x87e94f15],
    ['😀', 0x33a29608],
  ])('hashes the UTF-8 bytes of %j', (name, expected) => {
    expect(streamOf(name)).toBe(expected);
  });
});

describe('fillBits', () => {
  it('gives the words of an independent implementation', () => {
    // scripts/reference/threefry.py
    const expected = ['20fa3ab0', '37d70264', '9ab58642', '1c031dfb', '8fe2694d', 'a95e1820', '176b8d46'];
    expect(hex(bits(2014, 7, 3, 7))).toEqual(expected);
    expect(hex(bits(2014, 7, 3, 6))).toEqual(expected.slice(0, 6));
    expect(hex(bits(2014, 7, 3, 5, 1))).toEqual(expected.slice(2));
  });

  it('writes only inside a view', () => {
    const whole = new Uint32Array(8);
    fillBits({ seed: 1, stream: 2 }, 3, whole.subarray(2, 5));
    expect([...whole.subarray(0, 2), ...whole.subarray(5)]).toEqual([0, 0, 0, 0, 0]);
    expect(hex(whole.subarray(2, 5))).toEqual(hex(bits(1, 2, 3, 3)));
  });

  it('has no correlation between neighbouring seeds, streams, steps and positions', () => {
    const length = 50_000;
    const base = bits(5, 9, 1, length);
    const others = {
      seed: bits(6, 9, 1, length),
      stream: bits(5, 10, 1, length),
      step: bits(5, 9, 2, length),
      position: bits(5, 9, 1, length, 1),
      swapped: bits(9, 5, 1, length),
    };
    for (const [name, other] of Object.entries(others)) {
      let agreeing = 0;
      for (let i = 0; i < length; i++) agreeing += 32 - popcount(base[i]! ^ other[i]!);
      // Fair coins: deviation sqrt(n) / 2; 4.5 of them.
      const n = 32 * length;
      expect(Math.abs(agreeing - n / 2), name).toBeLessThan((4.5 * Math.sqrt(n)) / 2);
    }
  });

  it('spreads every byte of a word evenly over its 256 values', () => {
    const words = bits(0, 0, 0, 100_000);
    for (const shift of [0, 8, 16, 24]) {
      const counts = new Float64Array(256);
      for (const word of words) counts[(word >>> shift) & 255]!++;
      const expected = words.length / 256;
      const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      // 255 degrees of freedom: deviation sqrt(2 * 255) = 22.6; 4.5 of them either way.
      expect(Math.abs(chiSquare - 255)).toBeLessThan(102);
    }
  });

  it.each([
    [{ seed: -1, stream: 0 }, 0, 'fillBits: seed must be an integer in [0, 4294967295], got -1'],
    [{ seed: 0.5, stream: 0 }, 0, 'fillBits: seed must be an integer in [0, 4294967295], got 0.5'],
    [
      { seed: 0, stream: 2 ** 32 },
      0,
      'fillBits: stream must be an integer in [0, 4294967295], got 4294967296',
    ],
    [{ seed: 0, stream: 0 }, Number.NaN, 'fillBits: step must be an integer in [0, 4294967295], got NaN'],
  ])('refuses %j at step %d', (key, step, message) => {
    expect(() => fillBits(key, step, new Uint32Array(2))).toThrow(new ConfigError(message));
  });
});
