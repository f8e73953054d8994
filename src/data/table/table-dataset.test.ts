import { describe, expect, it } from 'vitest';
import { DataError } from '../../errors.ts';
import { datasetFromCsv } from './table-dataset.ts';
import { decodeRows } from './table-rows.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const lines = Array.from({ length: 200 }, (_, i) => `${i},${['a', 'b', 'c'][i % 3]}`);
const text = (rows: readonly string[], header = 'n,c') => [header, ...rows, ''].join('\n');

describe('datasetFromCsv', () => {
  it('splits the rows, each into one part, the same ones every time', async () => {
    const { dataset, notices } = await datasetFromCsv(bytes(text(lines)), { name: 'letters' });
    const { table, train, validation, test } = dataset;
    expect(dataset).toMatchObject({ kind: 'points', name: 'letters', exampleShape: [4] });
    expect([train.count, validation.count, test.count]).toEqual([160, 20, 20]);
    const found = [train, validation, test].flatMap(({ examples }) =>
      decodeRows(table, examples as Float32Array).map((row) => row.join(',')),
    );
    expect([...found].sort()).toEqual([...lines].sort());
    expect(notices).toEqual([]);
    const again = await datasetFromCsv(bytes(text(lines)));
    expect(again.dataset.fingerprint).toBe(dataset.fingerprint);
    expect(again.dataset.test.examples).toEqual(test.examples);
  });

  it('standardises: mean 0 and deviation 1 over all rows', async () => {
    const { dataset } = await datasetFromCsv(bytes(text(lines)));
    const numbers = [dataset.train, dataset.validation, dataset.test].flatMap(({ examples }) =>
      Array.from(examples).filter((_, i) => i % 4 === 0),
    );
    const mean = numbers.reduce((a, b) => a + b, 0) / 200;
    expect(mean).toBeCloseTo(0, 6);
    expect(numbers.reduce((a, b) => a + b * b, 0) / 200).toBeCloseTo(1, 5);
  });

  it('has another fingerprint in other units and with other categories, whose examples are equal', async () => {
    const prints = await Promise.all(
      [
        lines,
        lines.map((line) => line.replace(/^\d+/, (n) => `${2 * Number(n)}`)),
        lines.map((it) => `${it}!`),
      ].map(async (rows) => (await datasetFromCsv(bytes(text(rows)))).dataset.fingerprint),
    );
    expect(new Set(prints).size).toBe(3);
  });

  it('says what it left out and what is the same in every row', async () => {
    const holed = lines.map((line, i) => `${i < 20 ? line.replace(/^\d+/, '') : line},x`);
    const { dataset, notices } = await datasetFromCsv(bytes(text(holed, 'n,c,k')), { source: 'a/t.csv' });
    expect(dataset.exampleShape).toEqual([4]);
    expect(notices).toEqual([
      'a/t.csv: 180 of 200 rows are read, leaving out 20 in which a number is missing (n 20)',
      'a/t.csv: the same in every row, so nothing to learn: k (x)',
    ]);
  });

  it('refuses too few rows, and rows that are all alike', async () => {
    const read = (rows: readonly string[]) => datasetFromCsv(bytes(text(rows)), { source: 't.csv' });
    await expect(read(lines.slice(0, 99))).rejects.toThrow(DataError);
    await expect(read(lines.slice(0, 99))).rejects.toThrow('t.csv must hold 100 rows or more, got 99');
    await expect(read(lines.map((line, i) => (i < 150 ? line.replace(/^\d+/, 'NA') : line)))).rejects.toThrow(
      'got 50 after leaving out 150 in which a number is missing (n 150)',
    );
    await expect(read(lines.map(() => '1,a'))).rejects.toThrow('must hold rows that differ');
    await expect(read([])).rejects.toThrow('got 0');
  });
});
