import * as elementwise from '../src/graph/functions/elementwise.ts';
import { gemm, matmul } from '../src/graph/functions/linear-algebra.ts';
import { maxOver, mean, type ReductionOptions, sum } from '../src/graph/functions/reductions.ts';
import * as shaping from '../src/graph/functions/shaping.ts';
import type { OpType } from '../src/graph/operators.ts';
import { constant, type Value } from '../src/graph/value.ts';

type Sizes = readonly number[];

/** An input of a case: its shape, and where its elements are drawn from, uniformly. */
export interface Domain {
  readonly shape: Sizes;
  readonly low: number;
  readonly high: number;
}

/** A function of float inputs that runs one operator. */
export interface GradientCase {
  readonly name: string;
  readonly inputs: readonly Domain[];
  /** Returns one value, or several whose losses are added. */
  readonly f: (...xs: readonly Value[]) => Value | readonly Value[];
  /** Step of the central differences; 1e-5 by default. */
  readonly step?: number;
}

type Reference = 'softplus' | 'sigmoid' | 'tanh' | 'exp' | 'relu' | 'leakyRelu' | 'abs' | 'log' | 'sqrt';

/** The functions with an entry in test/reference/operators.json: PyTorch's float64 numbers, out to +-50. */
export const references: Readonly<Record<Reference, (x: Value) => Value>> = {
  softplus: elementwise.softplus,
  sigmoid: elementwise.sigmoid,
  tanh: elementwise.tanh,
  exp: elementwise.exp,
  relu: elementwise.relu,
  leakyRelu: (x) => elementwise.leakyRelu(x),
  abs: elementwise.abs,
  log: elementwise.log,
  sqrt: elementwise.sqrt,
};

/** How an operator's derivative is checked. */
export type GradientCheck =
  /** First and second order against central differences in float64. */
  | { readonly by: 'differences'; readonly cases: readonly GradientCase[] }
  /** Null in the table of derivatives: the same differences, and zeros to the last bit. */
  | { readonly by: 'zeros'; readonly cases: readonly GradientCase[] }
  /**
   * First and second order in float32 against PyTorch's float64 numbers: an entry of test/reference/operators.json, or
   * test/reference/convolutions.json, which src/graph/functions/convolution.test.ts reads.
   */
  | { readonly by: 'pytorch'; readonly entry: Reference | 'convolutions'; readonly why: string }
  /** Zeros to the last bit, although the value does move: the operator is there for that. */
  | { readonly by: 'design'; readonly cases: readonly GradientCase[] }
  /** Nothing to check. */
  | { readonly by: 'exempt'; readonly why: string };

const between = (low: number, high: number, shape: Sizes): Domain => ({ shape, low, high });
const text = (shape: Sizes): string => `[${shape.join(', ')}]`;

/** Every rank, a scalar, and sizes of 1. */
const shapes: readonly Sizes[] = [[], [1], [5], [2, 3], [2, 1, 3], [1, 2, 2, 2]];

/** No broadcasting, then either operand stretched, then both. */
const shapePairs: readonly (readonly [Sizes, Sizes])[] = [
  [[], []],
  [[1], [1]],
  [
    [2, 3],
    [2, 3],
  ],
  [[3], []],
  [[], [2, 2]],
  [[2, 3], [3]],
  [[3], [2, 3]],
  [[1], [2, 1]],
  [
    [2, 1],
    [1, 3],
  ],
  [
    [2, 1, 2, 1],
    [3, 1, 2],
  ],
];

function unary(f: (x: Value) => Value, low = -2, high = 2): GradientCase[] {
  return shapes.map((shape) => ({ name: text(shape), inputs: [between(low, high, shape)], f }));
}

type Interval = readonly [low: number, high: number];

function binary(
  f: (a: Value, b: Value) => Value,
  [lowA, highA]: Interval = [-2, 2],
  [lowB, highB]: Interval = [-2, 2],
): GradientCase[] {
  return shapePairs.map(([a, b]) => ({
    name: `${text(a)} and ${text(b)}`,
    inputs: [between(lowA, highA, a), between(lowB, highB, b)],
    f: (x, y) => f(x!, y!),
  }));
}

/** Comparisons return bool: the cast makes a loss of it, and stops the gradient just as well. */
function comparison(f: (a: Value, b: Value) => Value): GradientCase[] {
  return binary((a, b) => elementwise.cast(f(a, b), 'float64')).slice(0, 4);
}

