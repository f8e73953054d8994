import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { barImages } from '../../test/bar-images.ts';
import { ConfigError, DataError } from '../errors.ts';
import { encodeNpy } from '../io/npy.ts';
import type { FeatureComparison } from '../semi-supervised/disk/compare-features.ts';
import { runTraining } from '../train/disk/training-run.ts';
import { featuresCommand } from './features-command.ts';

const SIDE = 8;
const COUNT = 300;
let folder: string;
let run: string;

/** An IDX file of bytes. */
function idx(shape: readonly number[], data: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  for (const [axis, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * axis);
  return Buffer.concat([header, data]);
}

async function train(data: string, out: string): Promise<void> {
  const flags = { data, steps: 2, batch: 8, device: 'cpu', threads: 1 } as const;
  const set = ['latentDim=5', 'generator.layers.0.dense=12', 'discriminator.layers.0.dense=12'];
  for await (const _ of runTraining({ preset: 'digits', set, flags, out }));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zerosum-features-'));
  run = join(folder, 'bars');
  const { examples, labels } = barImages(COUNT, 1);
  const images = join(folder, 'bars-images-idx3-ubyte');
  await writeFile(images, idx([COUNT, SIDE, SIDE], Uint8Array.from(examples)));
  await writeFile(join(folder, 'bars-labels-idx1-ubyte'), idx([COUNT], labels));
  await train(images, run);
}, 30_000);
afterAll(() => rm(folder, { recursive: true }));

/** Runs `zerosum features ...` and returns what it wrote to standard output. */
async function features(...argv: string[]): Promise<string> {
  const written: string[] = [];
  const stdout = { write: (text: string) => written.push(text) };
  const stderr = { write: () => true };
  await featuresCommand({ stdout, stderr })
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parseAsync([...argv, '--threads', '1'], { from: 'user' });
  return written.join('');
}

test('compares classifiers, keeps the numbers in the run folder', async () => {
  const comparison = JSON.parse(
    await features(run, '--labels', '20,all', '--seeds', '2', '--json'),
  ) as FeatureComparison;
  expect(JSON.parse(await readFile(join(run, 'features-step-2.json'), 'utf8'))).toEqual(comparison);
  expect(comparison.seeds).toEqual([1, 2]);
  // Of 300 examples without a split, a tenth each stand in for validation and test.
  expect(comparison.results.map(({ labels }) => labels)).toEqual([20, 240]);
  const [few, all] = comparison.results.map(({ accuracy }) => accuracy);
  for (const method of ['scratch', 'fineTuned', 'pixels'] as const) {
    expect(few![method].mean).toBeGreaterThan(0.4);
    expect(all![method].mean).toBeGreaterThan(few![method].mean);
  }
}, 30_000);

test.each<[string, () => string[], string, typeof ConfigError | typeof DataError]>([
  [
    'data without labels',
    () => [join(folder, 'plain')],
    'must have labelled training and test examples, got no labels',
    DataError,
  ],
  [
    'a run without a checkpoint',
    () => [run, '--checkpoint', '7'],
    'must hold step-7.safetensors, got none',
    ConfigError,
  ],
  ['too few labels', () => [run, '--labels', '3'], 'at least one for each of 4 classes, got 3', DataError],
])('%s: refused', async (what, argv, message, type) => {
  if (what === 'data without labels') {
    const path = join(folder, 'plain.npy');
    const pixels = Uint8Array.from(barImages(64, 2).examples);
    await writeFile(path, encodeNpy({ dtype: 'uint8', shape: [64, SIDE, SIDE], data: pixels }));
    await train(path, join(folder, 'plain'));
  }
  const failed = features(...argv());
  await expect(failed).rejects.toThrow(message);
  await expect(failed).rejects.toBeInstanceOf(type);
});

test('labels must be numbers or all', async () => {
  await expect(features(run, '--labels', '10,most')).rejects.toThrow('whole numbers and all');
});
