import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, DataError } from '../../errors.ts';
import type { LoadOptions } from './load-options.ts';
import { type FileRole, type PublishedFile, type PublishedSet, publishedSets } from './published-files.ts';
import { loadPublishedSet } from './published-set.ts';

const digest = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex');

/** The IDX bytes of n images of 2 x 3 pixels, or of their labels. */
const images = (n: number) =>
  Uint8Array.of(
    0,
    0,
    8,
    3,
    0,
    0,
    0,
    n,
    0,
    0,
    0,
    2,
    0,
    0,
    0,
    3,
    ...Array.from({ length: 6 * n }, (_, i) => i),
  );
const labels = (n: number) =>
  Uint8Array.of(0, 0, 8, 1, 0, 0, 0, n, ...Array.from({ length: n }, (_, i) => i % 3));

const packed = new Map<string, Uint8Array>();
function published(name: string, content: Uint8Array): PublishedFile {
  const bytes = gzipSync(content);
  packed.set(name, bytes);
  return {
    name,
    sizeBytes: bytes.length,
    sha256: digest('sha256', bytes),
    contentSha256: digest('sha256', content),
  };
}
const files: Record<FileRole, PublishedFile> = {
  trainImages: published('train-images-idx3-ubyte.gz', images(7)),
  trainLabels: published('train-labels-idx1-ubyte.gz', labels(7)),
  testImages: published('t10k-images-idx3-ubyte.gz', images(4)),
  testLabels: published('t10k-labels-idx1-ubyte.gz', labels(4)),
};
const names = Object.values(files).map(({ name }) => name);

let server: Server;
let mirror: string;
let requests: string[];
/** What the server sends instead of the right bytes. */
let served: Map<string, Uint8Array>;
let folder: string;
let set: PublishedSet;

