import { describe, expect, test } from 'vitest';
import { bodyOf, decodeModel, initialiserText, nodesOf, typeText } from '../../../test/decode-model.ts';
import { compileModel, runGraph } from '../../../test/run-graph.ts';
import { ShapeError } from '../../errors.ts';
import { add, cast, clip, less, mul, relu, sigmoid, sub } from '../functions/elementwise.ts';
import { gemm } from '../functions/linear-algebra.ts';
import { loop } from '../functions/loop.ts';
import { mean, sum } from '../functions/reductions.ts';
import { gather, pad, reshape, scatterAdd, slice, transpose } from '../functions/shaping.ts';
import type { Tensor } from '../tensor.ts';
import { constant, input, label, scalar, type Value, type Values } from '../value.ts';
import { encodeModel, type Model, type ModelDescription } from './encode.ts';

const vector = (...values: number[]): Tensor => ({
  dtype: 'float32',
  shape: [values.length],
  data: Float32Array.from(values),
});

const graphOf = ({ bytes }: Model) => decodeModel(bytes).graph;
const encode = (outputs: Values, rest: Partial<ModelDescription> = {}): Model =>
  encodeModel({ name: 'test', outputs, ...rest });

/** `Add(x, y) -> z` for each node. */
const calls = (graph: Parameters<typeof nodesOf>[0]): string[] =>
  nodesOf(graph).map(({ op, inputs, outputs }) => `${op}(${inputs.join(', ')}) -> ${outputs.join(', ')}`);

/** Two dense layers from z [N, 5] to images [N, 1, 2, 2]. */
function smallGenerator() {
  const z = input('z', 'float32', ['N', 5]);
  const ramp = (shape: number[]): Value =>
    constant({
      dtype: 'float32',
      shape,
      data: Float32Array.from({ length: shape[0]! * (shape[1] ?? 1) }, (_, i) => Math.sin(i)),
    });
  const hidden = relu(gemm(z, ramp([5, 3]), ramp([3])));
  const pixels = reshape(sigmoid(gemm(hidden, ramp([3, 4]), ramp([4]))), ['N', 1, 2, 2]);
  label('generator/dense1', [hidden], [z]);
  label('generator/dense2', [pixels], [hidden]);
  return { z, pixels };
}

