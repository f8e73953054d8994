import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryTensor, bitsOf } from '../../test/arbitrary-tensor.ts';
import { DataError, ShapeError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';
import { decodeNpy, encodeNpy } from './npy.ts';

const fromHex = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** Magic, version and length; the header's dictionary; the spaces behind it; the elements. */
function file(prefix: string, dictionary: string, spaces: number, elements: string): Uint8Array {
  const header = new TextEncoder().encode(`${dictionary}${' '.repeat(spaces)}\n`);
  return Uint8Array.of(...fromHex(prefix), ...header, ...fromHex(elements));
}

// Written by NumPy itself: scripts/reference/npy.py.
const written: { name: string; bytes: Uint8Array; tensor: Tensor }[] = [
  {
    name: 'f4',
    bytes: file(
      '934e554d505901007600',
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
      58,
      '000000000000803e0000003f0000403f0000803f0000a03f',
    ),
    tensor: { dtype: 'float32', shape: [2, 3], data: Float32Array.of(0, 0.25, 0.5, 0.75, 1, 1.25) },
  },
  {
    name: 'a scalar',
    bytes: file(
      '934e554d505901007600',
      "{'descr': '<f4', 'fortran_order': False, 'shape': (), }",
      62,
      '0000c03f',
    ),
    tensor: { dtype: 'float32', shape: [], data: Float32Array.of(1.5) },
  },
  {
    name: 'no elements',
    bytes: file(
      '934e554d505901007600',
      "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 2), }",
      58,
      '',
    ),
    tensor: { dtype: 'float32', shape: [0, 2], data: new Float32Array(0) },
  },
  {
    name: 'b1',
    bytes: file(
      '934e554d505901007600',
      "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }",
      60,
      '0100',
    ),
    tensor: { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
  },
];
const foreign: typeof written = [
  {
    name: 'i8, version 2',
    bytes: file(
      '934e554d5059020074000000',
      "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }",
      58,
      'ffffffffffffffff0100000000002000',
    ),
    tensor: { dtype: 'int64', shape: [2], data: BigInt64Array.of(-1n, 2n ** 53n + 1n) },
  },
  {
    name: 'u1, version 3',
    bytes: file(
      '934e554d5059030074000000',
      "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 3), }",
      53,
      '0007ff',
    ),
    tensor: { dtype: 'uint8', shape: [1, 1, 3], data: Uint8Array.of(0, 7, 255) },
  },
  {
    name: 'f8, big-endian',
    bytes: file(
      '934e554d505901007600',
      "{'descr': '>f8', 'fortran_order': False, 'shape': (2, 3), }",
      58,
      '00000000000000003fd00000000000003fe00000000000003fe80000000000003ff00000000000003ff4000000000000',
    ),
    tensor: { dtype: 'float64', shape: [2, 3], data: Float64Array.of(0, 0.25, 0.5, 0.75, 1, 1.25) },
  },
  {
    name: 'i4, Fortran order',
    bytes: file(
      '934e554d505901007600',
      "{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }",
      59,
      'fdffffff00000000feffffff01000000ffffffff02000000',
    ),
    tensor: { dtype: 'int32', shape: [2, 3], data: Int32Array.of(-3, -2, -1, 0, 1, 2) },
  },
  {
    name: 'i4, big-endian, Fortran order',
    bytes: file(
      '934e554d505901007600',
      "{'descr': '>i4', 'fortran_order': True, 'shape': (2, 1, 3), }",
      56,
      '000000000000000300000001000000040000000200000005',
    ),
    tensor: { dtype: 'int32', shape: [2, 1, 3], data: Int32Array.of(0, 1, 2, 3, 4, 5) },
  },
];

const small = written[0]!;

describe('encodeNpy', () => {
  it.each(written)('writes the bytes that NumPy writes: $name', ({ bytes, tensor }) => {
    expect(encodeNpy(tensor)).toEqual(bytes);
  });

  it('puts the elements at a multiple of 64 bytes', () => {
    const shape = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    const bytes = encodeNpy({ dtype: 'uint8', shape, data: Uint8Array.of(9) });
    expect((bytes.length - 1) % 64).toBe(0);
    expect(decodeNpy(bytes).shape).toEqual(shape);
  });

  it('refuses a tensor whose data does not fit its shape', () => {
    expect(() => encodeNpy({ dtype: 'float32', shape: [2, 2], data: new Float32Array(3) })).toThrow(
      new ShapeError('encodeNpy: a tensor of shape [2, 2] must hold 4 elements, got 3'),
    );
  });
});

describe('decodeNpy', () => {
  it.each([...written, ...foreign])('reads what NumPy writes: $name', ({ bytes, tensor }) => {
    expect(decodeNpy(bytes)).toEqual(tensor);
    // A view at an odd offset, as out of an archive, and a Node Buffer, whose `slice` does not copy.
    const shifted = Buffer.concat([Buffer.from([0]), bytes]).subarray(1);
    expect(decodeNpy(shifted)).toEqual(tensor);
  });

  it('reads a header in another order, with other quotes and Python 2 integers', () => {
    const bytes = file(
      '934e554d505901004500',
      `{"shape": (2L,),"fortran_order" :False, 'descr': "|u1"}`,
      13,
      '0102',
    );
    expect(decodeNpy(bytes)).toEqual({ dtype: 'uint8', shape: [2], data: Uint8Array.of(1, 2) });
  });

  it('gives the array memory of its own', () => {
    const bytes = encodeNpy(small.tensor);
    const { data } = decodeNpy(bytes);
    bytes.fill(0);
    expect(data).toEqual(small.tensor.data);
    expect(data.buffer.byteLength).toBe(24);
  });

  it('returns every tensor that was encoded', () => {
    fc.assert(
      fc.property(arbitraryTensor, (tensor) => {
        expect(bitsOf(decodeNpy(encodeNpy(tensor)))).toEqual(bitsOf(tensor));
      }),
      { seed: 2014, numRuns: 300 },
    );
  });

  it('throws a DataError at every truncation, and when bytes follow', () => {
    for (const { bytes } of [...written, ...foreign]) {
      for (let length = 0; length < bytes.length; length++)
        expect(() => decodeNpy(bytes.subarray(0, length)), `${length} bytes`).toThrow(DataError);
      expect(() => decodeNpy(Uint8Array.of(...bytes, 0))).toThrow(DataError);
    }
  });

  it('throws nothing but a DataError when a byte of the header is wrong', () => {
    fc.assert(
      fc.property(fc.nat({ max: 127 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = Uint8Array.from(small.bytes);
        bytes[at]! ^= flip;
        try {
          // Some bytes may change unnoticed: a space, or a letter of the dtype that gives another one.
          expect(decodeNpy(bytes).shape.length).toBeLessThan(4);
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
        }
      }),
      { seed: 2014, numRuns: 3000 },
    );
  });

  const header = (dictionary: string, elements = '0102') =>
    file(
      `934e554d50590100${(dictionary.length + 1).toString(16).padStart(2, '0')}00`,
      dictionary,
      0,
      elements,
    );
  it.each([
    ['another format', fromHex('504b0304'), 'must begin with the bytes 93 NUMPY, got 80 at byte 0'],
    ['a future version', fromHex('934e554d505904007600'), 'the version must be 1, 2 or 3, got 4 at byte 6'],
    ['a cut header', small.bytes.subarray(0, 40), 'must end within the file of 40 bytes, got byte 128'],
    [
      'missing elements',
      small.bytes.subarray(0, 150),
      'float32 [2, 3] must take 24 bytes from byte 128, got 22. The file is truncated',
    ],
    [
      'uint16',
      file('934e554d505901007600', "{'descr': '<u2', 'fortran_order': False, 'shape': (1,), }", 60, '0100'),
      'the dtype must be one of f4, f8, i4, i8, u1, b1, got <u2 in the header at byte 10. Convert it with astype',
    ],
    [
      'fields',
      file(
        '934e554d505901007600',
        "{'descr': [('a', '<i4'), ('b', '<f4')], 'fortran_order': False, 'shape': (1,), }",
        37,
        '0100000000000040',
      ),
      'elements must be plain numbers, got a structured dtype in the header at byte 10',
    ],
    [
      'a multi-byte dtype without byte order',
      header("{'descr': '|f4', 'fortran_order': False, 'shape': (), }", '00000000'),
      'got |f4',
    ],
    [
      'a negative size',
      header("{'descr': '|u1', 'fortran_order': False, 'shape': (-2,), }"),
      `got " 'shape': (-2,), }" at byte 50`,
    ],
    ['a missing key', header("{'descr': '|u1', 'shape': (2,), }"), 'got the keys descr, shape'],
    ['a key twice', header("{'descr': '|u1', 'descr': '|u1', 'shape': (2,), }"), 'got descr twice'],
    [
      'a number for the order',
      header("{'descr': '|u1', 'fortran_order': (1,), 'shape': (2,), }"),
      'a value of another type',
    ],
    [
      'a size beyond all memory',
      header("{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999, 99999999999), }"),
      'The file is truncated',
    ],
    [
      'a boolean of 2',
      header("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }"),
      'booleans must be 0 or 1, got 2 at byte 69',
    ],
  ])('names what is wrong: %s', (_, bytes, message) => {
    expect(() => decodeNpy(bytes)).toThrow(DataError);
    expect(() => decodeNpy(bytes)).toThrow(message);
  });
});
