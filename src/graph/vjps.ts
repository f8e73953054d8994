import { ShapeError } from '../errors.ts';
import {
  convInputGradient,
  convTransposeInputGradient,
  convWeightGradient,
} from './functions/convolution.ts';
import {
  and,
  cast,
  div,
  equal,
  greater,
  greaterOrEqual,
  lessOrEqual,
  log,
  mul,
  neg,
  pow,
  sigmoid,
  sign,
  sub,
  where,
} from './functions/elementwise.ts';
import { gemm, matmul } from './functions/linear-algebra.ts';
import { sum } from './functions/reductions.ts';
import {
  concat,
  expand,
  gather,
  pad,
  reshape,
  scatterAdd,
  slice,
  squeeze,
  transpose,
  unsqueeze,
} from './functions/shaping.ts';
import type { Attributes, OpType } from './operators.ts';
import { sameShape, staticShape } from './shapes.ts';
import { scalar, type Value } from './value.ts';

/** What a rule sees of the node that it differentiates. */
export interface VjpContext<K extends OpType> {
  readonly inputs: readonly Value[];
  readonly attributes: Attributes[K];
  /** The first output and its cotangent. */
  readonly y: Value;
  readonly dy: Value;
  /** Cotangents of all outputs, for an operator that has several. */
  readonly dys: readonly Value[];
}

/** Vector-Jacobian product: one cotangent per input; undefined for an input through which nothing passes. */
export type Vjp<K extends OpType> = (context: VjpContext<K>) => readonly (Value | undefined)[];

/** Sums a cotangent back to the shape that broadcasting stretched. */
function unbroadcast(dy: Value, x: Value): Value {
  if (sameShape(dy.shape, x.shape)) return dy;
  const extra = dy.shape.length - x.shape.length;
  const leading = Array.from({ length: extra }, (_, axis) => axis);
  const stretched = x.shape.flatMap((dim, axis) =>
    dim === 1 && dy.shape[axis + extra] !== 1 ? [axis + extra] : [],
  );
  const summed = sum(dy, { axes: [...leading, ...stretched], keepDims: true });
  return sameShape(summed.shape, x.shape) ? summed : reshape(summed, x.shape);
}

/** Cotangents of a broadcast pair. */
const pair = ([a, b]: readonly Value[], da: Value, db: Value): [Value, Value] => [
  unbroadcast(da, a!),
  unbroadcast(db, b!),
];

/** `dy` where the condition holds. */
const keep = (condition: Value, dy: Value): Value => where(condition, dy, 0);

/** Max and Min: the winner takes the cotangent, a tie halves it. */
function select(winsA: Value, tie: Value, dy: Value, inputs: readonly Value[]): [Value, Value] {
  const half = mul(dy, 0.5);
  return pair(inputs, where(tie, half, keep(winsA, dy)), where(tie, half, where(winsA, 0, dy)));
}

/** A reduction's cotangent (or result) with its axes back as 1, so that it broadcasts against x. */
function withReducedAxes(value: Value, x: Value, { axes, keepDims }: Attributes['ReduceSum']): Value {
  if (keepDims) return value;
  return reshape(
    value,
    x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim)),
  );
}

/** How many elements of x go into one element of the reduction. */
function reducedCount(x: Value, { axes }: Attributes['ReduceSum']): number {
  return staticShape(
    'grad of mean',
    axes.map((axis) => x.shape[axis]!),
  ).reduce((product, size) => product * size, 1);
}

const swapLast = (x: Value): Value => {
  const rank = x.shape.length;
  return transpose(
    x,
    x.shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis)),
  );
};

/** Piecewise constant or not a number: its derivative is 0 wherever it exists, so nothing passes, on purpose. */
const constantAlmostEverywhere = null;

/**
 * The derivative of every operator as a vector-Jacobian product in public functions, so that a gradient is a graph like
 * any other and differentiates again. Exhaustive: an operator without a row does not compile. `null` is not "missing"
 * but "nothing passes": comparisons, sign, floor.
 */
