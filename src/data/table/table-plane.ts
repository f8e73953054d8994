import { placedColumns, type Table, tableWidth } from './table.ts';

/** What a picture shows of a table's rows. */
export interface TablePlane {
  /** 2: points in the plane. 1: numbers. */
  readonly dimension: 1 | 2;
  /** float32 [n, dimension] */
  readonly points: Float32Array<ArrayBuffer>;
}

/**
 * Rows of a table by what a picture can show of them: the first two columns of numbers, standardised; the only one; where
 * there is none, the place of each row's category among those of the first column that has some.
 *
 * @param rows - float32 [n, tableWidth(table)]
 */
export function tablePlane(table: Table, rows: Float32Array): TablePlane {
  const width = tableWidth(table);
  const columns = placedColumns(table);
  const numeric = columns.filter(({ kind }) => kind === 'numeric').slice(0, 2);
  const dimension = numeric.length === 2 ? 2 : 1;
  const count = rows.length / width;
  const points = new Float32Array(count * dimension);
  for (let row = 0; row < count; row++) {
    for (const [axis, { first }] of numeric.entries())
      points[row * dimension + axis] = rows[row * width + first]!;
    if (numeric.length > 0) continue;
    const { first, size } = columns.find(({ kind }) => kind === 'categorical')!;
    points[row] = rows.subarray(row * width + first, row * width + first + size).indexOf(1);
  }
  return { dimension, points };
}
