import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleForChild, startChild } from '../../../test/child-module.ts';
import { latestCheckpoint, pruneCheckpoints } from './checkpoint-folder.ts';
import { removeTemporaries } from './replace-file.ts';

let bundle: string;
let bundleFolder: string;
beforeAll(async () => {
  bundleFolder = mkdtempSync(join(tmpdir(), 'zerosum-crash-'));
  bundle = await bundleForChild('src/train/disk/checkpoint-file.ts', bundleFolder);
});
afterAll(() => rmSync(bundleFolder, { recursive: true, force: true }));

/** Writes checkpoints of 400 kB one after another and says each step once its checkpoint is written. */
const writer = (folder: string, first: number): string => `
  import { writeSync } from 'node:fs';
  import { writeCheckpoint } from ${JSON.stringify(bundle)};
  for (let step = ${first}; ; step++) {
    const data = new Float32Array(100_000).fill(step);
    await writeCheckpoint(${JSON.stringify(folder)}, step, { w: { dtype: 'float32', shape: [100_000], data } });
    writeSync(1, step + '\\n');
  }
`;

test('a process killed at any moment never loses the checkpoint before', async () => {
  const folder = join(bundleFolder, 'checkpoints');
  mkdirSync(folder);
  const kills = 20;
  let leftovers = 0;
  let last = 0;
  for (let kill = 0; kill < kills; kill++) {
    const child = startChild(writer(folder, last + 1));
    let said = 0;
    child.stdout?.on('data', (chunk: Buffer) => {
      said = Number(chunk.toString().trim().split('\n').at(-1));
    });
    await once(child.stdout!, 'data');
    await delay(2 * kill);
    child.kill('SIGKILL');
    await once(child, 'close');
    leftovers += readdirSync(folder).filter((name) => name.endsWith('.tmp')).length;
    const { checkpoint, damaged } = await latestCheckpoint(folder);
    expect(damaged).toEqual([]);
    // The rename may have happened before the kill, and the word about it not.
    expect([said, said + 1]).toContain(checkpoint?.step);
    expect(checkpoint?.tensors['w']?.data.every((value) => value === checkpoint.step)).toBe(true);
    last = checkpoint!.step;
    await removeTemporaries(folder);
    await pruneCheckpoints(folder);
  }
  expect(last).toBeGreaterThan(kills);
  // Else no kill hit a write and the test has shown nothing.
  expect(leftovers).toBeGreaterThan(0);
});
