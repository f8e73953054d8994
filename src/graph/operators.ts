import { ShapeError } from '../errors.ts';
import {
  broadcastShapes,
  formatShape,
  reducedShape,
  type Shape,
  sameShape,
  staticShape,
  type TensorType,
} from './shapes.ts';
import { type DType, scalarTensor, type Tensor } from './tensor.ts';
import {
  concatenatedShape,
  expandedShape,
  floats,
  gemmShape,
  integers,
  matmulShape,
  numbers,
  requireCounts,
  requireDType,
  reshapedShape,
  reshapeSizes,
} from './type-rules.ts';
import type { Value } from './value.ts';
import {
  convShape,
  convTransposeShape,
  type TransposedWindowAttributes,
  type WindowAttributes,
} from './window-rules.ts';

type None = Readonly<Record<never, never>>;
interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/**
 * Every operator of the engine with its attributes, under ONNX's own names (opset 17). What ONNX takes as a constant
 * tensor (axes, sizes, pads) is an attribute here: shapes are known when the graph is built.
 */
export interface Attributes {
  /** A graph input or, inside a `Loop`, an input of its body. */
  Input: { readonly name: string };
  /** A tensor known when the graph is built; trained weights have a name, `generator/dense1/weight`. */
  Constant: { readonly tensor: Tensor; readonly name?: string };
  Add: None;
  Sub: None;
  Mul: None;
  Div: None;
  Pow: None;
  Max: None;
  Min: None;
  Equal: None;
  Greater: None;
  GreaterOrEqual: None;
  Less: None;
  LessOrEqual: None;
  And: None;
  Not: None;
  Where: None;
  Abs: None;
  Neg: None;
  Exp: None;
  Log: None;
  Sqrt: None;
  Floor: None;
  Sign: None;
  Relu: None;
  LeakyRelu: { readonly alpha: number };
  Sigmoid: None;
  Tanh: None;
  Softplus: None;
  Clip: { readonly min: number; readonly max: number };
  MatMul: None;
  Gemm: { readonly alpha: number; readonly beta: number; readonly transA: boolean; readonly transB: boolean };
  Conv: WindowAttributes;
  ConvTranspose: TransposedWindowAttributes;
  ReduceSum: Reduction;
  ReduceMean: Reduction;
  ReduceMax: Reduction;
  Reshape: { readonly shape: Shape };
  Transpose: { readonly permutation: readonly number[] };
  Squeeze: { readonly axes: readonly number[] };
  Unsqueeze: { readonly axes: readonly number[] };
  Slice: {
    readonly starts: readonly number[];
    readonly ends: readonly number[];
    readonly axes: readonly number[];
  };
  Concat: { readonly axis: number };
  Split: { readonly axis: number; readonly sizes: readonly number[] };
  Gather: { readonly axis: number };
  /** Adds along axis 0; its indices are the same all along a row, as `scatterAdd` makes them. */
  ScatterElements: None;
  Pad: { readonly pads: readonly number[]; readonly value: number };
  Expand: { readonly shape: Shape };
  Cast: { readonly to: DType };
  Identity: None;
  /** The same value, through which no gradient passes. ONNX has no word for it: it is written as `Identity`. */
  StopGradient: None;
  /** Inputs: trip count, initial state..., captured outer values... Outputs: final state..., scans... */
  Loop: {
    readonly stateCount: number;
    /** Iteration number int64 [], condition bool [], then the state. */
    readonly bodyInputs: readonly Value[];
    /** Condition bool [], the next state, then one scan value an iteration. */
    readonly bodyOutputs: readonly Value[];
  };
}

export type OpType = keyof Attributes;

/** An attribute as ONNX writes it: a number is a FLOAT unless it is wrapped as `{ int }`. */
export type OnnxAttribute = number | string | { readonly int: number } | { readonly ints: readonly number[] };