beforeAll(async () => {
  server = createServer(({ url = '' }, response) => {
    requests.push(url);
    const bytes = url.startsWith('/good/') ? served.get(url.slice(6)) : undefined;
    response.writeHead(bytes ? 200 : 404).end(bytes);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}/good/`;
});

afterAll(() => new Promise((closed) => server.close(closed)));

beforeEach(async () => {
  requests = [];
  served = new Map(packed);
  folder = await mkdtemp(join(tmpdir(), 'zerosum-published-'));
  set = {
    source: 'files',
    name: 'tiny',
    what: 'a set for tests',
    exampleShape: [1, 2, 3],
    counts: { train: 5, validation: 2, test: 4 },
    classes: ['a', 'b', 'c'],
    mirrors: [mirror.replace('good', 'bad'), mirror],
    files,
  };
  return () => rm(folder, { recursive: true });
});

const load = (options: LoadOptions = {}) =>
  loadPublishedSet(set, { cacheDir: join(folder, 'cache'), dataDir: folder, ...options });

/** Writes the set's files as a user may have them. */
async function keep(
  directory: string,
  pack: (bytes: Uint8Array) => Uint8Array,
  rename: (name: string) => string,
) {
  await mkdir(directory, { recursive: true });
  for (const [name, bytes] of packed) await writeFile(join(directory, rename(name)), pack(bytes));
}

describe('loadPublishedSet', () => {
  it('downloads, splits off the validation set, and needs no network the next time', async () => {
    const events: string[] = [];
    const onProgress: LoadOptions['onProgress'] = (event) =>
      events.push(event.kind === 'download' ? event.file : event.kind === 'notice' ? event.message : '');
    const first = await load({ onProgress });
    expect(first).toMatchObject({
      kind: 'images',
      name: 'tiny',
      exampleShape: [1, 2, 3],
      classes: ['a', 'b', 'c'],
    });
    expect([first.train.count, first.validation.count, first.test.count]).toEqual([5, 2, 4]);
    expect([...first.validation.examples]).toEqual([...images(7).subarray(16 + 30)]);
    expect([...first.validation.labels!]).toEqual([2, 0]);
    expect([...first.test.examples]).toEqual([...images(4).subarray(16)]);
    expect((await readdir(join(folder, 'cache', 'tiny'))).sort()).toEqual([...names].sort());
    for (const name of names) expect(events).toContain(name);
    expect(events).toContain(`${set.mirrors[0]}train-images-idx3-ubyte.gz: HTTP 404`);

    requests = [];
    expect((await load()).fingerprint).toBe(first.fingerprint);
    expect(requests).toEqual([]);
  });

  const plain = (name: string) => name.replace('.gz', '');
  const same = (name: string) => name;
  const kept: readonly [string, string, (bytes: Uint8Array) => Uint8Array, (name: string) => string][] = [
    ['in a folder of the set', 'tiny', (bytes) => bytes, same],
    ['directly in the folder', '.', (bytes) => bytes, same],
    ['unpacked', 'tiny', (bytes) => gunzipSync(bytes), plain],
    ['unpacked, directly', '.', (bytes) => gunzipSync(bytes), plain],
    ['compressed anew', 'tiny', (bytes) => gzipSync(gunzipSync(bytes), { level: 1 }), same],
  ];
  it.each(kept)('finds the files %s', async (_, directory, pack, rename) => {
    const { fingerprint } = await load({
      dataDir: await mkdtemp(join(folder, 'empty-')),
      cacheDir: join(folder, 'other'),
    });
    requests = [];
    await keep(join(folder, 'data', directory), pack, rename);
    const found = await load({ dataDir: join(folder, 'data') });
    expect(found.fingerprint).toBe(fingerprint);
    expect(requests).toEqual([]);
    expect(existsSync(join(folder, 'cache'))).toBe(false);
  });

  it('downloads only what is missing', async () => {
    await keep(join(folder, 'tiny'), (bytes) => bytes, same);
    await rm(join(folder, 'tiny', files.testLabels.name));
    await load({ mirrors: [mirror] });
    expect(requests).toEqual([`/good/${files.testLabels.name}`]);
  });

  it('replaces a damaged file in the cache and says so', async () => {
    await load();
    const path = join(folder, 'cache', 'tiny', files.trainImages.name);
    await writeFile(path, packed.get(files.trainImages.name)!.subarray(0, 20));
    const events: string[] = [];
    await load({ onProgress: (event) => event.kind === 'notice' && events.push(event.message) });
    expect(events[0]).toBe(`${path} is damaged: fetching it again`);
    expect(digest('sha256', await readFile(path))).toBe(files.trainImages.sha256);
  });

  const spoilt: readonly [string, FileRole, (bytes: Uint8Array) => Uint8Array, string][] = [
    [
      'cut',
      'trainImages',
      (bytes) => bytes.subarray(0, 30),
      'got its end inside the data, at byte 30 (truncated)',
    ],
    [
      'cut inside, packed again',
      'trainImages',
      (bytes) => gzipSync(gunzipSync(bytes).subarray(0, 30)),
      'must have 58 bytes for uint8 [7, 2, 3], got its end at byte 30 (truncated)',
    ],
    [
      'altered',
      'testLabels',
      () => gzipSync(labels(4).with(9, 2)),
      `must be tiny's t10k-labels-idx1-ubyte.gz with SHA-256 ${files.testLabels.sha256}, got `,
    ],
    [
      'mislabelled',
      'trainImages',
      () => packed.get(files.trainLabels.name)!,
      "must be tiny's train-images-idx3-ubyte.gz with SHA-256",
    ],
  ];
  it.each(spoilt)(
    'a %s file in the data folder is an error, and stays as it is',
    async (_, role, spoil, message) => {
      await keep(join(folder, 'tiny'), (bytes) => bytes, same);
      const path = join(folder, 'tiny', files[role].name);
      const bytes = Uint8Array.from(spoil(packed.get(files[role].name)!));
      await writeFile(path, bytes);
      await expect(load()).rejects.toThrow(DataError);
      await expect(load()).rejects.toThrow(message);
      await expect(load()).rejects.toThrow(path);
      expect(requests).toEqual([]);
      expect(new Uint8Array(await readFile(path))).toEqual(bytes);
    },
  );

  it('says what to do without a network, with both addresses', async () => {
    const mirrors = ['http://127.0.0.1:1/a/', 'http://127.0.0.1:1/b/'];
    const offline = load({ mirrors });
    await expect(offline).rejects.toThrow(DataError);
    for (const part of [
      ...mirrors.map((url) => `${url}train-images-idx3-ubyte.gz (`),
      join(folder, 'cache', 'tiny'),
      ...names,
      '--data-dir',
      'ZEROSUM_DATA',
      'digits',
    ])
      await expect(offline).rejects.toThrow(part);
  });

  it('refuses bytes with another checksum', async () => {
    // Another date in the gzip header: as long, as well-formed, not what was published.
    served.set(files.trainImages.name, Uint8Array.from(packed.get(files.trainImages.name)!).with(5, 77));
    await expect(load()).rejects.toThrow(`instead of ${files.trainImages.sha256}`);
    expect(existsSync(join(folder, 'cache', 'tiny', files.trainImages.name))).toBe(false);
  });

  it('refuses a data folder that is none, and a cache that cannot be written', async () => {
    const nowhere = load({ dataDir: join(folder, 'nowhere') });
    await expect(nowhere).rejects.toThrow(ConfigError);
    await expect(nowhere).rejects.toThrow(
      /^loadDataset: --data-dir must name a folder, got .*nowhere \(which does not exist\)$/,
    );
    await writeFile(join(folder, 'cache'), 'a file');
    await expect(load()).rejects.toThrow(/the cache .* must be writable, got E\w+. Set ZEROSUM_CACHE/);
  });

  it('stops at the signal', async () => {
    await expect(load({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});

const dataFolder = process.env['ZEROSUM_DATA'] ?? '../shared/data';
const [mnist, fashionMnist] = publishedSets as [PublishedSet, PublishedSet];
const hasData = existsSync(join(dataFolder, 'mnist')) && existsSync(join(dataFolder, 'fashion-mnist'));
if (!hasData)
  console.log(
    `skipped: the published files themselves (no mnist and fashion-mnist in ${dataFolder}; set ZEROSUM_DATA)`,
  );

describe.skipIf(!hasData)('the published files', () => {
  it('are those of the registry and decode to the counts of their authors', async () => {
    const dataset = await loadPublishedSet(mnist, { dataDir: dataFolder });
    const perDigit = new Array<number>(10).fill(0);
    for (const part of [dataset.train, dataset.validation])
      for (const label of part.labels!) perDigit[label]!++;
    expect(perDigit).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    const content = gunzipSync(await readFile(join(dataFolder, 'mnist', mnist.files.trainImages.name)));
    // The md5 of the unpacked file, header included, is what other projects quote.
    expect(digest('md5', content)).toBe('6bbc9ace898e44ae57da46a324031adb');
    const pixels = createHash('md5').update(dataset.train.examples).update(dataset.validation.examples);
    expect(pixels.digest('hex')).toBe(digest('md5', content.subarray(16)));

    let sum = 0;
    for (let i = 16; i < content.length; i++) sum += content[i]!;
    expect(sum / (content.length - 16) / 255).toBeCloseTo(0.1307, 4);

    const fashion = await loadPublishedSet(fashionMnist, { dataDir: dataFolder });
    const perClass = new Array<number>(10).fill(0);
    for (const label of fashion.test.labels!) perClass[label]!++;
    expect(perClass).toEqual(new Array(10).fill(1000));
    expect(fashion.fingerprint).not.toBe(dataset.fingerprint);
  });

  it('are not mistaken for the other set, which has files of the same names', async () => {
    const mixed = await mkdtemp(join(tmpdir(), 'zerosum-mixed-'));
    try {
      for (const { name } of Object.values(mnist.files))
        await copyFile(join(dataFolder, 'mnist', name), join(mixed, name));
      const elsewhere = { dataDir: mixed, cacheDir: join(mixed, 'cache'), mirrors: ['http://127.0.0.1:1/'] };
      await expect(loadPublishedSet(fashionMnist, elsewhere)).rejects.toThrow(
        'must come from one of 1 servers',
      );
      await mkdir(join(mixed, 'fashion-mnist'));
      const { name } = mnist.files.testLabels;
      await copyFile(join(dataFolder, 'mnist', name), join(mixed, 'fashion-mnist', name));
      await expect(loadPublishedSet(fashionMnist, elsewhere)).rejects.toThrow(
        "must be fashion-mnist's t10k-labels-idx1-ubyte.gz, got mnist's t10k-labels-idx1-ubyte.gz",
      );
    } finally {
      await rm(mixed, { recursive: true });
    }
  });
});
