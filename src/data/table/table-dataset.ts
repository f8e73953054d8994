import { DataError } from '../../errors.ts';
import { decodeCsv } from '../../io/csv.ts';
import { permutation } from '../../random/permutation.ts';
import { streamOf } from '../../random/threefry.ts';
import type { ExampleSet, FiniteDataset } from '../dataset.ts';
import { fingerprint, sha256 } from '../fingerprint.ts';
import { type InferredTable, inferColumns, type TableReading } from './infer-columns.ts';
import { type Table, tableWidth } from './table.ts';
import { encodeRows } from './table-rows.ts';

/** How a table is read and what it is called. */
export interface TableDatasetOptions extends TableReading {
  /** Name of the data set. Default `table`. */
  readonly name?: string;
  /** What the file is called in errors, such as its path. Default: the name. */
  readonly source?: string;
}

/** A table as a data set, and what a user has to know of how it was read. */
export interface TableDataset {
  readonly dataset: FiniteDataset & { readonly table: Table };
  /** Rows left out, columns that hold one value: a line each. */
  readonly notices: readonly string[];
}

/** Fewer rows than this leave ten to test on, of which no distance means anything. */
const FEWEST_ROWS = 100;
/** Share of the rows kept back for validation, and the same again for test. */
const HELD_OUT = 0.1;

/**
 * A data set from the bytes of a CSV file: points [d], a value for each column of numbers and one for each category. A tenth
 * of the rows each is kept back for validation and test, chosen at random but always the same.
 *
 * @throws DataError where the file is no CSV (see `decodeCsv`), a column can be neither numbers nor categories (see
 *   `inferColumns`), fewer than 100 rows are left, or all rows are alike; ConfigError where `categorical` or `omit` name a
 *   column that is not there
 */
export async function datasetFromCsv(
  bytes: Uint8Array,
  { name = 'table', source = name, ...reading }: TableDatasetOptions = {},
): Promise<TableDataset> {
  const csv = decodeCsv(bytes, source);
  const inferred = inferColumns(csv, reading, source);
  const { columns, rows } = inferred;
  if (rows.length < FEWEST_ROWS)
    throw new DataError(
      `readTable: ${source} must hold ${FEWEST_ROWS} rows or more, got ${rows.length}${inferred.dropped > 0 ? ` after ${droppedText(inferred)}` : ''}`,
    );
  const table: Table = { columns };
  if (tableWidth(table) === 0)
    throw new DataError(
      `readTable: ${source} must hold rows that differ, got ${rows.length} that are all alike`,
    );
  const order = permutation({ seed: 0, stream: streamOf('table/split') }, 0, rows.length);
  const held = Math.round(HELD_OUT * rows.length);
  const part = (from: number, to: number): ExampleSet => ({
    count: to - from,
    examples: encodeRows(
      table,
      Array.from(order.subarray(from, to), (row) => rows[row]!),
    ),
  });
  const content = {
    kind: 'points' as const,
    name,
    exampleShape: [tableWidth(table)],
    test: part(0, held),
    validation: part(held, 2 * held),
    train: part(2 * held, rows.length),
    table,
  };
  // Equal examples of other units or categories are other data: samples are written back by them.
  const parts = [await fingerprint(content), JSON.stringify(table)];
  return {
    dataset: { ...content, fingerprint: await sha256(new TextEncoder().encode(parts.join('\n'))) },
    notices: noticesOf(inferred, source),
  };
}

function droppedText({ dropped, missing }: InferredTable): string {
  const columns = missing.map(({ name, count }) => `${name} ${count}`).join(', ');
  return `leaving out ${dropped} in which a number is missing (${columns})`;
}

function noticesOf(inferred: InferredTable, source: string): readonly string[] {
  const { columns, rows, dropped } = inferred;
  const constants = columns.flatMap((it) => (it.kind === 'constant' ? [`${it.name} (${it.value})`] : []));
  return [
    ...(dropped > 0
      ? [`${source}: ${rows.length} of ${rows.length + dropped} rows are read, ${droppedText(inferred)}`]
      : []),
    ...(constants.length > 0
      ? [`${source}: the same in every row, so nothing to learn: ${constants.join(', ')}`]
      : []),
  ];
}
