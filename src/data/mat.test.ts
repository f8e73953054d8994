import { describe, expect, it } from 'vitest';
import { matFile } from '../../test/mat-file.ts';
import { readReference } from '../../test/tensors.ts';
import { DataError } from '../errors.ts';
import { decodeMat } from './mat.ts';

interface MatReference {
  readonly files: Readonly<Record<'compressed' | 'uncompressed', string>>;
  readonly arrays: Readonly<
    Record<string, { readonly dtype: string; readonly shape: number[]; readonly columnMajor: number[] }>
  >;
  readonly others: readonly string[];
}

const reference = readReference<MatReference>('mat');
const file = (kind: keyof MatReference['files']) =>
  new Uint8Array(Buffer.from(reference.files[kind], 'base64'));

describe.each(['uncompressed', 'compressed'] as const)("scipy's file, %s", (kind) => {
  const { arrays, others } = decodeMat(file(kind));

  it.each(Object.keys(reference.arrays))('%s', (name) => {
    const { dtype, shape, columnMajor } = reference.arrays[name]!;
    const { data, ...type } = arrays[name]!;
    expect(type).toEqual({ dtype, shape });
    expect([...data]).toEqual(columnMajor);
  });

  it('names what it cannot read', () => {
    expect(Object.keys(others).sort()).toEqual(reference.others);
    expect(others).toMatchObject({
      cell: 'a cell array',
      struct: 'a struct',
      text: 'text',
      complex: 'a complex array',
      long: 'int64',
    });
    expect(Object.keys(arrays)).toEqual(Object.keys(reference.arrays));
  });
});

const variables = [
  { name: 'bytes', shape: [2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 6) },
  { name: 'numbers', shape: [1, 2], data: [0.1, -7] },
];

it.each([
  { littleEndian: false },
  { littleEndian: false, compressed: true },
  { littleEndian: true, compressed: true },
])('reads either byte order: %j', (layout) => {
  const { arrays } = decodeMat(matFile(variables, layout));
  expect(arrays['bytes']).toEqual({ dtype: 'uint8', shape: [2, 3], data: variables[0]!.data });
  expect(arrays['numbers']).toEqual({ dtype: 'float64', shape: [1, 2], data: Float64Array.of(0.1, -7) });
});

describe('damaged files', () => {
  const whole = matFile(variables);
  const packed = matFile(variables, { compressed: true });
  const changed = (bytes: Uint8Array, at: number, value: number) => {
    const copy = bytes.slice();
    copy[at] = value;
    return copy;
  };
  const text = (content: string) => new TextEncoder().encode(content.padEnd(200));

  it.each([
    ['empty', new Uint8Array(0), /must have a header of 128 bytes, got its end at byte 0 \(truncated\)/],
    ['another format', text('PNG'), /\(IM or MI at byte 126\), got one that starts with 50 4e 47 20/],
    [
      'MATLAB 7.3',
      text('MATLAB 7.3 MAT-file'),
      /got MATLAB 7\.3 \(HDF5\)\. Save it with save\('-v7', \.\.\.\)/,
    ],
    ['cut in a tag', whole.subarray(0, 132), /at byte 128 .* tag of 8 bytes, got 4 bytes \(truncated\)/],
    [
      'cut in an array',
      whole.subarray(0, 170),
      /at byte 128 .* of 64 bytes, got 34 up to its end \(truncated\)/,
    ],
    ['no array', changed(whole, 128, 3), /at byte 128 must hold an array \(type 14\), got type 3/],
    ['no flags', changed(whole, 136, 5), /at byte 136 must hold the flags of an array, got type 5/],
    ['no class', changed(whole, 144, 99), /at byte 144 must hold an array class of 1 to 15, got 99/],
    ['another size', changed(whole, 160, 9), /at byte 128 must hold 27 numbers for bytes \[9, 3\], got 6/],
    [
      'no numbers',
      changed(whole, 184, 12),
      /at byte 184 must hold numbers \(type 1 to 7 or 9\), got type 12/,
    ],
    [
      'a wrong bit in zlib',
      changed(packed, 160, packed[160]! ^ 16),
      /at byte 128 must hold zlib data, got .*\(corrupted\)/,
    ],
    [
      'a wrong checksum',
      changed(packed, firstEnd(packed) - 1, 1),
      /at byte 128 must hold zlib data, got another checksum/,
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => decodeMat(bytes, 'f.mat')).toThrow(DataError);
    expect(() => decodeMat(bytes, 'f.mat')).toThrow(/^decodeMat: f\.mat /);
    expect(() => decodeMat(bytes, 'f.mat')).toThrow(message);
  });

  it('never throws anything but a DataError, whichever byte is wrong', () => {
    for (const bytes of [file('uncompressed'), file('compressed'), whole, packed])
      for (let at = 0; at < bytes.length; at += 3)
        for (const damaged of [changed(bytes, at, bytes[at]! ^ 0xff), bytes.subarray(0, at)])
          try {
            decodeMat(damaged);
          } catch (error) {
            expect(error).toBeInstanceOf(DataError);
          }
  });
});

/** Where the first element of a compressed file ends. */
function firstEnd(bytes: Uint8Array): number {
  return 136 + new DataView(bytes.buffer).getUint32(132, true);
}
