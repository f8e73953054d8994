import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeNpy } from '../src/io/npy.ts';
import { mountDisk } from './full-disk.ts';
import { type Ended, filesOf, type Running, startZerosum, zerosum } from './zerosum-process.ts';

let root: string;

const set = (...assignments: readonly string[]): string[] => assignments.flatMap((it) => ['--set', it]);

/** The preset ring8 with narrow layers, quick enough for hundreds of steps a second on any machine. */
const ring = [
  'train',
  'ring8',
  ...set(
    'generator.layers=[{"dense":12},"relu",{"dense":"data"}]',
    'discriminator.layers=[{"dense":12},{"leakyRelu":0.2},{"dense":1}]',
    'batch=16',
    'checkpointEvery=20',
    'sampleEvery=50',
  ),
];

/** An image game with everything that has a state: dropout, velocities, an average, schedules in steps and epochs. */
const images = [
  'train',
  'images.npy',
  '--preset',
  'goodfellow2014-mnist',
  ...set(
    'generator.layers=[{"dense":12},"relu",{"dense":"data","bias":"marginals"},"sigmoid"]',
    'discriminator.layers=[{"dropout":{"include":0.8}},{"maxout":{"units":6,"pieces":3}},{"dropout":{"include":0.5}},{"dense":1}]',
    'generator.optimiser.learningRate={"cosine":{"from":0.1,"to":0.01,"steps":300}}',
    'latentDim=5',
    'batch=10',
    'ema={"decay":0.9}',
    'checkpointEvery=100',
    'sampleEvery=50',
    'gradientNormsEvery=7',
  ),
];

const games = { ring, images };

/** Runs training that must succeed. */
async function trained(...flags: readonly string[]): Promise<Ended> {
  const ended = await zerosum(root, ...flags);
  expect(ended).toMatchObject({ code: 0 });
  return ended;
}

/** What an uninterrupted run to step 400 wrote. */
let wholeRing: Ended;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'zerosum-train-cli-'));
  const pixels = Uint8Array.from({ length: 60 * 16 }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 16) & 255);
  writeFileSync(join(root, 'images.npy'), encodeNpy({ dtype: 'uint8', shape: [60, 4, 4], data: pixels }));
  [wholeRing] = await Promise.all([
    trained(...ring, '--steps', '400', '--out', 'ring-whole'),
    trained(...images, '--steps', '400', '--out', 'images-whole'),
  ]);
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const filesIn = (folder: string) => filesOf(join(root, folder));
const checkpointsIn = (folder: string): string[] => readdirSync(join(root, folder, 'checkpoints'));
const isLocked = (folder: string): boolean => existsSync(join(root, folder, 'run.lock'));
const linesOf = (text: string) => text.trimEnd().split('\n');
const jsonLines = (text: string) => linesOf(text).map((line) => JSON.parse(line));
/** The steps that have a line of metrics; sheets and findings have lines of their own. */
const stepsIn = (folder: string): number[] =>
  jsonLines(readFileSync(join(root, folder, 'metrics.jsonl'), 'utf8'))
    .filter((line) => 'lossD' in line)
    .map(({ step }) => step);

const resume = (folder: string, ...flags: readonly string[]) => [
  'train',
  '--resume',
  '--out',
  folder,
  ...flags,
];

describe('400 steps', () => {
  test.each(['ring', 'images'] as const)(
    'of %s are 200, a stop and 200: every file but the one with a clock is equal to the byte',
    async (name) => {
      const parts = `${name}-parts`;
      await trained(...games[name], '--steps', '200', '--out', parts);
      expect(stepsIn(parts).at(-1)).toBe(200);
      await trained(...resume(parts, '--steps', '400'));
      const whole = filesIn(`${name}-whole`);
      const names = ['config.json', 'metrics.jsonl', 'progress.gif', 'generator.onnx'];
      names.push(join('checkpoints', 'step-400.safetensors'), join('samples', 'step-00000400.png'));
      expect(Object.keys(whole)).toEqual(expect.arrayContaining(names));
      expect(filesIn(parts)).toEqual(whole);
      expect(stepsIn(parts)).toEqual(Array.from({ length: 400 }, (_, i) => i + 1));
    },
  );

  test('begin at step 0 in a run whose checkpoints are gone', async () => {
    await trained(...ring, '--steps', '30', '--out', 'bare');
    for (const name of checkpointsIn('bare')) rmSync(join(root, 'bare', 'checkpoints', name));
    await trained(...resume('bare', '--steps', '400'));
    expect(filesIn('bare')).toEqual(filesIn('ring-whole'));
  });

  test('of a run that has finished are none, without a complaint and without a change', async () => {
    const files = filesIn('ring-whole');
    expect(await zerosum(root, ...resume('ring-whole'))).toEqual({
      code: 0,
      stdout: 'ring-whole has finished already, at step 400. Give a later --steps to go on.\n',
      stderr: '',
    });
    const { code, stdout } = await zerosum(root, ...resume('ring-whole', '--json'));
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ type: 'alreadyFinished', step: 400, folder: 'ring-whole' });
    expect(filesIn('ring-whole')).toEqual(files);
  });
});

