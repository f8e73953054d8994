import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { readReference } from '../../test/tensors.ts';
import { gaussians1d, grid25, ring8, swissroll } from '../data/toy.ts';
import { ConfigError } from '../errors.ts';
import { type Density, gaussianDensity, gaussianMixture, mixtureOf, uniformDensity } from './density.ts';
import {
  criterion,
  criterionByDivergences,
  gameValue,
  gaussianKullbackLeibler,
  jensenShannon,
  kullbackLeibler,
  optimalDiscriminator,
  optimalLogit,
} from './divergences.ts';
import { integratePlane } from './quadrature.ts';
import { densityOf } from './toy-densities.ts';

interface Pair {
  readonly name: string;
  readonly p: readonly number[][];
  readonly q: readonly number[][];
  readonly jensenShannon: number;
  readonly forward: number;
  readonly reverse: number;
}

const reference = readReference('theory') as {
  line: Pair[];
  plane: Pair[];
  swissroll: {
    logDensity: { point: [number, number]; value: number }[];
    mass: { across: [number, number]; up: [number, number]; value: number }[];
  };
};

const mixture = (parts: readonly number[][]): Density =>
  gaussianMixture(
    parts.map((part) => ({ centre: part.slice(0, -2), deviation: part.at(-2)!, weight: part.at(-1)! })),
  );

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const lineMixture = fc
  .array(fc.tuple(number(-4, 4), number(0.2, 2), number(0.1, 1)), { minLength: 1, maxLength: 3 })
  .map(mixture);

describe.each(reference.line)('on the line, $name', ({ p, q, ...expected }) => {
  const [data, model] = [mixture(p), mixture(q)];

  it('divergences are as QUADPACK has them', () => {
    const got = [jensenShannon(data, model), kullbackLeibler(data, model), kullbackLeibler(model, data)];
    expect(got.map(({ value }) => value)).toBeAllClose(
      [expected.jensenShannon, expected.forward, expected.reverse],
      { rtol: 1e-10, atol: 1e-10 },
    );
  });

  it('both routes to C agree with each other and with -log 4 + 2 JSD to 1e-9', () => {
    const byLogarithms = criterion(data, model);
    const byDivergences = criterionByDivergences(data, model);
    expect(Math.abs(byLogarithms.value - byDivergences.value)).toBeLessThan(1e-9);
    expect(Math.abs(byLogarithms.value - (2 * expected.jensenShannon - Math.log(4)))).toBeLessThan(1e-9);
    expect(byLogarithms.error + byDivergences.error).toBeLessThan(1e-9);
  });
});

it.each(reference.plane)(
  'in the plane, $name: divergences are as a fine grid has them',
  ({ p, q, ...expected }) => {
    const [data, model] = [mixture(p), mixture(q)];
    const got = [jensenShannon(data, model), kullbackLeibler(data, model), kullbackLeibler(model, data)];
    expect(got.map(({ value }) => value)).toBeAllClose(
      [expected.jensenShannon, expected.forward, expected.reverse],
      { rtol: 1e-8, atol: 1e-8 },
    );
    expect(criterion(data, model).value).toBeCloseTo(2 * expected.jensenShannon - Math.log(4), 7);
  },
);

describe('closed forms', () => {
  it('C is -log 4, JSD 0 and D* 1/2 where the densities are equal', () => {
    for (const density of [densityOf(gaussians1d()), densityOf(ring8), uniformDensity([[0, 2]])]) {
      expect(jensenShannon(density, density).value).toBeCloseTo(0, 12);
      expect(criterion(density, density).value).toBeCloseTo(-Math.log(4), 8);
      const [x, y] = [density.breakpoints[0]![1]!, density.breakpoints[1]?.[1]];
      expect(optimalDiscriminator(density, density, x, y)).toBe(0.5);
    }
  });

  it('JSD is log 2, C 0 and KL infinite where they do not meet', () => {
    const [left, right] = [uniformDensity([[0, 1]]), uniformDensity([[2, 5]])];
    expect(jensenShannon(left, right).value).toBeCloseTo(Math.LN2, 12);
    expect(criterion(left, right).value).toBeCloseTo(0, 12);
    expect(kullbackLeibler(left, right).value).toBe(Number.POSITIVE_INFINITY);
    expect([optimalDiscriminator(left, right, 0.5), optimalDiscriminator(left, right, 3)]).toEqual([1, 0]);
  });

  it('half-overlapping uniforms have JSD log 2 / 2 in the plane', () => {
    const unit = [0, 1] as const;
    expect(jensenShannon(uniformDensity([[0, 2], unit]), uniformDensity([[1, 3], unit])).value).toBeCloseTo(
      Math.LN2 / 2,
      9,
    );
  });

  test.prop([number(-5, 5), number(0.3, 3), number(-5, 5), number(0.3, 3)], { numRuns: 40 })(
    'KL between Gaussians, by quadrature and as a formula',
    (mean, deviation, otherMean, otherDeviation) => {
      const { value } = kullbackLeibler(
        gaussianDensity([mean], deviation),
        gaussianDensity([otherMean], otherDeviation),
      );
      const expected = gaussianKullbackLeibler([[mean], deviation], [[otherMean], otherDeviation]);
      expect([value]).toBeAllClose([expected], { rtol: 1e-10, atol: 1e-10 });
    },
  );

  it('KL between Gaussians in the plane', () => {
    const { value } = kullbackLeibler(gaussianDensity([0, 1], 0.5), gaussianDensity([0.4, 0.2], 0.9));
    expect(value).toBeCloseTo(gaussianKullbackLeibler([[0, 1], 0.5], [[0.4, 0.2], 0.9]), 9);
  });
});

