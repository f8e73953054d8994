import { describe, expect, it } from 'vitest';
import { float32 } from '../../test/tensors.ts';
import { type Distribution, isDistribution } from '../data/dataset.ts';
import { gaussians1d, grid25, ring8, swissroll } from '../data/toy.ts';
import { ConfigError, DataError, ShapeError } from '../errors.ts';
import { jensenShannon, kullbackLeibler } from '../theory/divergences.ts';
import { densityOf } from '../theory/toy-densities.ts';
import { knownDensityMeasures } from './known-density.ts';

function draws(distribution: Distribution, n: number, seed = 5): Float32Array {
  const out = new Float32Array(n * distribution.exampleShape[0]);
  distribution.draw({ seed, stream: 9 }, 0, out);
  return out;
}
const points = (data: ArrayLike<number>, d: number) => float32([data.length / d, d], data);

describe.each([ring8, grid25, swissroll, gaussians1d()])('$name', (distribution) => {
  const d = distribution.exampleShape[0];

  it('real draws score what the real draws beside them score, and the bias that theory gives', () => {
    const n = 10_000;
    const { jsd, kl } = knownDensityMeasures(points(draws(distribution, n), d), distribution);
    const cells = jsd.protocol.occupiedCells;
    const expected = (cells - 1) / (8 * n);
    // 8 n JSD is about chi-squared with a degree of freedom per cell; two such are compared.
    expect(Math.abs(jsd.value - jsd.realData)).toBeLessThan(4 * expected * Math.sqrt(4 / cells));
    expect(jsd.value).toBeGreaterThan(expected / 2);
    expect(jsd.value).toBeLessThan(2 * expected);
    expect(Math.abs(kl.dataToModel - kl.realData.dataToModel)).toBeLessThan(0.15 * kl.dataToModel + 2e-3);
    expect(Math.abs(kl.modelToData - kl.realData.modelToData)).toBeLessThan(0.15 * kl.modelToData + 2e-3);
  });
});

describe('against quadrature', () => {
  const data = gaussians1d();
  const model = gaussians1d({ means: [-2, 1.5], deviations: [0.6, 0.5], weights: [1, 2] });

  it('many samples of another known density in narrow cells give its divergences', () => {
    const { jsd, kl } = knownDensityMeasures(points(draws(model, 300_000), 1), data, { cellWidth: 0.05 });
    const [p, q] = [densityOf(data), densityOf(model)];
    const within = (got: number, expected: number, error: number, bias: number) =>
      expect(Math.abs(got - expected)).toBeLessThan(4 * error + bias);
    within(jsd.value, jensenShannon(p, q).value, jsd.standardError, 1e-3);
    within(kl.dataToModel, kullbackLeibler(p, q).value, kl.standardErrors.dataToModel, 2e-3);
    within(kl.modelToData, kullbackLeibler(q, p).value, kl.standardErrors.modelToData, 2e-3);
  });

  it('the standard error is the spread over repetitions', () => {
    const runs = Array.from({ length: 40 }, (_, seed) =>
      knownDensityMeasures(points(draws(model, 2000, seed), 1), data),
    );
    const spread = (values: number[]) => {
      const centre = mean(values);
      return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
    };
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value) / values.length;
    const ratio = (value: (run: (typeof runs)[0]) => number, error: (run: (typeof runs)[0]) => number) =>
      spread(runs.map(value)) / mean(runs.map(error));
    const ratios = [
      ratio(
        ({ jsd }) => jsd.value,
        ({ jsd }) => jsd.standardError,
      ),
      ratio(
        ({ kl }) => kl.dataToModel,
        ({ kl }) => kl.standardErrors.dataToModel,
      ),
      ratio(
        ({ kl }) => kl.modelToData,
        ({ kl }) => kl.standardErrors.modelToData,
      ),
    ];
    // Of 40 repetitions the spread is known to 11 %.
    for (const ratio of ratios) {
      expect(ratio).toBeGreaterThan(0.65);
      expect(ratio).toBeLessThan(1.35);
    }
  });
});

describe('ring8 gone wrong', () => {
  const n = 8000;
  const real = draws(ring8, n);
  const measures = (samples: Float32Array) => knownDensityMeasures(points(samples, 2), ring8);
  const perfect = measures(real);

  it('a missing half costs KL(data || model) log(n + 1) / 2 and the JSD what overlap of half gives', () => {
    const upper = real.filter((_, i) => real[i - (i % 2) + 1]! > 0.1 || real[i - (i % 2)]! > 1.2);
    const { jsd, kl } = measures(upper);
    const missing = 1 - 4 / 8;
    const kept = upper.length / 2;
    expect(kl.dataToModel).toBeGreaterThan(0.8 * missing * Math.log(kept + 1));
    expect(kl.modelToData).toBeLessThan(Math.log(2) + 2 * perfect.kl.modelToData);
    // JSD between p and its own half: (3/4 log 4/3 + 1/4 log 4 ... ) by hand: 1/2 [1/2 log(2/3) + 1/2 log 2 + log(4/3)].
    const exact = 0.5 * (0.5 * Math.log(2 / 3) + 0.5 * Math.log(2) + Math.log(4 / 3));
    expect(Math.abs(jsd.value - exact)).toBeLessThan(0.03);
  });

  it('samples far from everything are dear to KL(model || data), and finite', () => {
    const stray = real.slice();
    stray.set([50, -50], 0);
    const { jsd, kl } = measures(stray);
    expect(kl.modelToData).toBeGreaterThan(100);
    expect(Number.isFinite(kl.modelToData)).toBe(true);
    expect(Math.abs(jsd.value - perfect.jsd.value)).toBeLessThan(1e-3);
  });

  it('all samples elsewhere give log 2', () => {
    expect(measures(real.map((x) => x + 100)).jsd.value).toBeCloseTo(Math.LN2, 12);
  });
});

it('refuses what it cannot compare', () => {
  const data = gaussians1d();
  expect(isDistribution(data)).toBe(true);
  expect(() => knownDensityMeasures(float32([2, 2], [0, 0, 0, 0]), data)).toThrow(ShapeError);
  expect(() => knownDensityMeasures(float32([0, 1], []), data)).toThrow(DataError);
  expect(() => knownDensityMeasures(float32([2, 1], [0, Number.NaN]), data)).toThrow(
    /samples must be finite.*NaN/,
  );
  expect(() => knownDensityMeasures(float32([1, 1], [0]), data, { cellWidth: 0 })).toThrow(ConfigError);
});
