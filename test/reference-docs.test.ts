import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configReference } from '../scripts/config-reference.ts';
import { presetReference } from '../scripts/preset-reference.ts';

test.each([
  ['config.md', configReference],
  ['presets.md', presetReference],
])(
  'docs/%s is what its code says; write it anew with: npx tsx scripts/write-reference.ts',
  (name, reference) => {
    expect(readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8')).toBe(reference());
  },
);
