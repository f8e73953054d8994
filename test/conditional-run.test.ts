import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { interpolateCommand } from '../src/cli/interpolate-command.ts';
import { sampleCommand } from '../src/cli/sample-command.ts';
import { ConfigError } from '../src/errors.ts';
import { progressEvaluation } from '../src/evaluation/disk/progress-evaluation.ts';
import { decodeNpy } from '../src/io/npy.ts';
import { decodePng } from '../src/io/png.ts';
import { classNamesOf } from '../src/train/disk/asked-classes.ts';
import { readRecord } from '../src/train/disk/run-record.ts';
import { readTrainedGenerator } from '../src/train/disk/trained-generator.ts';
import { runTraining } from '../src/train/disk/training-run.ts';
import { drawnClasses } from '../src/train/draw-samples.ts';
import { latentPaths } from '../src/train/latent-path.ts';
import { sheetLatent } from '../src/train/sheet-latent.ts';
import { conditionalClasses, trainConditional, trainImages } from './trained-run.ts';

let folder: string;
let run: string;
let plain: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zerosum-conditional-'));
  vi.stubEnv('ZEROSUM_CACHE', join(folder, 'cache'));
  [run, plain] = [join(folder, 'conditional'), join(folder, 'plain')];
  // A generator that has hardly moved would draw nearly the same for every class: these weights are larger.
  await trainConditional(run, 'generator.init={"normal":1.5}');
  await trainImages(plain);
}, 60_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

type Program = typeof sampleCommand | typeof interpolateCommand;

/** Runs a command and returns what it wrote to standard output. */
async function output(program: Program, ...argv: string[]): Promise<string> {
  const written: string[] = [];
  const stdout = { write: (text: string) => written.push(text) };
  const stderr = { write: () => true };
  await program({ stdout, stderr })
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parseAsync(argv, { from: 'user' });
  return written.join('');
}

const sample = (...argv: string[]) => output(sampleCommand, ...argv);
const interpolate = (...argv: string[]) => output(interpolateCommand, ...argv);

/** Pixels 0 ... 255 that a plain ONNX Runtime draws from the run's own generator.onnx, [N, 8, 8]. */
async function byExport(z: Float32Array, labels: readonly number[]): Promise<Float32Array> {
  const session = await InferenceSession.create(join(run, 'generator.onnx'));
  const { samples } = await session.run({
    z: new Tensor('float32', z, [labels.length, 5]),
    labels: new Tensor('int64', BigInt64Array.from(labels, BigInt), [labels.length]),
  });
  await session.release();
  return (samples!.data as Float32Array).map((value) => 255 * value);
}

/** z of `rows` rows that are all the same. */
async function sameRows(rows: number, columns: number, stream?: string): Promise<Float32Array> {
  const { game } = await readTrainedGenerator(run);
  const { data } = sheetLatent(game, 1, columns, stream);
  return Float32Array.from({ length: rows * data.length }, (_, i) => data[i % data.length]!);
}

/** The images of a sheet, [N, 8, 8]: one pixel for each square of 7 x 7. */
async function imagesOn(path: string, columns: number, rows: number): Promise<Uint8Array> {
  const { width, height, channels, data } = decodePng(await readFile(path));
  expect({ width, height, channels }).toEqual({
    width: 7 * (9 * columns + 1),
    height: 7 * (9 * rows + 1),
    channels: 1,
  });
  return Uint8Array.from({ length: columns * rows * 64 }, (_, i) => {
    const [image, y, x] = [Math.floor(i / 64), Math.floor(i / 8) % 8, i % 8];
    const top = (9 * Math.floor(image / columns) + 1 + y) * 7;
    return data[top * width + (9 * (image % columns) + 1 + x) * 7]!;
  });
}

/** A class a row. */
const inRows = (labels: readonly number[], columns: number) =>
  labels.flatMap((label) => new Array<number>(columns).fill(label));
const near = { rtol: 0, atol: 0.51 };

