import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { matFile } from '../../../test/mat-file.ts';
import { cifarRecordBytes } from '../cifar.ts';
import type { ExampleSet } from '../dataset.ts';
import { cifar10 } from './cifar10-files.ts';
import { faces } from './faces-files.ts';
import { loadDataset } from './load-dataset.ts';
import { inspectLocalSet } from './local-set.ts';
import { tfd } from './tfd-file.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'zerosum-local-'));
  vi.stubEnv('ZEROSUM_CACHE', join(dataDir, 'cache'));
  return async () => {
    vi.unstubAllEnvs();
    await rm(dataDir, { recursive: true });
  };
});

/** A file of black records with labels 0, 1, ... 9, 0, ... below the data folder. */
async function write(folder: string, name: string, count: number, restBytes = 0): Promise<string> {
  const bytes = new Uint8Array(count * cifarRecordBytes + restBytes);
  for (let i = 0; i < count; i++) bytes[i * cifarRecordBytes] = i % 10;
  await mkdir(join(dataDir, folder), { recursive: true });
  const path = join(dataDir, folder, name);
  await writeFile(path, bytes);
  return path;
}

describe('cifar10', () => {
  it('loads what is there, in the order of the files, and says what is not', async () => {
    await write('cifar-10-batches-bin', 'data_batch_1.bin', 30);
    await write('cifar-10-batches-bin', 'data_batch_3.bin', 20, 7);
    await write('cifar-10-batches-bin', 'test_batch.bin', 5);
    const notices: unknown[] = [];
    const dataset = await loadDataset('cifar10', { dataDir, onProgress: (event) => notices.push(event) });
    expect(dataset).toMatchObject({
      kind: 'images',
      name: 'cifar10',
      exampleShape: [3, 32, 32],
      train: { count: 40 },
      validation: { count: 10 },
      test: { count: 5 },
    });
    expect(notices).toEqual([
      {
        kind: 'notice',
        message:
          'cifar10: 50 of 50000 training records and 5 of 10000 test records are here: 40 to train on, 10 to validate, 5 to test. Scores are not comparable with published ones',
      },
    ]);
  });

  it.each(['cifar10', 'cifar-10-batches-bin', '.', 'cache/cifar10'])(
    'finds its files in %s',
    async (folder) => {
      await write(folder, 'data_batch_1.bin', 5);
      expect(await loadDataset('cifar10', { dataDir })).toMatchObject({ train: { count: 4 } });
    },
  );

  it('tells intact, cut, altered, damaged and missing files apart', async () => {
    await write('cifar10', 'data_batch_1.bin', 10_000);
    await write('cifar10', 'data_batch_2.bin', 12, 1);
    const path = await write('cifar10', 'data_batch_3.bin', 10_000);
    await writeFile(await write('cifar10', 'data_batch_4.bin', 1), 'garbage');
    await write('cifar10', 'test_batch.bin', 1000);
    const states = await inspectLocalSet(cifar10, { dataDir });
    expect(states.map(({ file, state }) => [file.name, state])).toEqual([
      ['data_batch_1.bin', 'damaged'],
      ['data_batch_2.bin', 'cut'],
      ['data_batch_3.bin', 'intact'],
      ['data_batch_4.bin', 'damaged'],
      ['data_batch_5.bin', 'missing'],
      ['test_batch.bin', 'cut'],
    ]);
    expect(states[0]!.fault).toMatch(/with SHA-256 cee9\w+, got \w+\. It was altered$/);
    expect(states[1]!.fault).toBe(
      'must hold 10000 records of 3073 bytes, got 12 and 1 bytes of another (36877 bytes)',
    );
    expect(states[2]).toMatchObject({ path });
    expect(states[3]!.fault).toMatch(/^decodeCifar: .*data_batch_4\.bin must hold at least one record/);
    expect(states[5]!.fault).toBe('must hold 10000 records of 3073 bytes, got 1000 (3073000 bytes)');
  });

  it('names a missing file, where it looked, and where to get it', async () => {
    await write('cifar10', 'test_batch.bin', 3);
    await expect(loadDataset('cifar10', { dataDir })).rejects.toThrow(
      /^loadDataset: cifar10 must have its file data_batch_1\.bin in .*cifar-10-batches-bin or .*, got none\. Unpack .*kriz\/cifar\.html/,
    );
    await expect(loadDataset('cifar10', { dataDir: join(dataDir, 'nowhere') })).rejects.toThrow(
      /must name a folder, got .*nowhere/,
    );
  });

  it('has no folds', async () => {
    await expect(loadDataset('cifar10:1', { dataDir })).rejects.toThrow(
      'loadDataset: data must name a fold of cifar10, which has none, got cifar10:1. Write cifar10',
    );
  });
});

/** IDX bytes: uint8 of a shape. */
function idx(shape: readonly number[], data: Uint8Array): Uint8Array {
  const head = shape.flatMap((extent) => [extent >> 24, extent >> 16, extent >> 8, extent]);
  return Uint8Array.from([0, 0, 8, shape.length, ...head, ...data]);
}

