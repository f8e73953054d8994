import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { bundleForChild, ended, firstOutput, startChild } from '../../../test/child-module.ts';
import { acquireLock } from './lock.ts';

let folder: string;
let path: string;
let bundle: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zerosum-lock-'));
  bundle = await bundleForChild('src/train/disk/lock.ts', folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  path = join(mkdtempSync(join(folder, 'run-')), 'lock');
});

/** What a process other than this one would have written. */
function leave(file: string, holder: object): void {
  writeFileSync(file, JSON.stringify({ pid: process.pid, host: hostname(), token: 'another', ...holder }));
}

/** A pid that belonged to a process and belongs to none now. */
async function gonePid(): Promise<number> {
  const child = startChild('');
  await ended(child);
  return child.pid!;
}

const holdsLock = (): string => `
  import { acquireLock } from ${JSON.stringify(bundle)};
  await acquireLock(${JSON.stringify(path)}, 'a');
  process.stdout.write('held');
  setInterval(() => {}, 1000);
`;

test('a lock is held until it is released, and leaves no file', async () => {
  const lock = await acquireLock(path, 'runs/a');
  const message = `lock: runs/a must be used by one process at a time, got pid ${process.pid}.`;
  await expect(acquireLock(path, 'runs/a')).rejects.toMatchObject({ name: 'DataError' });
  await expect(acquireLock(path, 'runs/a')).rejects.toThrow(message);
  lock.release();
  lock.release();
  expect(readdirSync(join(path, '..'))).toEqual([]);
  (await acquireLock(path, 'runs/a')).release();
});

test('a living process is named; once killed, its lock is taken over', async () => {
  const child = startChild(holdsLock());
  await firstOutput(child);
  await expect(acquireLock(path, 'runs/a')).rejects.toThrow(`got pid ${child.pid}. Wait for it or stop it`);
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  expect(existsSync(path)).toBe(true);
  const lock = await acquireLock(path, 'runs/a');
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
  expect(readdirSync(join(path, '..'))).toEqual(['lock']);
  lock.release();
});

test.runIf(platform() === 'linux')('a pid that belongs to a newer process is recognised', async () => {
  leave(path, { startedAt: 'an earlier boot/1' });
  (await acquireLock(path, 'runs/a')).release();
});

test('without a start time a living pid counts as the holder', async () => {
  leave(path, {});
  await expect(acquireLock(path, 'runs/a')).rejects.toThrow(`got pid ${process.pid}.`);
});

test('a process on another machine cannot be judged: it is named with its host', async () => {
  leave(path, { host: 'elsewhere', pid: await gonePid() });
  await expect(acquireLock(path, 'runs/a')).rejects.toThrow(/got pid \d+ on elsewhere\. .* delete /);
  expect(existsSync(path)).toBe(true);
});

test('a lock whose writer was killed before it had written is taken over', async () => {
  writeFileSync(path, '{"pid": 1');
  utimesSync(path, 1, 1);
  (await acquireLock(path, 'runs/a')).release();
});

test('a lock that is just being written is waited for', async () => {
  writeFileSync(path, '');
  setTimeout(() => leave(path, {}), 60);
  await expect(acquireLock(path, 'runs/a')).rejects.toThrow(`got pid ${process.pid}.`);
});

test('a takeover whose process was killed is taken over too', async () => {
  const pid = await gonePid();
  leave(path, { pid });
  leave(`${path}.takeover`, { pid });
  const lock = await acquireLock(path, 'runs/a');
  expect(readdirSync(join(path, '..'))).toEqual(['lock']);
  lock.release();
});

test('releasing leaves the lock of another process alone', async () => {
  const lock = await acquireLock(path, 'runs/a');
  leave(path, {});
  lock.release();
  expect(JSON.parse(readFileSync(path, 'utf8')).token).toBe('another');
});

test('a folder that does not exist is named', async () => {
  const missing = join(folder, 'none', 'lock');
  await expect(acquireLock(missing, 'a')).rejects.toThrow(`lock: ${missing} must be writable, got ENOENT`);
});

test('of several processes that find a left lock, exactly one wins', async () => {
  const rounds = 300;
  const pid = await gonePid();
  for (let round = 0; round < rounds; round++) leave(`${path}-${round}`, { pid });
  const children = Array.from({ length: 4 }, () =>
    startChild(`
      import { acquireLock } from ${JSON.stringify(bundle)};
      const won = [];
      process.stdin.once('data', async (start) => {
        for (let round = 0; round < ${rounds}; round++) {
          while (Date.now() < Number(start) + 4 * round);
          await acquireLock(${JSON.stringify(path)} + '-' + round, 'a').then(() => won.push(round), () => {});
        }
        process.stdout.write(' ' + won.join(' '));
        process.stdin.once('data', () => process.exit());
      });
      process.stdout.write('ready');
    `),
  );
  const outputs = children.map(ended);
  await Promise.all(children.map(firstOutput));
  for (const child of children) child.stdin?.write(String(Date.now() + 30));
  // All stay alive until all have tried: a winner that had ended would leave its lock to the next.
  await Promise.all(children.map(firstOutput));
  for (const child of children) child.stdin?.write('end');
  const won = (await Promise.all(outputs)).flatMap((output) => output.replace('ready', '').trim().split(' '));
  const expected = Array.from({ length: rounds }, (_, round) => String(round));
  expect(won.filter((it) => it !== '').sort()).toEqual(expected.sort());
});
