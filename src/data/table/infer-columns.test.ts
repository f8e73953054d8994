import { describe, expect, it, test } from 'vitest';
import { ConfigError, DataError } from '../../errors.ts';
import { decodeCsv } from '../../io/csv.ts';
import { inferColumns, type TableReading } from './infer-columns.ts';

const infer = (text: string, reading: TableReading = {}) =>
  inferColumns(decodeCsv(new TextEncoder().encode(text), 't.csv'), reading, 't.csv');

/** A table of one column. */
const column = (...cells: string[]) => ['x', ...cells.map((cell) => `"${cell}"`)].join('\n');

describe('inferColumns', () => {
  it('tells numbers, categories and constants apart', () => {
    const { columns, rows, dropped } = infer('n,c,k\n1,a,z\n2.50,b,z\n6,,z\n');
    expect(columns).toEqual([
      {
        kind: 'numeric',
        name: 'n',
        mean: 9.5 / 3,
        // The population's: divided by n.
        deviation: expect.closeTo(Math.sqrt((1 + 6.25 + 36) / 3 - (9.5 / 3) ** 2), 12),
        minimum: 1,
        maximum: 6,
        decimals: 2,
      },
      { kind: 'categorical', name: 'c', categories: ['', 'a', 'b'] },
      { kind: 'constant', name: 'k', value: 'z' },
    ]);
    expect(rows).toHaveLength(3);
    expect(dropped).toBe(0);
  });

  it('takes at most two different numbers for categories, missing ones for another', () => {
    expect(infer(column('0', '1', '0')).columns).toMatchObject([{ categories: ['0', '1'] }]);
    expect(infer(column('0', '1', 'NA')).columns).toMatchObject([{ categories: ['0', '1', 'NA'] }]);
    expect(infer(column('0', '1', '2')).columns).toMatchObject([{ kind: 'numeric' }]);
  });

  it('leaves out rows without a number where one is needed, and says where', () => {
    const { rows, dropped, missing } = infer(
      'n,m,c\n1,7,a\nNA,8,b\n3,,c\n4,n/a,\nnull,NaN,a\n5,9,b\n6,8,b\n',
    );
    expect(rows).toEqual([
      ['1', '7', 'a'],
      ['5', '9', 'b'],
      ['6', '8', 'b'],
    ]);
    expect(dropped).toBe(4);
    expect(missing).toEqual([
      { name: 'n', count: 2 },
      { name: 'm', count: 3 },
    ]);
  });

  it('keeps a column whose numbers have become one as a constant', () => {
    expect(infer('n,m\n1,\n2,\n3,4\n3.0,4\n3,5\n3,6\n').columns[0]).toEqual({
      kind: 'constant',
      name: 'n',
      value: '3',
    });
  });

  it('takes what it is told', () => {
    const text = 'code,date,v\n1,2024-01-02,5\n2,2024-01-03,6\n3,2024-01-04,8\n';
    const { columns } = infer(text, { categorical: ['code'], omit: ['date'] });
    expect(columns).toMatchObject([
      { name: 'code', categories: ['1', '2', '3'] },
      { name: 'v', kind: 'numeric' },
    ]);
    expect(() => infer(text, { omit: ['dates'] })).toThrow(ConfigError);
    expect(() => infer(text, { omit: ['dates'] })).toThrow('Did you mean date?');
    expect(() => infer(text, { omit: ['code', 'date', 'v'] })).toThrow('must leave a column');
  });

  test.each([
    ['1e3', 0],
    ['1.50', 2],
    ['-.25', 2],
    ['15e-4', 4],
    ['1.5e-3', 4],
    ['1.234E2', 1],
    ['0.12345678901234', 12],
  ])('counts the decimals of %s', (cell, decimals) => {
    expect(infer(column('7', '8', '9', cell)).columns).toMatchObject([{ decimals }]);
  });

  test.each([
    ['dates', ['2024-01-31', '2024-02-01', '2024-02-02'], 'got dates ("2024-01-31" on line 2)'],
    ['other dates', ['31.1.2024', '1.2.2024 12:00', '2.2.24'], 'got dates'],
    [
      'decimal commas',
      ['1,5', '2,5', '3,25'],
      'with a decimal point and nothing between thousands, got "1,5"',
    ],
    ['thousands', ['1,234.5', '2 345', "3'456"], 'got "1,234.5" on line 2'],
    ['a word among numbers', ['1', '2', 'many', '4'], 'numbers throughout, got "many" on line 4'],
    ['infinity', ['1', '2', 'inf', '4'], 'numbers throughout, got "inf" on line 4'],
    ['a number too large', ['1', '1e999', '3', '4'], 'numbers throughout, got "1e999" on line 3'],
    ['hexadecimals', ['1', '2', '0x1f'], 'got "0x1f" on line 4'],
    [
      'too many categories',
      Array.from({ length: 150 }, (_, i) => `name ${i}`),
      'must hold at most 100 different categories, got 150 in 150 rows (the 101st is "name 100" on line 102)',
    ],
  ])('refuses %s, naming column and line', (_, cells, message) => {
    const read = () => infer(column(...cells));
    expect(read).toThrow(DataError);
    expect(read).toThrow('readTable: t.csv, column x: ');
    expect(read).toThrow(message);
  });

  it('takes a word among numbers as a category where it is told to', () => {
    expect(infer(column('38', '40', 'S'), { categorical: ['x'] }).columns).toMatchObject([
      { categories: ['38', '40', 'S'] },
    ]);
  });
});
