import { ShapeError } from '../../errors.ts';
import {
  type Dim,
  formatShape,
  resolveAxes,
  resolveAxis,
  type Shape,
  sameShape,
  staticShape,
} from '../shapes.ts';
import { elementCount } from '../tensor.ts';
import { applyOperator, full, type Value } from '../value.ts';

/**
 * The same elements in another shape; one size may be -1 and is then inferred.
 *
 * @throws ShapeError where the element counts differ
 */
export function reshape(x: Value, shape: Shape): Value {
  const open = shape.filter((dim) => dim === -1).length;
  if (open === 0) return applyOperator('Reshape', [x], { shape })[0]!;
  // Symbolic sizes must survive as they are; what the numbers on both sides leave over is the -1.
  const numbers = (dims: readonly Dim[]): number =>
    dims.reduce<number>(
      (product, dim) => (typeof dim === 'number' && dim !== -1 ? product * dim : product),
      1,
    );
  const inferred = numbers(x.shape) / numbers(shape);
  if (open > 1 || !Number.isInteger(inferred)) {
    throw new ShapeError(
      `reshape: one size may be -1 where the others divide the element count, got ${formatShape(x.shape)} to ${formatShape(shape)}`,
    );
  }
  return applyOperator('Reshape', [x], { shape: shape.map((dim) => (dim === -1 ? inferred : dim)) })[0]!;
}

/** Axes in another order; reversed by default. @throws ShapeError where one is missing or repeated */
export function transpose(x: Value, permutation?: readonly number[]): Value {
  const rank = x.shape.length;
  const axes =
    permutation?.map((axis) => resolveAxis('transpose', axis, rank)) ?? x.shape.map((_, i) => rank - 1 - i);
  if (axes.length === rank && axes.every((axis, i) => axis === i)) return x;
  return applyOperator('Transpose', [x], { permutation: axes })[0]!;
}

/** Removes axes of size 1. @throws ShapeError where a size is not 1 */
export function squeeze(x: Value, axes: readonly number[]): Value {
  // To ONNX no axes means all of size 1.
  if (axes.length === 0) return x;
  return applyOperator('Squeeze', [x], { axes: resolveAxes('squeeze', axes, x.shape.length) })[0]!;
}

/** Inserts axes of size 1; positions are those in the result. */
export function unsqueeze(x: Value, axes: readonly number[]): Value {
  return applyOperator('Unsqueeze', [x], {
    axes: resolveAxes('unsqueeze', axes, x.shape.length + axes.length),
  })[0]!;
}

/** Elements `start` to `end` (exclusive) of one axis; negative bounds count from the end. */
export function slice(x: Value, axis: number, start: number, end?: number): Value {
  const resolved = resolveAxis('slice', axis, x.shape.length);
  const size = x.shape[resolved]!;
  if (typeof size !== 'number') {
    throw new ShapeError(
      `slice: axis ${axis} must have a number as its size, got ${size} (x ${formatShape(x.shape)})`,
    );
  }
  const bound = (position: number): number => (position < 0 ? position + size : position);
  const [from, to] = [bound(start), bound(end ?? size)];
  return applyOperator('Slice', [x], { starts: [from], ends: [to], axes: [resolved] })[0]!;
}

/** Values one after the other along an axis. @throws ShapeError where they disagree on another axis */
export function concat(values: readonly Value[], axis: number): Value {
  const first = values[0];
  if (!first) throw new ShapeError('concat: at least one value is needed, got none');
  return applyOperator('Concat', values, { axis: resolveAxis('concat', axis, first.shape.length) })[0]!;
}

/** Pieces of the given sizes along an axis. @throws ShapeError where the sizes do not sum to the axis */
export function split(x: Value, sizes: readonly number[], axis: number): readonly Value[] {
  return applyOperator('Split', [x], { axis: resolveAxis('split', axis, x.shape.length), sizes });
}

/**
 * Rows of `x` along an axis, picked by index.
 *
 * @param indices - int64 or int32, any shape; a scalar drops the axis
 * @returns [...before, ...indices, ...after]
 */
export function gather(x: Value, indices: Value, axis = 0): Value {
  return applyOperator('Gather', [x, indices], { axis: resolveAxis('gather', axis, x.shape.length) })[0]!;
}

/**
 * Zeros of shape `[size, ...rest]` to which each row of `updates` is added at its index: the transpose of `gather` along
 * axis 0, with repeated indices summed, in the same order every time.
 *
 * @param indices - int64 [...i]
 * @param updates - [...i, ...rest]
 * @throws ShapeError where the shapes do not fit, or the dtype of the indices is not int64
 */
export function scatterAdd(size: number, indices: Value, updates: Value): Value {
  const picked = staticShape('scatterAdd', indices.shape);
  if (indices.dtype !== 'int64') {
    throw new ShapeError(`scatterAdd: indices must be int64, got ${indices.dtype}. Use cast`);
  }
  if (!sameShape(updates.shape.slice(0, picked.length), picked)) {
    throw new ShapeError(
      `scatterAdd: updates must begin with the shape of indices ${formatShape(picked)}, got ${formatShape(updates.shape)}`,
    );
  }
  const rest = staticShape('scatterAdd', updates.shape.slice(picked.length));
  const [count, width] = [elementCount(picked), elementCount(rest)];
  const rows = expand(reshape(indices, [count, 1]), [count, width]);
  const zeros = full([size, width], 0, updates.dtype);
  const sums = applyOperator('ScatterElements', [zeros, rows, reshape(updates, [count, width])], {})[0]!;
  return reshape(sums, [size, ...rest]);
}

/** Surrounds x with a value. @param pads - counts before each axis, then after each, as ONNX orders them */
export function pad(x: Value, pads: readonly number[], value = 0): Value {
  const padded = applyOperator('Pad', [x], { pads, value })[0]!;
  return sameShape(padded.shape, x.shape) ? x : padded;
}

/** Stretches sizes of 1, as broadcasting does. @throws ShapeError where x does not broadcast to the shape */
export function expand(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : applyOperator('Expand', [x], { shape })[0]!;
}

/** Several scalars as one vector, for metrics that leave the graph together. @param scalars - each [] */
export function stack(scalars: readonly Value[]): Value {
  return concat(
    scalars.map((value) => unsqueeze(value, [0])),
    0,
  );
}