describe('a file', () => {
  test('says what it is: versions, producer, name, metadata', () => {
    const { bytes } = encode(
      { y: relu(input('x', 'float32', [2])) },
      { metadata: { seed: '7', latent: 'größer' } },
    );
    const model = decodeModel(bytes);
    expect(model.irVersion).toBe(8n);
    expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([['', 17n]]);
    expect(model.producerName).toBe('zerosum');
    expect(model.graph.name).toBe('test');
    expect(model.metadataProps.map(({ key, value }) => [key, value])).toEqual([
      ['seed', '7'],
      ['latent', 'größer'],
    ]);
  });

  test('holds the nodes, constants and ends of the graph, under readable names', () => {
    const { z, pixels } = smallGenerator();
    const model = encode({ pixels });
    const graph = graphOf(model);
    expect(nodesOf(graph)).toEqual([
      {
        name: 'generator/dense1/Gemm',
        op: 'Gemm',
        inputs: ['z', 'generator/dense1/Constant:0', 'generator/dense1/Constant_2:0'],
        outputs: ['generator/dense1/Gemm:0'],
        attributes: { alpha: 1, beta: 1, transA: 0, transB: 0 },
      },
      {
        name: 'generator/dense1/Relu',
        op: 'Relu',
        inputs: ['generator/dense1/Gemm:0'],
        outputs: ['generator/dense1/Relu:0'],
        attributes: {},
      },
      {
        name: 'generator/dense2/Gemm',
        op: 'Gemm',
        inputs: ['generator/dense1/Relu:0', 'generator/dense2/Constant:0', 'generator/dense2/Constant_2:0'],
        outputs: ['generator/dense2/Gemm:0'],
        attributes: { alpha: 1, beta: 1, transA: 0, transB: 0 },
      },
      {
        name: 'generator/dense2/Sigmoid',
        op: 'Sigmoid',
        inputs: ['generator/dense2/Gemm:0'],
        outputs: ['generator/dense2/Sigmoid:0'],
        attributes: {},
      },
      {
        name: 'generator/dense2/Reshape',
        op: 'Reshape',
        inputs: ['generator/dense2/Sigmoid:0', 'constant/-1_1_2_2'],
        outputs: ['pixels'],
        attributes: {},
      },
    ]);
    expect(graph.initializer.map(initialiserText).at(-1)).toBe('constant/-1_1_2_2: INT64 [4] = -1, 1, 2, 2');
    expect(graph.input.map(typeText)).toEqual(['z: FLOAT [N, 5]']);
    expect(graph.output.map(typeText)).toEqual(['pixels: FLOAT [N, 1, 2, 2]']);
    expect(model.inputs).toEqual([{ name: 'z', dtype: 'float32', shape: ['N', 5] }]);
    expect(model.nodes.get('generator/dense2/Reshape')).toBe(pixels.node);
    expect([...model.nodes.keys()]).toEqual(nodesOf(graph).map(({ name }) => name));
    expect(z.node.scope).toBeUndefined();
  });

  test('runs at any batch size where the batch is symbolic', async () => {
    const model = await compileModel(encode({ pixels: smallGenerator().pixels }));
    try {
      const noise = Float32Array.from({ length: 64 * 5 }, (_, i) => Math.cos(i));
      const run = async (n: number) => {
        const z: Tensor = { dtype: 'float32', shape: [n, 5], data: noise.slice(0, 5 * n) };
        return (await model.run({ z }))['pixels']!;
      };
      const all = await run(64);
      for (const n of [1, 7, 64]) {
        const some = await run(n);
        expect(some.shape).toEqual([n, 1, 2, 2]);
        expect(some.data).toBeAllClose(all.data.slice(0, 4 * n), { rtol: 1e-6 });
      }
    } finally {
      await model.release();
    }
  });

  test('spells attributes and constant inputs as opset 17 has them', () => {
    const x = input('x', 'float32', [2, 3]);
    const i = input('i', 'int64', [4]);
    const graph = graphOf(
      encode({
        clip: clip(x, -1, 0.5),
        mean: mean(x, { axes: [1] }),
        sum: sum(x, { axes: [-1], keepDims: true }),
        transpose: transpose(x),
        slice: slice(x, 1, -2),
        pad: pad(x, [0, 1, 2, 0], 9),
        gather: gather(x, i, 1),
        scatter: scatterAdd(5, i, input('u', 'float32', [4, 3])),
        cast: cast(x, 'uint8'),
        gemm: gemm(x, x, undefined, { alpha: 0.5, transB: true }),
        empty: reshape(input('none', 'float32', [0, 3]), [3, 0]),
      }),
    );
    const constants = new Map(graph.initializer.map((tensor) => [tensor.name, initialiserText(tensor)]));
    const spelled = nodesOf(graph).map(({ op, inputs, attributes }) => [
      op,
      ...inputs.flatMap((name) => constants.get(name)?.replace(/^.*?: /, '') ?? []),
      attributes,
    ]);
    expect(spelled).toEqual([
      ['Clip', 'FLOAT [] = -1', 'FLOAT [] = 0.5', {}],
      ['ReduceMean', { axes: [1], keepdims: 0 }],
      ['ReduceSum', 'INT64 [1] = 1', { keepdims: 1 }],
      ['Transpose', { perm: [1, 0] }],
      ['Slice', 'INT64 [1] = 1', 'INT64 [1] = 3', 'INT64 [1] = 1', {}],
      ['Pad', 'INT64 [4] = 0, 1, 2, 0', 'FLOAT [] = 9', {}],
      ['Gather', { axis: 1 }],
      ['Expand', 'FLOAT [] = 0', 'INT64 [2] = 5, 3', {}],
      ['Reshape', 'INT64 [2] = 4, 1', {}],
      ['Expand', 'INT64 [2] = 4, 3', {}],
      ['Reshape', 'INT64 [2] = 4, 3', {}],
      ['ScatterElements', { axis: 0, reduction: 'add' }],
      ['Reshape', 'INT64 [2] = 5, 3', {}],
      ['Cast', { to: 2 }],
      ['Gemm', { alpha: 0.5, beta: 1, transA: 0, transB: 1 }],
      ['Reshape', 'INT64 [2] = 3, 0', { allowzero: 1 }],
    ]);
    // Equal constants are one: [5, 3], [4, 3] and the axes [1] of two operators.
    expect(new Set([...constants.values()].map((text) => text.replace(/^.*?: /, ''))).size).toBe(
      constants.size,
    );
  });

  test('stores constants of every dtype as they are', async () => {
    const tensors: Readonly<Record<string, Tensor>> = {
      float32: { dtype: 'float32', shape: [2], data: Float32Array.of(0.1, -0) },
      float64: { dtype: 'float64', shape: [1, 1], data: Float64Array.of(1e300) },
      int64: { dtype: 'int64', shape: [2], data: BigInt64Array.of(-(2n ** 62n), 3n) },
      int32: { dtype: 'int32', shape: [], data: Int32Array.of(-5) },
      uint8: { dtype: 'uint8', shape: [3], data: Uint8Array.of(0, 128, 255) },
      bool: { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
    };
    const outputs = Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [name, constant(tensor)]),
    );
    expect(graphOf(encode(outputs)).initializer.map(initialiserText)).toEqual([
      `Constant:0: FLOAT [2] = ${Math.fround(0.1)}, 0`,
      'Constant_2:0: DOUBLE [1, 1] = 1e+300',
      'Constant_3:0: INT64 [2] = -4611686018427387904, 3',
      'Constant_4:0: INT32 [] = -5',
      'Constant_5:0: UINT8 [3] = 0, 128, 255',
      'Constant_6:0: BOOL [2] = 1, 0',
    ]);
    expect(await runGraph(outputs)).toEqual(tensors);
  });
});

