import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  ApiError,
  RunDetail,
  RunList,
  RunMetrics,
  RunSummary,
  ServerEvents,
  Started,
} from '../src/server/api.ts';
import { lockHolder } from '../src/train/disk/lock.ts';
import { type Running, startZerosum } from './zerosum-process.ts';

const home = mkdtempSync(join(tmpdir(), 'watch-'));
const runs = join(home, 'runs');
/** Small and slow enough to be stopped in the middle. */
const small = {
  'generator.layers.0.dense': 8,
  'discriminator.layers.0.dense': 8,
  threads: 1,
  checkpointEvery: 50,
};

/** Those as words of the command line. */
const flags = Object.entries(small).map(([key, value]) => `--set=${key}=${value}`);

afterAll(() => rmSync(home, { recursive: true, force: true }));

/** `zerosum watch` as a script starts it. */
class Watch {
  readonly process: Running;
  readonly url: string;

  private constructor(process: Running, url: string) {
    this.process = process;
    this.url = url;
  }

  static async start(...flags: readonly string[]): Promise<Watch> {
    const process = startZerosum(home, 'watch', 'runs', '--port', '0', '--no-open', ...flags);
    return new Watch(process, await process.line(() => true));
  }

  async get<T>(path: string): Promise<T> {
    return (await (await fetch(new URL(path, this.url))).json()) as T;
  }

  async post<T>(path: string, body: unknown = {}): Promise<{ status: number; body: T }> {
    const answer = await fetch(new URL(path, this.url), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as T };
  }

  async summary(id: string): Promise<RunSummary> {
    const { runs } = await this.get<RunList>('/api/runs');
    return runs.find((run) => run.id === id)!;
  }

