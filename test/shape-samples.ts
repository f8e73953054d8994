import fc from 'fast-check';
import { conv, convTranspose } from '../src/graph/functions/convolution.ts';
import * as elementwise from '../src/graph/functions/elementwise.ts';
import { gemm, matmul } from '../src/graph/functions/linear-algebra.ts';
import { loop } from '../src/graph/functions/loop.ts';
import { maxOver, mean, type ReductionOptions, sum } from '../src/graph/functions/reductions.ts';
import * as shaping from '../src/graph/functions/shaping.ts';
import type { OpType } from '../src/graph/operators.ts';
import type { Shape } from '../src/graph/shapes.ts';
import { allocate, type DType, elementCount, type Tensor } from '../src/graph/tensor.ts';
import { applyOperator, constant, type Value } from '../src/graph/value.ts';

/** One application of an operator: the types of its inputs, and the function that is to be called with them. */
export interface Sample {
  readonly inputs: readonly { readonly dtype: DType; readonly shape: readonly number[] }[];
  readonly f: (...inputs: readonly Value[]) => Value | readonly Value[];
}

/** What an operator takes: element types, and samples of one of them. */
export interface Samples {
  readonly dtypes: readonly DType[];
  readonly of: (dtype: DType) => fc.Arbitrary<Sample>;
}

export const dtypes: readonly DType[] = ['float32', 'float64', 'int64', 'int32', 'uint8', 'bool'];
const floats = dtypes.slice(0, 2);
const wide = dtypes.slice(0, 4);
const numbers = dtypes.slice(0, 5);

/** Ones: a divisor, a truth value and an index alike. */
export function ones(dtype: DType, shape: readonly number[]): Tensor {
  const data = allocate(dtype, elementCount(shape));
  if (data instanceof BigInt64Array) data.fill(1n);
  else data.fill(1);
  return { dtype, shape, data };
}

/** Mostly 1 to 4; sometimes nothing at all. */
const positive = fc.integer({ min: 1, max: 4 });
const size = fc.oneof({ weight: 12, arbitrary: positive }, fc.constant(0));
const shape = (minLength = 0, maxLength = 4, of = size) => fc.array(of, { minLength, maxLength });
const axisOf = (rank: number) => fc.integer({ min: -rank, max: rank - 1 });
const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** Shapes that broadcast together: leading axes dropped, sizes replaced by 1. */
function broadcastable(
  count: number,
  maxRank = 4,
  of: fc.Arbitrary<number> = size,
): fc.Arbitrary<number[][]> {
  return shape(0, maxRank, of).chain((target) => {
    const stretched = fc
      .tuple(fc.nat(target.length), fc.array(fc.boolean(), { minLength: maxRank, maxLength: maxRank }))
      .map(([dropped, single]) => target.slice(dropped).map((dim, i) => (single[i] ? 1 : dim)));
    return fc.array(stretched, { minLength: count, maxLength: count });
  });
}

function binary(allowed: readonly DType[], f: (a: Value, b: Value) => Value): Samples {
  return {
    dtypes: allowed,
    of: (dtype) =>
      broadcastable(2).map((shapes) => ({
        inputs: shapes.map((dims) => ({ dtype, shape: dims })),
        f: (a, b) => f(a!, b!),
      })),
  };
}

function unary(f: (x: Value) => Value, allowed: readonly DType[] = floats): Samples {
  return {
    dtypes: allowed,
    of: (dtype) => shape().map((dims) => ({ inputs: [{ dtype, shape: dims }], f: (x) => f(x!) })),
  };
}

/** Samples of one input: a shape, and something drawn to drawFor it. */
function fitted<T>(
  shapes: fc.Arbitrary<number[]>,
  drawFor: (dims: number[]) => fc.Arbitrary<T>,
  f: (x: Value, fitting: T) => Value | readonly Value[],
  allowed = dtypes,
): Samples {
  return {
    dtypes: allowed,
    of: (dtype) =>
      shapes.chain((dims) =>
        drawFor(dims).map((fitting) => ({ inputs: [{ dtype, shape: dims }], f: (x) => f(x!, fitting) })),
      ),
  };
}

