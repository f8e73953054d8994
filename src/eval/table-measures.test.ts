import { describe, expect, it } from 'vitest';
import { type ReferenceArray, readReference } from '../../test/tensors.ts';
import type { Table } from '../data/table/table.ts';
import { encodeRows } from '../data/table/table-rows.ts';
import { ShapeError } from '../errors.ts';
import { columnAssociations } from './column-associations.ts';
import { columnDistances } from './column-distances.ts';

interface Reference {
  readonly real: Readonly<Record<string, ReferenceArray>>;
  readonly fake: Readonly<Record<string, ReferenceArray>>;
  readonly columns: readonly { column: string; distance: number; wasserstein?: number }[];
  readonly pairs: readonly { columns: [string, string]; measure: string; real: number; fake: number }[];
}
const reference = readReference<Reference>('tables');

// Numbers as they are, so that distances are in the reference's units.
const numeric = { kind: 'numeric', mean: 0, deviation: 1, minimum: -9, maximum: 9, decimals: 6 } as const;
const categories = (count: number) => Array.from({ length: count }, (_, i) => String(i));
const table: Table = {
  columns: [
    { ...numeric, name: 'age' },
    { kind: 'categorical', name: 'colour', categories: categories(3) },
    { kind: 'constant', name: 'country', value: 'NL' },
    { ...numeric, name: 'children' },
    { kind: 'categorical', name: 'size', categories: categories(4) },
  ],
};

function rowsOf(values: Reference['real']): Float32Array {
  const count = values['age']!.shape[0]!;
  return encodeRows(
    table,
    Array.from({ length: count }, (_, row) =>
      table.columns.map(({ name }) => String(values[name]?.data[row] ?? 'NL')),
    ),
  );
}
const [real, fake] = [rowsOf(reference.real), rowsOf(reference.fake)];

describe('columnDistances', () => {
  it("are scipy's: Kolmogorov-Smirnov, Wasserstein and total variation", () => {
    const { value, columns } = columnDistances(table, real, fake);
    expect(columns.map(({ column }) => column)).toEqual(reference.columns.map(({ column }) => column));
    for (const [i, { distance, wasserstein }] of reference.columns.entries()) {
      const column = columns[i]!;
      expect(column.distance).toBeCloseTo(distance, 6);
      if (column.kind === 'numeric') expect(column.wasserstein).toBeCloseTo(wasserstein!, 6);
    }
    const mean = reference.columns.reduce((total, { distance }) => total + distance, 0) / 4;
    expect(value).toBeCloseTo(mean, 6);
  });

  it('are 0 to the rows themselves, in any order and however often', () => {
    const width = 9;
    const reversed = new Float32Array(2 * real.length);
    for (let row = 0, at = 2 * real.length - width; at >= 0; row++, at -= width)
      reversed.set(real.subarray((row * width) % real.length, ((row * width) % real.length) + width), at);
    const { value, columns } = columnDistances(table, real, reversed);
    expect(value).toBeCloseTo(0, 12);
    for (const column of columns)
      if (column.kind === 'numeric') expect(column.wasserstein).toBeCloseTo(0, 12);
  });

  it('sees a shift of a number as far as it goes', () => {
    const moved = real.map((value, i) => (i % 9 === 0 ? value + 20 : value));
    expect(columnDistances(table, real, moved).columns[0]).toMatchObject({
      distance: 1,
      wasserstein: expect.closeTo(20, 6),
    });
  });
});

describe('columnAssociations', () => {
  it("are scipy's: Pearson's r, Cramér's V and correlation ratios, those that differ most first", () => {
    const { value, pairs } = columnAssociations(table, real, fake);
    const difference = (pair: { real: number; fake: number }) => Math.abs(pair.real - pair.fake);
    const expected = [...reference.pairs].sort((a, b) => difference(b) - difference(a));
    expect(pairs.map(({ columns, measure }) => ({ columns, measure }))).toEqual(
      expected.map(({ columns, measure }) => ({ columns, measure })),
    );
    for (const [i, pair] of pairs.entries()) {
      expect(pair.real).toBeCloseTo(expected[i]!.real, 6);
      expect(pair.fake).toBeCloseTo(expected[i]!.fake, 6);
    }
    expect(value).toBeCloseTo(expected.reduce((total, pair) => total + difference(pair), 0) / 6, 6);
  });

  it('are 0 with a column that does not vary', () => {
    const still = fake.map((value, i) =>
      i % 9 === 0 ? 0.1 : i % 9 === 1 ? 1 : [2, 3].includes(i % 9) ? 0 : value,
    );
    const { pairs } = columnAssociations(table, real, still);
    for (const { columns, fake: value } of pairs)
      if (columns.includes('age') || columns.includes('colour')) expect(value).toBeCloseTo(0, 12);
  });

  it('has no value for a single column', () => {
    const single: Table = { columns: [{ ...numeric, name: 'age' }] };
    expect(columnAssociations(single, Float32Array.of(1, 2), Float32Array.of(3))).toEqual({
      value: undefined,
      pairs: [],
    });
  });
});

it('refuses rows of another width, and none', () => {
  expect(() => columnDistances(table, real, fake.subarray(1))).toThrow(ShapeError);
  expect(() => columnAssociations(table, new Float32Array(0), fake)).toThrow(
    'columnAssociations: real must hold whole rows of 9 numbers, one or more, got 0 numbers',
  );
});
