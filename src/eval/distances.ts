import { ShapeError } from '../errors.ts';
import { add, max } from '../graph/functions/elementwise.ts';
import { gemm } from '../graph/functions/linear-algebra.ts';
import { encodeModel } from '../graph/onnx/encode.ts';
import { simplify } from '../graph/simplify.ts';
import type { Tensor } from '../graph/tensor.ts';
import { input, scalar } from '../graph/value.ts';
import type { Session } from '../runtime/session.ts';

/** The k nearest rows of a set, for each row of another. */
export interface Neighbours {
  readonly k: number;
  /** uint32 [n, k], row numbers in the searched set, nearest first; of equally near ones the lower number first. */
  readonly indices: Uint32Array;
  /** float64 [n, k], squared Euclidean distances, ascending. */
  readonly squaredDistances: Float64Array;
}

/** Options of `nearestNeighbours`. */
export interface NeighbourOptions {
  /** The two sets are the same: a row is not its own neighbour. Default false. */
  readonly excludeSelf?: boolean;
}

const PROGRAM = 'squaredDistances';
const STATES = ['squaredDistances/b', 'squaredDistances/norms'];

/** Numbers of one block of distances: 64 MB, beside which what a run costs does not count. */
const BLOCK_ELEMENTS = 2 ** 24;
const MOST_ROWS = 1024;

/**
 * Rows and columns of two sets of vectors to be compared.
 *
 * @throws ShapeError unless both are [n, d] with the same d and at least one row each
 */
export function comparedShapes(
  caller: string,
  a: Tensor,
  b: Tensor,
): { readonly rows: number; readonly columns: number; readonly dimension: number } {
  const [rows = 0, dimension = 0] = a.shape;
  const [columns = 0, other = 0] = b.shape;
  if (a.shape.length !== 2 || b.shape.length !== 2 || dimension !== other || rows < 1 || columns < 1)
    throw new ShapeError(
      `${caller}: both sets must be [n, d] with the same d and at least one row, got [${a.shape.join(', ')}] and [${b.shape.join(', ')}]`,
    );
  return { rows, columns, dimension };
}

/**
 * Squared Euclidean distances between the rows of two sets, `|a_i|^2 + |b_j|^2 - 2 a_i . b_j`, in blocks of rows of `a`
 * from the engine's matrix product. Both sets are centred on the mean of `b` first, which changes no distance and keeps
 * float32's digits for the differences: the error is about 1e-6 of the largest squared norm that remains.
 *
 * @param session - where it runs; a program and two emptied states named after this function stay in it until it is released
 * @param a - float32 [n, d]
 * @param b - float32 [m, d]
 * @param visit - called with each block in turn: the number of its first row, and float32 [rows, m], never negative
 * @throws ShapeError unless both are [n, d] with the same d; ExecutionError where the device fails
 */
export async function squaredDistances(
  session: Session,
  a: Tensor<'float32'>,
  b: Tensor<'float32'>,
  visit: (firstRow: number, block: Tensor<'float32'>) => void,
): Promise<void> {
  const { rows, columns, dimension } = comparedShapes('squaredDistances', a, b);
  const centre = columnMeans(b);
  const right = centred(b, centre);
  await session.compile(distanceProgram(columns, dimension));
  await session.writeState({
    'squaredDistances/b': right,
    'squaredDistances/norms': { dtype: 'float32', shape: [1, columns], data: squaredNorms(right) },
  });
  const size = Math.max(1, Math.min(MOST_ROWS, Math.floor(BLOCK_ELEMENTS / columns)));
  for (let first = 0; first < rows; first += size) {
    const left = centred(rowsOf(a, first, Math.min(rows, first + size)), centre);
    const norms: Tensor = { dtype: 'float32', shape: [left.shape[0]!, 1], data: squaredNorms(left) };
    const { distances } = await session.run(PROGRAM, { a: left, norms });
    visit(first, distances as Tensor<'float32'>);
  }
  await forget(session, STATES);
}

/** Frees the memory of states that are no longer needed: a session has no other way to forget them. */
export async function forget(session: Session, names: readonly string[]): Promise<void> {
  const empty = (): Tensor => ({ dtype: 'float32', shape: [0], data: new Float32Array(0) });
  await session.writeState(Object.fromEntries(names.map((name) => [name, empty()])));
}

function distanceProgram(columns: number, dimension: number) {
  const a = input('a', 'float32', ['N', dimension]);
  const aNorms = input('norms', 'float32', ['N', 1]);
  const b = input('squaredDistances/b', 'float32', [columns, dimension]);
  const bNorms = input('squaredDistances/norms', 'float32', [1, columns]);
  const products = gemm(a, b, bNorms, { alpha: -2, transB: true });
  const distances = max(add(products, aNorms), scalar(0));
  const carried = STATES.map((name) => ({ name, input: name }));
  return {
    name: PROGRAM,
    model: encodeModel({ name: PROGRAM, outputs: simplify({ distances }) }).bytes,
    carried,
  };
}