describe('names', () => {
  const x = input('x', 'float32', [2]);

  test('count up where operators repeat, and leave those of inputs and outputs alone', () => {
    const taken = input('Add', 'float32', [2]);
    const y = add(add(add(x, taken), taken), taken);
    expect(nodesOf(graphOf(encode({ Add_3: y }))).map(({ name, outputs }) => [name, ...outputs])).toEqual([
      ['Add_2', 'Add_2:0'],
      ['Add_4', 'Add_4:0'],
      ['Add_5', 'Add_3'],
    ]);
  });

  test('of inputs come in the declared order; one that is not needed is declared all the same', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => input(name, 'float32', [2]));
    const model = encode({ y: add(a!, b!) }, { inputs: [b!, c!, a!] });
    expect(graphOf(model).input.map(typeText)).toEqual(['b: FLOAT [2]', 'c: FLOAT [2]', 'a: FLOAT [2]']);
  });

  test.each<[string, () => unknown]>([
    [
      'encodeModel: every input must be declared, got x besides y',
      () => encode({ z: add(x, input('y', 'float32', [2])) }, { inputs: [input('y', 'float32', [2])] }),
    ],
    [
      'encodeModel: inputs must be graph inputs, got the result of Relu',
      () => encode({ y: sigmoid(relu(x)) }, { inputs: [x, relu(x)] }),
    ],
    [
      'encodeModel: names of inputs and outputs must be unique, got x twice',
      () => encode({ y: add(x, input('x', 'float32', [2])) }),
    ],
    ['encodeModel: names of inputs and outputs must be unique, got x twice', () => encode({ x: relu(x) })],
  ])('%s', (message, call) => {
    expect(call).toThrow(new ShapeError(message));
  });
});

describe('outputs', () => {
  const x = input('x', 'float32', [2]);

  test('are written by the node that computes them, and copied only where no node can', async () => {
    const y = relu(x);
    const outputs = { y, again: y, input: x, number: scalar(7) };
    expect(calls(graphOf(encode(outputs)))).toEqual([
      'Relu(x) -> y',
      'Identity(y) -> again',
      'Identity(x) -> input',
      'Identity(Constant:0) -> number',
    ]);
    const results = await runGraph(outputs, { x: vector(-1, 2) });
    expect(Object.values(results).map(({ data }) => [...data])).toEqual([[0, 2], [0, 2], [-1, 2], [7]]);
  });
});

