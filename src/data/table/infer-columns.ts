import { ConfigError, DataError } from '../../errors.ts';
import type { Csv } from '../../io/csv.ts';
import { oneOf } from '../../nearest-name.ts';
import { decimalsOf, isDate, isForeignNumber, isMissing, numberIn } from './cell.ts';
import type { Column } from './table.ts';

/** What a user says of a table's columns, by their names. */
export interface TableReading {
  /** Columns whose texts are categories, be they numbers. Default: those that hold texts, or at most two different numbers. */
  readonly categorical?: readonly string[];
  /** Columns to leave out. Default: none. */
  readonly omit?: readonly string[];
}

/** The columns of a table and the rows that have a number wherever one is needed. */
export interface InferredTable {
  readonly columns: readonly Column[];
  /** The cells of the columns, row after row. */
  readonly rows: readonly (readonly string[])[];
  /** Rows that are left out because a number is missing. */
  readonly dropped: number;
  /** The columns that they miss numbers in, with how many each. */
  readonly missing: readonly { readonly name: string; readonly count: number }[];
}

/** More are names, keys or free text, of which a one-hot code learns nothing. */
const MOST_CATEGORIES = 100;
/** With so many numbers among its cells, a column is meant to be one of numbers. */
const MOSTLY_NUMBERS = 0.5;
/** So many cells of one look give a column away as dates, or as numbers written otherwise. */
const MOSTLY_ALIKE = 0.9;

/** One column's cells, with what an error says of them. */
interface Cells {
  readonly name: string;
  readonly cells: readonly string[];
  readonly lines: readonly number[];
  readonly source: string;
}

/**
 * Which columns of a table hold numbers and which categories. Numbers: cells that are all finite numbers or missing (empty,
 * NA, N/A, NaN, null, ?), of more than two values. Rows that miss one are left out. Everything else holds categories, an empty
 * cell being one of them; a column that holds a single text is kept as a constant.
 *
 * @param source - what the file is called in errors
 * @throws ConfigError where `reading` names a column that is not there; DataError for a column of dates, of numbers among
 *   which are other texts, of numbers with decimal commas, or of more than 100 categories: the message names column and line
 */
export function inferColumns(
  { header, rows, lines }: Csv,
  { categorical = [], omit = [] }: TableReading,
  source: string,
): InferredTable {
  for (const [flag, names] of Object.entries({ categorical, omit }))
    for (const name of names)
      if (!header.includes(name))
        throw new ConfigError(
          `table.${flag}: must name columns of ${source}, got ${name}. ${oneOf(name, [...header])}`,
        );
  const kept = header.flatMap((name, index) => (omit.includes(name) ? [] : [{ name, index }]));
  if (kept.length === 0)
    throw new ConfigError(`table.omit: must leave a column of ${source}, got all ${header.length}`);
  const kinds = kept.map(({ name, index }) => {
    const cells = rows.map((row) => row[index]!);
    return kindOf({ name, cells, lines, source }, categorical.includes(name));
  });
  const isWhole = (row: readonly string[]) =>
    kept.every(({ index }, i) => kinds[i] !== 'numeric' || !isMissing(row[index]!));
  const whole = rows.filter(isWhole);
  const missing = kept.flatMap(({ name, index }, i) => {
    const count = kinds[i] === 'numeric' ? rows.filter((row) => isMissing(row[index]!)).length : 0;
    return count > 0 ? [{ name, count }] : [];
  });
  const columns = kept.map(({ name, index }, i) =>
    columnOf(
      name,
      kinds[i]!,
      whole.map((row) => row[index]!),
    ),
  );
  return {
    columns,
    rows: whole.map((row) => kept.map(({ index }) => row[index]!)),
    dropped: rows.length - whole.length,
    missing,
  };
}

function kindOf(column: Cells, isForced: boolean): 'numeric' | 'categorical' {
  const { cells } = column;
  const present = cells.filter((cell) => !isMissing(cell));
  const numbers = present.filter((cell) => numberIn(cell) !== undefined);
  if (!isForced && numbers.length === present.length) {
    if (new Set(numbers.map(Number)).size > 2) return 'numeric';
  } else if (!isForced) refuseAlmostNumbers(column, present, numbers.length);
  requireFewCategories(column);
  return 'categorical';
}

function refuseAlmostNumbers(
  { name, cells, lines, source }: Cells,
  present: readonly string[],
  numbers: number,
): void {
  const fail = (rest: string) => new DataError(`readTable: ${source}, column ${name}: ${rest}`);
  const at = (matches: (cell: string) => boolean) => {
    const index = cells.findIndex(matches);
    return `${JSON.stringify(cells[index])} on line ${lines[index]}`;
  };
  const share = (matches: (cell: string) => boolean) => present.filter(matches).length / present.length;
  if (share(isDate) >= MOSTLY_ALIKE)
    throw fail(
      `must hold numbers or categories, got dates (${at(isDate)}). Turn them into numbers, such as days since the first, or leave the column out with --omit ${quoted(name)}`,
    );
  if (share(isForeignNumber) >= MOSTLY_ALIKE)
    throw fail(
      `must hold numbers with a decimal point and nothing between thousands, got ${at(isForeignNumber)}. Write 1234.5`,
    );
  if (numbers >= MOSTLY_NUMBERS * present.length)
    throw fail(
      `must hold numbers throughout, got ${at((cell) => !isMissing(cell) && numberIn(cell) === undefined)}. Leave the cell empty where the number is missing, or say that they are categories with --categorical ${quoted(name)}`,
    );
}

function requireFewCategories({ name, cells, lines, source }: Cells): void {
  const first = new Map<string, number>();
  for (const [i, cell] of cells.entries()) if (!first.has(cell)) first.set(cell, lines[i]!);
  if (first.size <= MOST_CATEGORIES) return;
  const [text, line] = [...first][MOST_CATEGORIES]!;
  throw new DataError(
    `readTable: ${source}, column ${name}: must hold at most ${MOST_CATEGORIES} different categories, got ${first.size} in ${cells.length} rows (the ${MOST_CATEGORIES + 1}st is ${JSON.stringify(text)} on line ${line}). Join rare ones, or leave the column out with --omit ${quoted(name)}`,
  );
}

/** A name as a shell takes it. */
const quoted = (name: string) => (/^[\w.-]+$/.test(name) ? name : JSON.stringify(name));

function columnOf(name: string, kind: 'numeric' | 'categorical', cells: readonly string[]): Column {
  const texts = [...new Set(cells)].sort();
  if (texts.length === 1) return { kind: 'constant', name, value: texts[0]! };
  return kind === 'numeric' ? numericColumn(name, cells) : { kind, name, categories: texts };
}

function numericColumn(name: string, cells: readonly string[]): Column {
  const numbers = cells.map(Number);
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const variance = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0) / numbers.length;
  let [minimum, maximum, decimals] = [Infinity, -Infinity, 0];
  for (const [i, number] of numbers.entries()) {
    minimum = Math.min(minimum, number);
    maximum = Math.max(maximum, number);
    decimals = Math.max(decimals, decimalsOf(cells[i]!));
  }
  // Where rows were left out, one number may remain, written in two ways.
  if (minimum === maximum) return { kind: 'constant', name, value: cells[0]! };
  return { kind: 'numeric', name, mean, deviation: Math.sqrt(variance), minimum, maximum, decimals };
}
