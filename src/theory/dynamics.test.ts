import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { readReference } from '../../test/tensors.ts';
import { gaussians1d } from '../data/toy.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import {
  classify,
  type Dynamics,
  diracMethods,
  diracTrajectory,
  jacobianEigenvalues,
  radius,
} from './dirac-gan.ts';
import {
  bestResponse,
  cellCriterion,
  descend,
  exponentiatedGradient,
  payoff,
  probabilities,
  projectedGradient,
  projectOnSimplex,
} from './function-space.ts';
import { fitGaussian } from './gaussian-fit.ts';
import { minimise } from './minimise.ts';
import { descendOnParameter, generatorGradient, lopsided } from './parametric.ts';
import { generatorPull } from './saturation.ts';
import { densityOf } from './toy-densities.ts';

const distribution = (cells: number) =>
  fc
    .array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: cells, maxLength: cells })
    .map((logs) => probabilities(logs.map(Math.exp)));
const triple = fc.integer({ min: 2, max: 9 }).chain((cells) => {
  const one = distribution(cells);
  return fc.tuple(one, one, one);
});
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const blend = (p: Float64Array, q: Float64Array, share: number) =>
  p.map((value, i) => share * value + (1 - share) * q[i]!);

describe('Proposition 2 on finitely many cells', () => {
  test.prop([triple, unit])('U is affine and C convex in pg', ([data, p, q], share) => {
    const d = bestResponse(data, q);
    const mixed = blend(p, q, share);
    const affine = share * payoff(data, p, d) + (1 - share) * payoff(data, q, d);
    expect(payoff(data, mixed, d)).toBeCloseTo(affine, 10);
    const chord = share * cellCriterion(data, p) + (1 - share) * cellCriterion(data, q);
    expect(cellCriterion(data, mixed)).toBeLessThanOrEqual(chord + 1e-12);
  });

  test.prop([triple])('C is the payoff of D* and at least -log 4', ([data, model, other]) => {
    const c = cellCriterion(data, model);
    expect(payoff(data, model, bestResponse(data, model))).toBeCloseTo(c, 8);
    expect(payoff(data, model, bestResponse(data, other))).toBeLessThanOrEqual(c + 1e-12);
    expect(c).toBeGreaterThanOrEqual(-Math.log(4) - 1e-12);
    expect(cellCriterion(data, data)).toBeCloseTo(-Math.log(4), 12);
  });

  test.prop([triple, fc.double({ min: 0.01, max: 1, noNaN: true })])(
    'exponentiated gradient never raises C for eta up to 1',
    ([data, model], eta) => {
      const { values } = descend(data, model, exponentiatedGradient(eta), 5);
      for (const [i, value] of values.slice(1).entries())
        expect(value).toBeLessThanOrEqual(values[i]! + 1e-12);
    },
  );

  test.prop([triple])('at eta 1 it is the mean of both', ([data, model]) => {
    const next = exponentiatedGradient(1)(data, model);
    expect(next).toBeAllClose(blend(data, model, 0.5), { rtol: 1e-12, atol: 1e-15 });
  });

  it('converges to the data; at eta 2 C rises on the way, plain projected descent never comes to rest', () => {
    const cell = (i: number, mean: number, s: number) => Math.exp(-0.5 * ((i / 5 - 4 - mean) / s) ** 2);
    const cells = Array.from({ length: 41 }, (_, i) => i);
    const data = probabilities(cells.map((i) => cell(i, -2, 0.5) + cell(i, 2, 0.5)));
    const start = probabilities(cells.map((i) => cell(i, -2, 1)));
    const good = descend(data, start, exponentiatedGradient(0.5), 200);
    expect(good.model).toBeAllClose(data, { rtol: 1e-6, atol: 0 });
    const bad = descend(data, start, exponentiatedGradient(2), 1).values;
    expect(bad[1]).toBeGreaterThan(bad[0]! + 0.1);
    const plain = descend(data, start, projectedGradient(0.1), 500).values;
    const rises = plain.filter((value, i) => i > 0 && value > plain[i - 1]!);
    expect(rises.length).toBeGreaterThan(200);
    expect(Math.min(...plain.slice(-50))).toBeGreaterThan(-Math.log(4) + 0.1);
  });

  test.prop([fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 8 }), triple])(
    'the projection is in the simplex, and no other point there is nearer',
    (values, [other]) => {
      const point = Float64Array.from(values);
      const projected = projectOnSimplex(point);
      expect(projected.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
      expect(Math.min(...projected)).toBeGreaterThanOrEqual(0);
      const distance = (q: Float64Array) => point.reduce((sum, value, i) => sum + (value - q[i]!) ** 2, 0);
      const rival = probabilities(Array.from(point, (_, i) => other[i % other.length]!));
      expect(distance(projected)).toBeLessThanOrEqual(distance(rival) + 1e-9);
    },
  );

  it('refuses what is no distribution', () => {
    expect(() => probabilities([1, -1])).toThrow(ConfigError);
    expect(() => probabilities([0, 0])).toThrow('got 2 zeros');
    expect(() => cellCriterion(probabilities([1]), probabilities([1, 1]))).toThrow(ShapeError);
  });
});

