import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { efficiencyFigure } from '../scripts/efficiency-figure.ts';
import {
  costOf,
  efficiencyPage,
  figureFile,
  pageFile,
  readEfficiency,
  runKey,
  soonerText,
} from '../scripts/efficiency-page.ts';
import { variants } from '../scripts/efficiency-variants.ts';
import { buildGame } from '../src/train/build-game.ts';
import { resolveConfig } from '../src/train/resolve-config.ts';

const facts = {
  ring8: { name: 'ring8', kind: 'points', dtype: 'float32', exampleShape: [2] },
  digits: { name: 'digits', kind: 'images', dtype: 'uint8', exampleShape: [1, 28, 28] },
} as const;

describe('efficiency', () => {
  it('the page is what its code makes of the results; write it anew with: npx tsx scripts/measure-efficiency.ts', () => {
    expect(readFileSync(pageFile, 'utf8')).toBe(efficiencyPage(readEfficiency()));
    expect(readFileSync(figureFile, 'utf8')).toBe(efficiencyFigure(readEfficiency()));
  });

  it.each(['ring8', 'digits'] as const)('variants of %s are games of their own', (set) => {
    const configs = variants[set].map(({ settings }) => resolveConfig({ preset: set, set: [...settings] }));
    expect(new Set(configs.map((config) => JSON.stringify(config))).size).toBe(configs.length);
    for (const config of configs) expect(buildGame(config, facts[set]).batch).toBe(config.batch);
  });

  it('compares with the default in the turns that both ran, the first one aside', () => {
    const reached = [8, 0.95];
    const open = [8, 0.5];
    const base = { values: [open, open, open, reached], seconds: [9, 2, 2, 4] };
    const run = { values: [open, open, reached], seconds: [50, 1, 3], updates: 375 };
    const cost = costOf('ring8', run, base);
    // 750 steps for 1,000, each at the median of 1/2 and 3/2.
    expect(cost).toMatchObject({
      steps: 750,
      stepsRatio: 0.75,
      stepRatio: 1,
      secondsRatio: 0.75,
      updates: 0.5,
    });
    expect(cost.seconds).toBe(3 * 2);
    const entries = variants.digits.flatMap(({ name }) =>
      [1, 2].map((seed) => {
        // Ahead by a quarter with both seeds; ahead with one of them; behind.
        const turns = { 'top-k': 3, 'uniform z': seed === 1 ? 3 : 5 }[name] ?? (name === 'default' ? 4 : 5);
        const values = Array.from({ length: turns }, (_, i) => [i + 1 === turns ? 20 : 90]);
        return [runKey('digits', name, seed), { values, seconds: values.map(() => 2) }] as const;
      }),
    );
    expect(soonerText(Object.fromEntries(entries), 'digits')).toBe(
      'digits, 2 seeds: top-k (0.75 of the seconds)',
    );
    const never = costOf('ring8', { values: [open, open], seconds: [1, 1] }, base);
    expect(never).toMatchObject({ steps: undefined, run: 500, stepRatio: 0.5, secondsRatio: undefined });
  });
});
