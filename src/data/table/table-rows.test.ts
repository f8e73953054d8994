import { describe, expect, it } from 'vitest';
import { fillUniform } from '../../random/uniform.ts';
import type { Table } from './table.ts';
import { categoryBlocks, placedColumns, tableWidth } from './table.ts';
import { decodeRows, encodeRows, settleRows } from './table-rows.ts';

const table: Table = {
  columns: [
    { kind: 'numeric', name: 'age', mean: 40, deviation: 10, minimum: 18, maximum: 90, decimals: 0 },
    { kind: 'constant', name: 'country', value: 'NL' },
    { kind: 'categorical', name: 'colour', categories: ['', 'blue', 'red'] },
    { kind: 'numeric', name: 'height', mean: 1.7, deviation: 0.1, minimum: 1.5, maximum: 2, decimals: 2 },
    { kind: 'categorical', name: 'flag', categories: ['0', '1'] },
  ],
};
const rows = [
  ['50', 'NL', 'red', '1.80', '0'],
  ['18', 'NL', '', '1.50', '1'],
];

it('places columns one after the other', () => {
  expect(tableWidth(table)).toBe(7);
  expect(placedColumns(table).map(({ first, size }) => [first, size])).toEqual([
    [0, 1],
    [1, 0],
    [1, 3],
    [4, 1],
    [5, 2],
  ]);
  expect(categoryBlocks(table)).toEqual([
    { first: 1, size: 3 },
    { first: 5, size: 2 },
  ]);
});

describe('encodeRows and decodeRows', () => {
  it('standardise numbers, set one value for each category, and come back', () => {
    const examples = encodeRows(table, rows);
    expect(Array.from(examples, (value) => Math.round(1e4 * value) / 1e4)).toEqual([
      1, 0, 0, 1, 1, 1, 0, -2.2, 1, 0, 0, -2, 0, 1,
    ]);
    expect(decodeRows(table, examples)).toEqual(rows);
  });

  it('writes a small negative number as 0', () => {
    const examples = encodeRows(table, rows);
    examples[0] = -4.001;
    expect(decodeRows(table, examples)[0]![0]).toBe('0');
  });
});

describe('settleRows', () => {
  it('rounds numbers to the digits of their column, within its bounds, to the very values of real rows', () => {
    const samples = Float32Array.of(1.0444, 0, 0, 1, 0.9777, 1, 0, -9, 0, 0, 1, 77, 0, 1);
    settleRows(table, samples, new Float32Array(4));
    const settled = [
      ['50', 'NL', 'red', '1.80', '0'],
      ['18', 'NL', 'red', '2.00', '1'],
    ];
    expect(decodeRows(table, samples)).toEqual(settled);
    expect(samples).toEqual(encodeRows(table, settled));
  });

  it('draws categories with the probabilities that are given', () => {
    const count = 20_000;
    const shares = [0.1, 0.65, 0.25];
    const samples = new Float32Array(count * 7);
    for (let row = 0; row < count; row++) samples.set([0, ...shares, 0, 0.5, 0.5], row * 7);
    const uniforms = new Float32Array(2 * count);
    fillUniform({ seed: 1, stream: 2 }, 0, uniforms, 0, 1);
    settleRows(table, samples, uniforms);
    const cells = decodeRows(table, samples);
    const share = (matches: (row: readonly string[]) => boolean) => cells.filter(matches).length / count;
    // 4 standard errors of a share of 20,000 are 0.014 at most.
    for (const [i, text] of ['', 'blue', 'red'].entries())
      expect(Math.abs(share((row) => row[2] === text) - shares[i]!)).toBeLessThan(0.014);
    // Columns have draws of their own: what one says does not tell the other.
    const both = share((row) => row[2] === 'blue' && row[4] === '1');
    expect(Math.abs(both - 0.65 / 2)).toBeLessThan(0.014);
  });

  it('never draws what has probability 0, at either end of the uniform numbers', () => {
    const samples = Float32Array.of(0, 0, 1, 0, 0, 1, 0, 0, 0, 0.3, 0, 0, 0, 1);
    settleRows(table, samples, Float32Array.of(0, 0, 1 - 2 ** -24, 1 - 2 ** -24));
    expect(decodeRows(table, samples).map((row) => [row[2], row[4]])).toEqual([
      ['blue', '0'],
      ['blue', '1'],
    ]);
  });
});
