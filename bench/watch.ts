/**
 * What the dashboard's server takes: with many long runs, and of a training that it watches.
 *
 *     npx tsx bench/watch.ts scale [runs] [steps]     default 200 runs of 100,000 logged steps: 3 GB in the temporary folder
 *     npx tsx bench/watch.ts cost [rounds] [seconds]  default 16 rounds of 5 s watched and 5 s unwatched
 *
 * `scale` targets: first list under 2 s, memory that does not grow with what was looked at. `cost` target: a training keeps
 * 97 % of its speed while a page listens and fetches the curves at every change; the processor time that the server takes bounds
 * what it can lose, and says more where other work slows both. Build first (`npm run build`).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { encodePng } from '../src/io/png.ts';
import type { RunList, RunMetrics } from '../src/server/api.ts';
import { sheetName } from '../src/train/disk/run-folder.ts';
import { writeRecord } from '../src/train/disk/run-record.ts';
import { resolveConfig } from '../src/train/resolve-config.ts';
import { commandLine } from '../test/command-line.ts';

const [what = '', first, second] = process.argv.slice(2);
const home = mkdtempSync(join(tmpdir(), 'zerosum-watch-'));
const runs = join(home, 'runs');
mkdirSync(runs);

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
};

function start(...words: readonly string[]): ChildProcess {
  const [program, ...before] = commandLine();
  return spawn(program, [...before, ...words], { cwd: home, stdio: ['ignore', 'pipe', 'ignore'] });
}

async function serve(): Promise<{ readonly server: ChildProcess; readonly url: string }> {
  const server = start('watch', 'runs', '--port', '0', '--no-open');
  const url = await new Promise<string>((found) =>
    createInterface({ input: server.stdout! }).once('line', found),
  );
  return { server, url };
}

async function get<T>(url: string, path: string): Promise<T> {
  const answer = await fetch(new URL(path, url));
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as T;
}

/** Resident memory of a process in megabytes; Linux only. */
function memory({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) / 1024;
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly ms: number }> {
  const before = performance.now();
  return { result: await work(), ms: performance.now() - before };
}

/** A log as training writes it, and how long its steps took. */
function logs(steps: number): { readonly metrics: Buffer; readonly timing: Buffer } {
  const figure = (step: number, phase: number) =>
    Number((1 + Math.sin(step / 977 + phase) / 3 + Math.random() / 5).toPrecision(7));
  const metrics: string[] = [];
  const timing: string[] = [];
  for (let step = 1; step <= steps; step++) {
    const row: Record<string, number> = {
      step,
      lossD: figure(step, 0),
      'D(x)': figure(step, 1),
      'D(G(z))': figure(step, 2),
    };
    row['penalty/r1'] = figure(step, 3);
    row['lossG'] = figure(step, 4);
    row['sampleGradientNorm'] = figure(step, 5);
    if (step % 50 === 0) row['gradientNorm/generator'] = figure(step, 6);
    metrics.push(JSON.stringify(row));
    if (step % 250 === 0)
      metrics.push(
        JSON.stringify({ step, diversity: figure(step, 7), duplicates: 0, energyDistance: figure(step, 8) }),
      );
    if (step % 50 === 0) timing.push(JSON.stringify({ step, iterations: 50, seconds: 0.5 }));
  }
  return { metrics: Buffer.from(`${metrics.join('\n')}\n`), timing: Buffer.from(`${timing.join('\n')}\n`) };
}

async function writeRuns(count: number, steps: number): Promise<void> {
  const { metrics, timing } = logs(steps);
  const picture = encodePng({ width: 560, height: 560, channels: 1, data: new Uint8Array(560 * 560) });
  const config = resolveConfig({ preset: 'digits', flags: { steps } });
  for (let i = 0; i < count; i++) {
    const folder = join(runs, `digits-${i + 1}`);
    for (const part of ['samples', 'checkpoints']) mkdirSync(join(folder, part), { recursive: true });
    const file = openSync(join(folder, 'metrics.jsonl'), 'w');
    writeSync(file, metrics);
    writeFileSync(join(folder, 'timing.jsonl'), timing);
    for (let sheet = 0; sheet <= 100; sheet++)
      writeFileSync(join(folder, 'samples', sheetName((sheet * steps) / 100)), sheet === 100 ? picture : '');
    for (const share of [0.25, 0.5, 0.75, 1])
      writeFileSync(join(folder, 'checkpoints', `step-${steps * share}.safetensors`), '');
    await writeRecord(folder, {
      config: { ...config, seed: i },
      dataset: {
        name: 'digits',
        kind: 'images',
        exampleShape: [1, 28, 28],
        dtype: 'uint8',
        fingerprint: 'f',
      },
      versions: {},
    });
  }
  console.log(
    `${count} runs of ${steps} steps, ${((count * metrics.length) / 1e9).toFixed(2)} GB of metrics`,
  );
}

