import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { commandLine } from './command-line.ts';

/** How a process ended, and what it wrote. */
export interface Ended {
  /** Absent where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `zerosum`. */
export interface Running {
  readonly child: ChildProcess;
  /** Waits for a line of standard output. @throws where the process ends before it writes one that satisfies */
  line(satisfies: (line: string) => boolean): Promise<string>;
  readonly ended: Promise<Ended>;
}

/** Starts the command line in a folder, with a cache of its own. */
export function startZerosum(folder: string, ...flags: readonly string[]): Running {
  const [program, ...first] = commandLine();
  const environment = { ...process.env, ZEROSUM_CACHE: join(folder, 'cache'), NO_COLOR: '1' };
  const child = spawn(program, [...first, ...flags], { cwd: folder, env: environment });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
    });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...written }));
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  return {
    child,
    ended,
    line: (satisfies) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find(satisfies);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        void ended.then(({ stderr }) => reject(new Error(`it ended without that line: ${stderr}`)));
      }),
  };
}

/** Runs the command line to its end. */
export function zerosum(folder: string, ...flags: readonly string[]): Promise<Ended> {
  return startZerosum(folder, ...flags).ended;
}

/** SHA-256 of every file in a folder by its path, but for `timing.jsonl`, which has a clock in it. */
export function filesOf(folder: string): Record<string, string> {
  const paths = (readdirSync(folder, { recursive: true }) as string[]).sort();
  return Object.fromEntries(
    paths.flatMap((path) => {
      const file = join(folder, path);
      if (path === 'timing.jsonl' || statSync(file).isDirectory()) return [];
      return [[path, createHash('sha256').update(readFileSync(file)).digest('hex')]];
    }),
  );
}
