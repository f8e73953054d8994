import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { barImages } from '../../test/bar-images.ts';
import { ConfigError, DataError } from '../errors.ts';
import type { InpaintResult } from '../inpainting/disk/inpaint.ts';
import { encodeNpy } from '../io/npy.ts';
import { decodePng, encodePng } from '../io/png.ts';
import { inpaintCommand } from './inpaint-command.ts';

const SIDE = 8;
let folder: string;
let data: string;
const cache = process.env['ZEROSUM_CACHE'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zerosum-inpaint-'));
  process.env['ZEROSUM_CACHE'] = join(folder, 'cache');
  data = join(folder, 'bars.npy');
  const { examples } = barImages(300, 1);
  await writeFile(
    data,
    encodeNpy({ dtype: 'uint8', shape: [300, SIDE, SIDE], data: Uint8Array.from(examples) }),
  );
});
afterAll(async () => {
  if (cache === undefined) delete process.env['ZEROSUM_CACHE'];
  else process.env['ZEROSUM_CACHE'] = cache;
  await rm(folder, { recursive: true });
});

/** Runs `zerosum inpaint ...`; what it wrote to both streams. */
async function inpaint(...argv: string[]): Promise<{ stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  await inpaintCommand({ stdout: stream('stdout'), stderr: stream('stderr') })
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parseAsync([...argv, '--steps', '3', '--threads', '1'], { from: 'user' });
  return written;
}

describe('zerosum inpaint', () => {
  test('measures held-out images, trains once, draws a sheet', async () => {
    const out = join(folder, 'sheet.png');
    const first = await inpaint(data, '-n', '20', '--draws', '3', '--out', out, '--json');
    expect(first.stderr).toContain('training an inpainter of');
    const { measured, json, sheet } = JSON.parse(first.stdout) as InpaintResult;
    expect([sheet, json]).toEqual([out, join(folder, 'sheet.json')]);
    expect(JSON.parse(await readFile(json!, 'utf8'))).toEqual(measured);
    expect(measured!.parts.map(({ part, hidden }) => [part, hidden])).toEqual([
      ['right', 32],
      ['bottom', 32],
      ['centre', 16],
      ['pixels', expect.closeTo(48, -1.3)],
    ]);
    expect(measured!.inpainter).toEqual({ seed: 1, steps: 3, energyWeight: 1 });
    // Without labels there are no learned features to measure a distance in.
    expect(measured!.features).toBeUndefined();
    // Four parts of three images each; original, known, mean and six draws.
    const image = decodePng(await readFile(out));
    expect([image.width, image.height]).toEqual([7 * (9 * 9 + 1), 7 * (12 * 9 + 1)]);

    const again = await inpaint(data, '-n', '20', '--draws', '3', '--out', out, '--hide', 'top');
    expect(again.stderr).not.toContain('training');
    expect(again.stdout).toMatch(/^top half +0\.\d{4} /m);
    const alone = await inpaint(data, '-n', '4', '--no-energy', '--out', out, '--hide', 'top', '--json');
    expect((JSON.parse(alone.stdout) as InpaintResult).measured!.inpainter.energyWeight).toBe(0);
  });

  test('completes picture files where a picture is white', async () => {
    const paths = ['image.png', 'mask.png'].map((name) => join(folder, name)) as [string, string];
    const pixels = [(i: number) => i, (i: number) => (i % SIDE === 2 ? 255 : 0)];
    for (const [i, path] of paths.entries())
      await writeFile(
        path,
        encodePng({
          width: SIDE,
          height: SIDE,
          channels: 1,
          data: Uint8Array.from({ length: SIDE * SIDE }, (_, at) => pixels[i]!(at)),
        }),
      );
    const out = join(folder, 'repaired.png');
    await inpaint(data, paths[0], '--hide', paths[1], '--out', out);
    const image = decodePng(await readFile(out));
    /** A pixel of the cell in a column of the sheet's only row. */
    const at = (column: number, y: number, x: number): number =>
      image.data[7 * ((y + 1) * image.width + column * 9 + x + 1) * image.channels]!;
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++) {
        expect(at(0, y, x)).toBe(y * SIDE + x);
        expect(at(1, y, x)).toBe(x === 2 ? 96 : y * SIDE + x);
        if (x !== 2) for (const column of [2, 3, 8]) expect(at(column, y, x)).toBe(y * SIDE + x);
      }
  });

  test.each<[string, () => string[], string, typeof ConfigError | typeof DataError]>([
    ['an unknown part', () => [data, '--hide', 'rihgt'], 'Did you mean right?', ConfigError],
    [
      'a mask without pictures',
      () => [data, '--hide', 'mask.png'],
      '--hide FILE must come with picture files',
      ConfigError,
    ],
    ['one draw', () => [data, '--draws', '1'], '--draws must be at least 2, got 1', ConfigError],
    ['points', () => ['ring8'], 'data must be images, got ring8', ConfigError],
    ['a sheet as JPEG', () => [data, '--out', 'a.jpg'], '--out must end in .png, got a.jpg', ConfigError],
    ['a missing picture', () => [data, join(folder, 'none.png')], 'none.png must be readable', DataError],
  ])('%s: refused', async (_, argv, message, type) => {
    const failed = inpaint(...argv());
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toBeInstanceOf(type);
  });
});
