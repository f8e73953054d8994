import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../', import.meta.url);

/** The files that AGENTS.md lists, as paths: items under headings that name a folder. */
function listed(): string[] {
  const lines = readFileSync(new URL('AGENTS.md', root), 'utf8').split('\n');
  let folder: string | undefined;
  return lines.flatMap((line) => {
    if (line.startsWith('#')) folder = /^### `(src\/.*)`$/.exec(line)?.[1];
    const file = /^- `([^`]+)`: \S/.exec(line)?.[1];
    return folder !== undefined && file !== undefined ? [folder + file] : [];
  });
}

test('AGENTS.md lists every file of src/ once, and none that is gone', () => {
  const files = (readdirSync(new URL('src/', root), { recursive: true }) as string[])
    .map((path) => `src/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
  expect(listed().sort()).toEqual(files.sort());
});

test('AGENTS.md has a line for every folder of the repository', () => {
  const text = readFileSync(new URL('AGENTS.md', root), 'utf8');
  const passing = ['node_modules', 'dist', 'runs', 'coverage', '.git'];
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !passing.includes(entry.name))
    .map(({ name }) => name);
  for (const folder of folders)
    expect(text, folder).toMatch(new RegExp(`^- \`${folder.replace('.', '\\.')}/\`: `, 'm'));
});