export const vjps: { readonly [K in OpType]: Vjp<K> | null } = {
  Input: constantAlmostEverywhere,
  Constant: constantAlmostEverywhere,

  Add: ({ inputs, dy }) => pair(inputs, dy, dy),
  // Negated after the sum over what was broadcast: fewer elements.
  Sub: ({ inputs: [a, b], dy }) => [unbroadcast(dy, a!), neg(unbroadcast(dy, b!))],
  Mul: ({ inputs: [a, b], dy }) => pair([a!, b!], mul(dy, b!), mul(dy, a!)),
  Div: ({ inputs: [a, b], y, dy }) => pair([a!, b!], div(dy, b!), neg(div(mul(dy, y), b!))),
  Pow: ({ inputs: [base, exponent], y, dy }) => {
    const positive = greater(base!, 0);
    const logBase = where(positive, log(where(positive, base!, 1)), 0);
    // x^0 is constant at 0 too, where 0 * 0^-1 would be NaN.
    const anyBase = where(equal(exponent!, 0), 1, base!);
    return pair(
      [base!, exponent!],
      mul(dy, mul(exponent!, pow(anyBase, sub(exponent!, 1)))),
      mul(dy, mul(y, logBase)),
    );
  },
  Max: ({ inputs, dy }) => select(greater(inputs[0]!, inputs[1]!), equal(inputs[0]!, inputs[1]!), dy, inputs),
  Min: ({ inputs, dy }) => select(greater(inputs[1]!, inputs[0]!), equal(inputs[0]!, inputs[1]!), dy, inputs),

  Equal: constantAlmostEverywhere,
  Greater: constantAlmostEverywhere,
  GreaterOrEqual: constantAlmostEverywhere,
  Less: constantAlmostEverywhere,
  LessOrEqual: constantAlmostEverywhere,
  And: constantAlmostEverywhere,
  Not: constantAlmostEverywhere,
  Where: ({ inputs: [condition, a, b], dy }) => [
    undefined,
    ...pair([a!, b!], where(condition!, dy, 0), where(condition!, 0, dy)),
  ],

  Abs: ({ inputs: [x], dy }) => [mul(dy, sign(x!))],
  Neg: ({ dy }) => [neg(dy)],
  Exp: ({ y, dy }) => [mul(dy, y)],
  Log: ({ inputs: [x], dy }) => [div(dy, x!)],
  Sqrt: ({ y, dy }) => [div(mul(dy, 0.5), y)],
  Floor: constantAlmostEverywhere,
  Sign: constantAlmostEverywhere,
  // The result is positive exactly where the argument is, and reading it lets the argument's memory go.
  Relu: ({ y, dy }) => [keep(greater(y, 0), dy)],
  // The slope as a tensor of its own: every derivative of a derivative is then one product with the same one.
  LeakyRelu: ({ inputs: [x], attributes: { alpha }, dy }) => [
    mul(dy, where(greater(x!, 0), scalar(1, dy.dtype), alpha)),
  ],
  Sigmoid: ({ y, dy }) => [mul(dy, mul(y, sub(1, y)))],
  Tanh: ({ y, dy }) => [mul(dy, sub(1, mul(y, y)))],
  Softplus: ({ inputs: [x], dy }) => [mul(dy, sigmoid(x!))],
  Clip: ({ inputs: [x], attributes, dy }) => [
    keep(and(greaterOrEqual(x!, attributes.min), lessOrEqual(x!, attributes.max)), dy),
  ],

  MatMul: ({ inputs: [a, b], dy }) => pair([a!, b!], matmul(dy, swapLast(b!)), matmul(swapLast(a!), dy)),
  Gemm: ({ inputs: [a, b, c], attributes: { alpha, beta, transA, transB }, dy }) => [
    transA
      ? gemm(b!, dy, undefined, { alpha, transA: transB, transB: true })
      : gemm(dy, b!, undefined, { alpha, transB: !transB }),
    transB
      ? gemm(dy, a!, undefined, { alpha, transA: true, transB: transA })
      : gemm(a!, dy, undefined, { alpha, transA: !transA }),
    ...(c ? [mul(unbroadcast(dy, c), beta)] : []),
  ],

  Conv: ({ inputs: [x, w, b], attributes, dy }) => [
    convInputGradient(x!, w!, dy, attributes),
    convWeightGradient(x!, dy, staticShape('grad of conv', w!.shape), attributes),
    ...(b ? [sum(dy, { axes: [0, 2, 3] })] : []),
  ],
  // The adjoint of the convolution with the same weight, in which dy is what x was, and x what dy was.
  ConvTranspose: ({ inputs: [x, w, b], attributes, dy }) => [
    convTransposeInputGradient(w!, dy, attributes),
    convWeightGradient(dy, x!, staticShape('grad of convTranspose', w!.shape), attributes),
    ...(b ? [sum(dy, { axes: [0, 2, 3] })] : []),
  ],

  ReduceSum: ({ inputs: [x], attributes, dy }) => [expand(withReducedAxes(dy, x!, attributes), x!.shape)],
  ReduceMean: ({ inputs: [x], attributes, dy }) => [
    expand(div(withReducedAxes(dy, x!, attributes), reducedCount(x!, attributes)), x!.shape),
  ],
  ReduceMax: ({ inputs: [x], attributes, y, dy }) => {
    const largest = cast(equal(x!, withReducedAxes(y, x!, attributes)), x!.dtype);
    const ties = sum(largest, { axes: attributes.axes, keepDims: true });
    return [mul(largest, div(withReducedAxes(dy, x!, attributes), ties))];
  },

  Reshape: ({ inputs: [x], dy }) => [reshape(dy, x!.shape)],
  Transpose: ({ attributes: { permutation }, dy }) => [
    transpose(
      dy,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
  Squeeze: ({ attributes: { axes }, dy }) => [unsqueeze(dy, axes)],
  Unsqueeze: ({ attributes: { axes }, dy }) => [squeeze(dy, axes)],
  Slice: ({ inputs: [x], attributes: { starts, ends, axes }, dy }) => {
    const shape = x!.shape;
    const after = (axis: number, i: number): number =>
      staticShape('grad of slice', [shape[axis]!])[0]! - ends[i]!;
    const before = shape.map((_, axis) => starts[axes.indexOf(axis)] ?? 0);
    const behind = shape.map((_, axis) => (axes.includes(axis) ? after(axis, axes.indexOf(axis)) : 0));
    return [pad(dy, [...before, ...behind])];
  },
  Concat: ({ inputs, attributes: { axis }, dy }) => {
    const sizes = staticShape(
      'grad of concat',
      inputs.map((value) => value.shape[axis]!),
    );
    let start = 0;
    return sizes.map((size) => {
      start += size;
      return slice(dy, axis, start - size, start);
    });
  },
  Split: ({ attributes: { axis }, dys }) => [concat(dys, axis)],
  Gather: ({ inputs: [x, indices], attributes: { axis }, dy }) => {
    const rank = x!.shape.length;
    const picked = indices!.shape.length;
    const size = staticShape('grad of gather', [x!.shape[axis]!])[0]!;
    // Scattering works along axis 0: bring the picked axes to the front and, afterwards, the axis back to its place.
    const axes = Array.from({ length: dy.shape.length }, (_, i) => i);
    const pickedFirst = [
      ...axes.slice(axis, axis + picked),
      ...axes.slice(0, axis),
      ...axes.slice(axis + picked),
    ];
    const summed = scatterAdd(size, cast(indices!, 'int64'), transpose(dy, pickedFirst));
    const order = Array.from({ length: rank }, (_, i) => (i < axis ? i + 1 : i === axis ? 0 : i));
    return [transpose(summed, order), undefined];
  },
  ScatterElements: ({ inputs: [, indices], dy }) => {
    const rows = squeeze(slice(indices!, 1, 0, 1), [1]);
    return [dy, undefined, gather(dy, rows, 0)];
  },
  Pad: ({ inputs: [x], attributes: { pads }, dy }) => {
    const sizes = staticShape('grad of pad', x!.shape);
    return [sizes.reduce((rest, size, axis) => slice(rest, axis, pads[axis]!, pads[axis]! + size), dy)];
  },
  Expand: ({ inputs: [x], dy }) => [unbroadcast(dy, x!)],
  Cast: ({ inputs: [x], dy }) => [x!.dtype.startsWith('float') ? cast(dy, x!.dtype) : undefined],
  Identity: ({ dy }) => [dy],
  StopGradient: constantAlmostEverywhere,
  Loop: () => {
    throw new ShapeError(
      'grad: a loop is not differentiable, got a gradient through one. Take the gradient inside its body',
    );
  },
};
