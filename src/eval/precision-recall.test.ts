import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measuredSets } from '../../test/measured-sets.ts';
import { float32 } from '../../test/tensors.ts';
import { DataError } from '../errors.ts';
import { openSession } from '../runtime/node-session.ts';
import type { Session } from '../runtime/session.ts';
import { densityCoverage } from './density-coverage.ts';
import { precisionRecall } from './precision-recall.ts';

let session: Session;
beforeAll(async () => {
  session = await openSession({ device: 'cpu', threads: 1 });
});
afterAll(() => session.release());

const named = { features: 'test' };
/** Points on a line, one number each. */
const line = (...values: number[]) => float32([values.length, 1], values);

describe('precisionRecall', () => {
  it.each(measuredSets)('of $name is what numpy computes', async ({ real, fake, expected }) => {
    const { precision, recall } = await precisionRecall(session, real, fake, named);
    expect([precision.value, recall.value]).toBeAllClose([expected.precision, expected.recall], {
      rtol: 1e-9,
    });
  });

  it('by hand: balls to the nearest other, borders included', async () => {
    // Radii of 0, 2, 3: 2, 1, 1. Of 5, 6, 6.5: 1, 0.5, 0.5.
    const { precision, recall } = await precisionRecall(session, line(0, 2, 3), line(5, 6, 6.5, -2), {
      ...named,
      k: 1,
    });
    expect(precision.value).toBe(1 / 4);
    // -2 has the radius 7.
    expect(recall.value).toBe(1);
  });

  it('tells samples that are too narrow from samples that are too wide', async () => {
    const wide = line(...Array.from({ length: 50 }, (_, i) => i));
    const narrow = line(...Array.from({ length: 50 }, (_, i) => 10 + i / 10));
    const lost = await precisionRecall(session, wide, narrow, named);
    expect(lost.precision.value).toBe(1);
    expect(lost.recall.value).toBeLessThan(0.15);
    const invented = await precisionRecall(session, narrow, wide, named);
    expect(invented.precision.value).toBeLessThan(0.15);
    expect(invented.recall.value).toBe(1);
  });

  it('sees one image again and again as precise and without variety', async () => {
    const { precision, recall } = await precisionRecall(
      session,
      line(0, 1, 2, 3, 4),
      line(2, 2, 2, 2, 2),
      named,
    );
    expect([precision.value, recall.value]).toEqual([1, 1 / 5]);
  });

  it('says what it was measured on', async () => {
    const { recall } = await precisionRecall(session, line(0, 1, 2, 3), line(0, 1, 2, 3, 4), named);
    expect(recall.protocol).toEqual({ real: 4, fake: 5, features: 'test', dimension: 1, k: 3 });
  });

  it('refuses too few, and data that is one point', async () => {
    await expect(precisionRecall(session, line(0, 1, 2, 3), line(0, 1, 2), named)).rejects.toThrow(
      new DataError(
        'precisionRecall: samples must be 4 or more, for the distance to neighbour 3 of each, got 3',
      ),
    );
    await expect(precisionRecall(session, line(1, 1, 1, 1), line(0, 1, 2, 3), named)).rejects.toThrow(
      'precisionRecall: real must differ from each other, got 4 equal rows',
    );
  });
});

describe('densityCoverage', () => {
  it.each(measuredSets)('of $name is what numpy computes', async ({ real, fake, expected }) => {
    const { density, coverage } = await densityCoverage(session, real, fake, named);
    expect([density.value, coverage.value]).toBeAllClose([expected.density, expected.coverage], {
      rtol: 1e-9,
    });
  });

  it('by hand: how many balls, and how many balls with a sample', async () => {
    // Balls of 0, 2, 3 with k = 1: [-2, 2], [1, 3], [2, 4].
    const { density, coverage } = await densityCoverage(session, line(0, 2, 3), line(2.5, 3, 3.5, 9), {
      ...named,
      k: 1,
    });
    expect(density.value).toBe((2 + 2 + 1 + 0) / 4);
    expect(coverage.value).toBe(2 / 3);
    // Of 0's companions, two real and four samples, the nearest is a sample in four of six orders.
    expect(coverage.expected).toBeCloseTo(4 / 6, 12);
  });

  it('has values of 1 for equal sets and 0 for disjoint ones', async () => {
    const here = line(0, 1, 2.5, 4, 5, 7, 8);
    const there = line(100, 101, 102.5, 104, 105, 107);
    const same = await densityCoverage(session, here, here, named);
    expect(same.coverage.value).toBe(1);
    expect(same.density.value).toBeGreaterThanOrEqual(1);
    const other = await densityCoverage(session, here, there, named);
    expect([other.density.value, other.coverage.value]).toEqual([0, 0]);
    const shares = await precisionRecall(session, here, there, named);
    expect([shares.precision.value, shares.recall.value]).toEqual([0, 0]);
  });

  it('is moved less than precision by a real vector far out', async () => {
    const real = line(0, 1, 2, 3, 4, 5, 6, 7, 8, 1000);
    const bad = line(20, 30, 40, 50, 60, 70, 80, 90, 100, 110);
    const { precision } = await precisionRecall(session, real, bad, named);
    const { density } = await densityCoverage(session, real, bad, named);
    expect(precision.value).toBe(1);
    expect(density.value).toBe(1 / 5);
  });
});
