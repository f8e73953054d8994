import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ConfigError } from '../../errors.ts';
import { readTrainedGenerator } from './trained-generator.ts';
import { type RunRequest, runTraining } from './training-run.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'zerosum-pretrained-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A small generator on ring8, with these layers before its own. */
const request = (out: string, before: string, ...set: string[]): RunRequest => ({
  preset: 'ring8',
  set: [
    `generator.layers=[${before}{"dense":6},"relu",{"dense":"data"}]`,
    'discriminator.layers=[{"dense":5},"relu",{"dense":1}]',
    'batch=4',
    ...set,
  ],
  flags: { device: 'cpu', threads: 1, steps: 2 },
  out: join(root, out),
});

async function train(run: RunRequest): Promise<void> {
  for await (const _ of runTraining(run));
}

it('a run starts from the generator of another one, and is resumed without it', async () => {
  await train(request('first', ''));
  const second = request(
    'second',
    '{"dense":3},"relu",{"dense":2},"sigmoid",',
    `pretrained=${join(root, 'first')}`,
    // Nothing is learned, so that the last layers can be recognised.
    'generator.optimiser.learningRate=0',
  );
  await train(second);
  const [first, after] = await Promise.all(
    ['first', 'second'].map((name) => readTrainedGenerator(join(root, name))),
  );
  for (const [name, source] of [
    ['dense3/weight', 'dense1/weight'],
    ['dense4/bias', 'dense2/bias'],
  ])
    expect(after!.variables[`generator/${name}`]).toEqual(first!.variables[`average/generator/${source}`]);
  expect(after!.record.config.pretrained).toBe(join(root, 'first'));

  rmSync(join(root, 'first'), { recursive: true });
  await train({ ...second, set: [], resume: true, flags: { steps: 3 } });
  expect((await readTrainedGenerator(join(root, 'second'))).step).toBe(3);
});

it('says what to do where there is no such run, before anything is written', async () => {
  const starting = train(request('third', '', 'pretrained=nothing-1'));
  await expect(starting).rejects.toThrow(ConfigError);
  await expect(starting).rejects.toThrow(
    /^pretrained: .*nothing-1.*\. Train that run first, name another one \(--set pretrained=RUN\), or start without \(--set pretrained=null\)$/,
  );
  await expect(readTrainedGenerator(join(root, 'third'))).rejects.toThrow(ConfigError);
});
