import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesOf } from '../../../test/zerosum-process.ts';
import { ConfigError, DataError } from '../../errors.ts';
import { encodeNpy } from '../../io/npy.ts';
import { type RunEvent, type RunRequest, runTraining } from './training-run.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'zerosum-training-run-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const folder = (name: string): string => join(root, name);

/** One narrow layer on each side of ring8, on the device that starts soonest. */
const small: RunRequest = {
  preset: 'ring8',
  set: [
    'generator.layers=[{"dense":12},"relu",{"dense":"data"}]',
    'discriminator.layers=[{"dense":12},{"leakyRelu":0.2},{"dense":1}]',
    'batch=8',
  ],
  flags: { device: 'cpu', threads: 1, steps: 6, checkpointEvery: 2, sampleEvery: 3 },
};

/** The same on sixty images of 4 x 4 pixels in a file. */
function onImages(name: string, value = 0): RunRequest {
  const data = `${folder(name)}.npy`;
  const pixels = Uint8Array.from({ length: 60 * 16 }, (_, i) => (7 * i + value) % 256);
  writeFileSync(data, encodeNpy({ dtype: 'uint8', shape: [60, 4, 4], data: pixels }));
  const set = [...small.set!, 'range=unit', 'latent=uniform', 'batch=10'];
  return { ...small, set, flags: { ...small.flags, data } };
}

/** Trains to the end, or until an event that is said to be the last. */
async function run(
  request: RunRequest,
  isLast: (event: RunEvent) => boolean = () => false,
): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of runTraining(request)) {
    events.push(event);
    if (isLast(event)) break;
  }
  return events;
}

const isSaved = (event: RunEvent, what: string, step: number): boolean =>
  event.type === 'saved' && event.what === what && event.step === step;

const logOf = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** The lines of `metrics.jsonl` that are about steps. */
const stepsOf = (path: string) => logOf(path).filter((line) => 'lossD' in line);

describe('a run', () => {
  it('is told as it happens, and is complete where its last checkpoint is', async () => {
    const events = await run({ ...small, out: folder('told') });
    const told = events
      .filter(({ type }) => type !== 'metrics')
      .map((event) => (event.type === 'saved' ? `${event.what} ${event.step}` : event.type));
    expect(told).toEqual([
      'opened',
      'started',
      ...['samples', 'sheet 0'],
      ...['checkpoint', 'checkpoint 2'],
      ...['samples', 'sheet 3'],
      ...['checkpoint', 'checkpoint 4'],
      ...['samples', 'sheet 6'],
      ...['checkpoint', 'animation 6', 'generator 6', 'checkpoint 6'],
      'stopped',
    ]);
    for (const event of events) if (event.type === 'saved') expect(existsSync(event.path)).toBe(true);
    expect(Object.keys(filesOf(folder('told')))).toEqual(
      [
        ...[2, 4, 6].map((step) => join('checkpoints', `step-${step}.safetensors`)),
        'config.json',
        'generator.onnx',
        'metrics.jsonl',
        'progress.gif',
        ...[0, 3, 6].map((step) => join('samples', `step-0000000${step}.png`)),
      ].sort(),
    );
  });

  it('logs each step to seven digits, and the clock elsewhere', async () => {
    const events = await run({ ...small, out: folder('logged') });
    const rows = events.flatMap((event) => (event.type === 'metrics' ? event.rows : []));
    const lines = stepsOf(join(folder('logged'), 'metrics.jsonl'));
    expect(lines.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const [i, line] of lines.entries()) {
      expect(Object.keys(line)).toEqual(Object.keys(rows[i]!));
      expect(Object.values<number>(line)).toBeAllClose(Object.values(rows[i]!), { rtol: 5e-7, atol: 0 });
    }
    const timing = logOf(join(folder('logged'), 'timing.jsonl'));
    expect(timing.reduce((sum, { iterations }) => sum + iterations, 0)).toBe(6);
    for (const { seconds } of timing) expect(seconds).toBeGreaterThan(0);
  });

  it('logs as often as it is told, keeps three checkpoints and its milestones', async () => {
    const flags = { ...small.flags, steps: 13, checkpointEvery: 1, sampleEvery: 100, logEvery: 4 };
    await run({ ...small, flags, out: folder('thinned') });
    expect(stepsOf(join(folder('thinned'), 'metrics.jsonl')).map(({ step }) => step)).toEqual([4, 8, 12]);
    const steps = readdirSync(join(folder('thinned'), 'checkpoints')).map((name) =>
      Number(/\d+/.exec(name)![0]),
    );
    expect(steps.sort((a, b) => a - b)).toEqual([1, 2, 4, 8, 11, 12, 13]);
  });

  it('ends where its epochs do', async () => {
    const { steps: _, ...flags } = onImages('epochs').flags!;
    const events = await run({
      ...onImages('epochs'),
      flags: { ...flags, epochs: 2 },
      out: folder('epochs'),
    });
    // 60 images in minibatches of 10.
    expect(events.at(-1)).toEqual({ type: 'stopped', step: 12, reason: 'finished' });
  });
});

