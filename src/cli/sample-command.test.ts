import { mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkpointPath, trainImages, trainRing } from '../../test/trained-run.ts';
import { ConfigError, DataError } from '../errors.ts';
import { decodeNpy } from '../io/npy.ts';
import { decodePng } from '../io/png.ts';
import { readTrainedGenerator } from '../train/disk/trained-generator.ts';
import { exportGenerator } from '../train/export-generator.ts';
import { sheetLatent } from '../train/sheet-latent.ts';
import { sampleCommand } from './sample-command.ts';

let folder: string;
let ring: string;
let images: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zerosum-sample-'));
  [ring, images] = [join(folder, 'ring'), join(folder, 'images')];
  await trainRing(ring);
  await trainImages(images);
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

/** Runs `zerosum sample ...` and returns what it wrote to standard output. */
async function sample(...argv: string[]): Promise<string> {
  const written: string[] = [];
  const stdout = { write: (text: string) => written.push(text) };
  const stderr = { write: () => true };
  await sampleCommand({ stdout, stderr })
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parseAsync(argv, { from: 'user' });
  return written.join('');
}

async function sampleArray(...argv: string[]) {
  const out = join(folder, 'out.npy');
  await sample(...argv, '--out', out);
  return decodeNpy(await readFile(out));
}

/** What a plain ONNX Runtime makes of the vectors of `zerosum sample`. */
async function runExported(run: string, seed: number, n: number): Promise<Float32Array> {
  const { game, variables } = await readTrainedGenerator(run);
  const z = sheetLatent(game, seed, n, 'sample/latent');
  const session = await InferenceSession.create(exportGenerator(game, variables));
  const { samples } = await session.run({ z: new Tensor('float32', z.data, z.shape) });
  await session.release();
  return samples!.data as Float32Array;
}

describe('arrays', () => {
  test('of points are float32 [N, 2] in their own units', async () => {
    const { dtype, shape, data } = await sampleArray(ring, '-n', '70', '--seed', '9');
    expect({ dtype, shape }).toEqual({ dtype: 'float32', shape: [70, 2] });
    expect(data).toBeAllClose(await runExported(ring, 9, 70), { rtol: 0, atol: 1e-5 });
  });

  test('of grey images are uint8 [N, H, W], though their data is gone', async () => {
    const { dtype, shape, data } = await sampleArray(images, '-n', '7');
    expect({ dtype, shape }).toEqual({ dtype: 'uint8', shape: [7, 6, 4] });
    const pixels = await runExported(images, 1, 7);
    expect(data).toBeAllClose(
      pixels.map((x) => 255 * x),
      { rtol: 0, atol: 0.501 },
    );
  });

  test('of more than a batch are written whole', async () => {
    const { shape, data } = await sampleArray(ring, '-n', '1001');
    expect(shape).toEqual([1001, 2]);
    expect(data.subarray(0, 2000)).toBeAllClose(await runExported(ring, 1, 1000), { rtol: 0, atol: 1e-5 });
    expect(data.every((value) => Number.isFinite(value) && value !== 0)).toBe(true);
  });

  test('differ by seed, checkpoint and weights', async () => {
    const variants = [[], ['--seed', '2'], ['--checkpoint', '1'], ['--raw-weights']];
    const arrays: string[] = [];
    for (const variant of variants)
      arrays.push(String((await sampleArray(ring, '-n', '20', ...variant)).data));
    expect(new Set(arrays).size).toBe(variants.length);
  });
});

describe('pictures', () => {
  test('of images are a square sheet in the run folder by default', async () => {
    const path = join(images, 'samples-step-3-seed-1.png');
    expect(await sample(images)).toBe(`${path}: 100 samples of step 3, seed 1, averaged weights\n`);
    const { width, height, channels } = decodePng(await readFile(path));
    // 10 x 10 images of 4 x 6 pixels with a gap of 1, enlarged 9 times.
    expect({ width, height, channels }).toEqual({ width: 9 * 51, height: 9 * 71, channels: 1 });
  });

  test('of points are a scatter over the real ones', async () => {
    const out = join(folder, 'ring.PNG');
    const facts = JSON.parse(await sample(ring, '--out', out, '--raw-weights', '--json'));
    expect(facts).toEqual({ path: out, count: 2500, step: 3, seed: 1, weights: 'last' });
    const { width, height, channels, data } = decodePng(await readFile(out));
    expect({ width, height, channels }).toEqual({ width: 480, height: 480, channels: 3 });
    const isPainted = (test: (r: number, g: number, b: number) => boolean) =>
      data.some((_, i) => i % 3 === 0 && test(data[i]!, data[i + 1]!, data[i + 2]!));
    expect(isPainted((r, g, b) => r === g && g === b && r < 200)).toBe(true);
    expect(isPainted((r, _, b) => b > r + 100)).toBe(true);
  });
});

