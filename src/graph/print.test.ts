import { describe, expect, test } from 'vitest';
import { add, clip, leakyRelu, less, mul, sub } from './functions/elementwise.ts';
import { gemm } from './functions/linear-algebra.ts';
import { loop } from './functions/loop.ts';
import { mean, sum } from './functions/reductions.ts';
import { expand, reshape, split } from './functions/shaping.ts';
import { grad } from './grad.ts';
import { encodeModel } from './onnx/encode.ts';
import { printGraph } from './print.ts';
import { constant, input, label, type Values } from './value.ts';

function denseLayer(): Values {
  const x = input('x', 'float32', ['N', 5]);
  const weight = input('dense1/weight', 'float32', [3, 5]);
  const bias = constant({ dtype: 'float32', shape: [3], data: Float32Array.of(1 / 3, 1e-30, -1) });
  const y = leakyRelu(gemm(x, weight, bias, { transB: true }));
  label('dense1', [y], [x, weight]);
  return { y, mean: mean(y, { axes: [0], keepDims: true }) };
}

function gradientStep(): Values {
  const w = input('w', 'float32', [2]);
  const loss = sum(mul(w, w));
  const [dw] = grad(loss, [w]);
  return { w: sub(w, mul(dw!, 0.1)), loss };
}

function loopWithBody(): Values {
  const x = input('x', 'float64', [2]);
  const step = mul(x, 0.5);
  const iterations = constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(10n) });
  const { state, scans } = loop(iterations, { x, n: input('n', 'int32', []) }, (_, { x: before, n }) => {
    const after = add(before!, step);
    return { state: { x: after, n: add(n!, 1) }, scans: { after }, continueWhile: less(sum(after), 100) };
  });
  return { x_10: state['x']!, path: scans['after']! };
}

describe('printGraph', () => {
  test.each<[string, () => Values, string]>([
    [
      'a layer: types, names, attributes, constants',
      denseLayer,
      `
x: float32 [N, 5] = Input
dense1/weight: float32 [3, 5] = Input
dense1/Constant: float32 [3] = Constant 0.33333334, 1e-30, -1
dense1/Gemm: float32 [N, 3] = Gemm(x, dense1/weight, dense1/Constant) alpha=1 beta=1 transB
dense1/LeakyRelu: float32 [N, 3] = LeakyRelu(dense1/Gemm) alpha=0.2
ReduceMean: float32 [1, 3] = ReduceMean(dense1/LeakyRelu) axes=[0] keepDims
return y = dense1/LeakyRelu, mean = ReduceMean`,
    ],
    [
      'a gradient: its nodes are told from those of the function',
      gradientStep,
      `
w: float32 [2] = Input
gradient/Reshape: float32 [1] = Reshape(1) shape=[1]
gradient/Expand: float32 [2] = Expand(gradient/Reshape) shape=[2]
gradient/Mul: float32 [2] = Mul(gradient/Expand, w)
gradient/Mul_2: float32 [2] = Mul(gradient/Expand, w)
gradient/Add: float32 [2] = Add(gradient/Mul, gradient/Mul_2)
Mul: float32 [2] = Mul(gradient/Add, 0.1)
Sub: float32 [2] = Sub(w, Mul)
Mul_2: float32 [2] = Mul(w, w)
ReduceSum: float32 [] = ReduceSum(Mul_2) axes=[0]
return w = Sub, loss = ReduceSum`,
    ],
    [
      'a loop: what enters its body, what it captures, what leaves it',
      loopWithBody,
      `
x: float64 [2] = Input
n: int32 [] = Input
Mul: float64 [2] = Mul(x, 0.5)
Loop:0: float64 [2], Loop:1: int32 [], Loop:2: float64 [T, 2] = Loop(10, x, n)
  body(iteration: int64 [], continue: bool [], x_2: float64 [2], n_2: int32 [])
    Add: float64 [2] = Add(x_2, Mul)
    ReduceSum: float64 [] = ReduceSum(Add) axes=[0]
    Less: bool [] = Less(ReduceSum, 100)
    Add_2: int32 [] = Add(n_2, 1)
    return Less, Add, Add_2, Add
return x_10 = Loop:0, path = Loop:2`,
    ],
    [
      'several outputs, many numbers, and names that are taken',
      () => {
        const add2 = input('Add', 'float32', [4]);
        const table = constant({ dtype: 'uint8', shape: [9], data: new Uint8Array(9) });
        const flags = constant({ dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) });
        const [head, tail] = split(add(add2, add2), [1, 3], 0);
        return { table, flags, tail: expand(tail!, [2, 3]), head: clip(reshape(head!, []), 0, 1) };
      },
      `
Constant: uint8 [9] = Constant ...
Constant_2: bool [2] = Constant true, false
Add: float32 [4] = Input
Add_2: float32 [4] = Add(Add, Add)
Split:0: float32 [1], Split:1: float32 [3] = Split(Add_2) axis=0 sizes=[1, 3]
Expand: float32 [2, 3] = Expand(Split:1) shape=[2, 3]
Reshape: float32 [] = Reshape(Split:0) shape=[]
Clip: float32 [] = Clip(Reshape) min=0 max=1
return table = Constant, flags = Constant_2, tail = Expand, head = Clip`,
    ],
  ])('%s', (_, build, expected) => {
    expect(`\n${printGraph(build())}`).toBe(expected);
  });

  test.each([denseLayer, gradientStep, loopWithBody])(
    'is the same for the same graph built again',
    (build) => {
      expect(printGraph(build())).toBe(printGraph(build()));
    },
  );

  test('calls nodes what ONNX Runtime will call them', () => {
    const x = input('x', 'float32', [2]);
    const outputs = { Mul: add(mul(mul(x, 2), 3), 4) };
    const names = [...encodeModel({ name: 'test', outputs }).nodes.keys()];
    expect(names).toEqual(['Mul_2', 'Mul_3', 'Add']);
    for (const name of names) expect(printGraph(outputs)).toContain(`${name}: float32 [2] = `);
  });
});