describe('left at any event', () => {
  const moments: [string, (event: RunEvent) => boolean][] = [
    ['when it is open', ({ type }) => type === 'opened'],
    ['after its first sheet', (event) => isSaved(event, 'sheet', 0)],
    ['after a checkpoint', (event) => isSaved(event, 'checkpoint', 4)],
    ['between its generator and its last checkpoint', (event) => isSaved(event, 'generator', 6)],
    ['after its last checkpoint', (event) => isSaved(event, 'checkpoint', 6)],
  ];

  it('goes on to the same files', async () => {
    await run({ ...small, out: folder('whole') });
    const whole = filesOf(folder('whole'));
    for (const [i, [moment, isLast]] of moments.entries()) {
      const out = folder(`left-${i}`);
      await run({ ...small, out }, isLast);
      expect(existsSync(join(out, 'run.lock')), moment).toBe(false);
      await run({ out, resume: true });
      expect(filesOf(out), moment).toEqual(whole);
    }
  });
});

describe('refused', () => {
  it('a resume of nothing', async () => {
    await expect(run({ resume: true })).rejects.toThrow(
      new ConfigError('resume: the run must be named, got none. Give its folder with --out'),
    );
  });

  it('epochs of data without end, before there is a folder', async () => {
    const { steps: _, ...flags } = small.flags!;
    const out = folder('endless');
    await expect(run({ ...small, flags: { ...flags, epochs: 3 }, out })).rejects.toThrow(
      new ConfigError('epochs: must be given as steps for ring8, which is drawn without end, got 3 epochs'),
    );
    expect(existsSync(out)).toBe(false);
  });

  it('data that is not there, before there is a folder', async () => {
    const out = folder('absent');
    const flags = { ...small.flags, data: folder('absent.npy') };
    await expect(run({ ...small, flags, out })).rejects.toThrow(DataError);
    expect(existsSync(out)).toBe(false);
  });

  it('other data under the old name, and the run stays as it was', async () => {
    const out = folder('swapped');
    await run({ ...onImages('swapped'), out });
    const before = filesOf(out);
    onImages('swapped', 1);
    await expect(run({ out, resume: true, flags: { steps: 9 } })).rejects.toThrow(
      /^resume: data swapped must be what the run was started on, with fingerprint [0-9a-f]{12}…, got swapped with [0-9a-f]{12}…\. Restore the data, or start a new run$/,
    );
    expect(filesOf(out)).toEqual(before);
    expect(existsSync(join(out, 'run.lock'))).toBe(false);
    // With the data back it goes on.
    onImages('swapped');
    const events = await run({ out, resume: true, flags: { steps: 7 } });
    expect(events.at(-1)).toEqual({ type: 'stopped', step: 7, reason: 'finished' });
  });

  it('a batch that the data does not fill, before there is a folder', async () => {
    const out = folder('impossible');
    const large = onImages('large');
    await expect(run({ ...large, set: [...large.set!, 'batch=61'], out })).rejects.toThrow(
      'must have at least k x batch = 1 x 61 = 61 training examples, got 60. Set batch to at most 60',
    );
    expect(existsSync(out)).toBe(false);
  });
});
