import { type Table, tableWidth } from '../data/table/table.ts';
import { ShapeError } from '../errors.ts';

/** @throws ShapeError unless each set holds one whole row or more */
export function requireTableRows(
  caller: string,
  table: Table,
  sets: Readonly<Record<string, Float32Array>>,
): void {
  const width = tableWidth(table);
  for (const [name, rows] of Object.entries(sets))
    if (rows.length === 0 || rows.length % width !== 0)
      throw new ShapeError(
        `${caller}: ${name} must hold whole rows of ${width} numbers, one or more, got ${rows.length} numbers`,
      );
}
