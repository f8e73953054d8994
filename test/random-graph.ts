import fc from 'fast-check';
import {
  abs,
  add,
  cast,
  div,
  greater,
  identity,
  leakyRelu,
  max,
  mul,
  neg,
  relu,
  sigmoid,
  sqrt,
  stopGradient,
  sub,
  tanh,
  where,
} from '../src/graph/functions/elementwise.ts';
import { gemm } from '../src/graph/functions/linear-algebra.ts';
import { loop } from '../src/graph/functions/loop.ts';
import { maxOver, mean, sum } from '../src/graph/functions/reductions.ts';
import {
  concat,
  expand,
  reshape,
  slice,
  squeeze,
  transpose,
  unsqueeze,
} from '../src/graph/functions/shaping.ts';
import { printGraph } from '../src/graph/print.ts';
import type { Tensors } from '../src/graph/tensor.ts';
import { input, scalar, type Value, type Values } from '../src/graph/value.ts';

/** A graph and what to feed it with; float64, so that rounding is far from any mistake. */
export interface RandomGraph {
  readonly outputs: Values;
  readonly feeds: Tensors;
  /** How a failing test shows it. */
  readonly [fc.toStringMethod]: () => string;
}

/** The values so far, by shape: what an instruction may take. Each kind is never empty. */
interface Pool {
  /** [2, 3] */
  readonly matrices: Value[];
  /** [3, 3], as weights */
  readonly squares: Value[];
  /** [3] */
  readonly rows: Value[];
  /** [] */
  readonly scalars: Value[];
}
type Kind = keyof Pool;

/** One line of a random program. */
interface Instruction {
  readonly verb: Verb;
  /** Which values of the pool it takes, counted from the newest. */
  readonly a: number;
  readonly b: number;
  /** Whether it does the same once more: what common subexpressions are made of. */
  readonly twice: boolean;
  /** What a loop does; other verbs have no use for it. */
  readonly body: readonly Instruction[];
}

type Take = (kind: Kind, which: number) => Value;

/** All that training does to values, and some things that only a pass would think of. */
const verbs = {
  addMatrix: (take, a, b) => ['matrices', add(take('matrices', a), take('matrices', b))],
  addRow: (take, a, b) => ['matrices', add(take('rows', b), take('matrices', a))],
  addScalar: (take, a, b) => ['matrices', add(take('matrices', a), take('scalars', b))],
  subtract: (take, a, b) => ['matrices', sub(take('scalars', b), take('matrices', a))],
  multiply: (take, a, b) => ['matrices', mul(tanh(take('matrices', a)), take('matrices', b))],
  scale: (take, a, b) => ['matrices', mul(take('matrices', a), take('scalars', b))],
  divide: (take, a) => ['matrices', div(take('matrices', a), 2)],
  larger: (take, a, b) => ['matrices', max(take('matrices', a), take('rows', b))],
  choose: (take, a, b) => [
    'matrices',
    where(greater(take('matrices', a), take('rows', b)), take('matrices', b), 0),
  ],
  mask: (take, a) => ['matrices', mul(cast(greater(take('matrices', a), 0), 'float64'), take('matrices', a))],
  relu: (take, a) => ['matrices', relu(take('matrices', a))],
  leakyRelu: (take, a, b) => ['matrices', leakyRelu(take('matrices', a), b % 2 === 0 ? 0.25 : 0.5)],
  sigmoid: (take, a) => ['matrices', sigmoid(take('matrices', a))],
  negate: (take, a) => ['matrices', neg(take('matrices', a))],
  identity: (take, a) => ['matrices', identity(take('matrices', a))],
  stop: (take, a) => ['matrices', stopGradient(take('matrices', a))],
  neutral: (take, a) => ['matrices', add(mul(1, div(take('matrices', a), 1)), 0)],
  foldRows: (take, a) => ['matrices', reshape(reshape(take('matrices', a), [6]), [2, 3])],
  turn: (take, a) => ['matrices', reshape(transpose(take('matrices', a)), [2, 3])],
  swapHalves: (take, a) => {
    const x = take('matrices', a);
    return ['matrices', concat([slice(x, 0, 1), slice(x, 0, 0, 1)], 0)];
  },
  stretchRow: (take, a) => ['matrices', expand(take('rows', a), [2, 3])],
  stretchScalar: (take, a) => ['matrices', expand(take('scalars', a), [2, 3])],
  product: (take, a, b) => ['matrices', gemm(take('matrices', a), take('squares', b))],
  affine: (take, a, b) => ['matrices', gemm(take('matrices', a), take('squares', b), take('rows', a))],
  backward: (take, a, b) => [
    'matrices',
    gemm(take('matrices', a), take('squares', b), undefined, { transB: true }),
  ],
  twoPasses: (take, a, b) => {
    const pass = (which: number): Value => relu(gemm(take('matrices', which), take('squares', a)));
    return ['matrices', sub(pass(a), pass(b))];
  },
  gradient: (take, a, b) => ['squares', gradientOf(take, a, b)],
  descend: (take, a, b) => [
    'squares',
    add(take('squares', b), mul(gradientOf(take, a, b), take('scalars', a))),
  ],
  momentum: (take, a, b) => [
    'squares',
    add(mul(take('squares', b), b % 2 === 0 ? 0.5 : 0.9), mul(take('scalars', a), gradientOf(take, a, b))),
  ],
  columnMeans: (take, a) => ['rows', mean(take('matrices', a), { axes: [0] })],
  columnMaxima: (take, a) => ['rows', maxOver(take('matrices', a), { axes: [0] })],
  total: (take, a) => ['scalars', mean(take('squares', a))],
  sum: (take, a) => ['scalars', squeeze(sum(take('matrices', a), { keepDims: true }), [0, 1])],
  constant: (_, a, b) => ['scalars', scalar([0, 1, -1, 2, 0.5, 0.1][(a + b) % 6]!, 'float64')],
  addScalars: (take, a, b) => ['scalars', add(take('scalars', a), take('scalars', b))],
  multiplyScalars: (take, a, b) => ['scalars', mul(take('scalars', a), take('scalars', b))],
  root: (take, a) => ['scalars', sqrt(abs(squeeze(unsqueeze(take('scalars', a), [0]), [0])))],
} as const satisfies Record<string, (take: Take, a: number, b: number) => readonly [Kind, Value]>;

