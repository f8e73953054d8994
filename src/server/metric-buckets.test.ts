import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { MetricBuckets } from './metric-buckets.ts';

interface Row {
  readonly step: number;
  readonly a?: number;
}

/** The same by hand: rows whose step falls into the same stretch of `width`, one list for each. */
function byHand(rows: readonly Row[], width: number, from: number, to: number) {
  const [lowest, highest] = [Math.floor(from / width), Math.floor(to / width)];
  const stretches = [...new Set(rows.map(({ step }) => Math.floor(step / width)))].filter(
    (stretch) => stretch >= lowest && stretch <= highest,
  );
  return stretches.map((stretch) => {
    const own = rows.filter(({ step }) => Math.floor(step / width) === stretch);
    const values = own.flatMap(({ a }) => (a === undefined || !Number.isFinite(a) ? [] : [a]));
    return {
      step: (Math.min(...own.map(({ step }) => step)) + Math.max(...own.map(({ step }) => step))) / 2,
      min: values.length === 0 ? null : Math.min(...values),
      max: values.length === 0 ? null : Math.max(...values),
      mean: values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length,
    };
  });
}

/** Steps that ascend with gaps and repetitions; some rows lack the key. */
const logs = fc
  .array(
    fc.record(
      { gap: fc.nat(30), a: fc.double({ min: -1e3, max: 1e3, noNaN: true }) },
      { requiredKeys: ['gap'] },
    ),
    { minLength: 1, maxLength: 300 },
  )
  .map((parts) => {
    let step = 0;
    return parts.map(({ gap, a }): Row => {
      step += gap;
      return a === undefined ? { step } : { step, a };
    });
  });

describe('MetricBuckets', () => {
  test.prop([
    logs,
    fc.integer({ min: 2, max: 64 }),
    fc.integer({ min: 2, max: 40 }),
    fc.nat(3000),
    fc.nat(3000),
  ])(
    'has minimum, maximum and mean of the rows of each stretch, whatever was joined on the way',
    (rows, capacity, points, one, other) => {
      const buckets = new MetricBuckets(capacity);
      for (const row of rows) buckets.add({ ...row });
      const [from, to] = [Math.min(one, other), Math.max(one, other)];
      const { steps, width, series } = buckets.read(from, to, points, ['a']);
      // Stretches of the kept width at either end are whole: a query of part of one gets all of it.
      const edges = [
        Math.floor(from / buckets.width) * buckets.width,
        Math.floor(to / buckets.width) * buckets.width,
      ];
      const inside = rows.filter(({ step }) => step >= edges[0]! && step < edges[1]! + buckets.width);
      const expected = byHand(inside, width, from, to);
      expect(steps).toEqual(expected.map(({ step }) => step));
      expect(steps.length).toBeLessThanOrEqual(points);
      const { min = [], max = [], mean = [] } = series['a'] ?? {};
      expect(Object.keys(series)).toEqual(rows.some(({ a }) => a !== undefined) ? ['a'] : []);
      for (const [i, { min: lowest, max: highest, mean: middle }] of expected.entries()) {
        for (const [got, wanted] of [
          [min[i], lowest],
          [max[i], highest],
          [mean[i], middle],
        ]) {
          if (wanted === null) expect(got ?? null).toBeNull();
          else
            expect(Math.abs(got! - wanted!)).toBeLessThanOrEqual(
              1e-6 * Math.max(1e-3, Math.abs(wanted!)) + 1e-9,
            );
        }
      }
    },
  );

  it('keeps every row apart while they fit', () => {
    const buckets = new MetricBuckets(8);
    for (const step of [0, 1, 3]) buckets.add({ step, a: step * 2 });
    expect(buckets.read(0, 3, 8)).toEqual({
      steps: [0, 1, 3],
      width: 1,
      series: { a: { min: [0, 2, 6], max: [0, 2, 6], mean: [0, 2, 6] } },
    });
  });

  it('takes the same memory for a log of any length', () => {
    const buckets = new MetricBuckets(64);
    const sizes = new Set<number>();
    for (let step = 1; step <= 100_000; step++) {
      buckets.add({ step, a: step });
      if (step % 1000 === 0) sizes.add(buckets.sizeBytes);
    }
    expect(sizes.size).toBe(1);
    expect(buckets.width).toBe(2048);
    expect(buckets.range).toEqual([1, 100_000]);
  });

  it('passes over texts, what is not finite as JSON has it, and keys beyond the sixty-fourth', () => {
    const buckets = new MetricBuckets(8);
    buckets.add({ step: 1, a: 'NaN', b: 2, c: { d: 1 } });
    buckets.add({ step: 2, ...Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, i])) });
    expect(buckets.keys).toHaveLength(64);
    expect(buckets.keys.slice(0, 2)).toEqual(['b', 'k0']);
    expect(buckets.read(1, 2, 8, ['a', 'b', 'none']).series).toEqual({
      b: { min: [2, null], max: [2, null], mean: [2, null] },
    });
  });

  it('survives steps that no log of ours has', () => {
    const buckets = new MetricBuckets(16);
    buckets.add({ step: 5, a: 1 });
    buckets.add({ step: Number.MAX_SAFE_INTEGER, a: 2 });
    buckets.add({ step: 3, a: 3 });
    expect(buckets.read(0, Number.MAX_SAFE_INTEGER, 4).series['a']?.max.at(-1)).toBe(2);
  });

  it('knows where in the file the rows of some steps lie', () => {
    const buckets = new MetricBuckets(4);
    for (let step = 0; step < 16; step++) buckets.add({ step, a: 1 }, step * 10);
    expect(buckets.width).toBe(4);
    expect(buckets.bytesOf(5, 9)).toEqual({ begin: 40, end: 120 });
    expect(buckets.bytesOf(0, 100)).toEqual({ begin: 0, end: undefined });
  });
});