/** Starts a run without end and waits for its first steps. */
async function startEndless(out: string): Promise<Running> {
  const running = startZerosum(root, ...ring, '--steps', '10000000', '--out', out, '--json');
  await running.line((line) => line.includes('"type":"metrics"'));
  return running;
}

describe('a signal', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s: the chunk is finished, a checkpoint written, the code is %d', async (signal, expected) => {
    const running = await startEndless(signal);
    running.child.kill(signal);
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(expected);
    expect(stderr).toBe(`${signal}: finishing this chunk and writing a checkpoint\n`);
    const last = jsonLines(stdout).at(-1);
    expect(last).toEqual({ type: 'stopped', step: expect.any(Number), reason: 'aborted' });
    expect(checkpointsIn(signal)).toContain(`step-${last.step}.safetensors`);
    expect(stepsIn(signal).at(-1)).toBe(last.step);
    expect(isLocked(signal)).toBe(false);
  });

  test('leaves a run that goes on to the same bytes', async () => {
    const running = await startEndless('signalled');
    running.child.kill('SIGINT');
    const { stdout } = await running.ended;
    const last = jsonLines(stdout).at(-1).step + 20;
    await trained(...resume('signalled', '--steps', String(last)));
    await trained(...ring, '--steps', String(last), '--out', 'unsignalled');
    const [resumed, whole] = [filesIn('signalled'), filesIn('unsignalled')];
    const checkpoint = join('checkpoints', `step-${last}.safetensors`);
    for (const path of [checkpoint, 'metrics.jsonl', 'config.json', 'generator.onnx'])
      expect(resumed[path]).toBe(whole[path]);
  });

  test('that comes twice does not wait', async () => {
    const running = await startEndless('hurried');
    running.child.kill('SIGINT');
    running.child.kill('SIGTERM');
    const { code, stdout } = await running.ended;
    // Two signals that wait together are delivered in either order; the first one's code is the process's.
    expect([130, 143]).toContain(code);
    expect(stdout).not.toContain('"type":"stopped"');
    const reached = Math.max(
      ...[...stdout.matchAll(/"step":(\d+),"lossD"/g)].map(([, step]) => Number(step)),
    );
    await trained(...resume('hurried', '--steps', String(reached + 20)));
  });

  test('of a reader that has seen enough, as `| head` has, stops training with a checkpoint, too', async () => {
    const running = await startEndless('unread');
    running.child.stdout!.destroy();
    const { code, stderr } = await running.ended;
    expect([code, stderr]).toEqual([141, 'SIGPIPE: finishing this chunk and writing a checkpoint\n']);
    expect(checkpointsIn('unread')).not.toEqual([]);
    expect(isLocked('unread')).toBe(false);
  });
});

