import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  chunkFeeds,
  chunkProgram,
  IN,
  initialState,
  OUT,
  readProgram,
  referenceChunk,
  STEPS,
  stepFeeds,
  stepProgram,
} from '../../test/runtime/descent.ts';
import { ExecutionError } from '../errors.ts';
import { gather } from '../graph/functions/shaping.ts';
import { encodeModel } from '../graph/onnx/encode.ts';
import type { Tensor } from '../graph/tensor.ts';
import { input } from '../graph/value.ts';
import { LocalSession } from './local-session.ts';
import { openNodeExecutor } from './node.ts';
import { openSession } from './node-session.ts';
import { failedNode } from './onnx-error.ts';
import type { Session } from './session.ts';

const kinds: Record<string, () => Promise<Session>> = {
  'cpu in this thread': async () => new LocalSession(await openNodeExecutor({ device: 'cpu' })),
  'wasm in this thread': async () => new LocalSession(await openNodeExecutor({ device: 'wasm' })),
  'cpu in a worker': () => openSession({ device: 'cpu' }),
  'wasm in a worker': () => openSession({ device: 'wasm' }),
};
// A broken GPU driver may end the process that tries it, so it takes a wish: ZEROSUM_TEST_WEBGPU=1.
if (process.env['ZEROSUM_TEST_WEBGPU']) kinds['webgpu in a worker'] = () => openSession({ device: 'webgpu' });

const float32 = (shape: readonly number[], ...data: number[]): Tensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
});

const refusals = (): readonly [string, Record<string, Tensor>, string][] => [
  ['step', { ...stepFeeds(0), z: float32([1], 1) }, 'run: unknown feed z of program step. One of x.'],
  ['step', {}, 'run: x of program step must be fed as float32 [8, 3], got nothing'],
  ['step', { x: float32([2, 1], 1, 2) }, 'run: x of program step must be float32 [8, 3], got float32 [2, 1]'],
  ['step', { x: float32([8, 3], 1, 2) }, 'x of program step: float32 [8, 3] must hold 24 elements, got 2'],
  [
    'step',
    { x: { dtype: 'int32', shape: [8, 3], data: new Int32Array(24) } },
    'must be float32 [8, 3], got int32 [8, 3]',
  ],
  ['step', { x: malformed(new Float64Array(24)) }, 'must hold float32 as Float32Array, got Float64Array'],
  [
    'step',
    { x: malformed(new Float32Array(new SharedArrayBuffer(96))) },
    'got a SharedArrayBuffer. Pass a copy: data.slice()',
  ],
  [
    'read',
    { w: float32([IN, OUT], 1, 2, 3, 4, 5, 6) },
    "w of program read must come from the session's state weight",
  ],
  ['stp', {}, 'run: unknown program stp. One of chunk, step, read. Did you mean step?'],
];

/** A tensor that TypeScript would refuse. */
function malformed(data: Float64Array | Float32Array): Tensor {
  return { dtype: 'float32', shape: [8, 3], data: data as Tensor['data'] };
}

