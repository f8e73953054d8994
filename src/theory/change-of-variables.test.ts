import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { pushForward, type Samples1d } from './change-of-variables.ts';
import { densityAt, gaussianDensity } from './density.ts';
import { jensenShannon } from './divergences.ts';
import { integrate } from './quadrature.ts';

const sampled = (
  g: (z: number) => number,
  slope: (z: number) => number,
  interval: readonly [number, number],
  cells: number,
): Samples1d => {
  const z = Float64Array.from(
    { length: cells + 1 },
    (_, i) => interval[0] + (i * (interval[1] - interval[0])) / cells,
  );
  return { interval, values: z.map(g), slopes: z.map(slope) };
};

describe('pushForward', () => {
  it('a straight line gives a uniform density, falling lines too', () => {
    const density = pushForward(
      sampled(
        (z) => 3 - 2 * z,
        () => -2,
        [0, 1],
        4,
      ),
    );
    expect(densityAt(density, 2)).toBeCloseTo(0.5, 12);
    expect([densityAt(density, 0.99), densityAt(density, 3.01)]).toEqual([0, 0]);
    expect(density.mass([1.5, 2.5])).toBeCloseTo(0.5, 12);
    expect(density.bounds[0]).toBeAllClose([1, 3]);
  });

  it('the exponential of a uniform has density 1 / x, to the fourth order of the spacing', () => {
    const error = (cells: number) => {
      const density = pushForward(sampled(Math.exp, Math.exp, [0, 1], cells));
      return Math.max(...[1.1, 1.37, 2, 2.5].map((x) => Math.abs(densityAt(density, x) - 1 / x)));
    };
    expect(error(64)).toBeLessThan(1e-6);
    expect(error(512)).toBeLessThan(2e-9);
  });

  it('of a Gaussian z: a straight line gives a Gaussian, its tail included; the absolute value folds it', () => {
    const line = sampled(
      (z) => 1 - 0.5 * z,
      () => -0.5,
      [-12, 12],
      64,
    );
    const density = pushForward({ ...line, latent: 'gaussian' });
    const normal = gaussianDensity([1], 0.5);
    for (const x of [-3, 0, 0.7, 1, 4]) expect(density.logDensity(x)).toBeCloseTo(normal.logDensity(x), 10);
    expect(density.mass([0.3, 1.9])).toBeCloseTo(normal.mass([0.3, 1.9]), 12);
    expect(density.mass([-9, 9])).toBeCloseTo(1, 12);
    const folded = pushForward({ ...sampled(Math.abs, Math.sign, [-12, 12], 64), latent: 'gaussian' });
    expect(densityAt(folded, 0.8)).toBeCloseTo(2 * densityAt(gaussianDensity([0], 1), 0.8), 10);
  });

  it('a fold adds both branches: z^2 on [-1, 2]', () => {
    const density = pushForward(
      sampled(
        (z) => z * z,
        (z) => 2 * z,
        [-1, 2],
        30,
      ),
    );
    const expected = (x: number) => (x < 1 ? 2 : 1) / 3 / (2 * Math.sqrt(x));
    for (const x of [0.01, 0.3, 0.99, 1.01, 3.9])
      expect([densityAt(density, x)]).toBeAllClose([expected(x)], { rtol: 1e-9 });
    expect(density.mass([0, 1])).toBeCloseTo(2 / 3, 10);
    expect(density.mass([-5, 5])).toBeCloseTo(1, 12);
  });

  it('turns inside a cell: a wave seen by few points integrates to 1', () => {
    const density = pushForward(
      sampled(
        (z) => Math.sin(7 * z),
        (z) => 7 * Math.cos(7 * z),
        [0, 2],
        40,
      ),
    );
    expect(density.mass([-2, 2])).toBeCloseTo(1, 12);
    const { value } = integrate((x) => densityAt(density, x), [-0.9, 0.9], {
      breakpoints: density.breakpoints[0]!,
      tolerance: 1e-9,
    });
    expect(value).toBeCloseTo(density.mass([-0.9, 0.9]), 8);
  });

  it('is a density like others: a logistic map against its closed form', () => {
    // z uniform, x = log(z / (1 - z)) is logistic; cut at z in [0.001, 0.999].
    const interval = [0.001, 0.999] as const;
    const density = pushForward(
      sampled(
        (z) => Math.log(z / (1 - z)),
        (z) => 1 / (z * (1 - z)),
        interval,
        4000,
      ),
    );
    const logistic = (x: number) => Math.exp(-x) / (1 + Math.exp(-x)) ** 2 / 0.998;
    for (const x of [-5, -1, 0, 2.5])
      expect([densityAt(density, x)]).toBeAllClose([logistic(x)], { rtol: 5e-6 });
    const jsd = jensenShannon(density, gaussianDensity([0], 1.7), { tolerance: 1e-8 });
    expect(jsd.value).toBeGreaterThan(0);
    expect(jsd.value).toBeLessThan(0.01);
  });

  it('refuses what is no function', () => {
    const one = Float64Array.of(1);
    expect(() => pushForward({ interval: [0, 1], values: one, slopes: one })).toThrow(ConfigError);
    const bad = Float64Array.of(1, Number.NaN);
    expect(() => pushForward({ interval: [0, 1], values: bad, slopes: bad })).toThrow('must be finite');
  });
});
