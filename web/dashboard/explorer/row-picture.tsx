import type { JSX } from 'preact';
import { type PlacedColumn, placedColumns, type Table } from '../../../src/data/table/table.ts';
import { formatFigure } from '../number-format.ts';

/** A sample of a table's generator: each number, and the likeliest category with its probability. */
export function RowPicture({
  sample,
  table,
}: {
  readonly sample: Float32Array;
  readonly table: Table;
}): JSX.Element {
  return (
    <table class="row-picture" data-testid="picture">
      <tbody>
        {placedColumns(table).map((column) => (
          <tr key={column.name}>
            <th scope="row">{column.name}</th>
            <td>{cellOf(column, sample)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function cellOf(column: PlacedColumn, sample: Float32Array): string {
  if (column.kind === 'constant') return column.value;
  const values = sample.subarray(column.first, column.first + column.size);
  if (column.kind === 'numeric') {
    const value = values[0]! * column.deviation + column.mean;
    return Math.min(Math.max(value, column.minimum), column.maximum).toFixed(column.decimals);
  }
  const likeliest = values.indexOf(Math.max(...values));
  return `${column.categories[likeliest] || '(empty)'} · ${formatFigure(100 * values[likeliest]!, 3)} %`;
}
