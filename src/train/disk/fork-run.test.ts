import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainImages, trainRing } from '../../../test/trained-run.ts';
import { filesOf } from '../../../test/zerosum-process.ts';
import { readCheckpoint } from './checkpoint-file.ts';
import { readRecord } from './run-record.ts';
import { type RunRequest, runTraining } from './training-run.ts';

const home = mkdtempSync(join(tmpdir(), 'fork-'));
const source = join(home, 'ring');

async function run(request: RunRequest): Promise<void> {
  for await (const _ of runTraining(request));
}

const checkpoint = (folder: string, step: number) =>
  readCheckpoint(join(home, folder, 'checkpoints', `step-${step}.safetensors`));

const lines = (folder: string): { step: number }[] =>
  readFileSync(join(home, folder, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: number });

beforeAll(() => trainRing(source), 60_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('a fork', () => {
  it('with nothing changed becomes the run that it was forked from, bit for bit', async () => {
    await run({ from: { run: source, step: 1 }, out: join(home, 'same') });
    const [forked, original] = [filesOf(join(home, 'same')), filesOf(source)];
    // These name where it comes from.
    for (const name of ['config.json', 'generator.onnx']) {
      delete forked[name];
      delete original[name];
    }
    expect(forked).toEqual(original);
    expect((await readRecord(join(home, 'same')))?.forkedFrom).toEqual({ run: 'ring', step: 1 });
  });

  it('begins at the newest checkpoint, and needs steps behind it', async () => {
    const request = { from: { run: source }, out: join(home, 'longer') };
    await expect(run(request)).rejects.toThrow(
      'from: steps must lie behind the checkpoint at step 3, got 3. Give a later --steps',
    );
    await run({ ...request, flags: { steps: 5 } });
    expect(lines('longer').map(({ step }) => step)).toContain(5);
    expect(lines('longer').slice(0, 4)).toEqual(lines('ring').slice(0, 4));
    expect((await readRecord(join(home, 'longer')))?.forkedFrom?.step).toBe(3);
  });

  it('takes other settings: what was before stays, what follows is another training', async () => {
    const set = ['generator.optimiser.learningRate=0.1', 'k=2'];
    await run({ from: { run: source, step: 1 }, out: join(home, 'other'), set });
    const [forked, original] = [await checkpoint('other', 3), await checkpoint('ring', 3)];
    expect(Object.keys(forked.tensors)).toEqual(Object.keys(original.tensors));
    expect(forked.tensors['generator/dense1/weight']).not.toEqual(
      original.tensors['generator/dense1/weight'],
    );
    expect((await checkpoint('other', 1)).tensors).toEqual((await checkpoint('ring', 1)).tensors);
    const before = ({ step }: { step: number }) => step <= 1;
    expect(lines('other').filter(before)).toEqual(lines('ring').filter(before));
    expect((await readRecord(join(home, 'other')))?.config).toMatchObject({ k: 2, seed: 1 });
  });

  it('can be resumed by itself, when the run that it comes from is gone', async () => {
    await run({ from: { run: source, step: 2 }, out: join(home, 'orphan') });
    await run({ resume: true, out: join(home, 'orphan'), flags: { steps: 4 } });
    expect((await readRecord(join(home, 'orphan')))?.forkedFrom).toEqual({ run: 'ring', step: 2 });
    expect(lines('orphan').at(-1)?.step).toBe(4);
  });

  it('of a fork names the fork', async () => {
    await run({ from: { run: join(home, 'same'), step: 2 }, out: join(home, 'grandchild') });
    expect((await readRecord(join(home, 'grandchild')))?.forkedFrom).toEqual({ run: 'same', step: 2 });
  });

  it.each([
    [
      'other networks',
      ['generator.layers.0.dense=24'],
      /^fork: settings must keep the variables of the checkpoint, got /,
    ],
    [
      'another optimiser',
      ['discriminator.optimiser={"name":"sgd","learningRate":0.1,"momentum":0.5}'],
      /^fork: settings must keep the variables/,
    ],
    [
      'no average',
      ['ema=null'],
      /^fork: settings must keep the variables of the checkpoint, got none for average\//,
    ],
    [
      'other data',
      ['data=grid25'],
      /^fork: data must stay "ring8" as in the run that is forked, got "grid25"/,
    ],
    ['a start of its own', ['pretrained=digits-1'], /^fork: pretrained must stay nothing/],
    ['an unknown key', ['lr=1'], /lr/],
  ])('cannot have %s', async (_, set, message) => {
    const out = join(home, 'never');
    await expect(run({ from: { run: source, step: 1 }, out, set })).rejects.toThrow(message);
    expect(await readdir(home)).not.toContain('never');
  });

  it('is refused where there is no such checkpoint, or the run is to be resumed as well', async () => {
    const out = join(home, 'never');
    await expect(run({ from: { run: source, step: 7 }, out })).rejects.toThrow(
      'It has those of steps 1, 2, 3',
    );
    await expect(run({ from: { run: source }, out, resume: true })).rejects.toThrow(
      'from: a run must be resumed or forked, got both',
    );
  });

  it('that was cut short before it had its checkpoint does not begin anew at step 0', async () => {
    await run({ from: { run: source, step: 1 }, out: join(home, 'cut') });
    await rm(join(home, 'cut', 'checkpoints'), { recursive: true });
    await expect(run({ resume: true, out: join(home, 'cut') })).rejects.toThrow(
      'must hold the checkpoint that it was forked from, got none: it was cut short. Delete it and fork ring again',
    );
  });

  it('must be on the data that the run learned', async () => {
    const images = join(home, 'images');
    await trainImages(images);
    await expect(run({ from: { run: images, step: 1 }, out: join(home, 'never') })).rejects.toThrow(
      'images.npy',
    );
  });
});
