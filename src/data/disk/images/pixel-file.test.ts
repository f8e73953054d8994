import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPixelFile, PixelFileWriter } from './pixel-file.ts';

const size = 8;
const reading = { size, fit: 'crop', linear: false, planes: 3 } as const;
/** In the form of a SHA-256. */
const digestOf = (figure: string) => figure.repeat(64);

/** An image whose every byte is its own. */
const image = (first: number) => ({
  pixels: Uint8Array.from({ length: 3 * size * size }, (_, i) => first + i),
  isGrey: first === 0,
  isEnlarged: first === 1,
});

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zerosum-pixels-'));
  path = join(folder, 'set.pixels');
  const writer = await PixelFileWriter.create(path, reading);
  expect(openPixelFile(path)).toBeUndefined();
  await Promise.all([
    writer.add(digestOf('a'), image(0)),
    writer.add(digestOf('b'), image(1)),
    writer.add(digestOf('c'), image(2)),
  ]);
  writer.addFault('d', 'is empty');
  await writer.finish();
});
afterAll(() => rm(folder, { recursive: true }));

describe('a pixel file', () => {
  it('gives back each image, whole or its green plane, at any offset', async () => {
    const file = openPixelFile(path)!;
    expect(file.faults).toEqual(new Map([['d', 'is empty']]));
    expect([...file.images.keys()]).toEqual(['a', 'b', 'c'].map(digestOf));
    expect(file.images.get(digestOf('a'))).toMatchObject({ isGrey: true, isEnlarged: false });
    expect(file.images.get(digestOf('b'))).toMatchObject({ isGrey: false, isEnlarged: true });
    for (const [content, { row }] of [...file.images].reverse()) {
      const { pixels } = image(['a', 'b', 'c'].indexOf(content[0]!));
      const out = new Uint8Array(pixels.length + 10);
      file.reader.read(row, 3, out, 7);
      expect(out.subarray(7, -3)).toEqual(pixels);
      expect([...out.subarray(0, 7), ...out.subarray(-3)]).toEqual(Array(10).fill(0));
      const plane = new Uint8Array(size * size);
      file.reader.read(row, 1, plane, 0);
      expect(plane).toEqual(pixels.subarray(size * size, 2 * size * size));
    }
    expect(await readdir(folder)).toEqual(['set.pixels']);
  });

  it('leaves nothing behind where it is given up', async () => {
    const writer = await PixelFileWriter.create(join(folder, 'other.pixels'), reading);
    await writer.add(digestOf('a'), image(0));
    await writer.abandon();
    expect(await readdir(folder)).toEqual(['set.pixels']);
  });

  it('refuses a file that is cut anywhere, or has another end', async () => {
    const whole = await readFile(path);
    const cut = join(folder, 'cut.pixels');
    await writeFile(cut, whole);
    for (const length of [whole.length - 1, whole.length - 17, 600, 3, 0]) {
      await truncate(cut, length);
      expect(() => openPixelFile(cut), String(length)).toThrow(/cut\.pixels must be a whole pixel file/);
    }
    const changed = Buffer.from(whole);
    changed[whole.length - 40]! ^= 1;
    await writeFile(cut, changed);
    expect(() => openPixelFile(cut)).toThrow('got a damaged manifest');
    await writeFile(cut, Buffer.concat([whole.subarray(0, 100), whole]));
    expect(() => openPixelFile(cut)).toThrow(/got \d+ bytes of pixels in place of \d+/);
    await rm(cut);
  });

  it('notices one changed bit among the pixels when that image is read, and in no other', async () => {
    const damaged = join(folder, 'damaged.pixels');
    const bytes = await readFile(path);
    bytes[(size * size + 4) * 4 + 20]! ^= 16; // the second plane of the second image
    await writeFile(damaged, bytes);
    const file = (await openPixelFile(damaged))!;
    const out = new Uint8Array(3 * size * size);
    const read = (content: string) => () =>
      file.reader.read(file.images.get(digestOf(content))!.row, 3, out, 0);
    expect(read('b')).toThrow(
      /damaged\.pixels must hold image 1 as it was written, got a damaged one\. Delete/,
    );
    expect(read('a')).not.toThrow();
    expect(read('c')).not.toThrow();
    await rm(damaged);
  });
});
