import { resolveAxes } from '../shapes.ts';
import { applyOperator, type Value } from '../value.ts';

/** Axes to reduce over (negative ones count from the end; all by default) and whether they stay with size 1. */
export interface ReductionOptions {
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
}

function reduce(
  op: 'ReduceSum' | 'ReduceMean' | 'ReduceMax',
  caller: string,
  x: Value,
  { axes, keepDims = false }: ReductionOptions,
): Value {
  const rank = x.shape.length;
  const resolved = axes ? resolveAxes(caller, axes, rank) : x.shape.map((_, axis) => axis);
  return resolved.length === 0 ? x : applyOperator(op, [x], { axes: resolved, keepDims })[0]!;
}

/** Sum over axes. @throws ShapeError for an axis outside the rank, or repeated */
export function sum(x: Value, options: ReductionOptions = {}): Value {
  return reduce('ReduceSum', 'sum', x, options);
}

/** Mean over axes. @throws ShapeError for an axis outside the rank, or repeated */
export function mean(x: Value, options: ReductionOptions = {}): Value {
  return reduce('ReduceMean', 'mean', x, options);
}

/** Largest element over axes; elements that tie share the gradient equally. */
export function maxOver(x: Value, options: ReductionOptions = {}): Value {
  return reduce('ReduceMax', 'maxOver', x, options);
}