describe('bad input', () => {
  test.each([
    ['-n', '-3'],
    ['-n', '2.5'],
    ['-n', '0'],
    ['--seed', '-1'],
    ['--checkpoint', 'last'],
  ])('%s %s is refused', async (flag, value) => {
    await expect(sample(ring, flag, value)).rejects.toThrow(
      new RegExp(`argument '${value}' is invalid. It must be a whole number`),
    );
  });

  test('an unknown extension, and more images than a picture takes', async () => {
    await expect(sample(ring, '--out', 'a.jpg')).rejects.toThrow(
      new ConfigError(
        'sample: --out must end in .png (a picture), .npy (an array) or .csv (rows of a table), got a.jpg',
      ),
    );
    await expect(sample(images, '-n', '10001')).rejects.toThrow(
      new ConfigError('sample: a picture must hold at most 10000 images, got 10001. Use --out FILE.npy'),
    );
  });

  test('a path that cannot be written leaves nothing behind', async () => {
    const before = await readdir(folder);
    const out = join(folder, 'no', 'such.npy');
    await expect(sample(ring, '--out', out)).rejects.toThrow(
      new DataError(`sample: ${out} must be written whole, got ENOENT (no such file or folder)`),
    );
    expect(await readdir(folder)).toEqual(before);
  });

  test('an unknown run, with the nearest name', async () => {
    const home = process.cwd();
    await mkdir(join(folder, 'runs', 'ring8-1'), { recursive: true });
    process.chdir(folder);
    try {
      await expect(sample('ring8-2')).rejects.toThrow(ConfigError);
      await expect(sample('ring8-2')).rejects.toThrow('unknown run: ring8-2 (under runs). One of ring8-1.');
      await expect(sample('rnig8-1')).rejects.toThrow('Did you mean ring8-1?');
    } finally {
      process.chdir(home);
    }
  });

  test('a checkpoint that there is not', async () => {
    await expect(sample(ring, '--checkpoint', '7')).rejects.toThrow(
      new ConfigError(
        `--checkpoint: ${ring} must hold step-7.safetensors, got none. It has those of steps 1, 2, 3`,
      ),
    );
  });

  test('a run without a checkpoint', async () => {
    await rename(join(ring, 'checkpoints'), join(ring, 'aside'));
    try {
      await expect(sample(ring)).rejects.toThrow(
        new DataError(
          `run: ${ring} must hold a checkpoint, got none yet. Train it with zerosum train --resume --out ${ring}`,
        ),
      );
    } finally {
      await rename(join(ring, 'aside'), join(ring, 'checkpoints'));
    }
  });

  test('a damaged checkpoint, for which the good one before it is offered', async () => {
    const kept = await Promise.all([1, 2, 3].map((step) => readFile(checkpointPath(ring, step))));
    try {
      const flipped = Buffer.from(kept[2]!);
      flipped[flipped.length - 9]! ^= 4;
      await writeFile(checkpointPath(ring, 3), flipped);
      await expect(sample(ring)).rejects.toThrow(DataError);
      await expect(sample(ring)).rejects.toThrow(
        /step-3\.safetensors must have the SHA-256 .* damaged\. Take --checkpoint 2, which is good$/,
      );
      expect((await sampleArray(ring, '-n', '4', '--checkpoint', '2')).shape).toEqual([4, 2]);
      await truncate(checkpointPath(ring, 2), 100);
      await expect(sample(ring, '--checkpoint', '2')).rejects.toThrow('Take --checkpoint 1, which is good');
      await truncate(checkpointPath(ring, 1), 0);
      await expect(sample(ring)).rejects.toThrow('There is no good one before it');
    } finally {
      for (const [i, bytes] of kept.entries()) await writeFile(checkpointPath(ring, i + 1), bytes);
    }
  });
});