describe('descent on a parameter', () => {
  const data = lopsided(2);

  it('reaches the data from one side, and comes to rest away from it on the other, though C is convex in pg', () => {
    const right = descendOnParameter(lopsided, data, 0.2, { steps: 40 });
    const left = descendOnParameter(lopsided, data, -0.2, { steps: 40 });
    expect(right.theta.at(-1)).toBeCloseTo(2, 6);
    expect(right.values.at(-1)).toBeCloseTo(-Math.log(4), 9);
    expect(left.theta.at(-1)).toBeCloseTo(-2, 2);
    // Far apart, the modes are a coin of 0.7 against one of 0.3.
    const coins = cellCriterion(probabilities([0.7, 0.3]), probabilities([0.3, 0.7]));
    expect(left.values.at(-1)).toBeCloseTo(coins, 3);
    expect(Math.abs(generatorGradient(lopsided, data, left.theta.at(-1)!))).toBeLessThan(1e-6);
  });
});

describe('one Gaussian for two modes', () => {
  const data = densityOf(gaussians1d());
  const starts = [
    [0, 2],
    [-2, 0.5],
  ] as const;

  it('KL(data || model) has the moments of the data, its reverse sits on one mode', () => {
    const [wide, alsoWide] = fitGaussian(data, 'KL(data || model)', starts);
    for (const fit of [wide!, alsoWide!]) {
      expect(fit.mean).toBeCloseTo(0, 4);
      expect(fit.deviation).toBeCloseTo(Math.sqrt(4 + 0.25), 4);
    }
    const [between, onMode] = fitGaussian(data, 'KL(model || data)', starts);
    expect(onMode!.mean).toBeCloseTo(-2, 3);
    expect(onMode!.deviation).toBeCloseTo(0.5, 3);
    expect(onMode!.value).toBeCloseTo(Math.LN2, 3);
    expect(between!.value).toBeGreaterThan(onMode!.value);
  });

  it('minimise finds the bottom of a curved valley', () => {
    const { at, value } = minimise(([x, y]) => (1 - x!) ** 2 + 100 * (y! - x! * x!) ** 2, [-1.2, 1]);
    expect(at).toBeAllClose([1, 1], { rtol: 1e-5 });
    expect(value).toBeLessThan(1e-10);
  });
});

describe('saturation', () => {
  it('at D = 0.05 the derivatives are 1.053 and 20 by D, 0.05 and 0.95 by the logit', () => {
    const { minimax, nonSaturating } = generatorPull(0.05);
    expect(minimax.loss).toBeCloseTo(-0.0513, 4);
    expect([minimax.byProbability, nonSaturating.byProbability]).toBeAllClose([-1 / 0.95, -20]);
    expect([minimax.byLogit, nonSaturating.byLogit]).toBeAllClose([-0.05, -0.95]);
  });

  test.prop([fc.double({ min: 0.001, max: 0.999, noNaN: true })])(
    'derivatives are those of the losses',
    (d) => {
      const h = 1e-6 * d * (1 - d);
      const { minimax, nonSaturating } = generatorPull(d);
      for (const name of ['minimax', 'nonSaturating'] as const) {
        const pull = { minimax, nonSaturating }[name];
        const slope = (generatorPull(d + h)[name].loss - generatorPull(d - h)[name].loss) / (2 * h);
        expect([slope]).toBeAllClose([pull.byProbability], { rtol: 1e-4, atol: 1e-6 });
        // dD / dlogit = D (1 - D).
        expect([pull.byLogit]).toBeAllClose([pull.byProbability * d * (1 - d)], { rtol: 1e-12 });
      }
    },
  );

  it('is undefined where D is certain', () => {
    expect(() => generatorPull(0)).toThrow('generatorPull: d must be in (0, 1), got 0');
  });
});

