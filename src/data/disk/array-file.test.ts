import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataError } from '../../errors.ts';
import { encodeNpy } from '../../io/npy.ts';
import { loadArrayFile } from './array-file.ts';

let folder: string;
const at = (name: string) => join(folder, name);

const pixels = Uint8Array.from({ length: 24 }, (_, i) => 10 * i);
const idxImages = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 3, ...pixels);
const idxLabels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 4, 9, 8, 7, 6);
const npyPoints = encodeNpy({ dtype: 'float32', shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
const npyImages = encodeNpy({ dtype: 'uint8', shape: [4, 2, 3], data: pixels });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zerosum-array-file-'));
  await writeFile(at('faces-images-idx3-ubyte.gz'), gzipSync(idxImages));
  await writeFile(at('faces-labels-idx1-ubyte.gz'), gzipSync(idxLabels));
  await writeFile(at('odd-images-idx3-ubyte'), idxImages);
  await writeFile(at('odd-labels-idx1-ubyte'), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 9));
  await writeFile(at('plain.bin'), idxImages);
  await writeFile(at('points.npy'), npyPoints);
  await writeFile(at('images.npy.gz'), gzipSync(npyImages));
  await writeFile(at('cut.npy'), npyPoints.subarray(0, npyPoints.length - 3));
  await writeFile(at('header-cut.npy'), npyPoints.subarray(0, 20));
  await writeFile(at('cut-idx3-ubyte'), idxImages.subarray(0, 30));
  await writeFile(at('cut-idx3-ubyte.gz'), gzipSync(idxImages).subarray(0, 40));
  const flipped = new Uint8Array(gzipSync(idxImages));
  flipped[flipped.length - 6]! ^= 1;
  await writeFile(at('flipped-idx3-ubyte.gz'), flipped);
  await writeFile(at('almost-nothing.gz'), Uint8Array.of(0x1f, 0x8b, 8));
  await writeFile(at('picture.npy'), Uint8Array.of(0x89, 0x50, 0x4e, 0x47));
  await writeFile(at('empty.npy'), '');
  await mkdir(at('photos'));
});

afterAll(() => rm(folder, { recursive: true }));

describe('loadArrayFile', () => {
  it('tells IDX, npy and gzip apart by content, and names the set after the file', async () => {
    for (const [file, name] of [
      ['plain.bin', 'plain.bin'],
      ['images.npy.gz', 'images'],
    ] as const) {
      const dataset = await loadArrayFile(at(file));
      expect(dataset).toMatchObject({ kind: 'images', name, exampleShape: [1, 2, 3], train: { count: 4 } });
      expect([...dataset.train.examples]).toEqual([...pixels]);
      expect(dataset.train.labels).toBeUndefined();
    }
    expect(await loadArrayFile(at('points.npy'))).toMatchObject({
      kind: 'points',
      name: 'points',
      exampleShape: [2],
      train: { count: 3, examples: Float32Array.of(1, 2, 3, 4, 5, 6) },
    });
  });

  it('takes the labels that lie beside the images', async () => {
    const { name, train } = await loadArrayFile(at('faces-images-idx3-ubyte.gz'));
    expect(name).toBe('faces');
    expect([...train.labels!]).toEqual([9, 8, 7, 6]);
  });

  it.each([
    ['nothing.npy', DataError, 'nothing.npy must exist, got no file there'],
    ['photos', DataError, 'photos must be a file that can be read, got EISDIR'],
    [
      'empty.npy',
      DataError,
      'empty.npy must be an IDX or .npy file (which start with 00 00 or 93 4e), got no bytes',
    ],
    ['picture.npy', DataError, 'got 89 50 4e 47 at byte 0'],
    ['cut.npy', DataError, 'cut.npy)'],
    ['header-cut.npy', DataError, 'header-cut.npy)'],
    [
      'cut-idx3-ubyte',
      DataError,
      'must have 40 bytes for uint8 [4, 2, 3], got its end at byte 30 (truncated)',
    ],
    [
      'cut-idx3-ubyte.gz',
      DataError,
      'must hold a whole gzip stream, got its end inside the data, at byte 40 (truncated)',
    ],
    [
      'flipped-idx3-ubyte.gz',
      DataError,
      'must unpack to what its checksum says, got other content (corrupted',
    ],
    ['almost-nothing.gz', DataError, 'at byte 3 (truncated)'],
    ['faces-labels-idx1-ubyte.gz', DataError, 'these are labels, not images'],
    ['odd-images-idx3-ubyte', DataError, 'odd-labels-idx1-ubyte must hold a label for each of the 4 images'],
  ])('%s: one line that says where', async (file, kind, message) => {
    const refused = loadArrayFile(at(file));
    await expect(refused).rejects.toThrow(kind);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toThrow(file);
    await expect(refused).rejects.not.toThrow('\n');
  });
});
