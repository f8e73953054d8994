import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import {
  chunkFeeds,
  chunkProgram,
  initialState,
  referenceChunk,
  stepProgram,
} from '../../test/runtime/descent.ts';
import { ConfigError, ExecutionError } from '../errors.ts';
import { add } from '../graph/functions/elementwise.ts';
import { matmul } from '../graph/functions/linear-algebra.ts';
import { encodeModel } from '../graph/onnx/encode.ts';
import type { Tensors } from '../graph/tensor.ts';
import { input } from '../graph/value.ts';
import { LocalSession } from './local-session.ts';
import { openNodeExecutor } from './node.ts';
import { openSession, workerPort } from './node-session.ts';
import type { Session } from './session.ts';
import { errorFrom, errorMessage } from './session-messages.ts';
import { openWorkerSession } from './worker-session.ts';

async function prepare(session: Session): Promise<Session> {
  for (const program of [chunkProgram(), stepProgram()]) await session.compile(program);
  await session.writeState(initialState());
  return session;
}

async function trainTwoChunks(session: Session): Promise<Tensors[]> {
  await prepare(session);
  const results = [await session.run('chunk', chunkFeeds(0)), await session.run('chunk', chunkFeeds(1))];
  results.push(await session.readState());
  await session.release();
  return results;
}

test.each(['cpu', 'wasm'] as const)(
  'a worker on %s computes what this thread computes, bit for bit',
  async (device) => {
    const local = new LocalSession(await openNodeExecutor({ device, threads: 1 }));
    expect(await trainTwoChunks(await openSession({ device, threads: 1 }))).toEqual(
      await trainTwoChunks(local),
    );
  },
);

test('this thread stays free while the worker runs', async () => {
  const session = await openSession();
  const x = input('x', 'float32', [1500, 1500]);
  const { bytes } = encodeModel({ name: 'square', outputs: { y: matmul(x, x) } });
  await session.compile({ name: 'square', model: bytes, carried: [] });
  let turns = 0;
  const counter = setInterval(() => turns++, 1);
  const feed = { dtype: 'float32', shape: [1500, 1500], data: new Float32Array(1500 ** 2) } as const;
  await session.run('square', { x: feed });
  clearInterval(counter);
  await session.release();
  // 7 billion operations take 10 ms at the least; a run that blocked this thread would leave it no turn.
  expect(turns).toBeGreaterThan(2);
});

test('feeds and state move to the worker, but a view takes only its own part along', async () => {
  const session = await prepare(await openSession());
  const feeds = chunkFeeds();
  await session.run('chunk', feeds);
  expect(feeds.xs.data.buffer.byteLength).toBe(0);
  await expect(session.run('chunk', feeds)).rejects.toThrow(
    'run: xs of program chunk: float32 [5, 8, 3] must hold 120 elements, got 0 (its buffer was handed over in an earlier call)',
  );
  const { data } = chunkFeeds().xs;
  await session.run('step', { x: { dtype: 'float32', shape: [8, 3], data: data.subarray(24, 48) } });
  expect(data).toEqual(chunkFeeds().xs.data);
  await session.release();
});

test('errors cross with their class, message and causes', async () => {
  const open = openSession({ device: 'gpu' as 'webgpu' });
  await expect(open).rejects.toThrow(ConfigError);
  await expect(open).rejects.toThrow('unknown device gpu. One of auto, cpu, wasm, webgpu, cuda');
  await expect(openSession({ threads: 0 })).rejects.toThrow(ConfigError);

  const original = new ExecutionError('outer', { cause: new RangeError('inner', { cause: 'a string' }) });
  const copy = errorFrom(structuredClone(errorMessage(original)));
  expect(copy).toBeInstanceOf(ExecutionError);
  expect(copy).toMatchObject({ message: 'outer', stack: original.stack });
  expect(copy.cause).toMatchObject({ name: 'RangeError', message: 'inner', cause: { message: 'a string' } });
});

test.each([
  ['throws', 'throw new Error("out of luck")', 'out of luck'],
  ['exits', 'process.exit(3)', 'exit code 3'],
])(
  'a worker that %s fails the pending calls and all later ones, and can be released',
  async (_, death, reason) => {
    const code = `
    const { parentPort } = require('node:worker_threads');
    parentPort.on('message', ({ id, call }) => {
      if (call === 'open') parentPort.postMessage({ id, result: { device: 'cpu', threads: 1 } });
      if (call === 'run') { ${death} }
    });`;
    const session = await openWorkerSession(workerPort(new Worker(code, { eval: true })), {});
    const never = session.rollback();
    const run = session.run('chunk', chunkFeeds());
    for (const [call, pending] of [
      ['rollback', never],
      ['run', run],
    ] as const) {
      await expect(pending).rejects.toThrow(ExecutionError);
      await expect(pending).rejects.toThrow(
        `${call}: the session must be open, got one whose worker has died (${reason})`,
      );
    }
    await expect(session.readState()).rejects.toThrow(`has died (${reason})`);
    await session.release();
  },
);

test('many runs hold no memory', async () => {
  const session = new LocalSession(await openNodeExecutor({ device: 'cpu' }));
  const w = input('w', 'float32', [1024, 1024]);
  const { bytes } = encodeModel({ name: 'count', outputs: { w_next: add(w, 1) } });
  const carried = [{ name: 'w', input: 'w', output: 'w_next' }];
  await session.compile({ name: 'count', model: bytes, carried });
  await session.writeState({
    w: { dtype: 'float32', shape: [1024, 1024], data: new Float32Array(1024 ** 2) },
  });
  for (let i = 0; i < 20; i++) await session.run('count', {});
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 200; i++) await session.run('count', {});
  await session.release();
  // The 200 states that were replaced took 800 MiB.
  expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(200);
});

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const source = path('./node-session.ts');
const compiled = path('../../dist/runtime/node-session.js');

/** Runs train-and-end.ts as a process of its own, with the session from the given module. */
async function trainAndEnd(module: string, nodeOptions = ''): Promise<Record<string, unknown>> {
  const program = ['--import', 'tsx', path('../../test/runtime/train-and-end.ts'), module];
  const env = { ...process.env, NODE_OPTIONS: nodeOptions };
  const { stdout } = await promisify(execFile)(process.execPath, program, { env, timeout: 30_000 });
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe('a process that leaves its session open', () => {
  test('ends by itself', async () => {
    const { device, notice, losses } = await trainAndEnd(source);
    expect({ device, notice }).toEqual({ device: 'cpu', notice: undefined });
    expect(losses).toBeAllClose(referenceChunk().losses, { rtol: 1e-5 });
  });

  test('runs on wasm, with a notice, where the native package has no binary', async () => {
    const preload = `--require ${path('../../test/runtime/without-native-binary.cjs')}`;
    const { device, notice, losses } = await trainAndEnd(source, preload);
    expect(device).toBe('wasm');
    expect(notice).toMatch(
      /^running on wasm, about \d times slower than cpu: onnxruntime-node has no binary/,
    );
    expect(losses).toBeAllClose(referenceChunk().losses, { rtol: 1e-5 });
  });

  test.skipIf(!existsSync(compiled))(
    'starts its worker from compiled code as well (npm run build)',
    async () => {
      expect(await trainAndEnd(compiled)).toMatchObject({ device: 'cpu' });
    },
  );
});
