import { DataError } from '../../errors.ts';
import type { Csv } from '../../io/csv.ts';
import { oneOf } from '../../nearest-name.ts';
import { numberIn } from './cell.ts';
import { type Column, type Table, tableWidth } from './table.ts';
import { encodeRows } from './table-rows.ts';

/**
 * Rows of a CSV file that any program wrote as examples of a table: its columns by their names, in any order.
 *
 * @param source - what the file is called in errors
 * @returns float32 [n, d] as `encodeRows` makes them; a number may lie outside the table's bounds
 * @throws DataError where a column is missing or is none of the table's, a number is none, or a category is none that the table
 *   has: the message names column and line
 */
export function givenRows(
  table: Table,
  { header, rows, lines }: Csv,
  source: string,
): { readonly shape: readonly [number, number]; readonly data: Float32Array<ArrayBuffer> } {
  const names = table.columns.map(({ name }) => name);
  const missing = names.filter((name) => !header.includes(name));
  if (missing.length > 0)
    throw new DataError(
      `evaluate: ${source} must have all columns of the table (${names.join(', ')}), got none called ${missing.join(', ')}`,
    );
  const unknown = header.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new DataError(
      `evaluate: ${source} must have no columns but the table's, got ${unknown}. ${oneOf(unknown, names)}`,
    );
  const places = names.map((name) => header.indexOf(name));
  const ordered = rows.map((row) => places.map((place) => row[place]!));
  for (const [i, row] of ordered.entries())
    for (const [index, column] of table.columns.entries()) {
      const expected = mismatch(column, row[index]!);
      if (expected !== undefined)
        throw new DataError(
          `evaluate: ${source}, column ${column.name}: must hold ${expected}, got "${row[index]}" on line ${lines[i]}`,
        );
    }
  return { shape: [rows.length, tableWidth(table)], data: encodeRows(table, ordered) };
}

/** What a column holds, where a cell is nothing of that. */
function mismatch(column: Column, cell: string): string | undefined {
  switch (column.kind) {
    case 'numeric':
      return numberIn(cell) === undefined ? 'numbers throughout' : undefined;
    case 'categorical':
      return column.categories.includes(cell)
        ? undefined
        : `categories of the table (${column.categories.join(', ')})`;
    case 'constant':
      return cell === column.value ? undefined : `nothing but "${column.value}"`;
  }
}