describe('the Dirac-GAN', () => {
  const methods = new Map(diracMethods().map((method) => [method.name, method]));
  const names = { gan: 'GAN', nonSaturating: 'NSGAN', r1: 'R1' };
  const { dirac } = readReference<{
    dirac: { field: keyof typeof names; alternating: boolean; radii: number[] }[];
  }>('theory');

  it.each(dirac)(
    '$field, alternating $alternating, stands where numpy has it after 50, 500 and 5000 steps',
    (run) => {
      const states = diracTrajectory(methods.get(names[run.field])!, {
        dynamics: run.alternating ? 'alternating' : 'simultaneous',
      });
      const radii = [50, 500, 5000].map((step) => radius(states[step]!));
      expect(radii).toBeAllClose(
        run.radii.map((r) => r),
        { rtol: 1e-9, atol: 1e-9 },
      );
    },
  );

  it.each([
    ['GAN', 'diverges', 'circles', 'circles'],
    ['NSGAN', 'slowly', 'slowly', 'slowly'],
    ['WGAN', 'circles', 'circles', 'circles'],
    ['WGAN-GP', 'circles', 'circles', 'circles'],
    ['instance noise', 'converges', 'converges', 'converges'],
    ['consensus', 'converges', 'converges', 'converges'],
    ['R1', 'converges', 'converges', 'converges'],
    ['R2', 'converges', 'converges', 'converges'],
    ['NSGAN + R1', 'converges', 'converges', 'converges'],
  ])('%s: %s when simultaneous, %s when alternating, %s in the limit', (name, ...expected) => {
    const order: Dynamics[] = ['simultaneous', 'alternating', 'continuous'];
    const got = order.map((dynamics) => classify(diracTrajectory(methods.get(name)!, { dynamics })));
    expect(got).toEqual(expected);
  });

  it('turns on a circle in the limit: the unregularised field is at right angles to the radius', () => {
    const states = diracTrajectory(methods.get('GAN')!, { dynamics: 'continuous', steps: 1000 });
    expect(states.map(radius)).toBeAllClose(
      states.map(() => Math.SQRT2),
      { rtol: 1e-9 },
    );
  });

  it('has eigenvalues +-i/2 without a penalty and -g/2 +- sqrt(g^2/4 - 1/4) with R1 of weight g', () => {
    const [plain] = jacobianEigenvalues(methods.get('GAN')!.field);
    expect([plain.re, plain.im]).toBeAllClose([0, 0.5], { rtol: 1e-8, atol: 1e-9 });
    const [damped] = jacobianEigenvalues(methods.get('R1')!.field);
    expect([damped.re, damped.im]).toBeAllClose([-0.15, Math.sqrt(0.25 - 0.0225)], { rtol: 1e-7 });
    const [real] = jacobianEigenvalues(
      diracMethods({ regularisation: 2 }).find(({ name }) => name === 'R1')!.field,
    );
    expect([real.re, real.im]).toBeAllClose([-1 + Math.sqrt(0.75), 0], { rtol: 1e-7, atol: 1e-9 });
  });

  it('the gradient that consensus descends is that of half the squared field', () => {
    const plain = methods.get('GAN')!.field;
    const consensus = diracMethods({ regularisation: 1 }).find(({ name }) => name === 'consensus')!.field;
    const half = (theta: number, psi: number) => 0.5 * radius(plain([theta, psi])) ** 2;
    for (const [theta, psi] of [
      [1, 1],
      [-0.4, 2],
      [0.3, -0.2],
    ] as const) {
      const h = 1e-6;
      const gradient = [
        (half(theta + h, psi) - half(theta - h, psi)) / (2 * h),
        (half(theta, psi + h) - half(theta, psi - h)) / (2 * h),
      ];
      const [a, b] = plain([theta, psi]);
      const [c, d] = consensus([theta, psi]);
      expect([a - c, b - d]).toBeAllClose(gradient, { rtol: 1e-6, atol: 1e-8 });
    }
  });

  it('explicit steps leave R1 where h times its weight is 2 or more', () => {
    const r1 = (regularisation: number) =>
      classify(
        diracTrajectory(diracMethods({ regularisation }).find(({ name }) => name === 'R1')!, {
          steps: 10_000,
        }),
      );
    expect(r1(19)).toBe('converges');
    expect(r1(20.5)).not.toBe('converges');
  });
});
