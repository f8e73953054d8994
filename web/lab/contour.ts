/** Line segments, four numbers each: x0, y0, x1, y1. */
export type Segments = readonly number[];

/**
 * Where a field crosses a level, by marching squares with linear interpolation.
 *
 * @param field - row-major [size, size]; cells with a NaN at a corner are left out
 * @returns segments in units of the grid: entry (row, column) lies at x = column, y = row
 */
export function contour(field: ArrayLike<number>, size: number, level: number): Segments {
  const segments: number[] = [];
  const crossing = (a: number, b: number): number => (level - a) / (b - a);
  for (let row = 0; row + 1 < size; row++)
    for (let column = 0; column + 1 < size; column++) {
      const at = row * size + column;
      const a = field[at]!;
      const b = field[at + 1]!;
      const c = field[at + size + 1]!;
      const d = field[at + size]!;
      if (!Number.isFinite(a + b + c + d)) continue;
      const ends: number[] = [];
      if (a < level !== b < level) ends.push(column + crossing(a, b), row);
      if (b < level !== c < level) ends.push(column + 1, row + crossing(b, c));
      if (d < level !== c < level) ends.push(column + crossing(d, c), row + 1);
      if (a < level !== d < level) ends.push(column, row + crossing(a, d));
      if (ends.length === 4) segments.push(...ends);
      else if (ends.length === 8) {
        // A saddle: its middle says which corners belong together.
        const joined = (a + b + c + d) / 4 < level === a < level;
        const order = joined ? [0, 1, 2, 3] : [0, 3, 1, 2];
        for (const end of order) segments.push(ends[2 * end]!, ends[2 * end + 1]!);
      }
    }
  return segments;
}
