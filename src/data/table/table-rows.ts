import { type Column, placedColumns, type Table, tableWidth } from './table.ts';

/**
 * Rows as examples: numbers standardised, categories one-hot.
 *
 * @param rows - cells [n][columns], each a number or a category of its column
 * @returns float32 [n, tableWidth(table)]
 */
export function encodeRows(table: Table, rows: readonly (readonly string[])[]): Float32Array<ArrayBuffer> {
  const width = tableWidth(table);
  const examples = new Float32Array(rows.length * width);
  for (const [index, column] of placedColumns(table).entries()) {
    if (column.kind === 'constant') continue;
    const { first } = column;
    if (column.kind === 'numeric') {
      for (const [i, row] of rows.entries())
        examples[i * width + first] = (Number(row[index]) - column.mean) / column.deviation;
      continue;
    }
    const places = new Map(column.categories.map((category, place) => [category, place]));
    for (const [i, row] of rows.entries()) examples[i * width + first + places.get(row[index]!)!] = 1;
  }
  return examples;
}

/**
 * Examples as rows: what `encodeRows` made of them.
 *
 * @param examples - float32 [n, tableWidth(table)], as `encodeRows` or `settleRows` leave them
 * @returns cells [n][columns]
 */
export function decodeRows(table: Table, examples: Float32Array): string[][] {
  const width = tableWidth(table);
  const columns = placedColumns(table);
  return Array.from({ length: examples.length / width }, (_, row) =>
    columns.map((column) => cellOf(column, examples.subarray(row * width + column.first))),
  );
}

/** @param values - of an example, from the column's first on */
function cellOf(column: Column, values: Float32Array): string {
  switch (column.kind) {
    case 'constant':
      return column.value;
    case 'numeric':
      return textOf(values[0]! * column.deviation + column.mean, column.decimals);
    case 'categorical':
      return column.categories[values.indexOf(1)]!;
  }
}

/** A number with so many digits after its point, 0 without a sign. */
function textOf(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? (0).toFixed(decimals) : text;
}

/**
 * What a generator gives as rows that the table could hold, in place: each category drawn with the probability that was
 * given for it, each number rounded to the digits of its column and kept between the smallest and the largest there.
 *
 * @param samples - float32 [n, tableWidth(table)]: standardised numbers, probabilities of categories
 * @param uniforms - float32 [n, categorical columns], uniform in [0, 1)
 */
export function settleRows(table: Table, samples: Float32Array, uniforms: Float32Array): void {
  const width = tableWidth(table);
  const columns = placedColumns(table);
  const drawn = columns.filter(({ kind }) => kind === 'categorical').length;
  for (let row = 0; row * width < samples.length; row++) {
    let next = row * drawn;
    for (const column of columns) {
      const at = row * width + column.first;
      if (column.kind === 'numeric') {
        const { mean, deviation, minimum, maximum, decimals } = column;
        const number = Number((samples[at]! * deviation + mean).toFixed(decimals));
        samples[at] = (Math.min(Math.max(number, minimum), maximum) - mean) / deviation;
      } else if (column.kind === 'categorical')
        drawCategory(samples.subarray(at, at + column.size), uniforms[next++]!);
    }
  }
}

/** Replaces probabilities by a one-hot draw from them: the first whose cumulative share exceeds the uniform number. */
function drawCategory(probabilities: Float32Array, uniform: number): void {
  const total = probabilities.reduce((sum, probability) => sum + probability, 0);
  // Where rounding leaves the sum below the number, the last that is possible at all.
  let chosen = probabilities.findLastIndex((probability) => probability > 0);
  for (let i = 0, cumulative = 0; i < probabilities.length; i++) {
    cumulative += probabilities[i]!;
    if (uniform * total >= cumulative) continue;
    chosen = i;
    break;
  }
  probabilities.fill(0);
  probabilities[chosen] = 1;
}