/** How a node is spelled in ONNX beyond its inputs: constant inputs that follow them, and attributes. */
export interface OnnxForm {
  /** The operator's name in ONNX where it is another. */
  readonly op?: string;
  readonly constants?: readonly Tensor[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** One row of the table. */
export interface Operator<K extends OpType> {
  /** Types of the outputs. @throws ShapeError naming the operator, the sizes and the fix */
  infer(inputs: readonly TensorType[], attributes: Attributes[K]): readonly TensorType[];
  /** Its ONNX spelling; by default the same operator name with no attributes. */
  onnx?(attributes: Attributes[K], inputs: readonly TensorType[]): OnnxForm;
}

/** int64 vector, as ONNX takes axes, sizes and pads. */
function int64s(values: readonly number[]): Tensor {
  return { dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) };
}

const lower = (op: string): string => op.charAt(0).toLowerCase() + op.slice(1);

function broadcast(op: OpType, dtypes: readonly DType[], inputs: readonly TensorType[]): TensorType {
  const dtype = requireDType(lower(op), dtypes, inputs);
  return { dtype, shape: broadcastShapes(lower(op), ...inputs.map((input) => input.shape)) };
}

function arithmetic<K extends OpType>(op: K, dtypes: readonly DType[] = numbers): Operator<K> {
  return { infer: (inputs) => [broadcast(op, dtypes, inputs)] };
}

function comparison<K extends OpType>(op: K, dtypes: readonly DType[] = numbers): Operator<K> {
  return { infer: (inputs) => [{ dtype: 'bool', shape: broadcast(op, dtypes, inputs).shape }] };
}

function unary<K extends OpType>(op: K, onnx?: Operator<K>['onnx'], dtypes = floats): Operator<K> {
  return {
    infer: ([x]) => [{ dtype: requireDType(lower(op), dtypes, [x!]), shape: x!.shape }],
    ...(onnx ? { onnx } : {}),
  };
}

/** Opset 17 gives `ReduceSum` its axes as an input and the other reductions as an attribute. */
function reduction<K extends 'ReduceSum' | 'ReduceMean' | 'ReduceMax'>(op: K, caller: string): Operator<K> {
  return {
    infer: ([x], { axes, keepDims }) => {
      const dtype = requireDType(caller, floats, [x!]);
      return [{ dtype, shape: reducedShape(x!.shape, axes, keepDims) }];
    },
    onnx: ({ axes, keepDims }) => {
      const keepdims = { int: keepDims ? 1 : 0 };
      if (op === 'ReduceSum') return { constants: [int64s(axes)], attributes: { keepdims } };
      return { attributes: { axes: { ints: axes }, keepdims } };
    },
  };
}

/** All of a convolution's attributes: some executors do not infer the kernel's size. */
function windows(
  { strides, pads, dilations, group }: WindowAttributes,
  { shape }: TensorType,
): Readonly<Record<string, OnnxAttribute>> {
  return {
    kernel_shape: { ints: staticShape('conv', shape.slice(2)) },
    strides: { ints: strides },
    pads: { ints: pads },
    dilations: { ints: dilations },
    group: { int: group },
  };
}

/** Every operator's shape rule and ONNX spelling. Gradients: `vjps.ts`. The public functions: `functions/`. */
export const operators: { readonly [K in OpType]: Operator<K> } = {
  Input: { infer: () => [] },
  Constant: { infer: (_, { tensor }) => [tensor] },

  Add: arithmetic('Add'),
  Sub: arithmetic('Sub'),
  Mul: arithmetic('Mul'),
  Div: arithmetic('Div'),
  Pow: arithmetic('Pow', [...floats, ...integers]),
  Max: arithmetic('Max'),
  Min: arithmetic('Min'),
  Equal: comparison('Equal', [...numbers, 'bool']),
  Greater: comparison('Greater'),
  GreaterOrEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessOrEqual: comparison('LessOrEqual'),
  And: comparison('And', ['bool']),
  Not: comparison('Not', ['bool']),
  Where: {
    infer: ([condition, a, b]) => {
      if (condition!.dtype !== 'bool') {
        throw new ShapeError(
          `where: condition must be bool, got ${condition!.dtype}. Use a comparison or cast`,
        );
      }
      const dtype = requireDType('where', numbers, [a!, b!]);
      return [{ dtype, shape: broadcastShapes('where', condition!.shape, a!.shape, b!.shape) }];
    },
  },

  Abs: unary('Abs'),
  Neg: unary('Neg'),
  Exp: unary('Exp'),
  Log: unary('Log'),
  Sqrt: unary('Sqrt'),
  Floor: unary('Floor'),
  Sign: unary('Sign'),
  Relu: unary('Relu'),
  LeakyRelu: unary('LeakyRelu', ({ alpha }) => ({ attributes: { alpha } })),
  Sigmoid: unary('Sigmoid'),
  Tanh: unary('Tanh'),
  Softplus: unary('Softplus', undefined, ['float32']),
  Clip: unary('Clip', ({ min, max }, [x]) => ({
    constants: [scalarTensor(x!.dtype, min), scalarTensor(x!.dtype, max)],
  })),

  MatMul: {
    infer: ([a, b]) => [
      {
        dtype: requireDType('matmul', [...floats, ...integers], [a!, b!]),
        shape: matmulShape(a!.shape, b!.shape),
      },
    ],
  },
  Gemm: {
    infer: (inputs, attributes) => {
      const [a, b, c] = inputs;
      const dtype = requireDType('gemm', floats, inputs);
      const shape = gemmShape(a!.shape, b!.shape, attributes.transA, attributes.transB);
      if (c && !sameShape(broadcastShapes('gemm', shape, c.shape), shape)) {
        throw new ShapeError(
          `gemm: c must broadcast to the product ${formatShape(shape)}, got ${formatShape(c.shape)}`,
        );
      }
      return [{ dtype, shape }];
    },
    onnx: ({ alpha, beta, transA, transB }) => ({
      attributes: { alpha, beta, transA: { int: transA ? 1 : 0 }, transB: { int: transB ? 1 : 0 } },
    }),
  },

  // ONNX Runtime's CPU has no float64 kernel for either.
  Conv: {
    infer: (inputs, attributes) => {
      const [x, w, b] = inputs;
      const dtype = requireDType('conv', ['float32'], inputs);
      return [{ dtype, shape: convShape(x!.shape, w!.shape, b?.shape, attributes) }];
    },
    onnx: (attributes, [, w]) => ({ attributes: windows(attributes, w!) }),
  },
  ConvTranspose: {
    infer: (inputs, attributes) => {
      const [x, w, b] = inputs;
      const dtype = requireDType('convTranspose', ['float32'], inputs);
      return [{ dtype, shape: convTransposeShape(x!.shape, w!.shape, b?.shape, attributes) }];
    },
    onnx: (attributes, [, w]) => ({
      attributes: { ...windows(attributes, w!), output_padding: { ints: attributes.outputPadding } },
    }),
  },

  ReduceSum: reduction('ReduceSum', 'sum'),
  ReduceMean: reduction('ReduceMean', 'mean'),
  ReduceMax: reduction('ReduceMax', 'maxOver'),

  Reshape: {
    infer: ([x], { shape }) => [{ dtype: x!.dtype, shape: reshapedShape(x!.shape, shape) }],
    // Without allowzero a 0 would mean "as it was".
    onnx: ({ shape }) => ({
      constants: [int64s(reshapeSizes(shape))],
      ...(shape.includes(0) ? { attributes: { allowzero: { int: 1 } } } : {}),
    }),
  },
  Transpose: {
    infer: ([x], { permutation }) => {
      if (
        [...permutation].sort((a, b) => a - b).some((axis, i) => axis !== i) ||
        permutation.length !== x!.shape.length
      ) {
        throw new ShapeError(
          `transpose: permutation must hold each axis of ${formatShape(x!.shape)} once, got [${permutation.join(', ')}]`,
        );
      }
      return [{ dtype: x!.dtype, shape: permutation.map((axis) => x!.shape[axis]!) }];
    },
    onnx: ({ permutation }) => ({ attributes: { perm: { ints: permutation } } }),
  },
  Squeeze: {
    infer: ([x], { axes }) => {
      for (const axis of axes) {
        if (x!.shape[axis] !== 1) {
          throw new ShapeError(
            `squeeze: axis ${axis} must have size 1, got ${x!.shape[axis]} (x ${formatShape(x!.shape)})`,
          );
        }
      }
      return [{ dtype: x!.dtype, shape: reducedShape(x!.shape, axes, false) }];
    },
    onnx: ({ axes }) => ({ constants: [int64s(axes)] }),
  },
  Unsqueeze: {
    infer: ([x], { axes }) => {
      const shape = [...x!.shape];
      for (const axis of axes) shape.splice(axis, 0, 1);
      return [{ dtype: x!.dtype, shape }];
    },
    onnx: ({ axes }) => ({ constants: [int64s(axes)] }),
  },
  Slice: {
    infer: ([x], { starts, ends, axes }) => {
      const shape = [...x!.shape];
      axes.forEach((axis, i) => {
        const [size, start, end] = [shape[axis], starts[i]!, ends[i]!];
        const bounded = typeof size === 'number' && start >= 0 && end >= start && end <= size;
        if (!bounded || !Number.isInteger(start) || !Number.isInteger(end)) {
          throw new ShapeError(
            `slice: bounds must be integers with 0 <= start <= end <= ${size} on axis ${axis}, got ${start} to ${end} (x ${formatShape(x!.shape)})`,
          );
        }
        shape[axis] = end - start;
      });
      return [{ dtype: x!.dtype, shape }];
    },
    onnx: ({ starts, ends, axes }) => ({ constants: [int64s(starts), int64s(ends), int64s(axes)] }),
  },
  Concat: {
    infer: (inputs, { axis }) => {
      const dtype = requireDType('concat', [...numbers, 'bool'], inputs);
      const shapes = inputs.map(({ shape }) => shape);
      return [{ dtype, shape: concatenatedShape(shapes, axis) }];
    },
    onnx: ({ axis }) => ({ attributes: { axis: { int: axis } } }),
  },
  Split: {
    infer: ([x], { axis, sizes }) => {
      requireCounts('split', sizes, ` for axis ${axis} of x ${formatShape(x!.shape)}`);
      const total = sizes.reduce((sum, size) => sum + size, 0);
      if (sizes.length === 0 || total !== x!.shape[axis]) {
        throw new ShapeError(
          `split: sizes must sum to ${x!.shape[axis]}, got [${sizes.join(', ')}] = ${total} (axis ${axis} of x ${formatShape(x!.shape)})`,
        );
      }
      return sizes.map((size) => ({
        dtype: x!.dtype,
        shape: x!.shape.map((dim, i) => (i === axis ? size : dim)),
      }));
    },
    onnx: ({ axis, sizes }) => ({ constants: [int64s(sizes)], attributes: { axis: { int: axis } } }),
  },
  Gather: {
    infer: ([x, indices], { axis }) => {
      if (indices!.dtype !== 'int64' && indices!.dtype !== 'int32') {
        throw new ShapeError(`gather: indices must be int64 or int32, got ${indices!.dtype}. Use cast`);
      }
      return [
        {
          dtype: x!.dtype,
          shape: [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)],
        },
      ];
    },
    onnx: ({ axis }) => ({ attributes: { axis: { int: axis } } }),
  },
  // Not ScatterND: ONNX Runtime adds its rows from several threads without a lock, and loses some.
  ScatterElements: {
    infer: ([data, , updates]) => [
      { dtype: requireDType('scatterAdd', numbers, [data!, updates!]), shape: data!.shape },
    ],
    onnx: () => ({ attributes: { axis: { int: 0 }, reduction: 'add' } }),
  },
  Pad: {
    infer: ([x], { pads }) => {
      const rank = x!.shape.length;
      if (pads.length !== 2 * rank || pads.some((pad) => !Number.isInteger(pad) || pad < 0)) {
        throw new ShapeError(
          `pad: pads must be ${2 * rank} counts >= 0 (before each axis, then after each), got [${pads.join(', ')}] for x ${formatShape(x!.shape)}`,
        );
      }
      const shape = x!.shape.map((dim, axis) => {
        const extra = pads[axis]! + pads[rank + axis]!;
        if (extra === 0) return dim;
        if (typeof dim === 'number') return dim + extra;
        throw new ShapeError(
          `pad: axis ${axis} is symbolic (x ${formatShape(x!.shape)}) and cannot be padded`,
        );
      });
      return [{ dtype: x!.dtype, shape }];
    },
    onnx: ({ pads, value }, [x]) => ({ constants: [int64s(pads), scalarTensor(x!.dtype, value)] }),
  },
  Expand: {
    infer: ([x], { shape }) => [{ dtype: x!.dtype, shape: expandedShape(x!.shape, shape) }],
    // A symbolic size is only reached where x already has it, and 1 keeps what x has.
    onnx: ({ shape }) => ({ constants: [int64s(shape.map((dim) => (typeof dim === 'number' ? dim : 1)))] }),
  },
  Cast: {
    infer: ([x], { to }) => [{ dtype: to, shape: x!.shape }],
    onnx: ({ to }) => ({ attributes: { to: { int: onnxDType[to] } } }),
  },
  Identity: { infer: ([x]) => [x!] },
  StopGradient: { infer: ([x]) => [x!], onnx: () => ({ op: 'Identity' }) },

  Loop: {
    infer: (inputs, { stateCount, bodyInputs, bodyOutputs }) => {
      const [condition, ...rest] = bodyOutputs;
      if (condition!.dtype !== 'bool' || condition!.shape.length > 0) {
        throw new ShapeError(
          `loop: the condition must be bool [], got ${condition!.dtype} ${formatShape(condition!.shape)}`,
        );
      }
      for (let i = 0; i < stateCount; i++) {
        const [initial, before, after] = [inputs[1 + i]!, bodyInputs[2 + i]!, rest[i]!];
        if (after.dtype !== before.dtype || !sameShape(after.shape, before.shape)) {
          throw new ShapeError(
            `loop: state ${i} must keep its type, got ${after.dtype} ${formatShape(after.shape)} from ${before.dtype} ${formatShape(before.shape)} (initially ${formatShape(initial.shape)})`,
          );
        }
      }
      // A scan's length is the number of iterations that ran, which only the run knows.
      const scans = rest.slice(stateCount).map(({ dtype, shape }) => ({ dtype, shape: ['T', ...shape] }));
      return [...rest.slice(0, stateCount), ...scans];
    },
  },
};

/** ONNX's number of each element type (TensorProto.DataType). */
export const onnxDType: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};