describe('loops', () => {
  const three = constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(3n) });
  const x = input('x', 'float32', [2]);
  const y = input('y', 'float32', [2]);

  test('write the next state with the very operator that computes it', () => {
    const { state } = loop(three, { weight: x, bias: y }, (_, { weight, bias }) => ({
      state: { weight: sub(weight!, mul(bias!, 0.5)), bias: mul(bias!, 2) },
    }));
    const graph = graphOf(encode({ weight: state['weight']!, bias: state['bias']! }));
    expect(calls(graph)).toEqual(['Loop(Constant:0, , x, y) -> weight, bias']);
    const body = bodyOf(graph);
    expect(calls(body)).toEqual([
      'Mul(bias_2, Constant_2:0) -> Mul:0',
      'Sub(weight_2, Mul:0) -> next:weight_2',
      'Mul(bias_2, Constant_3:0) -> next:bias_2',
      'Identity(Constant_4:0) -> next:continue',
    ]);
    expect(body.input.map(typeText)).toEqual([
      'iteration: INT64 []',
      'continue: BOOL []',
      'weight_2: FLOAT [2]',
      'bias_2: FLOAT [2]',
    ]);
    expect(body.output.map(typeText)).toEqual([
      'next:continue: BOOL []',
      'next:weight_2: FLOAT [2]',
      'next:bias_2: FLOAT [2]',
    ]);
    // Constants belong to the outer graph, which the body sees.
    expect(body.initializer).toEqual([]);
  });

  test('carry whatever the body returns: unchanged, swapped, twice, from outside, or a constant', async () => {
    const states = { kept: x, left: x, right: y, twice: x, also: y, outer: x, number: y };
    const outer = mul(y, 10);
    const { state, scans } = loop(three, states, (iteration, { kept, left, right, twice }) => {
      const doubled = mul(twice!, 2);
      return {
        state: {
          kept: kept!,
          left: right!,
          right: left!,
          twice: doubled,
          also: doubled,
          outer,
          number: constant(vector(5, 6)),
        },
        scans: { doubled, iteration, kept: kept! },
      };
    });
    const results = await runGraph(
      {
        ...Object.fromEntries(Object.entries(state).map(([name, value]) => [`state/${name}`, value])),
        ...scans,
      },
      { x: vector(1, 2), y: vector(3, 4) },
    );
    const plain = Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => [name, [...data].map(Number)]),
    );
    expect(plain).toEqual({
      'state/kept': [1, 2],
      'state/left': [3, 4],
      'state/right': [1, 2],
      'state/twice': [8, 16],
      'state/also': [8, 16],
      'state/outer': [30, 40],
      'state/number': [5, 6],
      doubled: [2, 4, 4, 8, 8, 16],
      iteration: [0, 1, 2],
      kept: [1, 2, 1, 2, 1, 2],
    });
  });

  test('in one another, with values from every level', async () => {
    const hundred = mul(y, 100);
    const { state } = loop(three, { total: x }, (iteration, { total }) => {
      const number = cast(iteration, 'float32');
      const tens = mul(number, 10);
      const inner = loop(three, { sum: total! }, (innerIteration, { sum: before }) => ({
        state: { sum: add(add(before!, add(tens, hundred)), cast(innerIteration, 'float32')) },
      }));
      return { state: { total: inner.state['sum']! } };
    });
    const { total } = await runGraph({ total: state['total']! }, { x: vector(0, 1), y: vector(1, 2) });
    // 9 inner iterations, each adds hundred; 3 (0 + 10 + 20) and 3 (0 + 1 + 2) on top.
    expect([...total!.data]).toEqual([999, 1900]);
  });

  test('stop where their own condition says, and scans are as long as they ran', async () => {
    const { state, scans } = loop(three, { x }, (_, before) => {
      const after = mul(before['x']!, 2);
      return { state: { x: after }, scans: { after }, continueWhile: less(sum(after), 10) };
    });
    const { last, all } = await runGraph({ last: state['x']!, all: scans['after']! }, { x: vector(1, 2) });
    expect([...last!.data]).toEqual([4, 8]);
    expect(all!.shape).toEqual([2, 2]);
  });

  test('every node of a body can be traced back too', () => {
    const { state } = loop(three, { x }, (_, before) => ({ state: { x: relu(before['x']!) } }));
    const model = encode({ y: state['x']! });
    expect([...model.nodes.keys()]).toEqual(['Loop', 'Relu', 'Identity']);
  });
});
