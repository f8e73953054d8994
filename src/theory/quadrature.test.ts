import { describe, expect, it } from 'vitest';
import { readReference } from '../../test/tensors.ts';
import { ConfigError } from '../errors.ts';
import { erf, erfc, normalMass } from './error-function.ts';
import { integrate, integrateByTrapezoids, integratePlane } from './quadrature.ts';

const reference = readReference('theory') as {
  erf: { x: number; erf: number; erfc: number }[];
  normalMass: { low: number; high: number; value: number }[];
};

describe('the error function', () => {
  it.each(reference.erf)('at $x is as scipy has it', ({ x, erf: expected, erfc: complement }) => {
    expect([erf(x)]).toBeAllClose([expected], { rtol: 5e-12, atol: 0 });
    expect([erfc(x)]).toBeAllClose([complement], { rtol: 5e-12, atol: 0 });
  });

  it.each(reference.normalMass)(
    'gives the mass from $low to $high, in the tails too',
    ({ low, high, value }) => {
      expect([normalMass(low, high)]).toBeAllClose([value], { rtol: 1e-11, atol: 0 });
      expect(normalMass(-high, -low)).toBeCloseTo(normalMass(low, high), 14);
    },
  );
});

describe('integrate', () => {
  it.each([
    { name: 'x^13, exact for the rule', f: (x: number) => x ** 13, from: 0, to: 1, expected: 1 / 14 },
    {
      name: 'a narrow Gaussian',
      f: (x: number) => Math.exp(-((x - 0.3) ** 2) * 5e5),
      from: -1,
      to: 1,
      expected: Math.sqrt(Math.PI / 5e5),
    },
    { name: 'a kink', f: (x: number) => Math.abs(x - 1 / 3), from: 0, to: 1, expected: 5 / 18 },
    { name: 'an endpoint singularity', f: (x: number) => Math.log(x), from: 0, to: 1, expected: -1 },
  ])('$name', ({ f, from, to, expected }) => {
    const { value, error } = integrate(f, [from, to], { breakpoints: [0.25, 0.35] });
    expect(Math.abs(value - expected)).toBeLessThan(1e-11);
    expect(error).toBeLessThan(2e-11);
  });

  it('gives up where it is told to, and says how wrong it may be', () => {
    const { value, error, evaluations } = integrate((x) => 1 / Math.sqrt(x), [0, 1], {
      mostEvaluations: 300,
    });
    expect(evaluations).toBeLessThan(400);
    expect(error).toBeGreaterThan(1e-11);
    expect(Math.abs(value - 2)).toBeLessThan(20 * error);
  });

  it('refuses what is no interval', () => {
    expect(() => integrate(Math.exp, [1, 1])).toThrow(ConfigError);
    expect(() => integrate(Math.exp, [0, Number.POSITIVE_INFINITY])).toThrow('got 0 to Infinity');
  });
});

it('integratePlane sees a narrow peak, a disc and a polynomial', () => {
  const peak = integratePlane(
    (x, y) => Math.exp(-((x - 0.1) ** 2 + (y + 0.7) ** 2) * 5e3),
    [-1, 1],
    [-1, 1],
    {
      breakpoints: [[0.1], [-0.7]],
    },
  );
  expect(Math.abs(peak.value - Math.PI / 5e3)).toBeLessThan(1e-12);
  const disc = integratePlane((x, y) => (x * x + y * y < 1 ? 1 : 0), [-1, 1], [-1, 1], { tolerance: 1e-3 });
  expect(Math.abs(disc.value - Math.PI)).toBeLessThan(disc.error);
  expect(integratePlane((x, y) => x ** 4 * y ** 2, [0, 1], [0, 3]).value).toBeCloseTo(9 / 5, 13);
});

it('integrateByTrapezoids reaches the last digits of a Gaussian that fits, and of a narrow one', () => {
  for (const deviation of [1, 0.003]) {
    const density = (x: number) => Math.exp(-0.5 * (x / deviation) ** 2) / deviation / Math.sqrt(2 * Math.PI);
    const { value, error } = integrateByTrapezoids(density, [-13, 12]);
    expect(Math.abs(value - 1)).toBeLessThan(1e-13);
    expect(error).toBeLessThan(1e-12);
  }
});