describe('pictures', () => {
  test('the sheets of a training show a class a row, the same z down each column', async () => {
    const sheets = await readdir(join(run, 'samples'));
    const last = sheets.sort().at(-1)!;
    expect(last).toMatch(/3\.png$/);
    const shown = await imagesOn(join(run, 'samples', last), 10, 3);
    expect(shown).toBeAllClose(await byExport(await sameRows(3, 10), inRows([0, 1, 2], 10)), near);
    // The class changes what z becomes: rows are not repetitions of the first.
    expect(shown.slice(0, 640)).not.toEqual(shown.slice(640, 1280));
  });

  test('so does sample, and says which rows are which class', async () => {
    const path = join(run, 'samples-step-3-seed-1.png');
    expect(await sample(run)).toBe(
      `${path}: 30 samples of step 3, seed 1, averaged weights, a class a row: bird, cat, dog\n`,
    );
    const z = await sameRows(3, 10, 'sample/latent');
    expect(await imagesOn(path, 10, 3)).toBeAllClose(await byExport(z, inRows([0, 1, 2], 10)), near);
  });

  test('of several classes that are asked for, by name or number, in their order', async () => {
    const out = join(folder, 'two.png');
    const facts = JSON.parse(await sample(run, '--label', 'dog,0', '-n', '8', '--out', out, '--json'));
    expect(facts).toMatchObject({ count: 8, classes: ['dog', 'bird'] });
    const z = await sameRows(2, 4, 'sample/latent');
    expect(await imagesOn(out, 4, 2)).toBeAllClose(await byExport(z, inRows([2, 0], 4)), near);
  });

  test('of one class are as many different z', async () => {
    const path = join(run, 'samples-step-3-seed-1-class-1.png');
    expect(await sample(run, '--label', 'cat', '-n', '9')).toBe(
      `${path}: 9 samples of step 3, seed 1, averaged weights, of class cat\n`,
    );
    const z = await sameRows(1, 9, 'sample/latent');
    expect(await imagesOn(path, 3, 3)).toBeAllClose(await byExport(z, inRows([1], 9)), near);
  });

  test('lines in z space keep their class', async () => {
    const path = join(folder, 'lines.png');
    const { game } = await readTrainedGenerator(run);
    const z = latentPaths(game, { seed: 1, paths: 4, points: 3 }).data;
    expect(await interpolate(run, '--rows', '4', '--columns', '3', '--out', path)).toBe(
      `${path}: straight lines in z space, step 3, seed 1, of class bird, cat, dog in turn\n`,
    );
    expect(await imagesOn(path, 3, 4)).toBeAllClose(await byExport(z, inRows([0, 1, 2, 0], 3)), near);
    expect(await interpolate(run, '--rows', '4', '--columns', '3', '--out', path, '--label', '2')).toMatch(
      /of class dog\n$/,
    );
    expect(await imagesOn(path, 3, 4)).toBeAllClose(await byExport(z, inRows([2, 2, 2, 2], 3)), near);
  });
});

describe('arrays', () => {
  async function array(...argv: string[]) {
    const out = join(folder, 'out.npy');
    await sample(run, ...argv, '--out', out);
    return decodeNpy(await readFile(out));
  }

  test('are of classes drawn uniformly, the same that a measure is told', async () => {
    const { game } = await readTrainedGenerator(run);
    const classes = drawnClasses(game.labels!, 1, 1030);
    const { shape, data } = await array('-n', '1030');
    expect(shape).toEqual([1030, 8, 8]);
    for (const [part, count] of [
      [0, 1000],
      [1, 30],
    ] as const) {
      const z = sheetLatent(game, 1, count, 'sample/latent', part).data;
      const expected = await byExport(z, [...classes.slice(1000 * part, 1000 * part + count)]);
      expect(data.slice(64_000 * part, 64_000 * part + 64 * count)).toBeAllClose(expected, near);
    }
  });

  test('are of the classes that are asked for in turn', async () => {
    const { data } = await array('-n', '5', '--label', 'cat,dog');
    const z = await sameRows(1, 5, 'sample/latent');
    expect(data).toBeAllClose(await byExport(z, [1, 2, 1, 2, 1]), near);
  });
});

describe('bad input', () => {
  test('an unknown class, with the nearest', async () => {
    for (const program of [sample, interpolate])
      await expect(program(run, '--label', 'cta')).rejects.toThrow(
        new ConfigError(
          '--label: unknown class cta of conditional-data, by name or by number from 0 to 2. One of bird, cat, dog. Did you mean cat?',
        ),
      );
    await expect(sample(run, '--label', '3')).rejects.toThrow('unknown class 3 of conditional-data');
    await expect(sample(run, '--label', '-1')).rejects.toThrow('unknown class -1');
    await expect(sample(run, '--label', ',')).rejects.toThrow(
      '--label: must name at least one class of bird, cat, dog, got none',
    );
  });

  test('a run that learned no classes', async () => {
    for (const program of [sample, interpolate])
      await expect(program(plain, '--label', '7')).rejects.toThrow(
        new ConfigError(
          `--label: ${plain} must be a run that learned classes, got preset digits without labels. Leave --label out, or train with classes: zerosum train --preset cgan`,
        ),
      );
  });

  test('a picture whose rows would not be of one length', async () => {
    await expect(sample(run, '-n', '31')).rejects.toThrow(
      new ConfigError(
        'sample: --count must be a multiple of 3 for a picture with a row for each class, got 31. Use -n 33, or --out FILE.npy',
      ),
    );
  });

  test('class accuracy of a run without labels, before a folder is made', async () => {
    const out = join(folder, 'refused');
    const evaluation = progressEvaluation({ every: 1, measures: ['classAccuracy'] });
    const flags = {
      data: `${run}-data`,
      images: { size: 8, classes: 'folders' as const },
      steps: 1,
      device: 'cpu' as const,
    };
    const set = ['generator.layers=[{"dense":4},"relu",{"dense":"data"},"tanh"]', 'batch=8'];
    await expect(async () => {
      for await (const _ of runTraining({ preset: 'faces', flags, set, out, evaluation }));
    }).rejects.toThrow(
      '--evaluate: classAccuracy must be a measure that conditional-data allows, got one that needs a run that learned the classes of this data',
    );
    expect(existsSync(out)).toBe(false);
  });
});

test('a run keeps the names of its classes; one of an older version has their numbers', async () => {
  const record = await readRecord(run);
  expect(record!.dataset).toMatchObject({ classes: 3, classNames: conditionalClasses });
  const { classNames: _, ...older } = record!.dataset;
  expect(classNamesOf({ record: { ...record!, dataset: older } })).toEqual(['0', '1', '2']);
});
