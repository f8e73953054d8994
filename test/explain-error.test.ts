import { describe, expect, test } from 'vitest';
import { ExecutionError } from '../src/errors.ts';
import { explainExecutionError } from '../src/graph/explain-error.ts';
import { add, mul, softplus } from '../src/graph/functions/elementwise.ts';
import { matmul } from '../src/graph/functions/linear-algebra.ts';
import { loop } from '../src/graph/functions/loop.ts';
import { sum } from '../src/graph/functions/reductions.ts';
import { gather } from '../src/graph/functions/shaping.ts';
import { grad } from '../src/graph/grad.ts';
import { encodeModel, type Model } from '../src/graph/onnx/encode.ts';
import type { Tensor, Tensors } from '../src/graph/tensor.ts';
import { constant, input, label, type Values } from '../src/graph/value.ts';
import { compileModel } from './run-graph.ts';

const matrix = (...shape: [number, number]): Tensor => ({
  dtype: 'float32',
  shape,
  data: new Float32Array(shape[0] * shape[1]),
});
const int64 = (...values: number[]): Tensor => ({
  dtype: 'int64',
  shape: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

const modelOf = (outputs: Values): Model => encodeModel({ name: 'test', outputs });

/** Compiles and runs a model that must fail, and explains its error. */
async function failure(model: Model, feeds: Tensors): Promise<ExecutionError> {
  try {
    const compiled = await compileModel(model);
    try {
      await compiled.run(feeds);
    } finally {
      await compiled.release();
    }
  } catch (error) {
    const explained = explainExecutionError(error, model, feeds);
    expect(explained).toBeInstanceOf(ExecutionError);
    expect(explained.cause).toBe(error);
    return explained;
  }
  throw new Error('expected ONNX Runtime to fail');
}

/** `file:line:` of the caller: what a value that is built on the same line must be traced back to. */
function here(): string {
  const frame = new Error().stack!.split('\n')[2]!;
  return /([^( ]+:\d+:)\d+\)?$/.exec(frame)![1]!;
}

describe('an error as the graph runs', () => {
  test('names the node, its operator with types, the reason, and the line that built it', async () => {
    const [table, rows] = [input('table', 'float32', ['N', 2]), input('rows', 'int64', [2])];
    const [y, line] = [gather(table, rows), here()];
    label('net/embed', [y], [table, rows]);
    const error = await failure(modelOf({ y }), { table: matrix(3, 2), rows: int64(0, 9) });
    expect(error.message).toMatch(
      'net/embed/Gather: Gather(float32 [3, 2], int64 [2]) must run, got "indices element out of data bounds, ' +
        `idx=9 must be within the inclusive range [-3,2]" (built at ${line}`,
    );
  });

  test('of two batches that disagree says which sizes they had', async () => {
    const [a, b] = [input('a', 'float32', ['N', 2]), input('b', 'float32', ['N', 2])];
    const [y, line] = [add(a, b), here()];
    const error = await failure(modelOf({ y }), { a: matrix(3, 2), b: matrix(4, 2) });
    expect(error.message).toMatch(
      'Add: Add(float32 [N, 2], float32 [N, 2]) must run, got "Attempting to broadcast an axis by a dimension ' +
        `other than 1. 3 by 4" (built at ${line}`,
    );
    expect(error.message).toMatch(/; N is 3 in a, but 4 in b\)$/);
  });

  test('in the body of a loop names the node of the body', async () => {
    const count = constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(3n) });
    const table = input('table', 'float32', [3, 2]);
    let line = '';
    const { scans } = loop(count, { row: input('row', 'int64', [1]) }, (_, { row }) => {
      const [picked, where] = [gather(table, row!), here()];
      line = where;
      return { state: { row: add(row!, 2) }, scans: { total: sum(picked) } };
    });
    const error = await failure(modelOf({ y: scans['total']! }), { table: matrix(3, 2), row: int64(0) });
    expect(error.message).toMatch('Gather: Gather(float32 [3, 2], int64 [1]) must run, got "indices element');
    expect(error.message).toMatch(`idx=4 must be within the inclusive range [-3,2]" (built at ${line}`);
  });

  test('in what the optimiser made of two nodes names the first of them', async () => {
    const [a, w, b] = [
      input('a', 'float32', ['N', 2]),
      input('w', 'float32', [2, 2]),
      input('b', 'float32', ['N', 2]),
    ];
    const y = add(matmul(a, w), b);
    const error = await failure(modelOf({ y }), { a: matrix(3, 2), w: matrix(2, 2), b: matrix(4, 2) });
    expect(error.message).toMatch(
      /^MatMul: MatMul\(.*Gemm: Invalid bias shape for broadcast.*N is 3 in a, but 4 in b/,
    );
  });

  test('in a gradient leads to the call of grad', async () => {
    const [table, rows] = [input('table', 'float32', [3, 2]), input('rows', 'int64', [2])];
    const total = sum(mul(gather(table, rows), 2));
    const [gradients, line] = [grad(total, [table]), here()];
    const error = await failure(modelOf({ g: gradients[0]! }), { rows: int64(0, 3) });
    expect(error.message).toMatch(
      /^gradient\/ScatterElements: ScatterElements\(float32 \[3, 2\], int64 \[2, 2\], /,
    );
    expect(error.message).toMatch(`built at ${line}`);
  });

  test('that names no node is passed on with what it says', async () => {
    const x = input('x', 'float32', [2, 2]);
    const error = await failure(modelOf({ y: add(x, 1) }), { x: matrix(3, 2) });
    expect(error.message).toMatch(
      /^graph: ONNX Runtime must run it, got "Got invalid dimensions for input: x for the following indices index: 0 Got: 3 Expected: 2/,
    );
  });
});

describe('an error as the model is loaded', () => {
  test('for want of a kernel', async () => {
    const x = input('x', 'float64', [2]);
    const [y, line] = [softplus(input('x', 'float32', [2])), here()];
    // The function puts float64 together from other operators.
    Object.assign(y, { dtype: 'float64' });
    Object.assign(y.node, { inputs: [x] });
    const error = await failure(modelOf({ y }), {});
    expect(error.message).toMatch(
      'Softplus: Softplus(float64 [2]) must run, got "Could not find an implementation for Softplus(1) node ' +
        `with name 'Softplus'" (built at ${line}`,
    );
  });

  test('from type inference', async () => {
    const [a, b] = [input('a', 'float32', [2, 3]), input('b', 'float32', [3, 2])];
    const [y, line] = [matmul(a, b), here()];
    // What no function would build: another operand after the types were inferred.
    Object.assign(y.node, { inputs: [a, input('b', 'float32', [4, 2])] });
    const error = await failure(modelOf({ y }), {});
    expect(error.message).toMatch(
      /^MatMul: MatMul\(float32 \[2, 3\], float32 \[4, 2\]\) must run, got ".*Incompatible dimensions/,
    );
    expect(error.message).toMatch(`built at ${line}`);
  });
});

describe('the line', () => {
  const y = add(input('x', 'float32', [2]), 1);
  const explain = (stack: string) => {
    const node = { ...y.node, origin: Object.assign(new Error('Add'), { stack }) };
    const error = new Error(
      "Non-zero status code returned while running Add node. Name:'Add' Status Message: no",
    );
    return explainExecutionError(error, { ...modelOf({ y }), nodes: new Map([['Add', node]]) }).message;
  };
  const engine = import.meta.url.replace(/^file:\/\//, '').replace(/test\/[^/]*$/, 'src/graph/');
  const layers = engine.replace(/graph\/$/, 'nn/');

  test.each<[string, string, string]>([
    [
      'a function of the user',
      `Error: Add\n    at add (${engine}value.ts:1:2)\n    at user (/home/me/a b.ts:3:4)`,
      '(built at /home/me/a b.ts:3:4)',
    ],
    [
      'top-level code',
      `Error: Add\n    at add (${engine}value.ts:1:2)\n    at file:///home/me/gan.js:5:6`,
      '(built at file:///home/me/gan.js:5:6)',
    ],
    [
      'asynchronous code',
      `Error: Add\n    at add (${engine}value.ts:1:2)\n    at async /home/me/gan.ts:5:6`,
      '(built at /home/me/gan.ts:5:6)',
    ],
    [
      'the user behind a layer',
      `Error: Add\n    at add (${engine}value.ts:1:2)\n    at dense (${layers}dense.ts:9:9)\n    at /home/me/gan.ts:5:6`,
      '(built at /home/me/gan.ts:5:6)',
    ],
    [
      'a layer, where the stack ends before the user',
      `Error: Add\n    at add (${engine}value.ts:1:2)\n    at dense (${layers}dense.ts:9:9)`,
      `(built at ${layers}dense.ts:9:9)`,
    ],
    [
      "Firefox's and Safari's form",
      'add@http://localhost/app.js:7:8\n@http://localhost/app.js:9:9',
      '(built at http://localhost/app.js:7:8)',
    ],
    ['no stack at all', '', 'got "no"'],
  ])('of %s', (_, stack, expected) => {
    expect(explain(stack).endsWith(expected)).toBe(true);
  });
});

test('finds the node through the causes of an error, and takes what is no Error at all', () => {
  const y = add(input('x', 'float32', [2]), 1);
  const cause = new Error(
    "Non-zero status code returned while running Add node. Name:'Add' Status Message: too bad",
  );
  const wrapped = new ExecutionError('run: program chunk must run to its end', { cause });
  expect(explainExecutionError(wrapped, modelOf({ y })).message).toMatch(
    'Add: Add(float32 [2], float32 []) must run, got "too bad" (built at ',
  );
  expect(explainExecutionError('out of memory', modelOf({ y })).message).toBe(
    'graph: ONNX Runtime must run it, got "out of memory"',
  );
});
