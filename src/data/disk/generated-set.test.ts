import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type GeneratedSet, generatedSetPath, loadGeneratedSet, readGeneratedSet } from './generated-set.ts';
import type { LoadEvent } from './load-options.ts';

let folder: string;
let drawn: number;
let notices: string[];

const part = (count: number, first: number) => ({
  count,
  examples: Uint8Array.from({ length: 4 * count }, (_, i) => first + i),
  labels: Uint8Array.from({ length: count }, (_, i) => i % 2),
});

const set: GeneratedSet = {
  source: 'code',
  name: 'squares',
  what: 'a set for tests',
  exampleShape: [1, 2, 2],
  counts: { train: 5, validation: 2, test: 3 },
  classes: ['even', 'odd'],
  version: '1',
  generate() {
    drawn++;
    return { train: part(5, 0), validation: part(2, 100), test: part(3, 200) };
  },
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zerosum-generated-'));
  drawn = 0;
  notices = [];
  return () => rm(folder, { recursive: true });
});

const onProgress = (event: LoadEvent) => event.kind === 'notice' && notices.push(event.message);
const load = (from: GeneratedSet = set, cacheDir = join(folder, 'cache')) =>
  loadGeneratedSet(from, { cacheDir, onProgress });

describe('loadGeneratedSet', () => {
  it('draws once, and gives the same set from the cache', async () => {
    const first = await load();
    expect(first).toMatchObject({
      kind: 'images',
      name: 'squares',
      exampleShape: [1, 2, 2],
      classes: ['even', 'odd'],
    });
    expect(notices).toEqual([
      `drawing squares once, to be kept in ${generatedSetPath(set, join(folder, 'cache'))}`,
    ]);
    expect(await load()).toEqual(first);
    expect(first.test).toEqual(part(3, 200));
    expect(drawn).toBe(1);
    expect(await readdir(join(folder, 'cache'))).toEqual(['squares-1.safetensors']);
  });

  it('draws again for another version', async () => {
    await load();
    await load({ ...set, version: '2' });
    expect(drawn).toBe(2);
  });

  it.each([
    ['cut', (bytes: Buffer) => bytes.subarray(0, bytes.length - 5)],
    [
      'with a flipped bit in a pixel',
      (bytes: Buffer) => Buffer.from(bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1)),
    ],
    ['of another kind', () => Buffer.from('not a tensor')],
  ])('replaces a cached file that is %s', async (_, spoil) => {
    const first = await load();
    const path = generatedSetPath(set, join(folder, 'cache'));
    const bytes = await readFile(path);
    await writeFile(path, spoil(bytes));
    await expect(readGeneratedSet(set, join(folder, 'cache'))).rejects.toThrow();
    expect(await load()).toEqual(first);
    expect(notices[1]).toContain(`${path} is damaged and is drawn again: `);
    expect((await readFile(path)).equals(bytes)).toBe(true);
  });

  it('goes on without a cache that cannot be written, and says so', async () => {
    await writeFile(join(folder, 'file'), '');
    const dataset = await load(set, join(folder, 'file'));
    expect(dataset.train.count).toBe(5);
    expect(notices[1]).toMatch(
      /squares-1.safetensors cannot be written \(E\w+\): squares will be drawn again$/,
    );
  });

  it('may be asked for twice at once', async () => {
    const [first, second] = await Promise.all([load(), load()]);
    expect(first).toEqual(second);
    expect(await readdir(join(folder, 'cache'))).toEqual(['squares-1.safetensors']);
  });
});
