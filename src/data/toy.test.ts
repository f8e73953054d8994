import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { modeCoverage } from '../eval/modes.ts';
import type { Distribution } from './dataset.ts';
import { type Gaussians1dOptions, gaussians1d, grid25, ring8, swissroll } from './toy.ts';

const key = { seed: 2014, stream: 7 };

function draws(distribution: Distribution, n: number, step = 0): Float32Array {
  const out = new Float32Array(n * distribution.exampleShape[0]);
  distribution.draw(key, step, out);
  return out;
}

describe.each([ring8, grid25, swissroll, gaussians1d()])('$name', (distribution) => {
  it('replays a step and draws another at the next', () => {
    const first = draws(distribution, 64, 5);
    expect(first.some((value) => value === 0)).toBe(false);
    expect(Array.from(draws(distribution, 64, 5))).toEqual(Array.from(first));
    const next = draws(distribution, 64, 6);
    expect(first.filter((value, i) => value === next[i])).toHaveLength(0);
  });
});

describe.each([
  { distribution: ring8, total: 8, deviation: 20 / 1414 },
  { distribution: grid25, total: 25, deviation: 0.05 / 2.828 },
])('$distribution.name', ({ distribution, total, deviation }) => {
  const n = 50_000;
  const points = draws(distribution, n);

  it('visits every mode equally often, within 3 deviations as often as a Gaussian does', () => {
    const { covered, counts, highQualityFraction } = modeCoverage(points, distribution.modes!);
    expect(covered).toBe(total);
    // 1 - exp(-9/2) of a two-dimensional Gaussian; 4.5 standard errors.
    const inside = 1 - Math.exp(-4.5);
    expect(Math.abs(highQualityFraction - inside)).toBeLessThan(4.5 * Math.sqrt((inside * (1 - inside)) / n));
    const expected = (n * inside) / total;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(total - 1 + 4.5 * Math.sqrt(2 * (total - 1)));
  });

  it('has isotropic noise of the stated deviation around the nearest centre', () => {
    const { centres, standardDeviation } = distribution.modes!;
    expect(standardDeviation).toBeCloseTo(deviation, 12);
    const second = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      const offsets = centres.map(([x, y]) => ({ dx: points[2 * i]! - x!, dy: points[2 * i + 1]! - y! }));
      const { dx, dy } = offsets.reduce((a, b) => (a.dx ** 2 + a.dy ** 2 < b.dx ** 2 + b.dy ** 2 ? a : b));
      second[0]! += dx * dx;
      second[1]! += dy * dy;
      second[2]! += dx * dy;
    }
    const [xx, yy, xy] = second.map((sum) => sum / n / deviation ** 2);
    expect(Math.abs(xx! - 1)).toBeLessThan(4.5 * Math.sqrt(2 / n));
    expect(Math.abs(yy! - 1)).toBeLessThan(4.5 * Math.sqrt(2 / n));
    expect(Math.abs(xy!)).toBeLessThan(4.5 * Math.sqrt(1 / n));
  });
});

describe('the layout of the modes', () => {
  it('puts ring8 on a circle of radius 2 / 1.414, one every 45 degrees', () => {
    const { centres } = ring8.modes!;
    const expected = centres.flatMap((_, i) => [
      (2000 / 1414) * Math.cos((i * Math.PI) / 4),
      (2000 / 1414) * Math.sin((i * Math.PI) / 4),
    ]);
    expect(centres.flat()).toBeAllClose(expected, { rtol: 0, atol: 1e-12 });
  });

  it('puts grid25 on lines 2 / 2.828 apart with the unit variance that 2.828 is for', () => {
    const xs = grid25.modes!.centres.map(([x]) => x!);
    expect([...new Set(xs)]).toBeAllClose([-4, -2, 0, 2, 4].map((x) => x / 2.828));
    expect(xs.reduce((sum, x) => sum + x * x, 0) / 25).toBeCloseTo(1, 3);
  });
});