function reduction(f: (x: Value, options: ReductionOptions) => Value): Samples {
  const options = (dims: number[]) =>
    fc.record({
      axes: fc
        .subarray(range(dims.length), { minLength: 1 })
        .chain((axes) => fc.shuffledSubarray(axes, { minLength: axes.length }))
        .map((axes) => axes.map((axis, i) => (i % 2 === 0 ? axis : axis - dims.length))),
      keepDims: fc.boolean(),
    });
  return fitted(shape(1), options, f, floats);
}

const condition = elementwise.greater;

const matmulSamples: Samples = {
  dtypes: wide,
  of: (dtype) =>
    fc
      .tuple(broadcastable(2, 2, positive), positive, positive, positive)
      .map(([[batchA, batchB], m, k, n]) => ({
        inputs: [
          { dtype, shape: [...batchA!, m, k] },
          { dtype, shape: [...batchB!, k, n] },
        ],
        f: (a, b) => matmul(a!, b!),
      })),
};

/** Images with room for their kernels, which are drawn first. */
function convolutions(isTransposed: boolean): Samples {
  const pair = (least: number, most: number) =>
    fc.tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }));
  return {
    dtypes: ['float32'],
    of: (dtype) =>
      fc
        .record({
          counts: fc.tuple(positive, fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
          groups: fc.integer({ min: 1, max: 3 }),
          kernel: pair(1, 3),
          stride: pair(1, 3),
          dilation: pair(1, 2),
          padding: fc.tuple(fc.nat(1), fc.nat(1), fc.nat(1), fc.nat(1)),
          room: pair(2, 5),
          outputPadding: pair(0, 2),
          hasBias: fc.boolean(),
        })
        .map(({ counts: [n, inputs, outputs], groups, kernel, dilation, room, hasBias, ...options }) => {
          const extent = kernel.map((length, axis) => dilation[axis]! * (length - 1) + room[axis]!);
          const [channels, produced] = [inputs * groups, outputs * groups];
          const weight = isTransposed ? [channels, outputs] : [produced, inputs];
          const { outputPadding, stride, padding } = options;
          const shapes = [[n, channels, ...extent], [...weight, ...kernel], ...(hasBias ? [[produced]] : [])];
          const windows = { stride, padding, dilation, groups };
          const beyond = outputPadding.map((rows, axis) => Math.min(rows, stride[axis]! - 1));
          return {
            inputs: shapes.map((dims) => ({ dtype, shape: dims })),
            f: (x, w, b) =>
              isTransposed
                ? convTranspose(x!, w!, b, { ...windows, outputPadding: [beyond[0]!, beyond[1]!] })
                : conv(x!, w!, b, windows),
          };
        }),
  };
}

const gemmSamples: Samples = {
  dtypes: floats,
  of: (dtype) =>
    fc
      .record({
        m: size,
        k: size,
        n: size,
        transA: fc.boolean(),
        transB: fc.boolean(),
        rows: fc.nat(5),
      })
      .map(({ m, k, n, transA, transB, rows }) => {
        const c = [undefined, [], [1], [n], [m, 1]][rows] ?? [m, n];
        const shapes = [transA ? [k, m] : [m, k], transB ? [n, k] : [k, n], ...(rows === 0 ? [] : [c])];
        return {
          inputs: shapes.map((dims) => ({ dtype, shape: dims })),
          f: (a, b, c) => gemm(a!, b!, c, { alpha: 0.5, beta: 2, transA, transB }),
        };
      }),
};

const loopSamples: Samples = {
  dtypes,
  of: (dtype) =>
    shape().map((dims) => ({
      inputs: [{ dtype, shape: dims }],
      f: (x) => {
        const count = constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(ITERATIONS) });
        const { state, scans } = loop(count, { x: x! }, (_, before) => {
          const after = elementwise.identity(before['x']!);
          return { state: { x: after }, scans: { rows: after, row: shaping.unsqueeze(after, [0]) } };
        });
        return [state['x']!, scans['rows']!, scans['row']!];
      },
    })),
};

