import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configReference } from '../scripts/config-reference.ts';
import { presetReference } from '../scripts/preset-reference.ts';
import { futureWorkPage } from '../scripts/write-future-work.ts';
import { reproductionPage } from '../scripts/write-reproduction.ts';
import { resumableKeys } from '../src/train/resolve-config.ts';

test.each([
  ['config.md', configReference],
  ['presets.md', presetReference],
  ['reproduction.md', () => `${reproductionPage()}\n`],
  ['future-work.md', () => `${futureWorkPage()}\n`],
])(
  'docs/%s is what its code says; write it anew with: npx tsx scripts/write-reference.ts, write-reproduction.ts or write-future-work.ts',
  (name, reference) => {
    expect(readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8')).toBe(reference());
  },
);

test('docs/training.md names what may change when a run is resumed', () => {
  const text = readFileSync(new URL('../docs/training.md', import.meta.url), 'utf8');
  const sentence = /Only what does not change its numbers may differ: (.*?)\./s.exec(text)?.[1];
  expect(sentence?.split(/,\s/).map((key) => key.replaceAll('`', ''))).toEqual(resumableKeys);
});
