import { describe, expect, it } from 'vitest';
import { pushForward, type Samples1d } from './change-of-variables.ts';
import { type Density, gaussianDensity, gaussianMixture } from './density.ts';
import { jensenShannon, kullbackLeibler } from './divergences.ts';
import { mapDivergences } from './map-divergences.ts';

function mapOf(
  g: (z: number) => number,
  slope: (z: number) => number,
  reach: number,
  latent?: 'gaussian',
): Samples1d {
  const z = Float64Array.from({ length: 1025 }, (_, i) => reach * (i / 512 - 1));
  return { interval: [-reach, reach], values: z.map(g), slopes: z.map(slope), ...(latent ? { latent } : {}) };
}

/** The JSD of the masses of many small cells, which no peak can hide from: at most the true one. */
function jsdOfCells(p: Density, q: Density, cells: number): number {
  const low = Math.min(p.bounds[0]![0], q.bounds[0]![0]);
  const high = Math.max(p.bounds[0]![1], q.bounds[0]![1]);
  const width = (high - low) / cells;
  let sum = 0;
  for (let i = 0; i < cells; i++) {
    const cell = [low + i * width, low + (i + 1) * width] as const;
    const [a, b] = [p.mass(cell), q.mass(cell)];
    for (const mass of [a, b]) if (mass > 0) sum += 0.5 * mass * Math.log((2 * mass) / (a + b));
  }
  return sum;
}

const data = gaussianMixture(
  [-2, 2].map((x) => ({ centre: [x], deviation: 0.5, weight: 1 })),
  'two',
);

describe('mapDivergences', () => {
  it('agrees with quadrature over x where q is smooth', () => {
    const map = mapOf(
      (z) => 0.4 + 0.7 * z,
      () => 0.7,
      12,
      'gaussian',
    );
    const model = gaussianDensity([0.4], 0.7);
    const { jsd, klQP } = mapDivergences(data, map);
    expect(jsd.value).toBeCloseTo(jensenShannon(data, model).value, 8);
    expect(klQP.value).toBeCloseTo(kullbackLeibler(model, data).value, 7);
  });

  it.each<[string, Samples1d]>([
    [
      'a fold, where q is infinite',
      mapOf(
        (z) => z * z - 1,
        (z) => 2 * z,
        Math.sqrt(3),
      ),
    ],
    [
      'a step: two narrow peaks',
      mapOf(
        (z) => 2 * Math.tanh(6 * z),
        (z) => 12 / Math.cosh(6 * z) ** 2,
        Math.sqrt(3),
      ),
    ],
    [
      'nearly one point',
      mapOf(
        (z) => 1 + 1e-3 * z ** 3,
        (z) => 3e-3 * z ** 2,
        Math.sqrt(3),
      ),
    ],
    [
      'many folds',
      mapOf(
        (z) => 2 * Math.sin(5 * z),
        (z) => 10 * Math.cos(5 * z),
        Math.sqrt(3),
      ),
    ],
  ])('is the limit of cells, and at most log 2: %s', (_, map) => {
    const { jsd } = mapDivergences(data, map, { tolerance: 1e-6, mostEvaluations: 30_000 });
    const [coarse, fine] = [20_000, 200_000].map((cells) => jsdOfCells(data, pushForward(map), cells));
    expect(jsd.value).toBeLessThanOrEqual(Math.LN2);
    expect(jsd.value).toBeGreaterThan(coarse! - 1e-5);
    expect(Math.abs(jsd.value - fine!)).toBeLessThan(1e-4 + 2 * (fine! - coarse!));
  });

  it('keeps its digits with few evaluations, where quadrature over x can give 25 nats', () => {
    const map = mapOf(
      (z) => 2 * Math.tanh(6 * z),
      (z) => 12 / Math.cosh(6 * z) ** 2,
      Math.sqrt(3),
    );
    const few = mapDivergences(data, map, { tolerance: 1e-6, mostEvaluations: 4000 });
    expect(few.jsd.value).toBeCloseTo(mapDivergences(data, map).jsd.value, 4);
  });
});