/** How often the samples of `Loop` run, which is the length `T` of what they collect. */
export const ITERATIONS = 3n;

/** Shapes that hold as many elements, some of them with a size left open. */
function reshapings(dims: number[]): fc.Arbitrary<Shape> {
  const cut = dims.length >> 1;
  const merged = [elementCount(dims.slice(0, cut)), elementCount(dims.slice(cut))];
  return fc.constantFrom<Shape>(
    [elementCount(dims)],
    dims.toReversed(),
    merged,
    [1, ...dims, 1],
    ...(dims.includes(0) ? [] : [[-1], [merged[0]!, -1], [...dims, -1]]),
  );
}

function slicing(dims: number[]) {
  return axisOf(dims.length).chain((axis) => {
    const length = dims.at(axis)!;
    return fc.record({
      axis: fc.constant(axis),
      start: fc.integer({ min: -length, max: length }),
      taken: fc.nat(length),
    });
  });
}

const sliceSamples = fitted(shape(1), slicing, (x, { axis, start, taken }) => {
  const length = x.shape.at(axis);
  if (typeof length !== 'number') return shaping.slice(x, axis, start);
  const from = start < 0 ? start + length : start;
  return shaping.slice(x, axis, start, Math.min(length, from + taken));
});

const concatSamples: Samples = {
  dtypes,
  of: (dtype) =>
    shape(1).chain((dims) =>
      fc.tuple(axisOf(dims.length), fc.array(size, { minLength: 1, maxLength: 3 })).map(([axis, sizes]) => ({
        inputs: sizes.map((length) => ({ dtype, shape: dims.with(axis, length) })),
        f: (...values) => shaping.concat(values, axis),
      })),
    ),
};

const splitSamples = fitted(
  shape(0, 3),
  (rest) =>
    fc.record({
      axis: fc.integer({ min: -rest.length - 1, max: rest.length }),
      sizes: fc.array(positive, { minLength: 1, maxLength: 3 }),
    }),
  (x, { axis, sizes }) => {
    // The axis that is split is made here, as long as its pieces are together.
    const long = shaping.unsqueeze(x, [axis]);
    const total = sizes.reduce((sum, length) => sum + length, 0);
    const target = long.shape.with(axis, total);
    return shaping.split(shaping.expand(long, target), sizes, axis);
  },
);

const gatherSamples = fitted(
  shape(1).filter((dims) => !dims.includes(0)),
  (dims) =>
    axisOf(dims.length).chain((axis) =>
      fc.record({
        axis: fc.constant(axis),
        picked: shape(0, 2),
        first: fc.integer({ min: -dims.at(axis)!, max: dims.at(axis)! - 1 }),
        dtype: fc.constantFrom('int64' as const, 'int32' as const),
      }),
    ),
  (x, { axis, picked, first, dtype }) => {
    const indices = ones(dtype, picked);
    if (indices.data instanceof BigInt64Array) indices.data.fill(BigInt(first));
    else indices.data.fill(first);
    return shaping.gather(x, constant(indices), axis);
  },
);

const scatterSamples = fitted(
  shape(0, 4, positive),
  (dims) => fc.record({ rank: fc.nat(dims.length), rows: fc.integer({ min: 2, max: 4 }) }),
  (x, { rank, rows }) =>
    shaping.scatterAdd(rows, constant(ones('int64', x.shape.slice(0, rank) as number[])), x),
  numbers,
);

const padSamples = fitted(
  shape(1),
  (dims) =>
    fc
      .array(fc.nat(2), { minLength: 2 * dims.length, maxLength: 2 * dims.length })
      .filter((pads) => pads.some((pad) => pad > 0)),
  (x, pads) => shaping.pad(x, pads, 1),
);

const expandSamples: Samples = {
  dtypes,
  of: (dtype) =>
    broadcastable(1).chain(([dims]) =>
      fc
        .tuple(shape(1, 2, positive), fc.array(positive, { minLength: 4, maxLength: 4 }))
        .map(([before, stretched]) => ({
          inputs: [{ dtype, shape: dims! }],
          f: (x) =>
            shaping.expand(x!, [...before, ...x!.shape.map((dim, i) => (dim === 1 ? stretched[i]! : dim))]),
        })),
    ),
};

