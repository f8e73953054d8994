import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ConfigError, DataError } from '../../errors.ts';
import { encodeNpy } from '../../io/npy.ts';
import { isDistribution } from '../dataset.ts';
import { cacheFolder } from './cache-folder.ts';
import { loadDataset } from './load-dataset.ts';
import { namedSets } from './registry.ts';

describe('loadDataset', () => {
  it('gives toy sets by name, which need no data folder', async () => {
    for (const name of ['ring8', 'grid25', 'swissroll', 'gaussians-1d']) {
      const dataset = await loadDataset(name, { dataDir: '/nowhere' });
      expect(dataset.name).toBe(name);
      expect(isDistribution(dataset)).toBe(true);
    }
  });

  it('gives a file by its path', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'zerosum-load-'));
    try {
      const path = join(folder, 'mnist');
      await writeFile(path, encodeNpy({ dtype: 'uint8', shape: [2, 2, 2], data: new Uint8Array(8) }));
      expect(await loadDataset(path)).toMatchObject({ kind: 'images', train: { count: 2 } });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it.each([
    [
      'mnits',
      ConfigError,
      /^loadDataset: unknown data set: mnits\. One of digits, mnist, .*Did you mean mnist\? A file or a folder of images is given by its path/,
    ],
    ['fashion_mnist', ConfigError, /Did you mean fashion-mnist\?/],
    [
      'zzz',
      ConfigError,
      /^loadDataset: unknown data set: zzz\. One of digits, mnist, fashion-mnist, cifar10, tfd, faces, ring8, grid25, swissroll, gaussians-1d\. A file/,
    ],
    ['some/where.npy', DataError, /^loadDataset: some\/where\.npy must exist, got no file there$/],
    ['train-images-idx3-ubyte', DataError, /must exist/],
    ['src', ConfigError, /^loadDataset: src must hold images \(\.jpg, .* got \d+ \.ts/],
    ['README.md/photos', DataError, /README\.md\/photos must exist/],
  ])('%s: one line', async (name, kind, message) => {
    await expect(loadDataset(name)).rejects.toThrow(kind);
    await expect(loadDataset(name)).rejects.toThrow(message);
  });

  it.each([
    [
      'digits',
      /--size and .* must be used with a folder of images, got digits, whose examples have a size of their own$/,
    ],
    ['README.md', /--size and .* must be used with a folder of images, got README\.md/],
    ['photos', /photos must be a folder of images, got nothing there/],
  ])('%s with a size: one line', async (name, message) => {
    await expect(loadDataset(name, { images: { size: 32 } })).rejects.toThrow(ConfigError);
    await expect(loadDataset(name, { images: { size: 32 } })).rejects.toThrow(message);
  });

  it('gives a table by its path, and tells what it left out', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'zerosum-load-'));
    try {
      const path = join(folder, 'people.csv.gz');
      const lines = Array.from({ length: 120 }, (_, i) => `${i < 10 ? '' : i},${i % 2 ? 'no' : 'yes'},${i}`);
      await writeFile(path, gzipSync(['age,member,key', ...lines].join('\n')));
      const notices: string[] = [];
      const dataset = await loadDataset(path, {
        table: { omit: ['key'] },
        onProgress: (event) => event.kind === 'notice' && notices.push(event.message),
      });
      expect(dataset).toMatchObject({ kind: 'points', name: 'people', exampleShape: [3] });
      expect(notices).toEqual([
        `${path}: 110 of 120 rows are read, leaving out 10 in which a number is missing (age 10)`,
      ]);
      await expect(loadDataset(join(folder, 'none.csv'))).rejects.toThrow('none.csv must exist, got no file');
      await expect(loadDataset(folder, { table: { omit: ['key'] } })).rejects.toThrow(ConfigError);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it.each(['digits', 'some/where.npy'])('%s with columns to omit: one line', async (name) => {
    const load = loadDataset(name, { table: { omit: ['key'] } });
    await expect(load).rejects.toThrow(ConfigError);
    await expect(load).rejects.toThrow(`omit must be used with a table in a .csv or .tsv file, got ${name}`);
  });
});

describe('the registry', () => {
  it('has one set for each name, and pins every file by size and SHA-256', () => {
    expect(new Set(namedSets.map(({ name }) => name)).size).toBe(namedSets.length);
    for (const set of namedSets) {
      if (set.source !== 'files') continue;
      expect(set.mirrors).toHaveLength(2);
      expect(set.classes).toHaveLength(10);
      for (const mirror of set.mirrors) expect(mirror).toMatch(/^https?:.*\/$/);
      for (const file of Object.values(set.files))
        expect([file.sha256, file.contentSha256].join()).toMatch(/^[0-9a-f]{64},[0-9a-f]{64}$/);
    }
  });
});

describe('cacheFolder', () => {
  it.each([
    [{ ZEROSUM_CACHE: '/c', XDG_CACHE_HOME: '/x' }, 'linux', '/c'],
    [{ XDG_CACHE_HOME: '/x' }, 'linux', '/x/zerosum'],
    [{ XDG_CACHE_HOME: 'relative' }, 'linux', '/home/.cache/zerosum'],
    [{ ZEROSUM_CACHE: '' }, 'linux', '/home/.cache/zerosum'],
    [{}, 'darwin', '/home/Library/Caches/zerosum'],
    [{ LOCALAPPDATA: '/local' }, 'win32', '/local/zerosum'],
    [{}, 'win32', '/home/AppData/Local/zerosum'],
  ])('%j on %s', (environment, platform, expected) => {
    expect(cacheFolder(environment, platform, '/home')).toBe(expected);
  });
});