async function measureScale(count: number, steps: number): Promise<void> {
  await writeRuns(count, steps);
  const { server, url } = await serve();
  try {
    const began = memory(server);
    const list = await timed(() => get<RunList>(url, '/api/runs'));
    console.log(`first list of ${list.result.runs.length} runs     ${list.ms.toFixed(0)} ms`);
    const again = [];
    for (let i = 0; i < 5; i++) again.push((await timed(() => get(url, '/api/runs'))).ms);
    console.log(
      `list again              ${median(again).toFixed(0)} ms, while logs are looked through for findings`,
    );
    const whole = (i: number) => `/api/runs/digits-${i}/metrics?points=800`;
    const curves = await timed(() => get<RunMetrics>(url, whole(1)));
    console.log(
      `first curves of a run   ${curves.ms.toFixed(0)} ms, every key, ${curves.result.steps.length} stretches`,
    );
    const warm = await timed(() => get(url, whole(1)));
    console.log(`the same again          ${warm.ms.toFixed(0)} ms`);
    const zoom = await timed(() =>
      get<RunMetrics>(url, `${whole(1)}&from=${steps / 2}&to=${steps / 2 + 700}`),
    );
    console.log(`700 steps of it         ${zoom.ms.toFixed(0)} ms, ${zoom.result.steps.length} points`);
    const sizes = [`${began.toFixed(0)} MB at the start`, `${memory(server).toFixed(0)} MB after lists`];
    for (let round = 1; round <= 2; round++)
      for (let i = 1; i <= count; i++) {
        await get(url, whole(i));
        if (i % Math.ceil(count / 4) === 0)
          sizes.push(`${memory(server).toFixed(0)} after ${(round - 1) * count + i}`);
      }
    console.log(`memory                  ${sizes.join(', ')} runs' curves`);
  } finally {
    server.kill('SIGINT');
  }
}

/** What a page does that shows a run: listens, and fetches its curves whenever something of it has changed. */
function openPage(url: string, id: string): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  const listen = async (): Promise<void> => {
    const events = await fetch(new URL('/api/events', url), { signal });
    for await (const piece of events.body as unknown as AsyncIterable<Uint8Array>) {
      if (!Buffer.from(piece).includes('event: run')) continue;
      const keys = 'keys=lossD,lossG,D(x),D(G(z))&points=800';
      await (await fetch(new URL(`/api/runs/${id}/metrics?${keys}`, url), { signal })).arrayBuffer();
      await (await fetch(new URL(`/api/runs/${id}`, url), { signal })).arrayBuffer();
    }
  };
  listen().catch(() => undefined);
  return () => controller.abort();
}

/** Processor time of a process in seconds, all threads together; Linux only. */
function processorSeconds({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  // Fields 14 and 15 of proc(5), in hundredths of a second.
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Steps a second of the training's chunks that ended since a moment, by its own log. */
function speedSince(lines: number): { readonly speed: number; readonly lines: number } {
  const log = readFileSync(join(runs, 'watched', 'timing.jsonl'), 'utf8')
    .trim()
    .split('\n');
  let [iterations, seconds] = [0, 0];
  for (const line of log.slice(lines)) {
    const chunk = JSON.parse(line) as { iterations: number; seconds: number };
    iterations += chunk.iterations;
    seconds += chunk.seconds;
  }
  return { speed: iterations / seconds, lines: log.length };
}

async function measureCost(rounds: number, seconds: number): Promise<void> {
  const training = start(
    'train',
    'digits',
    '--steps',
    '1000000',
    '--out',
    'runs/watched',
    '--set',
    'sampleEvery=250',
  );
  const { server, url } = await serve();
  try {
    while ((await get<RunList>(url, '/api/runs')).runs[0]?.latest['lossD'] === undefined) await delay(500);
    await delay(5000);
    const ratios: number[] = [];
    const speeds: { watched: number[]; alone: number[] } = { watched: [], alone: [] };
    const used = { server: 0, training: 0 };
    let { lines } = speedSince(0);
    const turn = async (watched: boolean): Promise<number> => {
      const close = watched ? openPage(url, 'watched') : () => {};
      // The chunk that was under way belongs to neither.
      await delay(800);
      lines = speedSince(lines).lines;
      const before = { server: processorSeconds(server), training: processorSeconds(training) };
      await delay(seconds * 1000);
      const found = speedSince(lines);
      if (watched) {
        used.server += processorSeconds(server) - before.server;
        used.training += processorSeconds(training) - before.training;
      }
      close();
      lines = found.lines;
      speeds[watched ? 'watched' : 'alone'].push(found.speed);
      return found.speed;
    };
    for (let round = 0; round < rounds; round++) {
      // Whoever comes second finds a machine that is warmer, or busier: each is second as often.
      const order = round % 2 === 0 ? [true, false] : [false, true];
      const pair = new Map<boolean, number>();
      for (const watched of order) pair.set(watched, await turn(watched));
      ratios.push(pair.get(true)! / pair.get(false)!);
    }
    const sorted = [...ratios].sort((a, b) => a - b);
    const quartile = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!.toFixed(3);
    console.log(`alone    ${median(speeds.alone).toFixed(1)} steps/s`);
    console.log(`watched  ${median(speeds.watched).toFixed(1)} steps/s`);
    console.log(
      `ratio    ${median(ratios).toFixed(3)}, quartiles ${quartile(0.25)} to ${quartile(0.75)}, of ${rounds} pairs of ${seconds} s`,
    );
    // On a busy machine the ratio says little; this bounds it: what the server takes, the training could have had at most.
    const share = (100 * used.server) / used.training;
    console.log(
      `the server used ${used.server.toFixed(2)} s of processor time beside the training's ${used.training.toFixed(1)} s: ${share.toFixed(2)} %`,
    );
  } finally {
    const ended = new Promise((resolve) => training.once('exit', resolve));
    training.kill('SIGINT');
    server.kill('SIGINT');
    await ended;
  }
}

try {
  if (what === 'scale') await measureScale(Number(first ?? 200), Number(second ?? 100_000));
  else if (what === 'cost') await measureCost(Number(first ?? 16), Number(second ?? 5));
  else console.error('usage: npx tsx bench/watch.ts scale | cost');
} finally {
  rmSync(home, { recursive: true, force: true });
}
