import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from '@commander-js/extra-typings';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { commands } from '../src/cli/commands.ts';
import { namedSets } from '../src/data/disk/registry.ts';
import { resolveConfig } from '../src/train/resolve-config.ts';
import { codeBlocks } from './markdown.ts';

const root = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'AGENTS.md',
  'CHANGELOG.md',
  'bench/README.md',
  ...readdirSync(new URL('docs/', root))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].filter((page) => existsSync(new URL(page, root)));

/** The commands that a page shows: lines of its `sh` blocks and what stands after `$` in its sessions, comments cut. */
function commandsIn(page: string): string[] {
  return codeBlocks(read(page))
    .flatMap(({ language, text }) => {
      const lines = text.trimEnd().split('\n');
      if (language === 'sh') return lines;
      return language === 'console'
        ? lines.flatMap((line) => (line.startsWith('$ ') ? [line.slice(2)] : []))
        : [];
    })
    .flatMap((line) => line.replace(/\s#\s.*$/, '').split(/\s*(?:&&|;|\||&)\s+/))
    .map((command) => command.replace(/^\(|\)$/g, '').trim())
    .filter((command) => command !== '');
}

/** Words as a shell splits them: quotes group, redirections are not arguments. */
function wordsOf(command: string): string[] {
  const words = command.replace(/\s\d?>.*$/, '').match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
  return words.map((word) => word.replace(/^(['"])(.*)\1$/, '$2'));
}

/** A program that only parses: every command says what it was given instead of doing it. */
async function parser(): Promise<{
  program: Command;
  given: { name: string; options: Record<string, unknown> }[];
}> {
  const given: { name: string; options: Record<string, unknown> }[] = [];
  const program = new Command('zerosum').exitOverride().configureOutput({ writeErr: () => undefined });
  for (const command of (await commands()) as Command[]) {
    program.addCommand(command);
    for (const each of [command, ...command.commands]) {
      each.exitOverride().configureOutput({ writeErr: () => undefined });
      if (each.commands.length === 0) {
        each.action(() => {
          given.push({ name: each.name(), options: each.opts() });
        });
      }
    }
  }
  return { program, given };
}

describe.each(pages)('%s', (page) => {
  const commands = commandsIn(page);
  // What bad input is answered with is shown by running it: docs/bad-input.md is replayed by console-docs.test.ts.
  const own =
    page === 'docs/bad-input.md' ? [] : commands.filter((command) => /^(npx )?zerosum /.test(command));

  test.skipIf(own.length === 0).each(own)('$0', async (command) => {
    const { program, given } = await parser();
    const words = wordsOf(command.replace(/^npx /, '')).slice(1);
    await program.parseAsync(words, { from: 'user' });
    expect(given).toHaveLength(1);
    const { set, preset } = given[0]!.options as { set?: string[]; preset?: string };
    const [name, data] = words;
    // Assignments are checked by the schema, which parsing leaves to training.
    if (name === 'train') resolveConfig({ set, preset, flags: data?.startsWith('-') ? {} : { data } });
  });

  test('names npm scripts and files that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const npm = ['ci', 'install', 'pack', ...Object.keys(scripts)];
    for (const command of [...commands, ...(read(page).match(/(?<=`)(?:npm|npx) [^`]+(?=`)/g) ?? [])]) {
      const script = /^npm (?:run )?([\w:]+)/.exec(command)?.[1];
      if (script !== undefined) expect(npm, command).toContain(script);
      for (const word of command.split(' ')) {
        if (!/^(?:src|test|scripts|bench|examples|docs)\//.test(word)) continue;
        if (word !== 'bench/results.md')
          expect(existsSync(new URL(word, root)), `${command}: ${word}`).toBe(true);
      }
    }
  });

  test('links to files that are there', () => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)(#[^)]*)?\)/g)].map(([, path]) => path!);
    const missing = links.filter((path) => !existsSync(new URL(path, new URL(page, root))));
    expect(missing).toEqual([]);
  });
});

test('the README names every command and every data set', async () => {
  const readme = read('README.md');
  const { program } = await parser();
  const names = program.commands.map((command) => command.name());
  expect(names.filter((name) => !readme.includes(`| \`zerosum ${name}`))).toEqual([]);
  expect(namedSets.map(({ name }) => name).filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

describe('the code in the README', () => {
  const [code] = codeBlocks(read('README.md')).filter(({ language }) => language === 'ts');

  test('is the example, which the compiler checks', () => {
    const [, ...lines] = read('examples/02-your-own-array.ts').split('\n');
    expect(code!.text).toBe(lines.join('\n').replace('Number(process.argv[2] ?? 3000)', '3000'));
  });

  const before = process.cwd();
  afterEach(() => {
    process.chdir(before);
    vi.restoreAllMocks();
  });

  test('runs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zerosum-readme-'));
    try {
      process.chdir(folder);
      const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
      const index = fileURLToPath(new URL('src/index.ts', root));
      const text = code!.text.replace("from 'zerosum'", `from '${index}'`).replace('steps: 3000', 'steps: 5');
      const path = join(folder, 'block.ts');
      writeFileSync(path, text);
      await import(path);
      expect(write).toHaveBeenLastCalledWith('\rstep 5');
      expect(existsSync('samples.npy')).toBe(true);
    } finally {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    }
  });
});
