import { type PlacedColumn, placedColumns, type Table, tableWidth } from '../data/table/table.ts';
import { requireTableRows } from './table-rows-check.ts';

/** How strongly two columns go together, in real rows and in samples. */
export interface ColumnPair {
  readonly columns: readonly [string, string];
  /** Two columns of numbers: Pearson's r. Two of categories: Cramér's V. One of each: the correlation ratio. */
  readonly measure: 'pearson' | 'cramersV' | 'correlationRatio';
  /** In [-1, 1] for Pearson's r, in [0, 1] for the others. 0 where a column does not vary. */
  readonly real: number;
  readonly fake: number;
}

/** The associations of all pairs of columns. */
export interface ColumnAssociations {
  /** Mean of |real - fake| over all pairs; 0 where columns go together as in real rows, undefined of a single column. */
  readonly value: number | undefined;
  /** Those that differ most first. */
  readonly pairs: readonly ColumnPair[];
}

/**
 * Compares how columns of a table go together in samples and in real rows, pair by pair: Pearson's r, Cramér's V (not
 * corrected for bias) and the correlation ratio `eta = sqrt(between / total)`. What three columns say together is not seen.
 *
 * @param real, fake - float32 [n, tableWidth(table)], rows as `encodeRows` makes them
 * @throws ShapeError unless both hold whole rows
 * @see Cramér 1946; Pearson 1905 for the correlation ratio
 */
export function columnAssociations(table: Table, real: Float32Array, fake: Float32Array): ColumnAssociations {
  requireTableRows('columnAssociations', table, { real, fake });
  const columns = placedColumns(table).filter(({ size }) => size > 0);
  const [ofReal, ofFake] = [associations(table, columns, real), associations(table, columns, fake)];
  const pairs: ColumnPair[] = [];
  for (const [i, a] of columns.entries())
    for (const [j, b] of columns.entries())
      if (i < j)
        pairs.push({
          columns: [a.name, b.name],
          measure: measureOf(a, b),
          real: ofReal(i, j),
          fake: ofFake(i, j),
        });
  const difference = (pair: ColumnPair) => Math.abs(pair.real - pair.fake);
  return {
    value:
      pairs.length === 0
        ? undefined
        : pairs.reduce((total, pair) => total + difference(pair), 0) / pairs.length,
    pairs: pairs.sort((p, q) => difference(q) - difference(p)),
  };
}

function measureOf(a: PlacedColumn, b: PlacedColumn): ColumnPair['measure'] {
  if (a.kind !== b.kind) return 'correlationRatio';
  return a.kind === 'numeric' ? 'pearson' : 'cramersV';
}

/** A variance of standardised numbers that is rounding: of a column that does not vary in these rows. */
const STILL = 1e-10;

/**
 * All three measures are made of products of values of an example, summed over the rows: of two numbers, of a number and
 * membership in a category, of two memberships.
 */
function associations(
  table: Table,
  columns: readonly PlacedColumn[],
  rows: Float32Array,
): (i: number, j: number) => number {
  const width = tableWidth(table);
  const count = rows.length / width;
  const means = new Float64Array(width);
  const products = new Float64Array(width * width);
  for (let at = 0; at < rows.length; at += width)
    for (let i = 0; i < width; i++) {
      const value = rows[at + i]!;
      if (value === 0) continue;
      means[i]! += value / count;
      for (let j = 0; j < width; j++) products[i * width + j]! += (value * rows[at + j]!) / count;
    }
  const covariance = (i: number, j: number) => products[i * width + j]! - means[i]! * means[j]!;

  const pearson = (i: number, j: number) => {
    const [first, second] = [covariance(i, i), covariance(j, j)];
    return first > STILL && second > STILL ? covariance(i, j) / Math.sqrt(first * second) : 0;
  };
  const ratio = (number: number, { first, size }: PlacedColumn) => {
    const total = covariance(number, number);
    let between = 0;
    for (let category = first; category < first + size; category++) {
      const share = means[category]!;
      if (share > 0) between += covariance(number, category) ** 2 / share;
    }
    return total > STILL ? Math.sqrt(Math.min(1, between / total)) : 0;
  };
  const cramersV = (a: PlacedColumn, b: PlacedColumn) => {
    // Only categories that occur count as rows and columns of the contingency table.
    const occurring = ({ first, size }: PlacedColumn) =>
      Array.from({ length: size }, (_, i) => first + i).filter((i) => means[i]! > 0);
    const [inA, inB] = [occurring(a), occurring(b)];
    const freedom = Math.min(inA.length, inB.length) - 1;
    if (freedom < 1) return 0;
    let chiSquare = 0;
    for (const i of inA) for (const j of inB) chiSquare += covariance(i, j) ** 2 / (means[i]! * means[j]!);
    return Math.sqrt(Math.min(1, chiSquare / freedom));
  };
  return (i, j) => {
    const [a, b] = [columns[i]!, columns[j]!];
    if (a.kind === 'numeric' && b.kind === 'numeric') return pearson(a.first, b.first);
    if (a.kind === 'numeric') return ratio(a.first, b);
    return b.kind === 'numeric' ? ratio(b.first, a) : cramersV(a, b);
  };
}
