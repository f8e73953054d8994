import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { MetricsIndex } from './metrics-index.ts';
import { MetricsStore } from './metrics-store.ts';

const home = mkdtempSync(join(tmpdir(), 'metrics-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A figure that no stretch of steps repeats. */
const lossAt = (step: number) => Number((Math.sin(step * 12.9898) * 43.7585).toPrecision(7));

const row = (step: number) =>
  `${JSON.stringify({ step, lossD: lossAt(step), ...(step % 50 === 0 ? { 'gradientNorm/generator': step } : {}) })}\n`;

const rows = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => row(from + i)).join('');

/** Minimum, maximum and mean of lossD over the steps from..to. */
function byHand(from: number, to: number) {
  const values = Array.from({ length: to - from + 1 }, (_, i) => lossAt(from + i));
  return {
    min: Math.min(...values),
    max: Math.max(...values),
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
  };
}

describe('MetricsIndex', () => {
  it('reads on where it stopped, and leaves a torn line until it is whole', async () => {
    const path = join(home, 'growing.jsonl');
    const index = new MetricsIndex(path);
    const ask = () => index.query({ points: 100, keys: ['lossD'] });
    expect(await ask()).toEqual({ steps: [], width: 1, series: {}, keys: [] });
    writeFileSync(path, rows(1, 3) + row(4).slice(0, 9));
    expect((await ask()).steps).toEqual([1, 2, 3]);
    appendFileSync(path, row(4).slice(9) + rows(5, 6));
    const { steps, series } = await ask();
    expect(steps).toEqual([1, 2, 3, 4, 5, 6]);
    expect(series['lossD']!.mean).toEqual([1, 2, 3, 4, 5, 6].map(lossAt));
  });

  it('begins again where a resumed run has put a shorter log in the place of the old one', async () => {
    const path = join(home, 'resumed.jsonl');
    writeFileSync(path, rows(1, 100));
    const index = new MetricsIndex(path);
    expect((await index.query({ points: 800 })).range).toEqual([1, 100]);
    // As long as the old one was when it was read last: only the file's identity tells them apart.
    writeFileSync(`${path}.new`, rows(1, 60).replaceAll('"step":60,', '"step":61,'));
    renameSync(`${path}.new`, path);
    expect((await index.query({ points: 800 })).range).toEqual([1, 61]);
    writeFileSync(path, rows(1, 10));
    expect((await index.query({ points: 800 })).range).toEqual([1, 10]);
  });

  it('passes over what is none of its lines: findings, other programs, a line of megabytes', async () => {
    const path = join(home, 'strange.jsonl');
    const long = `{"step":2,"lossD":"${'x'.repeat(3 * 2 ** 20)}"}\n`;
    const finding = '{"step":3,"diagnosis":{"condition":"collapse","state":"begins","figures":{"a":1}}}\n';
    const strange = 'no JSON\n{"lossD":1}\n{"step":-1,"lossD":9}\n{"step":1.5,"lossD":9}\n[1]\nnull\n\n';
    writeFileSync(path, row(1) + long + finding + strange + row(4));
    const { steps, keys } = await new MetricsIndex(path).query({ points: 100 });
    expect(steps).toEqual([1, 4]);
    expect(keys).toEqual(['lossD']);
  });

  it('has whole logs in stretches, and every step of a closer look, as the rows have it', async () => {
    const path = join(home, 'long.jsonl');
    writeFileSync(path, rows(1, 20_000));
    const index = new MetricsIndex(path);
    const whole = await index.query({ points: 100, keys: ['lossD'] });
    expect(whole.steps.length).toBeLessThanOrEqual(100);
    expect(whole.steps.length).toBeGreaterThan(45);
    const { width } = whole;
    for (const at of [1, 17, whole.steps.length - 2]) {
      const first = Math.floor(whole.steps[at]! / width) * width;
      const { min, max, mean } = byHand(first, first + width - 1);
      expect(whole.series['lossD']!.min[at]).toBe(min);
      expect(whole.series['lossD']!.max[at]).toBe(max);
      expect(whole.series['lossD']!.mean[at]).toBeCloseTo(mean, 5);
    }
    const close = await index.query({ points: 100, keys: ['lossD'], from: 7001, to: 7090 });
    expect(close.width).toBe(1);
    expect(close.steps).toEqual(Array.from({ length: 90 }, (_, i) => 7001 + i));
    expect(close.series['lossD']!.mean).toEqual(close.steps.map(lossAt));
    const middling = await index.query({ points: 100, keys: ['lossD'], from: 7001, to: 7300 });
    expect(middling.width).toBe(4);
    expect(middling.steps.length).toBeLessThanOrEqual(100);
    // The steps before 7001 that the first stretch could hold are left out of a look that reads the rows.
    expect(middling.series['lossD']!.min[0]).toBe(byHand(7001, 7003).min);
  });

  it('has a figure of every fiftieth step where it is, and nothing between', async () => {
    const path = join(home, 'sparse.jsonl');
    writeFileSync(path, rows(1, 200));
    const { steps, series } = await new MetricsIndex(path).query({
      points: 800,
      keys: ['gradientNorm/generator'],
    });
    const { mean } = series['gradientNorm/generator']!;
    expect(steps.filter((_, i) => mean[i] !== null)).toEqual([50, 100, 150, 200]);
  });

  it('is empty where steps are asked for that the log does not have', async () => {
    const path = join(home, 'short.jsonl');
    writeFileSync(path, rows(1, 5));
    expect(await new MetricsIndex(path).query({ points: 10, from: 7, to: 9 })).toEqual({
      steps: [],
      width: 1,
      series: {},
      keys: ['lossD'],
      range: [1, 5],
    });
  });
});

describe('MetricsStore', () => {
  it('takes no more memory for many logs than for some, and knows them all', async () => {
    const paths = Array.from({ length: 24 }, (_, i) => join(home, `run-${i}.jsonl`));
    for (const [i, path] of paths.entries()) writeFileSync(path, rows(1, 5000 + i));
    const most = 500_000;
    const store = new MetricsStore(most);
    const sizes: number[] = [];
    for (let round = 0; round < 2; round++)
      for (const [i, path] of paths.entries()) {
        const { range } = await store.query(path, { points: 800 });
        expect(range).toEqual([1, 5000 + i]);
        sizes.push(store.sizeBytes);
      }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(most);
    // It keeps what fits, too: several logs, not only the last.
    expect(Math.min(...sizes.slice(8))).toBeGreaterThan(most / 2);
  });
});