  /** Waits for what a run is to become. */
  async until(id: string, holds: (summary: RunSummary) => boolean): Promise<RunSummary> {
    for (let tries = 0; tries < 600; tries++) {
      const summary = await this.summary(id);
      if (summary && holds(summary)) return summary;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${id} did not get there: ${JSON.stringify(await this.summary(id))}`);
  }

  async end(): Promise<number | null> {
    this.process.child.kill('SIGINT');
    return (await this.process.ended).code;
  }
}

/** Server-sent events as they come. */
async function* eventsOf(
  url: string,
  signal: AbortSignal,
): AsyncGenerator<{ event: string; id: string; data: unknown }> {
  const answer = await fetch(new URL('/api/events', url), { signal });
  let text = '';
  for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(piece).toString('utf8');
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = Object.fromEntries(
        text
          .slice(0, end)
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
      );
      text = text.slice(end + 2);
      yield { event: fields['event']!, id: fields['id'] ?? '', data: JSON.parse(fields['data']!) as unknown };
    }
  }
}

describe('zerosum watch', () => {
  let watch: Watch;
  beforeAll(async () => {
    mkdirSync(runs);
    watch = await Watch.start();
  }, 60_000);
  afterAll(async () => {
    for (const run of (await watch.get<RunList>('/api/runs')).runs)
      if (run.state === 'running') await watch.post(`/api/runs/${run.id}/stop`);
    expect(await watch.end()).toBe(0);
  }, 60_000);

  it('prints its address first, and has no runs', async () => {
    expect(watch.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect((await watch.get<RunList>('/api/runs')).runs).toEqual([]);
  });

  it('starts a run, shows it as it trains, stops it with a checkpoint, resumes and forks it', async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const listening = (async () => {
      for await (const { event, data } of eventsOf(watch.url, controller.signal)) {
        const { id, state } = data as RunSummary;
        seen.push(event === 'run' ? `${id} ${state}` : event);
      }
    })().catch(() => undefined);

    const started = await watch.post<Started>('/api/runs', {
      data: 'ring8',
      name: 'ring',
      steps: 1_000_000,
      seed: 5,
      set: small,
    });
    expect(started).toEqual({ status: 201, body: { id: 'ring', state: 'running' } });
    const running = await watch.until('ring', ({ step }) => step > 60);
    expect(running).toMatchObject({
      state: 'running',
      steps: 1_000_000,
      seed: 5,
      data: 'ring8',
      preset: 'ring8',
    });
    expect(running.itPerSecond).toBeGreaterThan(1);
    expect(running.etaSeconds).toBeCloseTo((1_000_000 - running.step) / running.itPerSecond!, 3);

    // The name is taken, and the run cannot be resumed while it runs.
    expect((await watch.post('/api/runs', { data: 'ring8', name: 'ring' })).status).toBe(409);
    expect((await watch.post<ApiError>('/api/runs/ring/resume')).status).toBe(409);

    expect((await watch.post('/api/runs/ring/stop')).status).toBe(202);
    const stopped = await watch.until('ring', ({ state }) => state !== 'running');
    expect(stopped.state).toBe('stopped');
    const detail = await watch.get<RunDetail>('/api/runs/ring');
    expect(detail.checkpoints.at(-1)).toBe(stopped.step);
    expect(detail.configDiff?.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['seed', 'steps', 'threads', 'checkpointEvery', 'generator.layers']),
    );
    expect(detail.sheets[0]!.step).toBe(0);
    expect((await fetch(new URL(detail.sheets[0]!.url, watch.url))).status).toBe(200);
    // The log is complete a moment before the process has gone.
    await expect
      .poll(async () => (await watch.post<ApiError>('/api/runs/ring/stop')).body.error)
      .toBe('stop: ring must be running, got no process that trains it');

    const last = stopped.step + 20;
    const resumed = await watch.post<Started>('/api/runs/ring/resume', { steps: last });
    expect(resumed.status).toBe(201);
    const finished = await watch.until('ring', ({ state }) => state === 'finished');
    expect(finished).toMatchObject({ step: last, steps: last });
    const metrics = await watch.get<RunMetrics>(`/api/runs/ring/metrics?keys=lossD&from=${last - 4}`);
    expect(metrics.steps).toEqual([last - 4, last - 3, last - 2, last - 1, last]);

    const fork = { step: 50, steps: 60, name: 'branch', set: { k: 2 } };
    expect((await watch.post<Started>('/api/runs/ring/fork', fork)).status).toBe(201);
    const branch = await watch.until('branch', ({ state }) => state === 'finished');
    expect(branch).toMatchObject({ step: 60, forkedFrom: { run: 'ring', step: 50 } });

    await expect.poll(() => seen, { timeout: 10_000 }).toContain('branch finished');
    expect(seen[0]).toBe('hello');
    for (const change of ['ring running', 'ring stopped', 'ring finished']) expect(seen).toContain(change);
    controller.abort();
    await listening;
  }, 120_000);

  it('says what the command line says where a training cannot start', async () => {
    const broken = join(home, 'broken.npy');
    writeFileSync(broken, 'no numbers');
    const other = await Watch.start('--data', broken);
    try {
      const { status, body } = await other.post<ApiError>('/api/runs', {
        data: 'broken.npy',
        preset: 'digits',
        name: 'b',
      });
      expect(status).toBe(409);
      expect(body.error).toContain('broken.npy');
      expect(await other.summary('b')).toBeUndefined();
    } finally {
      await other.end();
    }
  });

  it('runs that the command line started elsewhere can be watched and stopped, and outlive the server', async () => {
    const training = startZerosum(
      home,
      'train',
      'ring8',
      '--steps=1000000',
      '--out=runs/elsewhere',
      ...flags,
    );
    await watch.until('elsewhere', ({ state, step }) => state === 'running' && step > 0);
    await watch.post('/api/runs/elsewhere/stop');
    const { code, stderr } = await training.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('finishing this chunk and writing a checkpoint');
    expect((await watch.summary('elsewhere')).state).toBe('stopped');
  }, 60_000);

  it('tells a run whose process was killed', async () => {
    const training = startZerosum(home, 'train', 'ring8', '--steps=1000000', '--out=runs/killed', ...flags);
    await watch.until('killed', ({ state, step }) => state === 'running' && step > 50);
    training.child.kill('SIGKILL');
    await training.ended;
    const { state, failure } = await watch.summary('killed');
    expect(state).toBe('failed');
    expect(failure).toMatch(/^its process \(\d+\) ended without a word: .*It can be resumed from step \d+$/);
  }, 60_000);

  it('trainings outlive the server, and another one finds them', async () => {
    const first = await Watch.start();
    await first.post('/api/runs', { data: 'ring8', name: 'survivor', steps: 1_000_000, set: small });
    const { step } = await first.until('survivor', (run) => run.step > 0);
    expect(await first.end()).toBe(0);
    expect((await first.process.ended).stderr).toContain(
      'survivor goes on training; zerosum watch shows it again',
    );
    const second = await Watch.start();
    try {
      const later = await second.until('survivor', (run) => run.step > step);
      expect(later.state).toBe('running');
      await second.post('/api/runs/survivor/stop');
      await second.until('survivor', ({ state }) => state === 'stopped');
      expect(readFileSync(join(runs, '.zerosum', 'survivor.log'), 'utf8')).toContain(
        'stopped, with a checkpoint',
      );
    } finally {
      await second.end();
    }
  }, 60_000);
});

describe('zerosum train --watch', () => {
  it('serves the run beside the training, and both end together where nobody sits at a terminal', async () => {
    const training = startZerosum(
      home,
      'train',
      'ring8',
      '--steps=1000000',
      '--out=runs/seen',
      '--watch',
      '--port=0',
      ...flags,
    );
    let said = '';
    const url = await new Promise<string>((resolve) => {
      training.child.stderr!.on('data', (text: string) => {
        said += text;
        const found = /^dashboard +(\S+)$/m.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    const { runs: listed } = (await (await fetch(new URL('/api/runs', url))).json()) as RunList;
    expect(listed.map(({ id }) => id)).toContain('seen');
    expect(lockHolder(join(runs, 'seen', 'run.lock'))).toMatchObject({
      pid: training.child.pid,
      is: 'known',
    });
    const { signal } = new AbortController();
    const events = eventsOf(url, signal);
    expect((await events.next()).value).toMatchObject({ event: 'hello' } satisfies {
      event: keyof ServerEvents;
    });
    // The page's stop is the training's, though it is not this server's child.
    const stop = await fetch(new URL('/api/runs/seen/stop', url), { method: 'POST' });
    expect(stop.status).toBe(202);
    const { code, stdout } = await training.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('stopped, with a checkpoint,');
    await expect
      .poll(
        () =>
          fetch(url).then(
            () => 'there',
            () => 'gone',
          ),
        { timeout: 10_000 },
      )
      .toBe('gone');
    await events.return(undefined).catch(() => undefined);
  }, 60_000);

  it('needs --watch to be given a port', async () => {
    const { code, stderr } = await startZerosum(home, 'train', 'ring8', '--port', '7071').ended;
    expect(code).toBe(2);
    expect(stderr).toContain('--port: --watch must be given to serve the dashboard, got none. Add --watch');
  });
});
