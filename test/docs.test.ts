import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test, vi } from 'vitest';
import { featuresPage, functionOf } from '../scripts/features.ts';
import * as convolution from '../src/graph/functions/convolution.ts';
import * as elementwise from '../src/graph/functions/elementwise.ts';
import * as linearAlgebra from '../src/graph/functions/linear-algebra.ts';
import * as loops from '../src/graph/functions/loop.ts';
import * as reductions from '../src/graph/functions/reductions.ts';
import * as shaping from '../src/graph/functions/shaping.ts';
import { type OpType, operators } from '../src/graph/operators.ts';
import * as values from '../src/graph/value.ts';

interface Block {
  /** What follows the fence: `ts`, `text`, or `ts PATH` for an excerpt of a file. */
  readonly info: string;
  readonly text: string;
}

/** The fenced blocks of a Markdown file. */
function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(([, info, text]) => ({
    info: info!,
    text: text!,
  }));
}

/** One module of all `ts` blocks, since later ones use what earlier ones made; `mark(i)` stands at the end of each. */
function moduleOf(blocks: readonly Block[], folder: URL): string {
  return blocks
    .flatMap(({ info, text }, i) => (info === 'ts' ? [`${text}\nglobalThis.mark(${i});`] : []))
    .join('\n')
    .replaceAll(/from '(\..*?)'/g, (_, path: string) => `from '${new URL(path, folder).pathname}'`);
}

const folder = new URL('../docs/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, folder), 'utf8');

test.each(['autodiff.md'])('the code in docs/%s runs, and prints what stands under it', async (name) => {
  const blocks = blocksOf(read(name));
  const printed: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((...values: unknown[]) => {
    printed.push(values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' '));
  });
  const outputs = new Map<number, string>();
  Object.assign(globalThis, {
    mark: (block: number) => outputs.set(block, printed.splice(0).join('\n')),
  });
  const directory = mkdtempSync(join(tmpdir(), 'zerosum-docs-'));
  try {
    const path = join(directory, 'blocks.ts');
    writeFileSync(path, moduleOf(blocks, folder));
    await import(path);
  } finally {
    log.mockRestore();
    rmSync(directory, { recursive: true });
    Reflect.deleteProperty(globalThis, 'mark');
  }
  const code = [...blocks.entries()].filter(([, { info }]) => info === 'ts');
  expect(code.length).toBeGreaterThan(0);
  for (const [i] of code) {
    const next = blocks[i + 1];
    expect(outputs.get(i)).toBe(next?.info === 'text' ? next.text.trimEnd() : '');
  }
});

test.each(['autodiff.md'])('the excerpts in docs/%s stand in the files they are from', (name) => {
  const excerpts = blocksOf(read(name)).filter(({ info }) => info.startsWith('ts '));
  expect(excerpts.length).toBeGreaterThan(0);
  for (const { info, text } of excerpts) {
    const source = read(`../${info.slice(3)}`);
    for (const line of text.trimEnd().split('\n')) expect(source).toContain(line);
  }
});

test('docs/features.md is what scripts/features.ts makes of the tables', () => {
  expect(read('features.md'), 'run: npx tsx scripts/features.ts').toBe(featuresPage());
});

test('docs/features.md names functions that are there', () => {
  const exported = new Set(
    [elementwise, convolution, linearAlgebra, reductions, shaping, loops, values].flatMap(Object.keys),
  );
  for (const op of Object.keys(operators)) expect(exported).toContain(functionOf(op as OpType));
});
