import { describe, expect, it } from 'vitest';
import { fillUniform } from '../random/uniform.ts';
import { type CountedCells, cellDivergences, histogramBias, requireMasses } from './cell-divergences.ts';

/** n draws from cells with probabilities q. */
function drawn(q: Float64Array, n: number, seed: number): Uint32Array {
  const u = new Float32Array(n);
  fillUniform({ seed, stream: 7 }, 0, u, 0, 1);
  const sums = new Float64Array(q.length);
  let sum = 0;
  for (let i = 0; i < q.length; i++) sums[i] = sum += q[i]!;
  const counts = new Uint32Array(q.length);
  for (const value of u) {
    let [low, high] = [0, q.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! > value) high = middle;
      else low = middle + 1;
    }
    counts[low]!++;
  }
  return counts;
}

function normalised(values: readonly number[]): Float64Array {
  const total = values.reduce((sum, value) => sum + value, 0);
  return Float64Array.from(values, (value) => value / total);
}

/** The JSD of two lists of probabilities, by its definition. */
function exactJsd(p: Float64Array, q: Float64Array): number {
  const kl = (a: Float64Array, b: (i: number) => number): number =>
    a.reduce((sum, x, i) => (x === 0 ? sum : sum + x * Math.log(x / b(i))), 0);
  const m = (i: number): number => (p[i]! + q[i]!) / 2;
  return 0.5 * kl(p, m) + 0.5 * kl(q, m);
}

const even = normalised(Array.from({ length: 900 }, () => 1));
const bump = (at: number, width: number): number[] =>
  Array.from({ length: 900 }, (_, i) =>
    Math.exp(-(((i % 30) - at) ** 2 + (Math.floor(i / 30) - at) ** 2) / width),
  );

describe('histogramBias', () => {
  it('is about .012 for 900 cells and 10,000 samples of a perfect generator', () => {
    const counts = drawn(even, 10_000, 1);
    const { jsd } = cellDivergences({ p: even, counts, n: 10_000 });
    const bias = histogramBias({ p: even, counts, n: 10_000 });
    expect(jsd).toBeGreaterThan(0.0105);
    expect(jsd).toBeLessThan(0.0135);
    expect(bias).toBeGreaterThan(0.0105);
    expect(bias).toBeLessThan(0.0135);
  });

  it.each<[string, Float64Array, Float64Array, number]>([
    ['a perfect generator, cells alike', even, even, 10_000],
    ['a perfect generator of bumps', normalised(bump(15, 40)), normalised(bump(15, 40)), 10_000],
    ['a generator beside the data', normalised(bump(12, 40)), normalised(bump(17, 60)), 10_000],
    ['a generator far from the data', normalised(bump(6, 20)), normalised(bump(24, 20)), 10_000],
    ['many samples a cell', even, even, 100_000],
  ])('agrees with a simulation: %s', (_, p, q, n) => {
    const truth = exactJsd(p, q);
    const runs = Array.from({ length: 24 }, (_, seed) => {
      const cells: CountedCells = { p, counts: drawn(q, n, seed), n };
      return { excess: cellDivergences(cells).jsd - truth, bias: histogramBias(cells) };
    });
    const mean = (of: (run: (typeof runs)[number]) => number): number =>
      runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
    const excess = mean(({ excess }) => excess);
    const spread = Math.sqrt(mean((run) => (run.excess - excess) ** 2) / runs.length);
    // To a tenth, and what 24 runs leave open; and no difference counts that is nothing beside a nat.
    expect(Math.abs(mean(({ bias }) => bias) - excess)).toBeLessThan(0.1 * excess + 2 * spread + 1e-4);
  });

  it('is less than one standard error where nothing is shared and no cell of data is sampled', () => {
    const p = Float64Array.of(0.5, 0.5, 0, 0);
    const counts = Uint32Array.of(0, 0, 30, 70);
    expect(histogramBias({ p, counts, n: 100 })).toBeCloseTo(0, 12);
  });
});

describe('cellDivergences', () => {
  it('gives 0 and log 2 at both ends', () => {
    const p = Float64Array.of(0.25, 0.75);
    expect(cellDivergences({ p, counts: Uint32Array.of(1, 3), n: 4 }).jsd).toBeCloseTo(0, 12);
    const apart = Float64Array.of(1, 0);
    expect(cellDivergences({ p: apart, counts: Uint32Array.of(0, 4), n: 4 }).jsd).toBeCloseTo(Math.LN2, 12);
  });

  it('counts data that lies in no cell', () => {
    const p = Float64Array.of(0.5);
    expect(cellDivergences({ p, counts: Uint32Array.of(4), n: 4 }).jsd).toBeCloseTo(
      exactJsd(Float64Array.of(0.5, 0.5), Float64Array.of(1, 0)),
      12,
    );
  });

  it('says a standard error that a simulation has', () => {
    const [p, q] = [normalised(bump(12, 40)), normalised(bump(17, 60))];
    const runs = Array.from({ length: 60 }, (_, seed) =>
      cellDivergences({ p, counts: drawn(q, 2000, seed), n: 2000 }),
    );
    const mean = runs.reduce((sum, { jsd }) => sum + jsd, 0) / runs.length;
    const spread = Math.sqrt(runs.reduce((sum, { jsd }) => sum + (jsd - mean) ** 2, 0) / (runs.length - 1));
    expect(runs[0]!.jsdError / spread).toBeGreaterThan(0.7);
    expect(runs[0]!.jsdError / spread).toBeLessThan(1.4);
  });

  it('refuses counts that leave samples out, and probabilities beyond 1', () => {
    const p = Float64Array.of(0.5, 0.5);
    expect(() => cellDivergences({ p, counts: Uint32Array.of(1, 1), n: 3 })).toThrow(
      /counts must sum to n = 3, got 2/,
    );
    const more = Float64Array.of(0.9, 0.9);
    expect(() => cellDivergences({ p: more, counts: Uint32Array.of(1, 1), n: 2 })).toThrow(
      /at most 1, got 1.8/,
    );
  });
});

describe('requireMasses', () => {
  it('takes a distribution, and nothing else', () => {
    expect(() => requireMasses('test', [0.25, 0.75])).not.toThrow();
    expect(() => requireMasses('test', [0.25, 0.125])).toThrow(
      /test: masses must sum to 1, got 0.375 over 2 cells/,
    );
    expect(() => requireMasses('test', [1.5, -0.5])).toThrow(/must not be negative, got -0.5 in cell 1/);
    expect(() => requireMasses('test', [Number.NaN, 1])).toThrow(/must not be negative, got NaN/);
  });
});
