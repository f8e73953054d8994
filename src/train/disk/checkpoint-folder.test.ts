import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeCheckpoint } from './checkpoint-file.ts';
import {
  checkpointSteps,
  checkpointToResume,
  isMilestone,
  latestCheckpoint,
  pruneCheckpoints,
} from './checkpoint-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerosum-checkpoints-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (step: number) =>
  writeCheckpoint(folder, step, { w: { dtype: 'float32', shape: [1], data: Float32Array.of(step) } });

function flipLastByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
}

test('the newest checkpoint is the one with the highest step, not the last name', async () => {
  for (const step of [900, 1000, 50]) await write(step);
  writeFileSync(join(folder, 'step-2000.safetensors.tmp'), 'x');
  writeFileSync(join(folder, 'notes.txt'), 'x');
  expect(await checkpointSteps(folder)).toEqual([50, 900, 1000]);
  const { checkpoint, damaged } = await latestCheckpoint(folder);
  expect(checkpoint).toMatchObject({ step: 1000, tensors: { w: { data: Float32Array.of(1000) } } });
  expect(damaged).toEqual([]);
  expect((await checkpointToResume(folder))?.step).toBe(1000);
});

test('a run without checkpoints, or without the folder, starts at step 0', async () => {
  expect(await checkpointToResume(folder)).toBeUndefined();
  expect(await checkpointToResume(join(folder, 'none'))).toBeUndefined();
});

test('damaged checkpoints are named and the last good one is offered', async () => {
  const paths = [await write(100), await write(200), await write(300)];
  flipLastByte(paths[1]!);
  truncateSync(paths[2]!, 100);
  const { checkpoint, damaged } = await latestCheckpoint(folder);
  expect(checkpoint?.step).toBe(100);
  expect(damaged.map(({ path }) => path)).toEqual([paths[2], paths[1]]);
  const message = `Delete ${paths[2]} and ${paths[1]} to go on from step-100.safetensors, which is good`;
  await expect(checkpointToResume(folder)).rejects.toMatchObject({ name: 'DataError' });
  await expect(checkpointToResume(folder)).rejects.toThrow(message);
  expect(readdirSync(folder)).toHaveLength(3);
  rmSync(paths[2]!);
  rmSync(paths[1]!);
  expect((await checkpointToResume(folder))?.step).toBe(100);
});

test('a damaged old checkpoint does not matter while a newer one is good', async () => {
  truncateSync(await write(100), 10);
  await write(200);
  expect((await checkpointToResume(folder))?.step).toBe(200);
});

test('where all are damaged, starting again is the only offer', async () => {
  truncateSync(await write(100), 10);
  await expect(checkpointToResume(folder)).rejects.toThrow(
    /Delete .*step-100.safetensors to start again at step 0$/,
  );
});

test('the last three and the milestones are kept', async () => {
  for (let step = 100; step <= 1000; step += 100) await write(step);
  const removed = await pruneCheckpoints(folder, { isMilestone: (step) => isMilestone(step, 100) });
  expect(removed).toEqual([300, 500, 600, 700].map((step) => join(folder, `step-${step}.safetensors`)));
  expect(await checkpointSteps(folder)).toEqual([100, 200, 400, 800, 900, 1000]);
});

test('pruning always keeps the newest, and by default no milestones', async () => {
  for (const step of [1, 2, 3, 4]) await write(step);
  await pruneCheckpoints(folder);
  expect(await checkpointSteps(folder)).toEqual([2, 3, 4]);
  await pruneCheckpoints(folder, { keepLast: 0 });
  expect(await checkpointSteps(folder)).toEqual([4]);
});

test('milestones are powers of two times the cadence', () => {
  const milestones = Array.from({ length: 700 }, (_, index) => index).filter((step) => isMilestone(step, 40));
  expect(milestones).toEqual([40, 80, 160, 320, 640]);
});
