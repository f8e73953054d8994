import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExecutionError } from '../../errors.ts';
import { type Finding, findingsOf } from '../diagnosis.ts';
import { type RunEvent, type RunRequest, runTraining } from './training-run.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'zerosum-diagnosed-log-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const optimiser = (learningRate: unknown): string =>
  JSON.stringify({ name: 'adam', learningRate, beta1: 0, beta2: 0.99, epsilon: 1e-8 });

/** Ring8 in narrow layers, at rates that move nothing for 2,100 steps: a plateau. */
const idle: RunRequest = {
  preset: 'ring8',
  set: [
    'generator.layers=[{"dense":8},"relu",{"dense":"data"}]',
    'discriminator.layers=[{"dense":8},{"leakyRelu":0.2},{"dense":1}]',
    'batch=8',
    'latentDim=2',
    `generator.optimiser=${optimiser(1e-9)}`,
    `discriminator.optimiser=${optimiser(1e-9)}`,
  ],
  flags: { device: 'cpu', threads: 1, steps: 2100, checkpointEvery: 1000, sampleEvery: 500 },
};

/** Runs to the end: what was told of it, an error included. */
async function run(request: RunRequest): Promise<{ events: RunEvent[]; error?: Error }> {
  const events: RunEvent[] = [];
  try {
    for await (const event of runTraining(request)) events.push(event);
  } catch (error) {
    return { events, error: error as Error };
  }
  return { events };
}

const textOf = (out: string): string => readFileSync(join(out, 'metrics.jsonl'), 'utf8');

const linesOf = (out: string): Record<string, unknown>[] =>
  textOf(out)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const foundIn = (events: readonly RunEvent[]): Finding[] =>
  events.flatMap((event) => {
    if (event.type !== 'diagnosis') return [];
    const { type: _, ...finding } = event;
    return [finding];
  });

describe('metrics.jsonl', () => {
  it('holds sheets and findings behind the steps that show them, the same where a run was stopped', async () => {
    const whole = join(root, 'whole');
    const { events } = await run({ ...idle, out: whole });
    const lines = linesOf(whole);
    const sheets = lines.filter((line) => 'diversity' in line);
    // The one at the end, at step 2100, would not be there in a longer run.
    expect(sheets.map(({ step }) => step)).toEqual(Array.from({ length: 5 }, (_, i) => 500 * i));
    expect(Object.keys(sheets[0]!)).toEqual(['step', 'diversity', 'duplicates', 'energyDistance']);
    const findings = findingsOf(lines);
    expect(findings).toMatchObject([{ step: 2000, condition: 'plateau', state: 'begins' }]);
    expect(foundIn(events)).toEqual(findings);
    const at = lines.findIndex((line) => 'diagnosis' in line);
    expect(lines.slice(at - 2, at + 2).map((line) => [line['step'], Object.keys(line)[1]])).toEqual([
      [2000, 'lossD'],
      [2000, 'diversity'],
      [2000, 'diagnosis'],
      [2001, 'lossD'],
    ]);

    const parts = join(root, 'parts');
    // Neither a multiple of what sheets nor of what checkpoints come at; then behind the finding.
    for (const steps of [1310, 2010, 2100]) {
      const request = steps === 1310 ? idle : { resume: true };
      await run({ ...request, out: parts, flags: { ...(steps === 1310 ? idle.flags : {}), steps } });
    }
    expect(textOf(parts)).toBe(textOf(whole));
  });

  it('says what was not finite, and no more of it once the run goes on from its checkpoint', async () => {
    const out = join(root, 'exploded');
    const rate = optimiser({ linear: { from: 0, to: 1e38, steps: 1, startAt: 45 } });
    const set = [...idle.set!.slice(0, -2), `generator.optimiser=${rate}`];
    const flags = { ...idle.flags, steps: 100, checkpointEvery: 20 };
    const { events, error } = await run({ ...idle, out, set, flags });
    expect(error).toBeInstanceOf(ExecutionError);
    const [found] = foundIn(events);
    expect(found).toMatchObject({ condition: 'nonFinite', state: 'begins' });
    expect(error!.message).toContain(`at step ${found!.step}. `);
    expect(findingsOf(linesOf(out))).toEqual([found]);
    // It fails again, at the same step: of the first time nothing is left.
    const again = await run({ resume: true, out });
    expect(again.error?.message).toContain(`at step ${found!.step}. `);
    expect(findingsOf(linesOf(out))).toEqual(foundIn(again.events));
  });
});