describe('for any two mixtures', () => {
  test.prop([lineMixture, lineMixture], { numRuns: 30 })(
    'JSD is symmetric, in [0, log 2], and its root obeys the triangle inequality by way of their mean',
    (p, q) => {
      const jsd = jensenShannon(p, q).value;
      expect(Math.abs(jsd - jensenShannon(q, p).value)).toBeLessThan(1e-10);
      expect(jsd).toBeGreaterThanOrEqual(-1e-11);
      expect(jsd).toBeLessThanOrEqual(Math.LN2 + 1e-11);
      const mean = mixtureOf(p, q, 0.5);
      const root = (value: number) => Math.sqrt(Math.max(0, value));
      expect(root(jsd)).toBeLessThanOrEqual(
        root(jensenShannon(p, mean).value) + root(jensenShannon(mean, q).value) + 1e-5,
      );
    },
  );

  test.prop([lineMixture, lineMixture, number(-3, 3), number(0.2, 2)], { numRuns: 30 })(
    'no discriminator does better than D*',
    (p, q, shift, slope) => {
      const best = criterion(p, q).value;
      for (const logit of [
        (x: number) => optimalLogit(p, q, x) + shift / 10,
        (x: number) => slope * (x - shift),
        () => 0,
      ])
        expect(gameValue(p, q, logit).value).toBeLessThanOrEqual(best + 1e-10);
      expect(gameValue(p, q, () => 0).value).toBeCloseTo(-Math.log(4), 9);
    },
  );
});

describe('densities of the toy sets', () => {
  it.each(reference.swissroll.logDensity)('swissroll at $point', ({ point, value }) => {
    expect([densityOf(swissroll).logDensity(...point)]).toBeAllClose([value], { rtol: 1e-9, atol: 1e-9 });
  });

  it.each(reference.swissroll.mass)('swissroll in $across x $up', ({ across, up, value }) => {
    expect([densityOf(swissroll).mass(across, up)]).toBeAllClose([value], { rtol: 1e-9, atol: 1e-12 });
  });

  it.each([
    ring8,
    grid25,
    swissroll,
    gaussians1d({ means: [-3, 1], deviations: [0.1, 0.4], weights: [1, 3] }),
  ])('$name: what is drawn falls where the density says', (distribution) => {
    const density = densityOf(distribution);
    const n = 40_000;
    const points = new Float32Array(n * density.dimension);
    distribution.draw({ seed: 3, stream: 4 }, 0, points);
    const column = (axis: number) => points.filter((_, i) => i % density.dimension === axis);
    const median = (values: Float32Array) => values.slice().sort()[n / 2]!;
    // Boxes of about 1/4 of the draws: chosen after other draws would be cleaner, but their edges are only medians.
    const cuts = Array.from({ length: density.dimension }, (_, axis) => median(column(axis)));
    for (let corner = 0; corner < 2 ** density.dimension; corner++) {
      const box = cuts.map((cut, axis): [number, number] => ((corner >> axis) & 1 ? [cut, 9] : [-9, cut]));
      let inside = 0;
      for (let i = 0; i < n; i++)
        if (
          box.every(
            ([low, high], axis) =>
              points[i * box.length + axis]! >= low && points[i * box.length + axis]! < high,
          )
        )
          inside++;
      const expected = density.mass(box[0]!, box[1]);
      expect(Math.abs(inside / n - expected)).toBeLessThan(6 * Math.sqrt(0.25 / n));
    }
  });

  it('the probability of a box is the integral of the density over it', () => {
    const density = densityOf(swissroll);
    const { value } = integratePlane((x, y) => Math.exp(density.logDensity(x, y)), [0.9, 1.3], [-0.2, 0.3], {
      tolerance: 1e-8,
    });
    expect(Math.abs(value - density.mass([0.9, 1.3], [-0.2, 0.3]))).toBeLessThan(1e-9);
  });

  it('stays finite far from every component', () => {
    for (const distribution of [ring8, swissroll])
      expect(densityOf(distribution).logDensity(1e3, -1e3)).toBeLessThan(-1e8);
  });
});

it('what is no density is refused', () => {
  expect(() => gaussianMixture([])).toThrow(ConfigError);
  expect(() => gaussianMixture([{ centre: [0, 0, 0], deviation: 1, weight: 1 }])).toThrow(
    'got 3 coordinates',
  );
  expect(() => gaussianDensity([0], -1)).toThrow(
    'gaussianMixture: deviation must be positive and finite, got -1',
  );
  expect(() => uniformDensity([[1, 1]])).toThrow(
    'the length of an interval must be positive and finite, got 0',
  );
  expect(() => mixtureOf(gaussianDensity([0], 1), gaussianDensity([0], 1), 1.5)).toThrow(
    'share must be in [0, 1], got 1.5',
  );
  expect(() => jensenShannon(gaussianDensity([0], 1), gaussianDensity([0, 0], 1))).toThrow(
    'one dimension, got 1 (Gaussian) and 2',
  );
});
