import { ShapeError } from '../errors.ts';
import type { DType } from './tensor.ts';

/** A size, or the name of one that is only known at run time (a symbolic batch, `'N'`). */
export type Dim = number | string;

/** Sizes from the outermost axis to the innermost; `[]` is a scalar. */
export type Shape = readonly Dim[];

/** What a value is known to be before anything runs. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** `[64, 784]`, `[N, 2]` or `[]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Equal rank and equal sizes; symbolic sizes are equal when their names are. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** The shape as numbers. @throws ShapeError where a size is symbolic */
export function staticShape(caller: string, shape: Shape): readonly number[] {
  for (const dim of shape) {
    if (typeof dim !== 'number') {
      throw new ShapeError(
        `${caller}: shape must be static, got ${formatShape(shape)}. Give ${dim} a number`,
      );
    }
  }
  return shape as readonly number[];
}

/**
 * The shape that operands of an elementwise operator share, by ONNX's multidirectional broadcasting: aligned at the
 * innermost axis, a size of 1 stretches.
 *
 * @throws ShapeError where two sizes differ and neither is 1
 */
export function broadcastShapes(caller: string, ...shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let result: Dim = 1;
    for (const shape of shapes) {
      const dim = shape[axis - rank + shape.length] ?? 1;
      if (dim === 1 || dim === result) continue;
      if (result !== 1) {
        throw new ShapeError(
          `${caller}: shapes must broadcast, got ${shapes.map(formatShape).join(' and ')} (${result} against ${dim})`,
        );
      }
      result = dim;
    }
    return result;
  });
}

/** A non-negative axis below `rank`; negative axes count from the end. @throws ShapeError outside [-rank, rank) */
export function resolveAxis(caller: string, axis: number, rank: number): number {
  const resolved = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || resolved < 0 || resolved >= rank) {
    throw new ShapeError(`${caller}: axis must be an integer in [${-rank}, ${rank}), got ${axis}`);
  }
  return resolved;
}

/** Distinct non-negative axes in ascending order. @throws ShapeError on a repeated axis */
export function resolveAxes(caller: string, axes: readonly number[], rank: number): readonly number[] {
  const resolved = axes.map((axis) => resolveAxis(caller, axis, rank)).sort((a, b) => a - b);
  if (new Set(resolved).size < resolved.length) {
    throw new ShapeError(`${caller}: axes must be distinct, got [${axes.join(', ')}] for rank ${rank}`);
  }
  return resolved;
}

/** The shape after reducing over `axes` (already resolved). */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  if (keepDims) return shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  return shape.filter((_, axis) => !axes.includes(axis));
}
