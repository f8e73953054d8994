import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigError, DataError } from '../errors.ts';
import { encodeNpy } from '../io/npy.ts';
import { decodePng } from '../io/png.ts';
import { dataCommand } from './data-command.ts';
import { loadProgress } from './load-progress.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zerosum-data-command-'));
  vi.stubEnv('ZEROSUM_CACHE', join(folder, 'cache'));
  vi.stubEnv('ZEROSUM_DATA', '');
  return async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  };
});

/** Runs `zerosum data ...` and returns what it wrote to standard output. */
async function data(...argv: string[]): Promise<string> {
  const written: string[] = [];
  const stdout = { write: (text: string) => written.push(text) };
  const stderr = { write: () => true };
  await dataCommand({ stdout, stderr }).exitOverride().parseAsync(argv, { from: 'user' });
  return written.join('');
}

const lines = (text: string) => text.trimEnd().split('\n');
const jsonLines = (text: string) => lines(text).map((line) => JSON.parse(line));

describe('data list', () => {
  it('has a line for each set and says where it is', async () => {
    const [head, ...rows] = lines(await data('list'));
    expect(head).toMatch(/^name +what +shape +train \/ validation \/ test +where$/);
    expect(rows.find((row) => row.startsWith('mnist'))).toMatch(
      /\[1, 28, 28\] +50000 \/ 10000 \/ 10000 +not downloaded$/,
    );
    expect(rows.find((row) => row.startsWith('ring8'))).toMatch(/\[2\] +without end +drawn when needed$/);
  });

  it('gives one JSON object per line', async () => {
    const sets = jsonLines(await data('list', '--json'));
    expect(sets.find(({ name }) => name === 'gaussians-1d')).toMatchObject({
      exampleShape: [1],
      isHere: true,
    });
    expect(sets.find(({ name }) => name === 'mnist')).toMatchObject({
      counts: { train: 50_000, validation: 10_000, test: 10_000 },
      isHere: false,
      where: 'not downloaded',
    });
  });
});

describe('data preview', () => {
  it('summarises an array of images and draws a sheet', async () => {
    const path = join(folder, 'ramp.npy');
    const pixels = Uint8Array.from({ length: 150 * 4 * 6 }, (_, i) => (i % 2) * 255);
    await writeFile(path, encodeNpy({ dtype: 'uint8', shape: [150, 4, 6], data: pixels }));
    const out = join(folder, 'sheet.png');
    const text = await data('preview', path, '--out', out);
    expect(lines(text).map((line) => line.replace(/ +/g, ' '))).toEqual([
      'data ramp, images',
      'shape [1, 4, 6] uint8',
      'count 150 train, 0 validation, 0 test',
      'mean 0.5000 (pixels in 0 ... 1)',
      'deviation 0.5000',
      expect.stringMatching(/^fingerprint [0-9a-f]{64}$/),
      `picture ${out}`,
    ]);
    // 10 x 10 images of 4 x 6 pixels at 10 times their size.
    const { width, height } = decodePng(await readFile(out));
    expect([width, height]).toEqual([10 * (10 * 7 + 1), 10 * (10 * 5 + 1)]);
  });

  it('draws floats in [0, 1] as the same pixels', async () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, i) => 8 * i);
    await writeFile(join(folder, 'a.npy'), encodeNpy({ dtype: 'uint8', shape: [2, 4, 4], data: bytes }));
    const floats = Float32Array.from(bytes, (byte) => byte / 255);
    await writeFile(join(folder, 'b.npy'), encodeNpy({ dtype: 'float32', shape: [2, 4, 4], data: floats }));
    for (const name of ['a', 'b'])
      await data('preview', join(folder, `${name}.npy`), '--out', join(folder, `${name}.png`));
    expect((await readFile(join(folder, 'a.png'))).equals(await readFile(join(folder, 'b.png')))).toBe(true);
  });

  it.each([
    ['ring8', [0, 0]],
    ['gaussians-1d', [0]],
  ])('summarises and draws the density %s', async (name, mean) => {
    const out = join(folder, 'points.png');
    const [summary] = jsonLines(await data('preview', name, '--out', out, '--json'));
    expect(summary).toMatchObject({ name, kind: 'points', dtype: 'float32', picture: out });
    expect(summary.counts).toBeUndefined();
    expect(summary.mean).toBeAllClose(mean, { atol: 0.1 });
    const picture = decodePng(await readFile(out));
    expect([picture.width, picture.height]).toEqual([480, 480]);
    expect(new Set(picture.data).size).toBeGreaterThan(1);
  });

  it('shows what training will see of a folder of images, and names each file that it will not', async () => {
    const photos = join(folder, 'photos');
    await mkdir(photos);
    const colours = ['red', 'green', 'blue', 'black', 'white', 'grey', 'gold', 'pink', 'navy', 'lime'];
    for (const [i, background] of colours.entries())
      await sharp({ create: { width: 6 + i, height: 20, channels: 3, background } })
        .png()
        .toFile(join(photos, `${i}.png`));
    await copyFile(join(photos, '0.png'), join(photos, 'copy.png'));
    await writeFile(join(photos, 'broken.jpg'), 'no picture');
    await writeFile(join(photos, 'notes.txt'), 'hello');
    const out = join(folder, 'sheet.png');
    const text = await data('preview', photos, '--size', '8', '--fit', 'pad', '--linear', '--out', out);
    expect(lines(text).map((line) => line.replace(/ +/g, ' '))).toEqual([
      'data photos, images',
      'shape [3, 8, 8] uint8',
      expect.stringMatching(/^count [89] train, /),
      expect.stringMatching(/^mean/),
      expect.stringMatching(/^deviation/),
      'read as 8 x 8, padded with white, resized in linear light',
      'files 11 images, 1 of them copies of others, 1 other files',
      expect.stringMatching(/^fingerprint [0-9a-f]{64}$/),
      `picture ${out}`,
      '',
      'left out because',
      'broken.jpg holds no image of a kind that is read',
    ]);
    const { width, height } = decodePng(await readFile(out));
    // 3 x 3 images of 8 x 8 pixels and lines between them, 8 times their size.
    expect([width, height]).toEqual([8 * 28, 8 * 28]);
    const [summary] = jsonLines(await data('preview', photos, '--channels', '1', '--json', '--out', out));
    expect(summary).toMatchObject({
      exampleShape: [1, 32, 32],
      folder: { images: 11, repeated: 1, enlarged: 11, skipped: [{ path: 'broken.jpg' }], others: 1 },
    });
  });

  it('names a picture that cannot be written', async () => {
    await expect(data('preview', 'ring8', '--out', join(folder, 'no', 'such.png'))).rejects.toThrow(
      /^data preview: .*such\.png must be writable, got ENOENT$/,
    );
  });
});