describe('swissroll', () => {
  const n = 50_000;
  const points = draws(swissroll, n);

  it('lies on the spiral: radius and angle agree to within the noise', () => {
    expect(swissroll.modes).toBeUndefined();
    let sumOfSquares = 0;
    let least = Number.POSITIVE_INFINITY;
    let largest = 0;
    for (let i = 0; i < n; i++) {
      const x = 7.5 * points[2 * i]!;
      const z = 7.5 * points[2 * i + 1]!;
      const radius = Math.hypot(x, z);
      // The winding that is nearest to the radius: t = angle + 2 pi w.
      const angle = Math.atan2(z, x);
      const t = angle + 2 * Math.PI * Math.round((radius - angle) / (2 * Math.PI));
      sumOfSquares += (radius - t) ** 2;
      least = Math.min(least, t);
      largest = Math.max(largest, t);
    }
    // Across the sheet radius and t differ by the radial noise and by the tangential noise over t: 0.25 +- 1.5 %.
    expect(Math.sqrt(sumOfSquares / n)).toBeGreaterThan(0.245);
    expect(Math.sqrt(sumOfSquares / n)).toBeLessThan(0.255);
    expect(least).toBeGreaterThan(1.5 * Math.PI - 0.4);
    expect(largest).toBeLessThan(4.5 * Math.PI + 0.4);
  });

  it('has the moments of `t cos t` and `t sin t`, t uniform', () => {
    // Midpoint sums over t, then the noise variance; independent of how the draws are made.
    const grid = Array.from({ length: 100_000 }, (_, i) => 1.5 * Math.PI * (1 + (2 * (i + 0.5)) / 100_000));
    const mean = (f: (t: number) => number) => grid.reduce((sum, t) => sum + f(t), 0) / grid.length;
    const expected = [
      mean((t) => t * Math.cos(t)) / 7.5,
      mean((t) => t * Math.sin(t)) / 7.5,
      (mean((t) => (t * Math.cos(t)) ** 2) + 0.25 ** 2) / 7.5 ** 2,
      (mean((t) => (t * Math.sin(t)) ** 2) + 0.25 ** 2) / 7.5 ** 2,
    ];
    const sums = [0, 0, 0, 0];
    for (let i = 0; i < n; i++)
      for (const axis of [0, 1]) {
        sums[axis]! += points[2 * i + axis]!;
        sums[2 + axis]! += points[2 * i + axis]! ** 2;
      }
    // Coordinates stay below 2, so a mean has a standard error below 1 / sqrt(n), a mean square below 2 / sqrt(n).
    expect(sums.map((sum) => sum / n)).toBeAllClose(expected, { rtol: 0, atol: 4.5 / Math.sqrt(n) });
  });
});

describe('gaussians1d', () => {
  it('mixes the given components by weight', () => {
    const n = 100_000;
    const distribution = gaussians1d({ means: [-3, 1], deviations: [0.1, 0.4], weights: [1, 3] });
    expect(distribution.exampleShape).toEqual([1]);
    expect(distribution.modes).toBeUndefined();
    const values = [...draws(distribution, n)];
    for (const { component, mean, deviation, weight } of [
      { component: values.filter((value) => value < -2), mean: -3, deviation: 0.1, weight: 0.25 },
      { component: values.filter((value) => value >= -2), mean: 1, deviation: 0.4, weight: 0.75 },
    ]) {
      const count = component.length;
      expect(Math.abs(count / n - weight)).toBeLessThan(4.5 * Math.sqrt(0.1875 / n));
      const average = component.reduce((sum, value) => sum + value, 0) / count;
      expect(Math.abs(average - mean)).toBeLessThan((4.5 * deviation) / Math.sqrt(count));
      const variance = component.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
      expect(Math.abs(variance / deviation ** 2 - 1)).toBeLessThan(4.5 * Math.sqrt(2 / count));
    }
  });

  it('has modes where the deviations are equal', () => {
    expect(gaussians1d().modes).toEqual({ centres: [[-2], [2]], standardDeviation: 0.5 });
  });

  it('changes its fingerprint with any parameter', () => {
    const variants: Gaussians1dOptions[] = [
      {},
      { means: [-2, 3] },
      { deviations: [0.5, 0.4] },
      { weights: [1, 2] },
      { means: [0] },
    ];
    expect(new Set(variants.map((options) => gaussians1d(options).fingerprint)).size).toBe(variants.length);
    // Weights are relative: these two are one density.
    expect(gaussians1d({ weights: [2, 2] }).fingerprint).toBe(gaussians1d().fingerprint);
  });

  it.each([
    [{ means: [] }, 'must be lists of one length from 1, got lengths 0, 0 and 0'],
    [{ means: [1], deviations: [1, 2] }, 'must be lists of one length from 1, got lengths 1, 2 and 1'],
    [{ means: [Number.NaN] }, 'means must be finite, got NaN'],
    [{ means: [0], deviations: [0] }, 'deviations must be positive and finite, got 0'],
    [{ weights: [1, -1] }, 'weights must be positive and finite, got -1'],
  ])('refuses %j', (options, message) => {
    expect(() => gaussians1d(options)).toThrow(ConfigError);
    expect(() => gaussians1d(options)).toThrow(message);
  });
});
