import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandLine } from './command-line.ts';
import { codeBlocks } from './markdown.ts';

/** A command of a session, and what the page says about it. */
interface Command {
  readonly text: string;
  readonly exitCode: number;
  /** The last lines that it prints. */
  readonly shown: readonly string[];
}

interface Outcome {
  readonly exitCode: number;
  readonly lines: readonly string[];
}

/** The commands in the `console` blocks of a page: lines after `$`, each with the lines that it prints under it. */
function commandsOf(page: string): readonly Command[] {
  const markdown = readFileSync(new URL(`../docs/${page}`, import.meta.url), 'utf8');
  const blocks = codeBlocks(markdown).filter(({ language }) => language === 'console');
  return blocks.flatMap(({ text }) =>
    text
      .trimEnd()
      .split(/^\$ /m)
      .slice(1)
      .map((entry) => {
        const [command, ...shown] = entry.trimEnd().split('\n');
        const exitCode = Number(/# exits with (\d+)$/.exec(command!)?.[1] ?? 0);
        return { text: command!, exitCode, shown };
      }),
  );
}

/** What differs from machine to machine: processes, hashes of weights, sizes, and where Node's JSON parser says it was. */
function normalised(line: string): string {
  return line
    .replace(/pid \d+/, 'pid N')
    .replaceAll(/[0-9a-f]{12}…/g, 'HASH…')
    .replace(/over \d+ bytes/, 'over N bytes')
    .replace(/ \(line \d+ column \d+\)/, '');
}

const folders: string[] = [];
const shells: ChildProcess[] = [];
afterAll(() => {
  // A session that hangs has children that would train on.
  for (const { pid, exitCode } of shells)
    if (pid !== undefined && exitCode === null) process.kill(-pid, 'SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A superuser may write everywhere: sessions are replayed as nobody, who is 65534 on every Linux. */
const nobody = 65_534;
const superuser = process.getuid?.() === 0;
const dropping: readonly [string, ...string[]] = [
  'setpriv',
  `--reuid=${nobody}`,
  `--regid=${nobody}`,
  '--clear-groups',
];
const asNobody = superuser && succeeds(...dropping, ...commandLine(), '--version') ? dropping : [];

function succeeds(program: string, ...options: readonly string[]): boolean {
  return spawnSync(program, options).status === 0;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Runs commands one after another in one shell and a folder of their own. */
async function replay(commands: readonly Command[]): Promise<readonly Outcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'zerosum-console-'));
  folders.push(folder);
  if (asNobody.length > 0) chownSync(folder, nobody, nobody);
  // A program, not a function of the shell: of that, `kill $!` would end the shell that waits for it.
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const program = `#!/bin/sh\nexec ${commandLine().map(quoted).join(' ')} "$@"\n`;
  writeFileSync(join(bin, 'zerosum'), program, { mode: 0o755 });
  const end = '\u001e';
  const script = ['exec 2>&1', ...commands.map(({ text }) => `${text}\nprintf '${end}%s${end}' $?`)];
  const [first, ...rest] = [...asNobody, 'bash', '-c', script.join('\n')];
  const { ZEROSUM_DATA: _, PATH, ...environment } = process.env;
  const shell = spawn(first!, rest, {
    cwd: folder,
    env: {
      ...environment,
      PATH: `${bin}${delimiter}${PATH}`,
      HOME: folder,
      ZEROSUM_CACHE: join(folder, 'cache'),
      NO_COLOR: '1',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  shells.push(shell);
  let output = '';
  shell.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await new Promise((resolve, reject) => shell.on('error', reject).on('close', resolve));
  const parts = output.split(end);
  return commands.map((_, i) => ({
    lines: (parts[2 * i] ?? '').trimEnd().split('\n'),
    exitCode: Number(parts[2 * i + 1]),
  }));
}

const noShell = !succeeds('bash', '-c', 'true');
if (noShell) console.log('skipped: there is no bash to replay sessions in');
const writesAnywhere = superuser && asNobody.length === 0;
if (writesAnywhere) console.log('skipped: this user may write to folders that are read-only to others');

describe.skipIf(noShell).each(['bad-input.md', 'diagnosis.md', 'training.md'])(
  'the sessions in docs/%s',
  (page) => {
    const commands = commandsOf(page)
      .filter(({ text }) => !(writesAnywhere && text.includes('chmod a-w')))
      .map((command, i) => ({ ...command, i }));
    let outcomes: readonly Outcome[];
    beforeAll(async () => {
      outcomes = await replay(commands);
    }, 180_000);

    test.each(commands)('$text', ({ i, text, exitCode, shown }) => {
      const outcome = outcomes[i]!;
      const printed = outcome.lines.map(normalised);
      if (shown.length > 0) expect(printed.slice(-shown.length), text).toEqual(shown.map(normalised));
      else expect(printed.filter((line) => line.startsWith('error: '))).toEqual([]);
      expect(outcome.exitCode, text).toBe(exitCode);
    });
  },
);