describe.each(Object.entries(kinds))('session: %s', (kind, open) => {
  let trained: Session;

  beforeAll(async () => {
    trained = await open();
    for (const program of [chunkProgram(), stepProgram(), readProgram()]) await trained.compile(program);
  });
  beforeEach(() => trained.writeState(initialState()));
  afterAll(() => trained.release());

  test('a chunk trains as plain JavaScript does', async () => {
    const results = await trained.run('chunk', chunkFeeds());
    const { weight } = await trained.readState();
    const expected = referenceChunk();
    expect(Object.keys(results)).toEqual(['losses']);
    expect(results['losses']).toMatchObject({ dtype: 'float32', shape: [STEPS] });
    expect(results['losses']!.data).toBeAllClose(expected.losses, { rtol: 1e-5 });
    expect(weight).toMatchObject({ dtype: 'float32', shape: [IN, OUT] });
    expect(weight!.data).toBeAllClose(expected.weight, { rtol: 1e-5 });
  });

  test('programs share the state: single steps are a chunk, and a reader sees what they wrote', async () => {
    const losses: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const { loss } = await trained.run('step', stepFeeds(step));
      losses.push(Number(loss!.data[0]));
    }
    const { weight } = await trained.readState(['weight']);
    const { total } = await trained.run('read', {});
    expect(losses).toBeAllClose(referenceChunk().losses, { rtol: 1e-5 });
    expect(weight!.data).toBeAllClose(referenceChunk().weight, { rtol: 1e-5 });
    const sum = referenceChunk().weight.reduce((a, b) => a + b, 0);
    expect(total!.data).toBeAllClose([sum], { rtol: 1e-5 });
  });

  test('rollback undoes one run, and the run replays bit for bit', async () => {
    await trained.run('chunk', chunkFeeds(0));
    const before = await trained.readState();
    const first = await trained.run('chunk', chunkFeeds(1));
    const after = await trained.readState();
    expect(after).not.toEqual(before);
    await trained.rollback();
    expect(await trained.readState()).toEqual(before);
    await expect(trained.rollback()).rejects.toThrow(/^rollback: a run must have completed .*, got none$/);
    expect(await trained.run('chunk', chunkFeeds(1))).toEqual(first);
    expect(await trained.readState()).toEqual(after);
  });

  test('written state cannot be rolled back, and a failed run changes nothing', async () => {
    await trained.run('chunk', chunkFeeds());
    const trainedState = await trained.readState();
    await expect(trained.run('chunk', {})).rejects.toThrow(ExecutionError);
    expect(await trained.readState()).toEqual(trainedState);
    // Only the last run can be undone, and that one did nothing.
    await expect(trained.rollback()).rejects.toThrow(ExecutionError);
    await trained.run('chunk', chunkFeeds());
    await trained.writeState(initialState());
    await expect(trained.rollback()).rejects.toThrow(ExecutionError);
    await expect(trained.writeState({ weight: float32([2], 1) })).rejects.toThrow(
      'writeState: weight: float32 [2] must hold 2 elements, got 1',
    );
    expect(await trained.readState()).toEqual(initialState());
  });

  test('state that was read is a copy', async () => {
    (await trained.readState())['weight']!.data.fill(0 as never);
    expect(await trained.readState()).toEqual(initialState());
    await expect(trained.readState(['wieght'])).rejects.toThrow(
      'readState: unknown state wieght. One of weight. Did you mean weight?',
    );
  });

  test('refuses what ONNX Runtime would take in silence or refuse in its own words', async () => {
    for (const [program, feeds, message] of refusals()) {
      const run = trained.run(program, feeds);
      await expect(run).rejects.toThrow(ExecutionError);
      await expect(run).rejects.toThrow(message);
    }
    expect(await trained.readState()).toEqual(initialState());
  });

  test('refuses programs that do not fit, and state that nobody wrote', async () => {
    const { name, model, carried } = stepProgram();
    const noise = new Uint8Array([8, 8, 255, 255]);
    await expect(trained.compile({ name, model: noise, carried: [] })).rejects.toThrow(
      /^compile: ONNX Runtime must accept program step, got ".*parsing failed/,
    );
    await expect(trained.compile({ name, model, carried: [{ name: 'a', input: 'ww' }] })).rejects.toThrow(
      'compile: unknown input ww of program step. One of w, x. Did you mean w?',
    );
    const x = [{ name: 'a', input: 'x', output: 'w_next' }];
    await expect(trained.compile({ name, model, carried: x })).rejects.toThrow(
      'compile: state a of program step must keep its type, got float32 [8, 3] in and float32 [3, 2] out',
    );
    await trained.compile({ name: 'other', model, carried: [{ ...carried[0]!, name: 'weights' }] });
    await expect(trained.run('other', stepFeeds(0))).rejects.toThrow(
      'run: state weights of program other must be written first, got none. One of weight. Did you mean weight?',
    );
  });

  // A GPU clamps an index that is out of range.
  test.skipIf(kind.startsWith('webgpu'))(
    'an error of ONNX Runtime keeps its own as the cause, names the node, and the session goes on',
    async () => {
      const table = input('table', 'float32', [4, 1]);
      const { bytes } = encodeModel({
        name: 'lookup',
        outputs: { row: gather(table, input('index', 'int64', [])) },
      });
      await trained.compile({ name: 'lookup', model: bytes, carried: [] });
      const lookup = (index: bigint): ReturnType<Session['run']> =>
        trained.run('lookup', {
          table: float32([4, 1], 5, 6, 7, 8),
          index: { dtype: 'int64', shape: [], data: BigInt64Array.of(index) },
        });
      const error: unknown = await lookup(9n).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(ExecutionError);
      expect((error as Error).message).toMatch(/^run: program lookup must run to its end, got "/);
      expect((error as Error).cause).toBeInstanceOf(Error);
      expect(failedNode(error)).toBe('Gather');
      expect((await lookup(2n))['row']!.data).toEqual(Float32Array.of(7));
    },
  );

  test('compiling tells what the model takes and gives, the state among it', async () => {
    expect(await trained.compile(stepProgram())).toEqual({
      inputs: [
        { name: 'w', dtype: 'float32', shape: [IN, OUT] },
        { name: 'x', dtype: 'float32', shape: [8, IN] },
      ],
      outputs: [
        { name: 'w_next', dtype: 'float32', shape: [IN, OUT] },
        { name: 'loss', dtype: 'float32', shape: [] },
      ],
    });
  });

  test('a program compiled again replaces the first', async () => {
    await trained.compile({ ...stepProgram(), name: 'again' });
    await trained.compile({ ...readProgram(), name: 'again' });
    expect(Object.keys(await trained.run('again', {}))).toEqual(['total']);
  });

  test('release waits for the calls before it, may be repeated, and closes the session', async () => {
    const session = await open();
    await session.compile(chunkProgram());
    await session.writeState(initialState());
    const run = session.run('chunk', chunkFeeds());
    const state = session.readState();
    await Promise.all([session.release(), session.release()]);
    expect((await run)['losses']!.data).toBeAllClose(referenceChunk().losses, { rtol: 1e-5 });
    expect((await state)['weight']!.data).toBeAllClose(referenceChunk().weight, { rtol: 1e-5 });
    await session.release();
    await expect(session.run('chunk', chunkFeeds())).rejects.toThrow(
      'run: the session must be open, got a released one',
    );
    await expect(session.rollback()).rejects.toThrow(ExecutionError);
  });
});
