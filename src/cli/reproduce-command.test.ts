import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, test } from 'vitest';
import { DataError } from '../errors.ts';
import { atMost } from '../reproduce/statement.ts';
import { reproduceCommand } from './reproduce-command.ts';
import { failedLines, onOneThread } from './reproduce-session.ts';

const folder = mkdtempSync(join(tmpdir(), 'zerosum-reproduce-'));
afterAll(() => rmSync(folder, { recursive: true }));

const silent = { stdout: { write: () => true }, stderr: { write: () => true } };

test.each(['theory', 'figure1'])(
  'reproduce %s refuses a file as its folder before anything is computed',
  async (what) => {
    const file = join(folder, 'taken');
    writeFileSync(file, 'not a folder');
    const run = reproduceCommand(silent).parseAsync(['node', 'zerosum', what, '--out', file]);
    await expect(run).rejects.toThrow(DataError);
    await expect(run).rejects.toThrow(`${file} must be a folder, got a file there. Name another with --out`);
  },
);

it('lists what can be reproduced, each with examples', () => {
  const { commands } = reproduceCommand(silent);
  expect(commands.map((command) => command.name())).toEqual(expect.arrayContaining(['theory', 'figure1']));
});

it('says which checks failed, with the number and what it must be', () => {
  const checks = [atMost('error of D', 0.0312345, 0.03), atMost('error of G', 0.01, 0.03)];
  expect(failedLines(checks)).toEqual(['  failed: error of D must be at most 0.03, got 0.0312345']);
});

it('releases the session whatever happens', async () => {
  const run = onOneThread(silent, async (session) => {
    expect(session.threads).toBe(1);
    await session.release();
    await session.readState();
  });
  await expect(run).rejects.toThrow('release');
});
