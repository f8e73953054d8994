import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cutLog, encodeLogLine, JsonLinesLog, readLog } from './json-lines.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerosum-log-'));
  path = join(folder, 'metrics.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lines = (...steps: number[]) => steps.map((step) => `{"step":${step},"lossD":0.5}\n`).join('');

test('entries appear in order at the next flush, not before', async () => {
  const log = await JsonLinesLog.open(path);
  log.append({ step: 1, lossD: 0.5 });
  expect(readFileSync(path, 'utf8')).toBe('');
  const first = log.flush();
  log.append({ step: 2, lossD: 0.5 });
  await Promise.all([first, log.flush({ durable: true })]);
  expect(readFileSync(path, 'utf8')).toBe(lines(1, 2));
  log.append({ step: 3, lossD: 0.5 });
  await log.close();
  const again = await JsonLinesLog.open(path);
  again.append({ step: 4, lossD: 0.5 });
  await again.close();
  expect(readFileSync(path, 'utf8')).toBe(lines(1, 2, 3, 4));
});

test('keys keep their order, and what JSON has no number for is a text that reads back', () => {
  const values = { NaN: Number.NaN, up: Number.POSITIVE_INFINITY, down: Number.NEGATIVE_INFINITY };
  const line = encodeLogLine({ step: 3, 'D(x)': 0.1, ...values });
  expect(line).toBe('{"step":3,"D(x)":0.1,"NaN":"NaN","up":"Infinity","down":"-Infinity"}\n');
  const read = JSON.parse(line) as Record<string, string>;
  for (const [key, value] of Object.entries(values)) expect(Number(read[key])).toBe(value);
});

test('a number is written in full: it reads back as the same bits', () => {
  const value = Math.fround(0.1) + 2 ** -60;
  expect(JSON.parse(encodeLogLine({ step: 0, value })).value).toBe(value);
});

test.each([
  ['lines after the step go', lines(1, 2, 3, 10), 2, lines(1, 2)],
  ['a torn line goes', `${lines(1, 2)}{"step":3,"los`, 5, lines(1, 2)],
  ['a last line without its line break is torn, though it is JSON', `${lines(1)}{"step":2}`, 5, lines(1)],
  [
    'a damaged line in the middle goes, and nothing else',
    `${lines(1)}{"st\u0000ep\n${lines(3)}`,
    5,
    lines(1, 3),
  ],
  ['a line that is no entry goes', `null\n5\n${lines(1)}{}\n`, 5, lines(1)],
  ['everything goes where the run starts again', lines(0, 1, 2), undefined, ''],
  ['nothing goes', lines(0, 1, 2), 2, lines(0, 1, 2)],
])('%s', async (_, before, lastStep, after) => {
  writeFileSync(path, before);
  const inode = statSync(path).ino;
  await cutLog(path, lastStep);
  expect(readFileSync(path, 'utf8')).toBe(after);
  expect(statSync(path).ino === inode).toBe(before === after);
  expect(readdirSync(folder)).toEqual(['metrics.jsonl']);
});

test('a log is read back entry by entry, without torn and foreign lines', async () => {
  const log = await JsonLinesLog.open(path);
  log.append({ step: 1, lossD: Number.NaN });
  log.append({ step: 2, diagnosis: { condition: 'plateau' } });
  await log.close();
  writeFileSync(path, `${readFileSync(path, 'utf8')}null\n{"st\n{"step":3}\n{"step":4}`);
  expect(await readLog(path)).toEqual([
    { step: 1, lossD: 'NaN' },
    { step: 2, diagnosis: { condition: 'plateau' } },
    { step: 3 },
  ]);
  expect(await readLog(join(folder, 'absent.jsonl'))).toEqual([]);
  await expect(readLog(folder)).rejects.toThrow(/^readLog: .* must be readable, got EISDIR/);
});

test('a log that was never written needs no cut', async () => {
  await cutLog(path, 3);
  expect(existsSync(path)).toBe(false);
});

test.skipIf(!existsSync('/dev/full'))('a full disk is an error of flush and of every later one', async () => {
  symlinkSync('/dev/full', path);
  const log = await JsonLinesLog.open(path);
  log.append({ step: 1 });
  const message = `log: ${path} must be writable, got ENOSPC (no space left on the disk)`;
  await expect(log.flush()).rejects.toThrow(message);
  await expect(log.flush()).rejects.toThrow(message);
  await expect(log.close()).rejects.toThrow(message);
});

test('a log in a missing folder is refused when it is opened', async () => {
  await expect(JsonLinesLog.open(join(folder, 'no', 'x.jsonl'))).rejects.toThrow(
    'must be writable, got ENOENT',
  );
});