/** One case for each list of axes; `undefined` stands for all. */
function reduction(f: (x: Value, options: ReductionOptions) => Value): GradientCase[] {
  const reduced: readonly (readonly [Sizes, Sizes?])[] = [
    [[1]],
    [[5]],
    [[2, 3]],
    [[2, 3], [0]],
    [[2, 3], [-1]],
    [
      [2, 1],
      [0, 1],
    ],
    [[2, 1, 3], [1]],
    [
      [2, 2, 3],
      [0, 2],
    ],
    [
      [1, 2, 2, 2],
      [0, 2, 3],
    ],
  ];
  return reduced.flatMap(([shape, axes]) =>
    [false, true].map((keepDims) => ({
      name: `${text(shape)} over ${axes ? text(axes) : 'all'}${keepDims ? ', kept' : ''}`,
      inputs: [between(-2, 2, shape)],
      f: (x) => f(x!, { keepDims, ...(axes ? { axes } : {}) }),
    })),
  );
}

function condition(shape: Sizes): Value {
  const length = shape.reduce((product, size) => product * size, 1);
  return constant({ dtype: 'bool', shape, data: Uint8Array.from({ length }, (_, i) => i & 1) });
}

function indices(shape: Sizes, ...values: number[]): Value {
  return constant({ dtype: 'int64', shape, data: BigInt64Array.from(values, BigInt) });
}

const gemmCases: readonly GradientCase[] = [false, true].flatMap((transA) =>
  [false, true].flatMap((transB) => {
    const a = between(-2, 2, transA ? [3, 2] : [2, 3]);
    const b = between(-2, 2, transB ? [4, 3] : [3, 4]);
    const name = `${transA ? "a'" : 'a'} ${transB ? "b'" : 'b'}`;
    const product: GradientCase = {
      name,
      inputs: [a, b],
      f: (a, b) => gemm(a!, b!, undefined, { alpha: 0.5, transA, transB }),
    };
    const sums = [[], [1], [4], [2, 1], [1, 4], [2, 4]].map(
      (shape): GradientCase => ({
        name: `${name} + c ${text(shape)}`,
        inputs: [a, b, between(-2, 2, shape)],
        f: (a, b, c) => gemm(a!, b!, c, { alpha: 0.5, beta: -2, transA, transB }),
      }),
    );
    return [product, ...sums];
  }),
);

/** A case of one input with elements in [-2, 2). */
function of(
  shape: Sizes,
  name: string,
  f: (x: Value) => Value | readonly Value[],
  step?: number,
): GradientCase {
  const inputs = [between(-2, 2, shape)];
  return { name: `${text(shape)} ${name}`, inputs, f: (x) => f(x!), ...(step ? { step } : {}) };
}

/** A case of several inputs with elements in [-2, 2). */
function ofAll(
  shapes: readonly Sizes[],
  name: string,
  f: (...xs: readonly Value[]) => Value | readonly Value[],
): GradientCase {
  return { name: `${shapes.map(text).join(', ')} ${name}`, inputs: shapes.map((s) => between(-2, 2, s)), f };
}

const { cast, not, and, where } = elementwise;

/**
 * How each operator's gradient is checked. The table is exhaustive by type, so that an operator without a row does not
 * compile. Elements are drawn so that no case touches a kink; what happens on kinks and ties is src/graph/vjps.test.ts.
 */