/** Samples of every operator; exhaustive by type, so that an operator without samples does not compile. */
export const samples: { readonly [K in Exclude<OpType, 'Input'>]: Samples } = {
  Constant: {
    dtypes,
    of: (dtype) => shape().map((dims) => ({ inputs: [], f: () => constant(ones(dtype, dims)) })),
  },
  Add: binary(numbers, elementwise.add),
  Sub: binary(numbers, elementwise.sub),
  Mul: binary(numbers, elementwise.mul),
  Div: binary(numbers, elementwise.div),
  Pow: binary(wide, elementwise.pow),
  Max: binary(numbers, elementwise.max),
  Min: binary(numbers, elementwise.min),
  Equal: binary(dtypes, elementwise.equal),
  Greater: binary(numbers, elementwise.greater),
  GreaterOrEqual: binary(numbers, elementwise.greaterOrEqual),
  Less: binary(numbers, elementwise.less),
  LessOrEqual: binary(numbers, elementwise.lessOrEqual),
  And: binary(['bool'], elementwise.and),
  Not: unary(elementwise.not, ['bool']),
  Where: {
    dtypes: numbers,
    of: (dtype) =>
      broadcastable(4).map((shapes) => ({
        inputs: shapes.map((dims) => ({ dtype, shape: dims })),
        f: (a, b, c, d) => elementwise.where(condition(a!, b!), c!, d!),
      })),
  },
  Abs: unary(elementwise.abs),
  Neg: unary(elementwise.neg),
  Exp: unary(elementwise.exp),
  Log: unary(elementwise.log),
  Sqrt: unary(elementwise.sqrt),
  Floor: unary(elementwise.floor),
  Sign: unary(elementwise.sign),
  Relu: unary(elementwise.relu),
  LeakyRelu: unary((x) => elementwise.leakyRelu(x)),
  Sigmoid: unary(elementwise.sigmoid),
  Tanh: unary(elementwise.tanh),
  // The function takes float64 too, but puts it together from other operators.
  Softplus: unary((x) => applyOperator('Softplus', [x], {})[0]!, ['float32']),
  Clip: unary((x) => elementwise.clip(x, -1, 1)),
  MatMul: matmulSamples,
  Gemm: gemmSamples,
  Conv: convolutions(false),
  ConvTranspose: convolutions(true),
  ReduceSum: reduction(sum),
  ReduceMean: reduction(mean),
  ReduceMax: reduction(maxOver),
  Reshape: fitted(shape(), reshapings, shaping.reshape),
  Transpose: fitted(
    shape(2),
    (dims) =>
      fc
        .shuffledSubarray(range(dims.length), { minLength: dims.length })
        .filter((axes) => axes.some((axis, i) => axis !== i)),
    shaping.transpose,
  ),
  Squeeze: fitted(
    shape(1),
    (dims) => fc.subarray(range(dims.length), { minLength: 1 }),
    (x, axes) =>
      shaping.squeeze(
        shaping.unsqueeze(x, axes),
        axes.map((axis) => axis - x.shape.length - axes.length),
      ),
  ),
  Unsqueeze: fitted(
    shape(0, 3),
    (dims) => fc.subarray(range(dims.length + 2), { minLength: 2, maxLength: 2 }),
    shaping.unsqueeze,
  ),
  Slice: sliceSamples,
  Concat: concatSamples,
  Split: splitSamples,
  Gather: gatherSamples,
  ScatterElements: scatterSamples,
  Pad: padSamples,
  Expand: expandSamples,
  Cast: fitted(
    shape(),
    () => fc.constantFrom(...dtypes),
    (x, to) => elementwise.cast(elementwise.cast(x, to === 'float32' ? 'int32' : 'float32'), to),
  ),
  Identity: unary(elementwise.identity, dtypes),
  StopGradient: unary(elementwise.stopGradient, dtypes),
  Loop: loopSamples,
};
