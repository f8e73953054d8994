import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mountDisk } from '../../../test/full-disk.ts';
import { removeTemporaries, replaceFile } from './replace-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerosum-replace-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a new file is created and an old one replaced, with nothing left beside it', async () => {
  const path = join(folder, 'a.json');
  await replaceFile('test', path, 'a longer first content');
  await replaceFile('test', path, Uint8Array.of(1, 2, 3));
  expect([...readFileSync(path)]).toEqual([1, 2, 3]);
  expect(readdirSync(folder)).toEqual(['a.json']);
});

test('the temporary file of a killed writer is overwritten and removed', async () => {
  writeFileSync(join(folder, 'a.json.tmp'), 'x'.repeat(1000));
  await replaceFile('test', join(folder, 'a.json'), 'new');
  expect(readdirSync(folder)).toEqual(['a.json']);
  writeFileSync(join(folder, 'b.json.tmp'), 'x');
  await removeTemporaries(folder);
  expect(readdirSync(folder)).toEqual(['a.json']);
});

test('pieces are written as they come, and none of them stays where a later one fails', async () => {
  const path = join(folder, 'a.bin');
  async function* pieces(last: () => Uint8Array) {
    yield Uint8Array.of(1, 2);
    yield Uint8Array.of();
    yield last();
  }
  await replaceFile(
    'test',
    path,
    pieces(() => Uint8Array.of(3)),
  );
  expect([...readFileSync(path)]).toEqual([1, 2, 3]);
  const failure = new Error('no more');
  const failing = pieces(() => {
    throw failure;
  });
  await expect(replaceFile('test', path, failing)).rejects.toBe(failure);
  expect([...readFileSync(path)]).toEqual([1, 2, 3]);
  expect(readdirSync(folder)).toEqual(['a.bin']);
});

test('a missing folder is named', async () => {
  const path = join(folder, 'no', 'a.json');
  await expect(replaceFile('test', path, 'x')).rejects.toMatchObject({
    name: 'DataError',
    message: `test: ${path} must be written whole, got ENOENT (no such file or folder)`,
  });
});

test.skipIf(!existsSync('/dev/full'))('a write that finds no space leaves the old file', async () => {
  const path = join(folder, 'a.json');
  await replaceFile('test', path, 'old');
  // The kernel's own full device in the place of the temporary file.
  symlinkSync('/dev/full', `${path}.tmp`);
  await expect(replaceFile('test', path, 'new')).rejects.toThrow(
    `test: ${path} must be written whole, got ENOSPC (no space left on the disk)`,
  );
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['a.json']);
});

test('a disk that fills up in the middle of a file leaves the old file', async (context) => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const mounted = mountDisk(disk, 'size=64k');
  if ('reason' in mounted) return context.skip(`no disk to fill: ${mounted.reason}`);
  try {
    const path = join(disk, 'a.json');
    await replaceFile('test', path, Buffer.alloc(20_000, 1));
    await expect(replaceFile('test', path, Buffer.alloc(60_000, 2))).rejects.toThrow('ENOSPC');
    expect(readFileSync(path)).toEqual(Buffer.alloc(20_000, 1));
    expect(readdirSync(disk)).toEqual(['a.json']);
    await replaceFile('test', path, Buffer.alloc(30_000, 3));
    expect(readFileSync(path)).toEqual(Buffer.alloc(30_000, 3));
  } finally {
    mounted.unmount();
  }
});
