import { writeFileSync } from 'node:fs';
import { configReference } from './config-reference.ts';
import { presetReference } from './preset-reference.ts';

// Writes the documents that are made from code: `npx tsx scripts/write-reference.ts`. test/reference-docs.test.ts
// fails where a committed one is not what this writes.
for (const [name, text] of Object.entries({ config: configReference(), presets: presetReference() }))
  writeFileSync(new URL(`../docs/${name}.md`, import.meta.url), text);
