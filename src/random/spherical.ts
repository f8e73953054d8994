import { ShapeError } from '../errors.ts';
import { fillNormal } from './normal.ts';
import type { Key } from './threefry.ts';

/**
 * Fills `out`, seen as float32 [N, dimension], with rows spread evenly over the unit sphere: normal numbers divided by
 * the length of their row.
 *
 * @throws ShapeError if `out` does not hold whole rows
 */
export function fillSpherical(key: Key, step: number, out: Float32Array, dimension: number): void {
  if (!(Number.isInteger(dimension) && dimension > 0 && out.length % dimension === 0))
    throw new ShapeError(
      `fillSpherical: dimension must be a positive integer that divides the length ${out.length}, got ${dimension}`,
    );
  fillNormal(key, step, out);
  for (let row = 0; row < out.length; row += dimension) {
    let sumOfSquares = 0;
    for (let i = row; i < row + dimension; i++) sumOfSquares += out[i]! * out[i]!;
    const length = Math.sqrt(sumOfSquares);
    for (let i = row; i < row + dimension; i++) out[i] = out[i]! / length;
    // In one dimension a number can be exactly 0 (once in 2^31): it has no direction, so it is given one.
    if (length === 0) out[row] = 1;
  }
}
