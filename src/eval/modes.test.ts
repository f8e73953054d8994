import { describe, expect, it } from 'vitest';
import { ShapeError } from '../errors.ts';
import { modeCoverage } from './modes.ts';

const square = {
  centres: [
    [0, 0],
    [10, 0],
    [0, 10],
    [10, 10],
  ],
  standardDeviation: 1,
};

/** `counts[i]` points at centre i, and `stray` between the modes. */
function pointsAt(counts: readonly number[], stray = 0): Float32Array {
  const rows = counts.flatMap((count, mode) => Array.from({ length: count }, () => square.centres[mode]!));
  rows.push(...Array.from({ length: stray }, () => [5, 5]));
  return Float32Array.from(rows.flat());
}

describe('modeCoverage', () => {
  it('counts samples within 3 deviations of the nearest centre', () => {
    const points = Float32Array.of(0, 2.9, 2, 2, 2.2, 2.2, 10, 3, 10, -3.1, 5, 5);
    // (2, 2) is 2.83 away, (2.2, 2.2) 3.11; (10, 3) is exactly 3 away.
    expect(modeCoverage(points, square)).toEqual({
      covered: 2,
      total: 4,
      highQualityFraction: 0.5,
      counts: [2, 1, 0, 0],
    });
  });

  it('asks a fifth of its fair share of a mode: 5 of 100 samples on 4 modes', () => {
    expect(modeCoverage(pointsAt([85, 5, 5, 5]), square).covered).toBe(4);
    expect(modeCoverage(pointsAt([87, 5, 4, 4]), square).covered).toBe(2);
    // Stray samples count in the share: nothing is gained by missing.
    expect(modeCoverage(pointsAt([5, 5, 5, 5], 80), square)).toMatchObject({
      covered: 4,
      highQualityFraction: 0.2,
    });
    expect(modeCoverage(pointsAt([5, 5, 5, 5], 81), square).covered).toBe(0);
  });

  it('says 0 of a generator that draws nothing near a mode', () => {
    expect(modeCoverage(pointsAt([], 10), square)).toEqual({
      covered: 0,
      total: 4,
      highQualityFraction: 0,
      counts: [0, 0, 0, 0],
    });
  });

  it('takes points that are not finite for bad ones', () => {
    const points = Float32Array.of(Number.NaN, 0, Number.POSITIVE_INFINITY, 0, 0, 0, 10, 10);
    expect(modeCoverage(points, square).counts).toEqual([1, 0, 0, 1]);
  });

  it('measures points on the line', () => {
    const line = { centres: [[-2], [2]], standardDeviation: 0.5 };
    expect(modeCoverage(Float32Array.of(-2, -0.6, -0.4, 3.4), line).counts).toEqual([2, 1]);
  });

  it.each([0, 3])('refuses %d numbers as points of 2', (length) => {
    expect(() => modeCoverage(new Float32Array(length), square)).toThrow(
      new ShapeError(
        `modeCoverage: points must hold one or more whole points of 2 numbers, got ${length} numbers`,
      ),
    );
  });
});