export const gradcheck: { readonly [K in OpType]: GradientCheck } = {
  Input: { by: 'exempt', why: 'a leaf' },
  Constant: { by: 'exempt', why: 'a leaf' },

  Add: { by: 'differences', cases: binary(elementwise.add) },
  Sub: { by: 'differences', cases: binary(elementwise.sub) },
  Mul: { by: 'differences', cases: binary(elementwise.mul) },
  Div: { by: 'differences', cases: binary(elementwise.div, [-2, 2], [0.5, 2]) },
  Pow: {
    by: 'differences',
    cases: [
      ...binary(elementwise.pow, [0.5, 2], [-2, 2]),
      of([5], 'to a constant 3', (x) => elementwise.pow(x, 3)),
      of([5], 'as exponent of 2', (x) => elementwise.pow(2, x)),
    ],
  },
  Max: { by: 'differences', cases: binary(elementwise.max) },
  Min: { by: 'differences', cases: binary(elementwise.min) },

  Equal: { by: 'zeros', cases: comparison(elementwise.equal) },
  Greater: { by: 'zeros', cases: comparison(elementwise.greater) },
  GreaterOrEqual: { by: 'zeros', cases: comparison(elementwise.greaterOrEqual) },
  Less: { by: 'zeros', cases: comparison(elementwise.less) },
  LessOrEqual: { by: 'zeros', cases: comparison(elementwise.lessOrEqual) },
  And: {
    by: 'zeros',
    cases: comparison((a, b) => and(elementwise.greater(a, b), elementwise.greater(a, 0))),
  },
  Not: { by: 'zeros', cases: comparison((a, b) => not(elementwise.greater(a, b))) },
  Where: {
    by: 'differences',
    cases: [
      ...binary((a, b) => where(condition([]), a, b)).slice(0, 3),
      ...binary((a, b) => where(condition([2, 1]), a, b)).slice(5, 9),
      ofAll([[2], [3, 1]], 'and a condition of rank 4', (a, b) => where(condition([2, 2, 3, 2]), a!, b!)),
      of([3], 'and a number', (a) => where(condition([2, 3]), a, 1)),
    ],
  },

  Abs: { by: 'differences', cases: unary(elementwise.abs) },
  Neg: { by: 'differences', cases: unary(elementwise.neg) },
  Exp: { by: 'differences', cases: unary(elementwise.exp) },
  Log: { by: 'differences', cases: unary(elementwise.log, 0.5, 3) },
  Sqrt: { by: 'differences', cases: unary(elementwise.sqrt, 0.5, 3) },
  Floor: { by: 'zeros', cases: unary(elementwise.floor) },
  Sign: { by: 'zeros', cases: unary(elementwise.sign) },
  Relu: { by: 'differences', cases: unary(elementwise.relu) },
  LeakyRelu: {
    by: 'differences',
    cases: [
      ...unary((x) => elementwise.leakyRelu(x)),
      of([5], 'alpha 0.01', (x) => elementwise.leakyRelu(x, 0.01)),
    ],
  },
  Sigmoid: { by: 'differences', cases: unary(elementwise.sigmoid) },
  Tanh: { by: 'differences', cases: unary(elementwise.tanh) },
  Softplus: { by: 'pytorch', entry: 'softplus', why: 'ONNX Runtime has no float64 kernel' },
  Clip: { by: 'differences', cases: unary((x) => elementwise.clip(x, -1, 0.5)) },

  MatMul: {
    by: 'differences',
    cases: (
      [
        [
          [1, 1],
          [1, 1],
        ],
        [
          [2, 3],
          [3, 2],
        ],
        [
          [1, 3],
          [3, 1],
        ],
        [
          [2, 2, 3],
          [3, 2],
        ],
        [
          [2, 3],
          [2, 3, 2],
        ],
        [
          [2, 1, 2, 3],
          [3, 3, 1],
        ],
      ] as const
    ).map((pair) => ofAll(pair, '', (a, b) => matmul(a!, b!))),
  },
  Gemm: { by: 'differences', cases: gemmCases },
  Conv: { by: 'pytorch', entry: 'convolutions', why: 'ONNX Runtime has no float64 kernel' },
  ConvTranspose: { by: 'pytorch', entry: 'convolutions', why: 'ONNX Runtime has no float64 kernel' },

  ReduceSum: { by: 'differences', cases: reduction(sum) },
  ReduceMean: { by: 'differences', cases: reduction(mean) },
  ReduceMax: { by: 'differences', cases: reduction(maxOver) },

  Reshape: {
    by: 'differences',
    cases: [
      of([], 'to [1, 1]', (x) => shaping.reshape(x, [1, 1])),
      of([1], 'to []', (x) => shaping.reshape(x, [])),
      of([6], 'to [2, 3]', (x) => shaping.reshape(x, [2, 3])),
      of([2, 1, 3], 'to [3, -1]', (x) => shaping.reshape(x, [3, -1])),
    ],
  },
  Transpose: {
    by: 'differences',
    cases: [
      of([1, 1], 'reversed', (x) => shaping.transpose(x)),
      of([2, 3], 'reversed', (x) => shaping.transpose(x)),
      of([2, 1, 3], '[1, 2, 0]', (x) => shaping.transpose(x, [1, 2, 0])),
      of([1, 2, 3, 2], '[0, 3, -3, 2]', (x) => shaping.transpose(x, [0, 3, -3, 2])),
    ],
  },
  Squeeze: {
    by: 'differences',
    cases: [
      of([1], '[0]', (x) => shaping.squeeze(x, [0])),
      of([2, 1, 3], '[1]', (x) => shaping.squeeze(x, [1])),
      of([1, 2, 1, 1], '[0, -1]', (x) => shaping.squeeze(x, [0, -1])),
    ],
  },
  Unsqueeze: {
    by: 'differences',
    cases: [
      of([], '[0]', (x) => shaping.unsqueeze(x, [0])),
      of([3], '[-1]', (x) => shaping.unsqueeze(x, [-1])),
      of([2, 3], '[1, 0]', (x) => shaping.unsqueeze(x, [1, 0])),
    ],
  },
  Slice: {
    by: 'differences',
    cases: [
      of([5], '1 to 3', (x) => shaping.slice(x, 0, 1, 3)),
      of([2, 3], 'axis 1 from -2', (x) => shaping.slice(x, 1, -2)),
      of([3, 1, 2], 'axis 0 to -1', (x) => shaping.slice(x, 0, 0, -1)),
      of([1, 2, 3, 2], 'axis -2, 1 to 2', (x) => shaping.slice(x, -2, 1, 2)),
    ],
  },
  Concat: {
    by: 'differences',
    cases: [
      ofAll([[2]], 'alone', (a) => shaping.concat([a!], 0)),
      ofAll([[2], [1], [3]], 'axis 0', (a, b, c) => shaping.concat([a!, b!, c!], 0)),
      ofAll(
        [
          [2, 1, 1],
          [2, 3, 1],
        ],
        'axis 1',
        (a, b) => shaping.concat([a!, b!], 1),
      ),
      of([2, 2], 'twice itself, axis -1', (a) => shaping.concat([a, a], -1)),
    ],
  },
  Split: {
    by: 'differences',
    cases: [
      of([4], '1 + 3', (x) => shaping.split(x, [1, 3], 0)),
      of([2, 3, 1], 'axis 1, 1 + 1 + 1', (x) => shaping.split(x, [1, 1, 1], 1)),
      of([2, 5], 'axis -1, the middle piece alone', (x) => shaping.split(x, [2, 1, 2], -1)[1]!),
    ],
  },
  Gather: {
    by: 'differences',
    cases: [
      of([3], 'a scalar index', (x) => shaping.gather(x, indices([], 1))),
      of([3], 'repeated and negative indices', (x) => shaping.gather(x, indices([4], 2, 0, 2, -1))),
      of([4, 2], '[2, 2] indices', (x) => shaping.gather(x, indices([2, 2], 3, 1, 1, 0))),
      of([2, 3, 2], 'axis 1', (x) => shaping.gather(x, indices([2], 2, 2), 1)),
      of([2, 3], 'axis -1, [2, 1] indices', (x) => shaping.gather(x, indices([2, 1], 1, 0), -1)),
      of([2, 1, 3], 'axis 2, a scalar index', (x) => shaping.gather(x, indices([], -1), 2)),
    ],
  },
  ScatterElements: {
    by: 'differences',
    cases: [
      of([4], 'rows that meet', (x) => shaping.scatterAdd(3, indices([4], 2, 0, 2, 2), x)),
      of([2], 'a scalar index', (x) => shaping.scatterAdd(3, indices([], 1), x)),
      of([3, 2], 'negative index', (x) => shaping.scatterAdd(4, indices([3], 0, -1, 3), x)),
      of([2, 2, 1, 2], '[2, 2] indices', (x) => shaping.scatterAdd(2, indices([2, 2], 1, 1, 0, 1), x)),
    ],
  },
  Pad: {
    by: 'differences',
    cases: [
      of([3], '[1, 2]', (x) => shaping.pad(x, [1, 2])),
      of([2, 2], '[0, 1, 1, 0] with 3', (x) => shaping.pad(x, [0, 1, 1, 0], 3)),
      of([1, 2, 1], '[0, 0, 2, 0, 0, 0]', (x) => shaping.pad(x, [0, 0, 2, 0, 0, 0])),
    ],
  },
  Expand: {
    by: 'differences',
    cases: [
      of([], 'to [2, 2]', (x) => shaping.expand(x, [2, 2])),
      of([1], 'to [3]', (x) => shaping.expand(x, [3])),
      of([3], 'to [2, 3]', (x) => shaping.expand(x, [2, 3])),
      of([2, 1], 'to [2, 3]', (x) => shaping.expand(x, [2, 3])),
      of([2, 1, 1], 'to [3, 2, 2, 1]', (x) => shaping.expand(x, [3, 2, 2, 1])),
    ],
  },
  Cast: {
    by: 'differences',
    // The loss is quadratic, so any step is exact; a long one outweighs what float32 rounds off.
    cases: shapes.map((shape) => of(shape, 'through float32', (x) => cast(cast(x, 'float32'), 'float64'), 1)),
  },
  Identity: { by: 'differences', cases: unary(elementwise.identity) },
  StopGradient: { by: 'design', cases: unary(elementwise.stopGradient) },

  Loop: { by: 'exempt', why: 'a gradient through it throws' },
};
