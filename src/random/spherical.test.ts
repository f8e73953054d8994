import { describe, expect, it } from 'vitest';
import { ShapeError } from '../errors.ts';
import { fillSpherical } from './spherical.ts';

const key = { seed: 2014, stream: 7 };

describe('fillSpherical', () => {
  it.each([1, 2, 3, 100])('gives rows of length 1 in %d dimensions', (dimension) => {
    const out = new Float32Array(500 * dimension);
    fillSpherical(key, 0, out, dimension);
    for (let row = 0; row < out.length; row += dimension)
      expect(Math.hypot(...out.subarray(row, row + dimension))).toBeCloseTo(1, 6);
  });

  it('spreads them evenly: each coordinate of a point on the 2-sphere is uniform (Archimedes)', () => {
    const n = 60_000;
    const out = new Float32Array(n * 3);
    fillSpherical(key, 1, out, 3);
    for (const axis of [0, 1, 2]) {
      const counts = new Float64Array(50);
      for (let i = axis; i < out.length; i += 3) counts[Math.min(49, Math.floor((out[i]! + 1) * 25))]!++;
      const chiSquare = counts.reduce((sum, count) => sum + (count - n / 50) ** 2 / (n / 50), 0);
      // 49 degrees of freedom: deviation 9.9; 4.5 of them either way.
      expect(Math.abs(chiSquare - 49)).toBeLessThan(44.5);
    }
  });

  it.each([0, -2, 1.5, 4])('refuses rows of %d in an array of 6', (dimension) => {
    expect(() => fillSpherical(key, 0, new Float32Array(6), dimension)).toThrow(ShapeError);
  });
});
