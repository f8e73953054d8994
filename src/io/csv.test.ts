import { describe, expect, it, test } from 'vitest';
import { DataError } from '../errors.ts';
import { decodeCsv, encodeCsv } from './csv.ts';

const decode = (text: string) => decodeCsv(new TextEncoder().encode(text), 'bad.csv');

describe('decodeCsv', () => {
  it('reads header and cells, with the line on which each row begins', () => {
    expect(decode('a,b\n1,x\n2,y\n')).toEqual({
      header: ['a', 'b'],
      rows: [
        ['1', 'x'],
        ['2', 'y'],
      ],
      lines: [2, 3],
    });
  });

  it('counts the lines inside quoted cells and the blank ones', () => {
    const { rows, lines } = decode('a,b\n"one, ""two""\nthree",1\n\n  x ,2');
    expect(rows).toEqual([
      ['one, "two"\nthree', '1'],
      ['x', '2'],
    ]);
    expect(lines).toEqual([2, 5]);
  });

  test.each([
    ['commas', 'a,b\n1,2\n'],
    ['semicolons, and commas in cells', 'a;b\n1;2\n'],
    ['tabs', 'a\tb\n1\t2\n'],
    ['a byte order mark', '\uFEFFa,b\n1,2\n'],
    ['CR LF', 'a,b\r\n1,2\r\n'],
    ['CR', 'a,b\r1,2\r'],
    ['no newline at the end', 'a,b\n1,2'],
    ['blank lines around', '\n\na,b\n\n1,2\n\n'],
  ])('takes %s', (_, text) => {
    expect(decode(text)).toMatchObject({ header: ['a', 'b'], rows: [['1', '2']] });
  });

  it('parts by what the header has most of, quotes left out', () => {
    expect(decode('"x,y,z";b\n1,5;2\n')).toMatchObject({ header: ['x,y,z', 'b'], rows: [['1,5', '2']] });
    expect(decode('only\n1\n\n2\n')).toMatchObject({ header: ['only'], rows: [['1'], ['2']] });
  });

  test.each([
    ['', 'must hold a line that names the columns'],
    [' \n\n', 'must hold a line that names the columns'],
    ['1,2\n3,4\n', 'line 1 must name the columns, got numbers (1, 2)'],
    ['a,,c\n1,2,3\n', 'line 1 must name every column, got no name for column 2'],
    ['a,b,a\n1,2,3\n', 'must name every column differently, got a for columns 1 and 3'],
    ['a,b\n1,2\n\n1,2,3\n', 'line 4 must hold 2 cells as the header does, got 3 (parted by commas)'],
    ['a,b\n1,2\n1\n', 'line 3 must hold 2 cells as the header does, got 1'],
    ['a,b\n1,2\n"x"y,2\n', 'got one on line 3 that it does not'],
    ['a,b\n1,"no end\n1,2\n', 'must close every quoted cell'],
    ['a,b\n1,\0\n', 'must be text, got a byte 0 on line 2'],
  ])('refuses %j', (text, message) => {
    expect(() => decode(text)).toThrow(DataError);
    expect(() => decode(text)).toThrow(`decodeCsv: bad.csv`);
    expect(() => decode(text)).toThrow(message);
  });

  test.each([
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x61, 0), 'got UTF-16'],
    ['Latin-1', Uint8Array.of(0x61, 0x0a, 0xe9, 0x0a), 'got bytes that are not'],
    ['a spreadsheet', Uint8Array.of(0x50, 0x4b, 3, 4, 0x9f, 0xff), 'got bytes that are not'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeCsv(bytes, 'bad.csv')).toThrow(message);
  });
});

test('encodeCsv is read back as it was, whatever the cells hold', () => {
  const rows = [
    ['name', 'what, or "who"'],
    ['a\nb', 'x,y'],
    ['', '"'],
    ['é', '1.5'],
  ];
  const text = encodeCsv(rows);
  expect(text.endsWith('\n')).toBe(true);
  const { header, rows: content } = decode(text);
  expect([header, ...content]).toEqual(rows);
});
