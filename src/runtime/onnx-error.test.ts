import { describe, expect, test } from 'vitest';
import { ExecutionError } from '../errors.ts';
import { add } from '../graph/functions/elementwise.ts';
import { matmul } from '../graph/functions/linear-algebra.ts';
import { loop } from '../graph/functions/loop.ts';
import { gather } from '../graph/functions/shaping.ts';
import { encodeModel } from '../graph/onnx/encode.ts';
import { constant, input, label } from '../graph/value.ts';
import { openNodeExecutor } from './node.ts';
import { executionError, failedNode } from './onnx-error.ts';

/** A loop whose body looks up row 0, 1, 2, ... of a table with 4 rows, 6 times. */
function overrun(): Uint8Array {
  const count = constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(6n) });
  const { scans } = loop(count, { table: input('table', 'float32', [4, 1]) }, (i, { table }) => {
    const row = gather(table!, i);
    label('lookup', [row], [table!, i]);
    return { state: { table: add(table!, 1) }, scans: { row } };
  });
  return encodeModel({ name: 'overrun', outputs: { rows: scans['row']! } }).bytes;
}

/** The product of [2, 3] and [3, 2], in whose file one byte was changed: [2, 3] and [4, 2]. */
function mismatched(): Uint8Array {
  const [x, z] = [input('x', 'float32', [2, 3]), input('z', 'float32', [3, 2])];
  const y = matmul(x, z);
  label('net/out', [y], [x, z]);
  const { bytes } = encodeModel({ name: 'mismatched', outputs: { y } });
  // A dimension is message 1, 2 bytes long, of integer field 1.
  bytes[Buffer.from(bytes).lastIndexOf(Buffer.from([0x0a, 2, 0x08, 3])) + 3] = 4;
  return bytes;
}

describe.each(['cpu', 'wasm'] as const)("ONNX Runtime's errors on %s", (device) => {
  test('name the node of a loop body that failed', async () => {
    const executable = await (await openNodeExecutor({ device })).load('overrun', overrun());
    const table = { dtype: 'float32', shape: [4, 1], data: new Float32Array(4) } as const;
    const error: unknown = await executable.run({ table }).catch((e: unknown) => e);
    await executable.release();
    expect(error).toBeInstanceOf(ExecutionError);
    expect((error as Error).message).toMatch(
      /^run: program overrun must run to its end, got "Non-zero status code.*indices element out of data bounds/,
    );
    expect(failedNode(error)).toBe('lookup/Gather');
  });

  test('are thrown where a model is loaded', async () => {
    const { load } = await openNodeExecutor({ device });
    const error: unknown = await load('mismatched', mismatched()).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ExecutionError);
    expect((error as Error).message).toMatch(
      /^compile: ONNX Runtime must accept program mismatched, got ".*\[ShapeInferenceError\] Incompatible dimensions/,
    );
    expect(failedNode(error)).toBe(device === 'cpu' ? 'net/out/MatMul' : undefined);
  });
});

test('are told without codes and source positions, which the cause keeps', () => {
  const cause = new Error(
    "failed to call OrtRun(). ERROR_CODE: 1, ERROR_MESSAGE: Name:'a' /src/core/matmul_helper.h:59 Helper::Compute() left == right was false. Dimensions differ",
  );
  const error = executionError('run: it must run', cause, 'Change it');
  expect(error.message).toBe(`run: it must run, got "Name:'a' Dimensions differ". Change it`);
  expect(error.cause).toBe(cause);
  expect(failedNode(new Error('out of memory'))).toBeUndefined();
  expect(failedNode('not an error')).toBeUndefined();
});
