import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadImageFolder } from './image-folder.ts';

const data = process.env['ZEROSUM_DATA'] || '../shared/data';
const odd = join(data, 'images', 'odd');
const flowers = join(data, 'images', 'flowers');
const faces = join(data, 'faces', 'olivetti');
const areThere = [odd, flowers, faces].every((folder) => existsSync(folder));
if (!areThere) console.log(`skipped: no odd files, flowers and faces in ${data}`);

let cacheDir: string;
beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'zerosum-real-images-'));
});
afterAll(() => rm(cacheDir, { recursive: true }));

describe.skipIf(!areThere)('folders of real images', () => {
  it('reads every odd file but the one of a kind that is not read', async () => {
    const { dataset, report } = await loadImageFolder(odd, { cacheDir, images: { heldOut: 0 } });
    expect(report.skipped).toEqual([{ path: 'image.bmp', reason: 'BMP is not read: convert it to PNG' }]);
    expect(report).toMatchObject({ images: 23, repeated: 0, enlarged: 4 });
    expect(dataset.train.count).toBe(23);
    // The flat file, as its colour is given; none of the others is black, as a misread profile makes it.
    const examples = dataset.train.examples as Uint8Array;
    const plane = 32 * 32;
    const means = Array.from({ length: 23 }, (_, i) =>
      [0, 1, 2].map((channel) => {
        const first = (3 * i + channel) * plane;
        return examples.subarray(first, first + plane).reduce((sum, value) => sum + value, 0) / plane;
      }),
    );
    expect(means).toContainEqual([200, 30, 90]);
    for (const mean of means) expect(Math.max(...mean)).toBeGreaterThan(30);
  });

  it('reads the odd files alike in linear light, but for detail', async () => {
    const [byNumber, byLight] = await Promise.all(
      [false, true].map(async (linear) => {
        const { dataset } = await loadImageFolder(odd, { cacheDir, images: { linear, heldOut: 0 } });
        return dataset.train.examples;
      }),
    );
    let difference = 0;
    for (const [i, value] of byNumber!.entries())
      difference += Math.abs(value - byLight![i]!) / byNumber!.length;
    expect(difference).toBeGreaterThan(0.5);
    expect(difference).toBeLessThan(8);
  });

  it('keeps a tenth of 400 flowers back twice, and trains on the rest', async () => {
    const { dataset, report } = await loadImageFolder(flowers, { cacheDir });
    expect(report).toMatchObject({ images: 400, skipped: [], enlarged: 0 });
    expect([dataset.stored!.count, dataset.validation.count, dataset.test.count]).toEqual([320, 40, 40]);
    expect(dataset.exampleShape).toEqual([3, 32, 32]);
  });

  it('sees that faces are grey', async () => {
    const { dataset, report } = await loadImageFolder(faces, { cacheDir, images: { size: 64 } });
    expect(report).toMatchObject({ images: 400, skipped: [] });
    expect(dataset.exampleShape).toEqual([1, 64, 64]);
  });
});
