import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { configFileJsonSchema } from '../src/train/config-json-schema.ts';

// The JSON Schema of config files, for editors: `tsx scripts/write-config-schema.ts [FILE]` after the build.
const file = process.argv[2] ?? 'dist/config.schema.json';
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, JSON.stringify(configFileJsonSchema()));
