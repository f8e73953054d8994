import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, DataError } from '../../../errors.ts';
import type { FiniteDataset } from '../../dataset.ts';
import type { ImageReading } from '../../image-reading.ts';
import { minibatches } from '../../minibatches.ts';
import type { LoadEvent } from '../load-options.ts';
import { folderAdvice, loadImageFolder, skippedNotices } from './image-folder.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'zerosum-folder-'));
});
afterAll(() => rm(root, { recursive: true }));

let cacheDir: string;
let folders = 0;
beforeEach(() => {
  cacheDir = join(root, `cache-${++folders}`);
});

/** A PNG of one colour that no other number gives. */
const png = (i: number) =>
  sharp({
    create: { width: 9, height: 9, channels: 3, background: { r: i % 256, g: (7 * i) % 256, b: i >> 8 } },
  })
    .png()
    .toBuffer();

/** A folder with files of these contents. */
async function folderOf(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = join(root, `photos-${++folders}`);
  await mkdir(folder);
  await add(folder, files);
  return folder;
}

async function add(folder: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

async function pngs(count: number, nameOf = (i: number) => `${i}.png`): Promise<Record<string, Uint8Array>> {
  const files = await Promise.all(
    Array.from({ length: count }, async (_, i) => [nameOf(i), await png(i)] as const),
  );
  return Object.fromEntries(files);
}

async function load(folder: string, images: Partial<ImageReading> = {}) {
  const events: LoadEvent[] = [];
  const onProgress = (event: LoadEvent) => void events.push(event);
  const loaded = await loadImageFolder(folder, { cacheDir, images: { size: 8, ...images }, onProgress });
  const decoded = events.filter((event) => event.kind === 'images' && event.what === 'decoding').length;
  return { ...loaded, events, decoded };
}

const parts = ({ train, validation, test }: FiniteDataset) => [train, validation, test];
const fingerprints = async (...loads: Promise<{ dataset: FiniteDataset }>[]) =>
  (await Promise.all(loads)).map(({ dataset }) => dataset.fingerprint);

describe('loadImageFolder', () => {
  it('reads images of any depth of folders into three parts that share none', async () => {
    const folder = await folderOf(await pngs(40, (i) => (i % 2 ? `a/b/${i}.png` : `${i}.PNG`)));
    const { dataset, report } = await load(folder);
    expect(dataset).toMatchObject({
      kind: 'images',
      exampleShape: [3, 8, 8],
      name: folder.split('/').at(-1),
    });
    expect(parts(dataset).map(({ count }) => count)).toEqual([32, 4, 4]);
    expect(dataset.stored!.count).toBe(32);
    expect(report).toMatchObject({ images: 40, repeated: 0, enlarged: 0, skipped: [], others: 0 });
    const colours = parts(dataset).flatMap(({ count, examples }) =>
      Array.from({ length: count }, (_, i) => examples[i * 192]!),
    );
    expect(colours.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    const pixels = new Uint8Array(32 * 192);
    for (let i = 0; i < 32; i++) dataset.stored!.read(i, pixels, i * 192);
    expect(dataset.train.examples).toEqual(pixels);
  });

  it('depends on contents alone: not on names, times, places or the order of files', async () => {
    const first = await folderOf(await pngs(20));
    const second = await folderOf(await pngs(20, (i) => `x/${99 - i}.png`));
    const [a, b] = await Promise.all([load(first), load(second)]);
    expect(a.dataset.fingerprint).toBe(b.dataset.fingerprint);
    expect(parts(a.dataset).map(({ examples }) => examples)).toEqual(
      parts(b.dataset).map(({ examples }) => examples),
    );
  });

  it('has another fingerprint where a pixel, a label, or the reading is another', async () => {
    const files = await pngs(20, (i) => `${i % 2 ? 'odd' : 'even'}/${i}.png`);
    const changed = { ...files, 'odd/1.png': await png(300) };
    const { 'odd/1.png': first, ...others } = files;
    const moved = { ...others, 'even/1.png': first! };
    const folder = await folderOf(files);
    const classes = 'folders' as const;
    const all = await fingerprints(
      load(folder),
      load(await folderOf(changed)),
      load(folder, { classes }),
      load(await folderOf(moved), { classes }),
      load(folder, { size: 9 }),
      load(folder, { channels: 1 }),
      load(folder, { heldOut: 0.2 }),
    );
    expect(new Set(all).size).toBe(all.length);
    expect(await fingerprints(load(await folderOf(moved)))).toEqual([all[0]]);
  });

  it('takes the classes from sub-folders when asked, in the order of their names', async () => {
    const folder = await folderOf(
      await pngs(40, (i) => `${['zebra', 'ape', 'bear'][i % 3]}/${i % 2 ? 'deep/' : ''}${i}.png`),
    );
    const { dataset } = await load(folder, { classes: 'folders', heldOut: 0.2 });
    expect(dataset.classes).toEqual(['ape', 'bear', 'zebra']);
    for (const { count, examples, labels } of parts(dataset)) {
      expect(labels).toHaveLength(count);
      for (let i = 0; i < count; i++) expect(labels![i]).toBe([2, 0, 1][examples[i * 192]! % 3]);
    }
    expect((await load(folder)).dataset).not.toHaveProperty('classes');
    await add(folder, { 'loose.png': await png(99) });
    await expect(load(folder, { classes: 'folders' })).rejects.toThrow(
      /every image of .* must lie in the sub-folder of its class, got 1 outside \(loose\.png\)\. Move it into one/,
    );
    const one = await folderOf(await pngs(3, (i) => `only/${i}.png`));
    await expect(load(one, { classes: 'folders' })).rejects.toThrow(/2 classes or more, got only only/);
  });

  it('keeps copies in one part, and counts them', async () => {
    const files = await pngs(20);
    const copies = Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [`copy of ${name}`, bytes]),
    );
    const { dataset, report } = await load(await folderOf({ ...files, ...copies }));
    expect(report).toMatchObject({ images: 40, repeated: 20 });
    const colours = parts(dataset).map(
      ({ count, examples }) => new Set(Array.from({ length: count }, (_, i) => examples[i * 192]!)),
    );
    expect(colours.map(({ size }) => size)).toEqual([16, 2, 2]);
    expect(parts(dataset).map(({ count }) => count)).toEqual([32, 4, 4]);
  });

  it('is grey where all images are, unless colour is asked for', async () => {
    const grey = (i: number) =>
      sharp({ create: { width: 9, height: 9, channels: 3, background: { r: i, g: i, b: i } } });
    const files = Object.fromEntries(
      await Promise.all(
        [10, 60, 200].map(async (i) => [`${i}.png`, await grey(i).png().toBuffer()] as const),
      ),
    );
    const folder = await folderOf(files);
    const { dataset } = await load(folder);
    expect(dataset.exampleShape).toEqual([1, 8, 8]);
    expect(new Set(dataset.train.examples)).toEqual(new Set([10, 60, 200]));
    expect((await load(folder, { channels: 3 })).dataset.exampleShape).toEqual([3, 8, 8]);
    await add(folder, { 'red.png': await png(200) });
    expect((await load(folder)).dataset.exampleShape).toEqual([3, 8, 8]);
    const luminance = (await load(folder, { channels: 1 })).dataset;
    expect(luminance.exampleShape).toEqual([1, 8, 8]);
    expect(luminance.train.examples).toHaveLength(4 * 64);
  });

  it('names what it leaves out and why, and passes over what is hidden or no image', async () => {
    const files = await pngs(5);
    const noise = Buffer.from(Array.from({ length: 64 * 64 }, (_, i) => (i * i * 31) % 251));
    const jpeg = await sharp(noise, { raw: { width: 64, height: 64, channels: 1 } })
      .jpeg()
      .toBuffer();
    const folder = await folderOf({
      ...files,
      'cut.jpg': jpeg.subarray(0, jpeg.length / 2),
      'empty.png': '',
      'text.webp': 'not a picture',
      'photo.heic': 'x',
      'notes.txt': 'x',
      'more/notes.txt': 'x',
      '._0.png': 'x',
      '.thumbnails/0.png': 'x',
      '__MACOSX/0.png': 'x',
    });
    const expected = {
      images: 5,
      others: 2,
      skipped: [
        { path: 'cut.jpg', reason: 'premature end of JPEG image' },
        { path: 'empty.png', reason: 'is empty' },
        { path: 'photo.heic', reason: 'HEIC is not read: convert it to PNG' },
        { path: 'text.webp', reason: 'holds no image of a kind that is read' },
      ],
    };
    const first = await load(folder);
    expect(first.report).toMatchObject(expected);
    expect(skippedNotices(first.report)).toEqual([
      '4 of 9 image files are left out:',
      ...expected.skipped.map(({ path, reason }) => `  ${path}: ${reason}`),
    ]);
    // Nobody tries again to read what cannot be read, but it is still reported.
    const second = await load(folder);
    expect(second).toMatchObject({ decoded: 0, report: expected });
  });

  it('says where nothing can be learned', async () => {
    const one = await png(1);
    const error = (folder: string) =>
      load(folder).then(
        () => undefined,
        (thrown: unknown) => thrown as Error,
      );
    const empty = await error(await folderOf({}));
    expect(empty).toBeInstanceOf(ConfigError);
    expect(empty!.message).toMatch(/must hold images \(\.jpg, .*\), got no files$/);
    const texts = await error(await folderOf({ 'a.txt': '', 'b.txt': '', c: '', 'd.bmp': '' }));
    expect(texts!.message).toMatch(
      /got 2 \.txt, 1 without extension, 1 of kinds that are not read \(d\.bmp: BMP is not read: convert it to PNG\)$/,
    );
    const broken = await error(await folderOf({ 'a.png': '', 'b.png': 'x' }));
    expect(broken).toBeInstanceOf(DataError);
    expect(broken!.message).toMatch(/got 2 that cannot \(a\.png: is empty; b\.png: holds no image/);
    const alone = await error(await folderOf({ 'a.png': one }));
    expect(alone!.message).toMatch(/must hold different images, got only a\.png\. .* add others/);
    const larger = await sharp(one).resize(20, 20).png().toBuffer();
    const alike = await error(await folderOf({ 'a.png': one, 'b.png': one, 'c.png': larger }));
    expect(alike!.message).toMatch(/got 3 that are all alike at 8 x 8 \(a\.png and so on\)/);
    expect((await error(join(root, 'nowhere')))!.message).toMatch(
      /nowhere must be a folder of images, got nothing/,
    );
    await add(root, { 'file.png': one });
    expect((await error(join(root, 'file.png')))!.message).toMatch(/got a file\. Name the folder/);
    await expect(load(root, { size: 5 })).rejects.toThrow(
      /images\.size: must be a whole number from 8 to 512/,
    );
  });

  it('advises where images are few or were enlarged', async () => {
    const { report } = await load(await folderOf(await pngs(6)), { size: 16 });
    expect(folderAdvice(report)).toEqual([
      '6 of 6 images are smaller than 16 x 16 and were enlarged: a smaller --size loses nothing',
      expect.stringMatching(/^6 images are few: .*--flip/),
    ]);
    expect(folderAdvice({ ...report, images: 100, enlarged: 20 })).toEqual([]);
  });

  it('follows links, each folder once', async () => {
    const folder = await folderOf(await pngs(5));
    const { symlink } = await import('node:fs/promises');
    const elsewhere = await folderOf({ 'far.png': await png(50) });
    await symlink(elsewhere, join(folder, 'linked'));
    await symlink(folder, join(folder, 'myself'));
    await symlink(join(folder, 'gone.png'), join(folder, 'dead.png'));
    const { report } = await load(folder);
    expect(report).toMatchObject({
      images: 6,
      skipped: [{ path: 'dead.png', reason: 'is a link to nothing' }],
    });
  });
});

describe('the cache of decoded images', () => {
  const cached = async () =>
    (await readdir(join(cacheDir, 'images'))).filter((name) => name.endsWith('.pixels'));

  it('is used the second time, by name and by content', async () => {
    const folder = await folderOf(await pngs(12));
    const first = await load(folder);
    expect(first.decoded).toBe(12);
    const second = await load(folder);
    expect(second.decoded).toBe(0);
    expect(second.dataset.fingerprint).toBe(first.dataset.fingerprint);
    await rename(folder, `${folder}-moved`);
    const moved = await load(`${folder}-moved`);
    expect(moved.decoded).toBe(0);
    expect(moved.dataset.fingerprint).toBe(first.dataset.fingerprint);
    expect(await cached()).toHaveLength(1);
    // Labels, split and mirroring are no part of the pixels.
    expect((await load(`${folder}-moved`, { heldOut: 0.3, flip: true })).decoded).toBe(0);
    for (const other of [{ size: 9 }, { fit: 'pad' }, { linear: true }, { channels: 1 }] as const)
      expect((await load(`${folder}-moved`, other)).decoded).toBe(12);
    expect(await cached()).toHaveLength(5);
  });

  it('notices a file that was replaced by one of the same size and date', async () => {
    const files = await pngs(12);
    const bmp = (value: number) =>
      sharp(Buffer.alloc(300, value), { raw: { width: 10, height: 10, channels: 3 } })
        .tiff({ compression: 'none' })
        .toBuffer();
    const [before, after] = await Promise.all([bmp(3), bmp(4)]);
    expect(after).toHaveLength(before.length);
    const folder = await folderOf({ ...files, 'a.tiff': before });
    const longAgo = new Date('2020-01-01');
    await utimes(join(folder, 'a.tiff'), longAgo, longAgo);
    const first = await load(folder);
    await writeFile(join(folder, 'a.tiff'), after);
    await utimes(join(folder, 'a.tiff'), longAgo, longAgo);
    expect((await stat(join(folder, 'a.tiff'))).size).toBe(before.length);
    expect((await load(folder)).dataset.fingerprint).not.toBe(first.dataset.fingerprint);
  });

  it('does not read files again that are as they were', async () => {
    const folder = await folderOf(await pngs(12));
    await load(folder);
    const [record] = (await readdir(join(cacheDir, 'images'))).filter((name) => name.endsWith('.json'));
    const path = join(cacheDir, 'images', record!);
    const stored = JSON.parse(await readFile(path, 'utf8'));
    // Freshly written files are not trusted: as if they had been here for long.
    for (const [i, name] of stored.paths.entries()) {
      const { size, mtimeNs, ctimeNs } = await stat(join(folder, name), { bigint: true });
      expect(stored.stamps[i]).toBe('');
      stored.stamps[i] = `${size} ${mtimeNs} ${ctimeNs}`;
    }
    // Were a file read, this would not be believed.
    const { contents } = stored;
    stored.contents = contents.slice(64, 128) + contents.slice(0, 64) + contents.slice(128);
    await writeFile(path, JSON.stringify(stored));
    const { decoded, dataset } = await load(folder, { classes: 'none' });
    expect(decoded).toBe(0);
    expect(dataset.stored!.count + dataset.test.count + dataset.validation.count).toBe(12);
    expect(JSON.parse(await readFile(path, 'utf8')).contents).toBe(stored.contents);
  });

  it('decodes only what is new, and deletes what it replaces', async () => {
    const folder = await folderOf(await pngs(12));
    const first = await load(folder);
    const [old] = await cached();
    await add(folder, { 'new.png': await png(77) });
    await copyFile(join(folder, '3.png'), join(folder, 'copy.png'));
    const before = first.dataset.train.examples.slice();
    const second = await load(folder);
    expect(second.report).toMatchObject({ images: 14, repeated: 1 });
    expect(await cached()).toHaveLength(1);
    expect(await cached()).not.toContain(old);
    const fresh = await loadImageFolder(folder, { cacheDir: `${cacheDir}-fresh`, images: { size: 8 } });
    expect(second.dataset.fingerprint).toBe(fresh.dataset.fingerprint);
    expect(second.dataset.train.examples).toEqual(fresh.dataset.train.examples);
    // The one that is gone can still be read by whoever opened it.
    const read = new Uint8Array(192);
    first.dataset.stored!.read(0, read, 0);
    expect(read).toEqual(before.subarray(0, 192));
  });

  it('makes a damaged file again and says so', async () => {
    const folder = await folderOf(await pngs(12));
    const first = await load(folder);
    const [name] = await cached();
    const path = join(cacheDir, 'images', name!);
    await writeFile(path, (await readFile(path)).subarray(0, 500));
    const again = await load(folder);
    expect(again.decoded).toBe(12);
    expect(again.dataset.fingerprint).toBe(first.dataset.fingerprint);
    expect(again.events).toContainEqual({
      kind: 'notice',
      message: expect.stringMatching(/\.pixels must be a whole pixel file, got .*: it is made again$/),
    });
    for (const record of await readdir(join(cacheDir, 'images')))
      if (record.endsWith('.json')) await writeFile(join(cacheDir, 'images', record), '{"format": 1, "fil');
    expect((await load(folder)).decoded).toBe(0);
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const folder = await folderOf(await pngs(30));
    const controller = new AbortController();
    const onProgress = (event: LoadEvent) => {
      if (event.kind === 'images' && event.what === 'decoding' && event.done === 5)
        controller.abort(new Error('enough'));
    };
    await expect(
      loadImageFolder(folder, { cacheDir, images: { size: 8 }, onProgress, signal: controller.signal }),
    ).rejects.toThrow('enough');
    expect(await readdir(join(cacheDir, 'images'))).toEqual([]);
  });

  it('says what to do where it cannot be written', async () => {
    const folder = await folderOf(await pngs(5));
    await writeFile(join(root, 'occupied'), '');
    await expect(
      loadImageFolder(folder, { cacheDir: join(root, 'occupied'), images: { size: 8 } }),
    ).rejects.toThrow(/the cache folder .* must be writable, got ENOTDIR\. .*ZEROSUM_CACHE/);
  });
});

describe('minibatches of a folder', () => {
  it('are those of the same images in memory, and mirrored by seed, step and row where asked', async () => {
    const folder = join(root, 'stripes');
    const stripe = async (i: number) => {
      const pixels = Buffer.alloc(8 * 8 * 3).map((_, at) => (Math.floor(at / 3) % 8) * 10 + i);
      return sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } })
        .png()
        .toBuffer();
    };
    const files = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => [`${i}.png`, await stripe(i)] as const),
    );
    await mkdir(folder);
    await add(folder, Object.fromEntries(files));
    const [plain, flipped] = await Promise.all([
      load(folder, { channels: 3 }),
      load(folder, { channels: 3, flip: true }),
    ]);
    const { stored: _, ...inMemory } = plain.dataset;
    const options = { batch: 8, k: 2, seed: 5 };
    const batchOf = (dataset: FiniteDataset, step: number, index: number, seed = 5) => {
      const out = new Uint8Array(8 * 192);
      minibatches(dataset, { ...options, seed }).fill(step, index, out);
      return Array.from({ length: 8 }, (__, row) => out.subarray(row * 192, (row + 1) * 192));
    };
    let mirrored = 0;
    for (const step of [0, 1, 2, 7])
      for (const index of [0, 1]) {
        const batch = batchOf(plain.dataset, step, index);
        expect(batch).toEqual(batchOf(inMemory, step, index));
        const turned = batchOf(flipped.dataset, step, index);
        expect(turned).toEqual(batchOf(flipped.dataset, step, index));
        for (const [row, pixels] of turned.entries()) {
          const isMirrored = pixels[0]! > pixels[7]!;
          if (isMirrored) mirrored++;
          // Rows of 8 numbers, 24 of them: three planes of eight.
          const upright = isMirrored
            ? Uint8Array.from(pixels, (__, at) => pixels[at - (at % 8) + 7 - (at % 8)]!)
            : pixels;
          expect(upright).toEqual(batch[row]);
        }
      }
    expect(mirrored).toBeGreaterThan(20);
    expect(mirrored).toBeLessThan(44);
  });
});