/**
 * The k nearest rows of `b` for each row of `a`. Candidates come from `squaredDistances`; the distances of those that are
 * returned are computed again in float64, so that a copy has distance 0 exactly.
 *
 * @param a - float32 [n, d]
 * @param b - float32 [m, d], more than k rows with `excludeSelf`, else at least k
 * @throws ShapeError where the sets do not fit each other or `b` has too few rows
 */
export async function nearestNeighbours(
  session: Session,
  a: Tensor<'float32'>,
  b: Tensor<'float32'>,
  k: number,
  { excludeSelf = false }: NeighbourOptions = {},
): Promise<Neighbours> {
  const { rows, columns, dimension } = comparedShapes('nearestNeighbours', a, b);
  const available = excludeSelf ? columns - 1 : columns;
  if (!Number.isInteger(k) || k < 1 || k > available)
    throw new ShapeError(
      `nearestNeighbours: k must be a whole number from 1 to ${available}, as many rows as there are to find, got ${k}`,
    );
  const indices = new Uint32Array(rows * k);
  const squared = new Float64Array(rows * k);
  await squaredDistances(session, a, b, (firstRow, { shape, data }) => {
    for (let i = 0; i < shape[0]!; i++) {
      const row = firstRow + i;
      const found = smallest(data, i * columns, columns, k, excludeSelf ? row : -1);
      found.sort((x, y) => x - y);
      const exact = found.map((j) => ({ j, distance: distanceBetween(a.data, row, b.data, j, dimension) }));
      exact.sort((x, y) => x.distance - y.distance || x.j - y.j);
      for (const [rank, { j, distance }] of exact.entries()) {
        indices[row * k + rank] = j;
        squared[row * k + rank] = distance;
      }
    }
  });
  return { k, indices, squaredDistances: squared };
}

/** The positions of the k smallest of `count` numbers from `offset` on, but for `skipped`. */
function smallest(data: Float32Array, offset: number, count: number, k: number, skipped: number): number[] {
  const positions: number[] = [];
  const values: number[] = [];
  let limit = Number.POSITIVE_INFINITY;
  for (let j = 0; j < count; j++) {
    const value = data[offset + j]!;
    if (value >= limit || j === skipped) continue;
    let at = positions.length;
    while (at > 0 && values[at - 1]! > value) at--;
    positions.splice(at, 0, j);
    values.splice(at, 0, value);
    if (positions.length > k) {
      positions.pop();
      values.pop();
    }
    if (positions.length === k) limit = values[k - 1]!;
  }
  return positions;
}

function distanceBetween(a: Float32Array, i: number, b: Float32Array, j: number, dimension: number): number {
  let total = 0;
  for (let axis = 0; axis < dimension; axis++) {
    const difference = a[i * dimension + axis]! - b[j * dimension + axis]!;
    total += difference * difference;
  }
  return total;
}

/** Rows `from` to `to` (exclusive) as a tensor of their own over the same memory. */
export function rowsOf({ shape, data }: Tensor<'float32'>, from: number, to: number): Tensor<'float32'> {
  const dimension = shape[1]!;
  return {
    dtype: 'float32',
    shape: [to - from, dimension],
    data: data.subarray(from * dimension, to * dimension),
  };
}

/** Mean of each column, float64 [d]. */
export function columnMeans({ shape, data }: Tensor<'float32'>): Float64Array {
  const [rows, dimension] = [shape[0]!, shape[1]!];
  const means = new Float64Array(dimension);
  for (let row = 0, at = 0; row < rows; row++)
    for (let axis = 0; axis < dimension; axis++) means[axis]! += data[at++]!;
  return means.map((total) => total / rows);
}

/** Rows less a centre, in memory of their own. */
function centred({ shape, data }: Tensor<'float32'>, centre: Float64Array): Tensor<'float32'> {
  const dimension = centre.length;
  const moved = new Float32Array(data.length);
  for (let at = 0; at < data.length; ) {
    for (let axis = 0; axis < dimension; axis++, at++) moved[at] = data[at]! - centre[axis]!;
  }
  return { dtype: 'float32', shape, data: moved };
}

/** Squared Euclidean norm of each row, float32 [n], summed in float64. */
function squaredNorms({ shape, data }: Tensor<'float32'>): Float32Array<ArrayBuffer> {
  const [rows, dimension] = [shape[0]!, shape[1]!];
  const norms = new Float32Array(rows);
  for (let row = 0, at = 0; row < rows; row++) {
    let total = 0;
    for (let axis = 0; axis < dimension; axis++, at++) total += data[at]! * data[at]!;
    norms[row] = total;
  }
  return norms;
}