describe('faces', () => {
  const imagesName = 'fer2013-48x48-images-idx3-ubyte.gz';
  const labelsName = 'fer2013-48x48-labels-idx1-ubyte.gz';

  /** Faces of one grey each, their number; 20 of them. */
  async function writeFaces(side = 48, labels = Uint8Array.from({ length: 20 }, (_, i) => i % 8)) {
    const pixels = Uint8Array.from({ length: 20 * side * side }, (_, i) => Math.floor(i / (side * side)));
    await mkdir(join(dataDir, 'faces'), { recursive: true });
    await writeFile(join(dataDir, 'faces', imagesName), gzipSync(idx([20, side, side], pixels)));
    await writeFile(join(dataDir, 'faces', labelsName), gzipSync(idx([labels.length], labels)));
  }

  it('has five folds: every face is tested in one, and none is in two parts of a fold', async () => {
    await writeFaces();
    const tested: number[] = [];
    for (let fold = 0; fold < 5; fold++) {
      const notices: unknown[] = [];
      const name = fold === 0 ? 'faces' : `faces:${fold}`;
      const dataset = await loadDataset(name, { dataDir, onProgress: (event) => notices.push(event) });
      if (!('train' in dataset)) throw new Error('faces are a finite set');
      expect(dataset.name).toBe(name);
      expect(notices).toMatchObject([{ message: expect.stringContaining('stand-in') }]);
      const facesOf = ({ count, examples, labels }: ExampleSet) => {
        const numbers = Array.from({ length: count }, (_, i) => examples[i * 2304]!);
        expect(numbers.map((number) => number % 8)).toEqual([...labels!]);
        return numbers;
      };
      const parts = [dataset.train, dataset.validation, dataset.test].map(facesOf);
      expect(parts.map((part) => part.length)).toEqual([14, 2, 4]);
      expect(parts.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
      tested.push(...parts[2]!);
    }
    expect(tested.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('says what does not fit', async () => {
    await writeFaces(28);
    await expect(loadDataset('faces', { dataDir })).rejects.toThrow(/faces of 48 x 48 pixels, got 28 x 28/);
    await writeFaces(48, Uint8Array.of(1, 2, 3));
    await expect(loadDataset('faces', { dataDir })).rejects.toThrow(
      /label for each of the 20 images .* got 3/,
    );
    await writeFaces(48, new Uint8Array(20).fill(8));
    await expect(loadDataset('faces', { dataDir })).rejects.toThrow(/must be below 8, got 8 at byte 8/);
    const states = await inspectLocalSet(faces, { dataDir });
    expect(states).toMatchObject([
      { state: 'cut', fault: 'must hold 2000 faces, got 20' },
      { state: 'damaged', fault: expect.stringMatching(/must be below 8/) },
    ]);
    await expect(loadDataset('faces:5', { dataDir })).rejects.toThrow(
      'loadDataset: data must name a fold of faces, which has 5, got faces:5. Write faces:0 to faces:4',
    );
  });
});

describe('tfd', () => {
  it('is read from TFD_48x48.mat, by fold', async () => {
    const roles = [0, 0, 2, 3];
    const bytes = matFile([
      { name: 'images', shape: [4, 48, 48], data: new Uint8Array(4 * 2304).fill(9) },
      { name: 'folds', shape: [4, 5], data: [0, 1, 2, 3, 4].flatMap(() => roles) },
      { name: 'labs_ex', shape: [4, 1], data: [-1, -1, 7, 1] },
    ]);
    await mkdir(join(dataDir, 'tfd'));
    await writeFile(join(dataDir, 'tfd', 'TFD_48x48.mat'), bytes);
    expect(await loadDataset('tfd:3', { dataDir })).toMatchObject({
      name: 'tfd:3',
      train: { count: 2 },
      validation: { count: 1, labels: Uint8Array.of(6) },
      test: { count: 1, labels: Uint8Array.of(0) },
    });
    expect(await inspectLocalSet(tfd, { dataDir })).toMatchObject([{ state: 'intact' }]);
    await writeFile(join(dataDir, 'tfd', 'TFD_48x48.mat'), bytes.subarray(0, 5000));
    expect(await inspectLocalSet(tfd, { dataDir })).toMatchObject([
      { state: 'damaged', fault: expect.stringMatching(/TFD_48x48\.mat at byte 128 .*\(truncated\)$/) },
    ]);
  });

  it('says what to do where the file is not here', async () => {
    await expect(loadDataset('tfd', { dataDir })).rejects.toThrow(
      /tfd must have its file TFD_48x48\.mat in .*, got none\. Ask its authors .* \(faces is a stand-in/,
    );
  });
});

const real = process.env['ZEROSUM_DATA'] ?? '../shared/data';
const files = await inspectLocalSet(cifar10, { dataDir: real }).catch(() => []);
const isHere = files.some(({ state }) => state === 'intact');
if (!isHere) console.log(`local-set.test.ts: no CIFAR-10 in ${real}, its test is skipped`);

it.runIf(isHere)('the real CIFAR-10: known pixels and labels', async () => {
  const dataset = await loadDataset('cifar10', { dataDir: real });
  if (!('train' in dataset)) throw new Error('CIFAR-10 is a finite set');
  const { train, classes } = dataset;
  // The first image of data_batch_1 is a frog; the values are what `od -An -tu1 -N 8 data_batch_1.bin` prints.
  expect(classes![train.labels![0]!]).toBe('frog');
  expect([...train.examples.subarray(0, 7)]).toEqual([59, 43, 50, 68, 98, 119, 139]);
});
