import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mountDisk } from '../../../test/full-disk.ts';
import type { Tensors } from '../../graph/tensor.ts';
import { decodeSafetensors } from '../../io/safetensors.ts';
import { checkpointStep, readCheckpoint, writeCheckpoint } from './checkpoint-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerosum-checkpoint-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const tensors: Tensors = {
  'generator/dense1/weight': { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, -2, 3.5, -0) },
  step: { dtype: 'int64', shape: [], data: BigInt64Array.of(7n) },
  mask: { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
};

test('a checkpoint is read back as it was written', async () => {
  const path = await writeCheckpoint(folder, 200, tensors, { config: 'abc', note: 'a "sha256":"' });
  expect(path).toBe(join(folder, 'step-200.safetensors'));
  expect(await readCheckpoint(path)).toEqual({
    step: 200,
    tensors,
    metadata: { config: 'abc', note: 'a "sha256":"' },
  });
  expect(readdirSync(folder)).toEqual(['step-200.safetensors']);
});

test('its bytes depend on step, tensors and metadata only', async () => {
  const bytes = readFileSync(await writeCheckpoint(folder, 3, tensors, { a: '1', b: '2' }));
  const reversed = Object.fromEntries(Object.entries(tensors).reverse());
  expect(readFileSync(await writeCheckpoint(folder, 3, reversed, { b: '2', a: '1' }))).toEqual(bytes);
  const other = mkdtempSync(join(tmpdir(), 'zerosum-checkpoint-'));
  expect(readFileSync(await writeCheckpoint(other, 3, tensors, { a: '1', b: '2' }))).toEqual(bytes);
  rmSync(other, { recursive: true });
});

test('it is a safetensors file for any reader', async () => {
  const path = await writeCheckpoint(folder, 5, tensors, { config: 'abc' });
  const { tensors: read, metadata } = decodeSafetensors(readFileSync(path));
  expect(read).toEqual(tensors);
  expect(metadata).toMatchObject({ config: 'abc', step: '5' });
  expect(metadata['sha256']).toMatch(/^[0-9a-f]{64}$/);
});

test('a cut at any byte and a flip of any bit are found', async () => {
  const path = await writeCheckpoint(
    folder,
    5,
    { a: tensors['mask']!, b: tensors['step']! },
    { config: 'abc' },
  );
  const bytes = readFileSync(path);
  const isFound = async (damaged: Uint8Array) => {
    writeFileSync(path, damaged);
    return readCheckpoint(path).then(
      () => false,
      (error: Error) =>
        error.name === 'DataError' && error.message.startsWith(`readCheckpoint: ${path} must `),
    );
  };
  const missed: string[] = [];
  for (let length = 0; length < bytes.length; length++)
    if (!(await isFound(bytes.subarray(0, length)))) missed.push(`cut to ${length} bytes`);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    if (!(await isFound(flipped))) missed.push(`flip of bit ${bit & 7} of byte ${bit >> 3}`);
  }
  if (!(await isFound(Buffer.concat([bytes, Buffer.alloc(1)])))) missed.push('a byte more');
  expect(missed).toEqual([]);
  writeFileSync(path, bytes);
  expect((await readCheckpoint(path)).step).toBe(5);
});

test('a renamed checkpoint is not taken for another step', async () => {
  const path = await writeCheckpoint(folder, 5, tensors);
  const renamed = join(folder, 'step-6.safetensors');
  renameSync(path, renamed);
  await expect(readCheckpoint(renamed)).rejects.toThrow('must hold the step of its name, got step 5');
});

test('a safetensors file of another origin is refused for its missing checksum', async () => {
  const path = join(folder, 'step-1.safetensors');
  const header = Buffer.from('{}      ');
  writeFileSync(path, Buffer.concat([Buffer.from([8, 0, 0, 0, 0, 0, 0, 0]), header]));
  await expect(readCheckpoint(path)).rejects.toThrow(
    'must be a checkpoint with a checksum in its header, got 16 bytes',
  );
});

test.each(['step', 'sha256'])('metadata may not use the key %s', async (key) => {
  await expect(writeCheckpoint(folder, 1, tensors, { [key]: 'x' })).rejects.toThrow(
    `writeCheckpoint: metadata must leave the key ${key} free, got x`,
  );
});

test.each([
  ['step-0.safetensors', 0],
  ['step-200.safetensors', 200],
  ['runs/a/checkpoints/step-12.safetensors', 12],
  ['step-012.safetensors', undefined],
  ['step-12.safetensors.tmp', undefined],
  ['step-.safetensors', undefined],
  ['other.safetensors', undefined],
])('the step of %s is %s', (name, step) => {
  expect(checkpointStep(name)).toBe(step);
});

test('a full disk leaves the checkpoints that were there, and nothing else', async (context) => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const mounted = mountDisk(disk, 'size=112k');
  if ('reason' in mounted) return context.skip(`no disk to fill: ${mounted.reason}`);
  try {
    const state: Tensors = { w: { dtype: 'float32', shape: [15_000], data: new Float32Array(15_000) } };
    const good = await writeCheckpoint(disk, 1, state);
    await expect(writeCheckpoint(disk, 2, state)).rejects.toMatchObject({
      name: 'DataError',
      message: `writeCheckpoint: ${join(disk, 'step-2.safetensors')} must be written whole, got ENOSPC (no space left on the disk)`,
    });
    expect(readdirSync(disk)).toEqual(['step-1.safetensors']);
    expect((await readCheckpoint(good)).step).toBe(1);
  } finally {
    mounted.unmount();
  }
});
