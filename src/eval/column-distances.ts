import { type PlacedColumn, placedColumns, type Table, tableWidth } from '../data/table/table.ts';
import { requireTableRows } from './table-rows-check.ts';

/** How far the values of one column are from real ones, whatever the other columns hold. */
export type ColumnDistance =
  | {
      readonly column: string;
      readonly kind: 'numeric';
      /** Kolmogorov-Smirnov: the largest difference of the shares below any number, in [0, 1]. */
      readonly distance: number;
      /** 1-Wasserstein: how far a number has to be moved on average, in standard deviations of the column. */
      readonly wasserstein: number;
    }
  | {
      readonly column: string;
      readonly kind: 'categorical';
      /** Total variation: the share of the rows that would have to change category, in [0, 1]. */
      readonly distance: number;
    };

/** The distances of all columns. */
export interface ColumnDistances {
  /** Mean of the `distance` of all columns, in [0, 1]; 0 where samples hold what real rows do. */
  readonly value: number;
  readonly columns: readonly ColumnDistance[];
}

/**
 * Compares each column of a table's samples with real rows: Kolmogorov-Smirnov and 1-Wasserstein for numbers, total
 * variation for categories. Of constant columns nothing is told.
 *
 * @param real, fake - float32 [n, tableWidth(table)], rows as `encodeRows` makes them; of any two numbers of rows
 * @throws ShapeError unless both hold whole rows
 */
export function columnDistances(table: Table, real: Float32Array, fake: Float32Array): ColumnDistances {
  requireTableRows('columnDistances', table, { real, fake });
  const width = tableWidth(table);
  const columns = placedColumns(table).flatMap((column): ColumnDistance[] => {
    if (column.kind === 'constant') return [];
    const { name, kind } = column;
    if (kind === 'numeric') return [{ column: name, kind, ...numericDistance(column, width, real, fake) }];
    const [ofReal, ofFake] = [shares(column, width, real), shares(column, width, fake)];
    const distance = ofReal.reduce((total, share, i) => total + Math.abs(share - ofFake[i]!), 0) / 2;
    return [{ column: name, kind, distance }];
  });
  return { value: columns.reduce((total, { distance }) => total + distance, 0) / columns.length, columns };
}

function numericDistance(
  { first }: PlacedColumn,
  width: number,
  real: Float32Array,
  fake: Float32Array,
): { distance: number; wasserstein: number } {
  const sorted = (rows: Float32Array) =>
    Float32Array.from({ length: rows.length / width }, (_, row) => rows[row * width + first]!).sort();
  const [a, b] = [sorted(real), sorted(fake)];
  let [distance, wasserstein] = [0, 0];
  let [i, j] = [0, 0];
  let last = Math.min(a[0]!, b[0]!);
  while (i < a.length || j < b.length) {
    const value = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    wasserstein += Math.abs(i / a.length - j / b.length) * (value - last);
    while (a[i] === value) i++;
    while (b[j] === value) j++;
    distance = Math.max(distance, Math.abs(i / a.length - j / b.length));
    last = value;
  }
  return { distance, wasserstein };
}

/** Share of the rows in each category. */
function shares({ first, size }: PlacedColumn, width: number, rows: Float32Array): Float64Array {
  const sums = new Float64Array(size);
  for (let at = first; at < rows.length; at += width)
    for (let i = 0; i < size; i++) sums[i]! += rows[at + i]!;
  return sums.map((sum) => (sum * width) / rows.length);
}