test('SIGKILL at any moment loses at most the work since the last checkpoint, and never the run', async () => {
  const moments = [
    // Before there is anything to go on with; while a checkpoint, a sheet or a line may be half-written.
    ['"type":"opened"', 0],
    ['"what":"sheet"', 3],
    ['"what":"checkpoint"', 9],
    ['"type":"metrics"', 40],
  ] as const;
  let lastStart = 0;
  let kills = 0;
  for (const [word, milliseconds] of moments) {
    const isRun = existsSync(join(root, 'killed', 'config.json'));
    const flags = isRun ? resume('killed') : [...ring, '--out', 'killed'];
    const running = startZerosum(root, ...flags, '--steps', '400', '--json');
    const opened = JSON.parse(await running.line((line) => line.includes('"type":"opened"')));
    const { resumedFrom = 0 } = opened;
    expect(resumedFrom).toBeGreaterThanOrEqual(lastStart);
    lastStart = resumedFrom;
    await running.line((line) => line.includes(word));
    await delay(milliseconds);
    running.child.kill('SIGKILL');
    const { code } = await running.ended;
    // On a fast machine the last ones may come too late.
    if (code === 0) break;
    expect(code).toBeNull();
    kills++;
    // The next one recognises the lock of a process that is no more.
    expect(isLocked('killed')).toBe(true);
  }
  expect(kills).toBeGreaterThanOrEqual(2);
  await trained(...resume('killed', '--steps', '400'));
  expect(filesIn('killed')).toEqual(filesIn('ring-whole'));
});

describe('what goes where', () => {
  test('results to standard output, talk to standard error', () => {
    const firstWords = wholeRing.stdout.split('\n').map((line) => line.trim().split(' ')[0]);
    expect(firstWords.filter((word) => word !== '')).toEqual([
      'finished',
      'samples',
      'progress',
      'coverage',
      'figures',
      'Try',
      'npx',
      'npx',
      'npx',
    ]);
    expect(wholeRing.stderr).toMatch(/^data +ring8/);
    expect(wholeRing.stderr).toMatch(/^step 400\/400 .* lossG \d/m);
  });

  test('--json: one object a line, and nothing else', async () => {
    const { stdout, stderr } = await trained(...ring, '--steps', '50', '--out', 'json', '--json');
    expect(stderr).toBe('');
    const events = jsonLines(stdout);
    expect(events[0]).toMatchObject({
      type: 'opened',
      folder: 'json',
      steps: 50,
      config: { preset: 'ring8', k: 1 },
    });
    const rows = events.filter(({ type }) => type === 'metrics');
    expect(rows.map(({ step }) => step)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    for (const row of rows)
      for (const key of ['lossD', 'lossG', 'D(x)', 'D(G(z))']) expect(row[key]).toEqual(expect.any(Number));
    const saved = events.filter(({ type }) => type === 'saved').map(({ what, step }) => `${what} ${step}`);
    expect(saved).toEqual(expect.arrayContaining(['sheet 0', 'sheet 50', 'checkpoint 50', 'animation 50']));
    expect(events.at(-1)).toEqual({ type: 'stopped', step: 50, reason: 'finished' });
  });
});

test('a run that explodes says what and when, and keeps its last good checkpoint', async () => {
  const rate = '{"linear":{"from":0,"to":1e38,"steps":1,"startAt":45}}';
  const exploding = set(`generator.optimiser={"name":"sgd","learningRate":${rate}}`);
  const ended = await zerosum(root, ...ring, ...exploding, '--steps', '100', '--out', 'exploded');
  expect([ended.code, ended.stdout]).toEqual([1, '']);
  expect(linesOf(ended.stderr).at(-1)).toMatch(
    /^error: train: every quantity must stay finite, got \S+ for \S+ at step 4[678]\. Lower the learning rates/,
  );
  expect(checkpointsIn('exploded').sort()).toEqual(['step-20.safetensors', 'step-40.safetensors']);
  expect(isLocked('exploded')).toBe(false);
});

test('a disk that fills while training costs what came after the last checkpoint', async (context) => {
  const disk = join(root, 'disk');
  mkdirSync(disk);
  const mounted = mountDisk(disk, 'size=256k');
  if ('reason' in mounted) return context.skip(`no disk to fill: ${mounted.reason}`);
  try {
    const { code, stderr } = await zerosum(root, ...ring, '--steps', '4000', '--out', 'disk/run');
    expect(code).toBe(1);
    expect(linesOf(stderr).at(-1)).toMatch(
      /^error: .*disk\/run\/.* must be (written whole|writable), got ENOSPC \(no space left on the disk\)/,
    );
    expect(isLocked('disk/run')).toBe(false);
    expect(Math.max(...stepsIn('disk/run'))).toBeLessThan(400);
    // With room again it goes on, to the bytes of a run that never was short of it.
    mountDisk(disk, 'remount,size=16m');
    await trained(...resume('disk/run', '--steps', '400'));
    expect(filesIn('disk/run')).toEqual(filesIn('ring-whole'));
  } finally {
    mounted.unmount();
  }
});
