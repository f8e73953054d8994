import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trainRing } from '../../test/trained-run.ts';
import { ConfigError, DataError } from '../errors.ts';
import type { InversionResult } from '../inference/disk/invert-run.ts';
import { decodeNpy, encodeNpy } from '../io/npy.ts';
import { decodePng, encodePng } from '../io/png.ts';
import { runTraining } from '../train/disk/training-run.ts';
import { invertCommand } from './invert-command.ts';

const SIDE = 8;
const quick = ['--encoder-steps', '2', '--search-steps', '2', '--threads', '1'];

let folder: string;
let run: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zerosum-invert-'));
  run = join(folder, 'squares');
  const data = join(folder, 'squares.npy');
  const pixels = Uint8Array.from({ length: 64 * SIDE * SIDE }, (_, i) => (i * 7919) % 256);
  await writeFile(data, encodeNpy({ dtype: 'uint8', shape: [64, SIDE, SIDE], data: pixels }));
  const flags = { data, steps: 2, batch: 8, device: 'cpu', threads: 1 } as const;
  const set = ['latentDim=5', 'generator.layers.0.dense=12', 'discriminator.layers.0.dense=12'];
  for await (const _ of runTraining({ preset: 'digits', set, flags, out: run }));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs `zerosum invert ...`; what it wrote to both streams. */
async function invert(...argv: string[]): Promise<{ stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  await invertCommand({ stdout: stream('stdout'), stderr: stream('stderr') })
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parseAsync(argv, { from: 'user' });
  return written;
}

describe('without picture files', () => {
  test('held-out images and samples are measured; the encoder is trained once', async () => {
    const first = await invert(run, '-n', '3', ...quick, '--json');
    expect(first.stderr).toContain('training an encoder of step 2 once, to be kept in');
    const { measured, sheet, json } = JSON.parse(first.stdout) as InversionResult;
    expect(measured!.heldOut.count).toBe(3);
    expect(measured!.samples.count).toBe(3);
    expect(measured!.search).toEqual({ steps: 2, support: expect.stringContaining('ball') });
    for (const set of [measured!.heldOut, measured!.samples])
      for (const { error, latentNorm } of Object.values(set.routes)) {
        expect(error.mean).toBeGreaterThan(0);
        expect(error.standardError).toBeGreaterThan(0);
        expect(latentNorm).toBeLessThan(2.5);
      }
    expect(JSON.parse(await readFile(json!, 'utf8'))).toEqual(measured);
    // Two sets of four columns, a column between them, three rows, 7 pixels a pixel.
    const { width, height } = decodePng(await readFile(sheet));
    expect([width, height]).toEqual([7 * (9 * 9 + 1), 7 * (3 * 9 + 1)]);

    const again = await invert(run, '-n', '3', ...quick);
    expect(again.stderr).not.toContain('training');
    expect(again.stdout).toMatch(/search from the encoder +\d\.\d+ \+- \d\.\d+ /);
  });

  test('a damaged encoder is trained again', async () => {
    await invert(run, '-n', '1', ...quick);
    const path = join(run, 'encoder-of-step-2-recipe1-seed1-steps2.safetensors');
    const { size } = await stat(path);
    await truncate(path, size - 100);
    expect((await invert(run, '-n', '1', ...quick)).stderr).toMatch(
      /is damaged and its encoder is trained again/,
    );
    expect((await stat(path)).size).toBe(size);
  });
});

describe('with picture files', () => {
  test('each is shown first in its row, and its z written', async () => {
    const grey = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => 3 * i);
    const path = join(folder, 'grey.png');
    await writeFile(path, encodePng({ width: SIDE, height: SIDE, channels: 1, data: grey }));
    const [out, latents] = [join(folder, 'out.png'), join(folder, 'z.npy')];
    const { stdout } = await invert(run, path, path, '--out', out, '--latents', latents, ...quick, '--json');
    const { files } = JSON.parse(stdout) as InversionResult;
    expect(files!.map((file) => file.path)).toEqual([path, path]);
    expect(files![0]!.errors.encoder).toBe(files![1]!.errors.encoder);
    expect(decodeNpy(await readFile(latents)).shape).toEqual([2, 5]);
    const image = decodePng(await readFile(out));
    const shown = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
      const [y, x] = [Math.floor(i / SIDE) + 1, (i % SIDE) + 1];
      return image.data[(7 * y * image.width + 7 * x) * image.channels]!;
    });
    expect(shown).toEqual(grey);
  });

  test('another size and colour are brought to those of the run', async () => {
    const path = join(folder, 'colour.png');
    const data = new Uint8Array(20 * 16 * 3).fill(200);
    await writeFile(path, encodePng({ width: 20, height: 16, channels: 3, data }));
    const { stdout } = await invert(run, path, ...quick);
    expect(stdout).toMatch(/colour\.png: encoder 0\.\d+, search from the encoder 0\.\d+/);
  });
});

test.each<[string, () => string[], string, typeof ConfigError | typeof DataError]>([
  [
    'points',
    () => [join(folder, 'ring')],
    'the run must draw images, got ring8, which are points',
    ConfigError,
  ],
  [
    'latents of nothing',
    () => [run, '--latents', 'z.npy'],
    '--latents must come with picture files, got none',
    ConfigError,
  ],
  [
    'a sheet as JPEG',
    () => [run, '--out', 'sheet.jpg'],
    '--out must end in .png, got sheet.jpg',
    ConfigError,
  ],
  [
    'a missing file',
    () => [run, join(folder, 'none.png')],
    'none.png must be readable, got ENOENT',
    DataError,
  ],
  [
    'text for a picture',
    () => [run, join(folder, 'squares.npy')],
    'squares.npy must be a picture',
    DataError,
  ],
])('%s: refused', async (_, argv, message, type) => {
  if (message.includes('points')) await trainRing(join(folder, 'ring'));
  const failed = invert(...argv(), ...quick);
  await expect(failed).rejects.toThrow(message);
  await expect(failed).rejects.toBeInstanceOf(type);
});