const dataFolder = process.env['ZEROSUM_DATA'] ?? '../shared/data';
const hasData = existsSync(join(dataFolder, 'mnist'));
if (!hasData) console.log(`skipped: the data command on mnist (no mnist in ${dataFolder}; set ZEROSUM_DATA)`);

describe.skipIf(!hasData)('with the files of mnist', () => {
  it('fetches nothing that is here, and previews classes', async () => {
    expect(await data('fetch', 'mnist', '--data-dir', dataFolder)).toBe(
      `mnist: ${join(dataFolder, 'mnist')}\n`,
    );
    expect(existsSync(join(folder, 'cache'))).toBe(false);
    const text = await data('preview', 'mnist', '--data-dir', dataFolder, '--out', join(folder, 'mnist.png'));
    expect(text).toMatch(/^mean +0\.1310 /m);
    expect(text).toMatch(/^deviation +0\.3085$/m);
    expect(lines(text).filter((line) => /^\d +\d{4} +#{30,40}$/.test(line))).toHaveLength(10);
  });

  it('verifies each file and says which is cut', async () => {
    expect(lines(await data('verify', 'mnist', '--data-dir', dataFolder))).toHaveLength(4);
    const copy = join(folder, 'data', 'mnist');
    await mkdir(copy, { recursive: true });
    for (const name of await readdir(join(dataFolder, 'mnist')))
      await copyFile(join(dataFolder, 'mnist', name), join(copy, name));
    const cut = join(copy, 't10k-labels-idx1-ubyte.gz');
    await writeFile(cut, (await readFile(cut)).subarray(0, 4000));
    await rm(join(copy, 't10k-images-idx3-ubyte.gz'));

    const written: string[] = [];
    const streams = {
      stdout: { write: (text: string) => written.push(text) },
      stderr: { write: () => true },
    };
    const verifying = dataCommand(streams).parseAsync(
      ['verify', 'mnist', '--data-dir', join(folder, 'data')],
      { from: 'user' },
    );
    await expect(verifying).rejects.toThrow(DataError);
    await expect(verifying).rejects.toThrow(
      "every file must be intact, got 2 that are not (mnist's t10k-images-idx3-ubyte.gz, mnist's t10k-labels-idx1-ubyte.gz)",
    );
    expect(written.map((line) => line.split(' ')[0]).sort()).toEqual([
      'damaged',
      'intact',
      'intact',
      'missing',
    ]);
    expect(written.find((line) => line.startsWith('damaged'))).toContain('at byte 4000 (truncated)');
  });
});

describe('a set that is never downloaded', () => {
  const records = (count: number) => new Uint8Array(count * 3073);

  it('is listed as not here, then as in part, and can be previewed', async () => {
    const cifar10 = async () => jsonLines(await data('list', '--data-dir', folder, '--json')).find(isCifar10);
    const isCifar10 = ({ name }: { name: string }) => name === 'cifar10';
    expect(await cifar10()).toMatchObject({ isHere: false, where: 'not here' });
    await mkdir(join(folder, 'cifar10'));
    await writeFile(join(folder, 'cifar10', 'test_batch.bin'), records(3));
    expect(await cifar10()).toMatchObject({ isHere: false });
    await writeFile(join(folder, 'cifar10', 'data_batch_1.bin'), records(10));
    expect(await cifar10()).toMatchObject({
      isHere: true,
      where: `${join(folder, 'cifar10')}, in part`,
      counts: { train: 40_000, validation: 10_000, test: 10_000 },
    });
    const text = await data('preview', 'cifar10', '--data-dir', folder, '--out', join(folder, 'sheet.png'));
    expect(text).toMatch(/^count +8 train, 2 validation, 3 test$/m);
    expect(text).toMatch(/^airplane +8 +#{40}$/m);
  });

  it('is verified file by file: cut, damaged, missing', async () => {
    await mkdir(join(folder, 'cifar10'));
    await writeFile(join(folder, 'cifar10', 'data_batch_1.bin'), records(12));
    await writeFile(join(folder, 'cifar10', 'data_batch_2.bin'), 'nothing');
    const written: string[] = [];
    const streams = {
      stdout: { write: (text: string) => written.push(text) },
      stderr: { write: () => true },
    };
    const verifying = dataCommand(streams).parseAsync(['verify', 'cifar10', '--data-dir', folder], {
      from: 'user',
    });
    await expect(verifying).rejects.toThrow(
      /got 6 that are not \(cifar10's data_batch_1\.bin, .*\)\. Unpack "CIFAR-10 binary version"/,
    );
    expect(written.map((line) => line.split(' ')[0])).toEqual([
      'cut',
      'damaged',
      'missing',
      'missing',
      'missing',
      'missing',
    ]);
    expect(written[0]).toContain('must hold 10000 records of 3073 bytes, got 12 (36876 bytes)');
    // Of all sets: those that were never fetched are no fault.
    const all = data('verify', '--data-dir', folder);
    await expect(all).rejects.toThrow(/got 2 that are not/);
  });
});

describe('wrong usage', () => {
  it.each([
    [['fetch', 'mnits'], 'unknown data set: mnits.'],
    [['verify', 'nmist'], 'Did you mean mnist?'],
    [['preview', 'cifar10:2'], 'must name a fold of cifar10, which has none'],
    [
      ['list', '--data-dir', '/nowhere/at/all'],
      '--data-dir must name a folder, got /nowhere/at/all (which does not exist)',
    ],
  ])('%j', async (argv, message) => {
    await expect(data(...argv)).rejects.toThrow(ConfigError);
    await expect(data(...argv)).rejects.toThrow(message);
  });

  it('refuses flags that do not exist, and shows examples in its help', async () => {
    const talk: string[] = [];
    const command = () =>
      dataCommand()
        .exitOverride()
        .configureOutput({ writeErr: (text) => talk.push(text), writeOut: (text) => talk.push(text) });
    await expect(command().parseAsync(['--jsno'], { from: 'user' })).rejects.toThrow(
      "unknown option '--jsno'",
    );
    await expect(command().parseAsync(['--help'], { from: 'user' })).rejects.toThrow('outputHelp');
    expect(talk.join('')).toContain('zerosum data preview my-faces.npy');
  });
});

describe('loadProgress', () => {
  const download = (file: string, receivedBytes: number) =>
    ({ kind: 'download', file, url: `http://a/${file}`, receivedBytes, totalBytes: 2e6 }) as const;

  it('writes a line for each file where it is piped', () => {
    const written: string[] = [];
    const show = loadProgress({ write: (text) => written.push(text) });
    for (const bytes of [5e5, 1e6, 2e6]) show(download('x.gz', bytes));
    show({ kind: 'notice', message: 'http://a/y.gz: HTTP 404' });
    show(download('y.gz', 1));
    expect(written).toEqual([
      'downloading http://a/x.gz (2.0 MB)\n',
      'http://a/y.gz: HTTP 404\n',
      'downloading http://a/y.gz (2.0 MB)\n',
    ]);
  });

  it('keeps one live bar on a terminal, and a whole line of it at the end', () => {
    const written: string[] = [];
    const show = loadProgress({ isTTY: true, write: (text) => written.push(text) });
    show(download('x.gz', 1e6));
    show(download('x.gz', 2e6));
    expect(written).toEqual([
      '\r\u001b[Kx.gz [============            ] 1.0 / 2.0 MB',
      '\r\u001b[Kx.gz [========================] 2.0 / 2.0 MB\n',
    ]);
  });
});