const gradientOf = (take: Take, a: number, b: number): Value =>
  gemm(take('matrices', a), sigmoid(take('matrices', b)), undefined, { transA: true });

type Verb = keyof typeof verbs | 'loop';

function execute(program: readonly Instruction[], pool: Pool): void {
  for (const { verb, a, b, twice, body } of program) {
    const before = Object.fromEntries(Object.entries(pool).map(([kind, values]) => [kind, [...values]]));
    const take: Take = (kind, which) => before[kind]!.at(-1 - (which % before[kind]!.length))!;
    for (let i = 0; i < (twice ? 2 : 1); i++) {
      if (verb === 'loop') {
        repeat(body, pool, take('matrices', a), take('squares', b));
      } else {
        const [kind, value] = verbs[verb](take, a, b);
        pool[kind].push(value);
      }
    }
  }
}

/** Runs instructions in a loop of two iterations over a matrix and weights; they may take anything from outside. */
function repeat(body: readonly Instruction[], pool: Pool, matrix: Value, square: Value): void {
  const { state, scans } = loop(scalar(2, 'int64'), { matrix, square }, (_, before) => {
    const inner: Pool = {
      matrices: [...pool.matrices, before['matrix']!],
      squares: [...pool.squares, before['square']!],
      rows: [...pool.rows],
      scalars: [...pool.scalars],
    };
    execute(body, inner);
    const after = { matrix: inner.matrices.at(-1)!, square: inner.squares.at(-1)! };
    return { state: after, scans: { row: inner.rows.at(-1)! } };
  });
  pool.matrices.push(state['matrix']!);
  pool.squares.push(state['square']!);
  pool.rows.push(sum(scans['row']!, { axes: [0] }));
}

const instruction = (
  names: readonly Verb[],
  body: fc.Arbitrary<readonly Instruction[]>,
): fc.Arbitrary<Instruction> =>
  fc.record({
    verb: fc.constantFrom(...names),
    a: fc.nat({ max: 7 }),
    b: fc.nat({ max: 7 }),
    twice: fc.boolean(),
    body,
  });

const plain = Object.keys(verbs) as (keyof typeof verbs)[];
const inLoop = fc.array(instruction(plain, fc.constant([])), { maxLength: 6 });
const program = fc.array(instruction([...plain, 'loop'], inLoop), { minLength: 1, maxLength: 14 });

const numbers = (length: number) =>
  fc.array(fc.integer({ min: -8, max: 8 }), { minLength: length, maxLength: length });

/** Random graphs of the operators that a training step is made of, with loops, and inputs in [-2, 2]. */
export const randomGraph: fc.Arbitrary<RandomGraph> = fc
  .tuple(program, numbers(6), numbers(9), numbers(3))
  .map(([instructions, ...data]) => {
    const names = ['matrix', 'square', 'row'] as const;
    const shapes = [[2, 3], [3, 3], [3]] as const;
    const feeds: Tensors = Object.fromEntries(
      names.map((name, i) => [
        name,
        { dtype: 'float64', shape: shapes[i]!, data: Float64Array.from(data[i]!, (value) => value / 4) },
      ]),
    );
    const [matrix, square, row] = names.map((name, i) => input(name, 'float64', shapes[i]!));
    const pool: Pool = {
      matrices: [matrix!],
      squares: [square!],
      rows: [row!],
      scalars: [scalar(0.5, 'float64')],
    };
    execute(instructions, pool);
    const outputs = Object.fromEntries(
      Object.entries(pool).flatMap(([kind, values]) =>
        values.slice(-2).map((value: Value, i: number) => [`${kind}${i}`, value]),
      ),
    );
    return { outputs, feeds, [fc.toStringMethod]: () => printGraph(outputs) };
  });
