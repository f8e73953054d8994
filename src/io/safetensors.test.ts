import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryTensor, bitsOf } from '../../test/arbitrary-tensor.ts';
import { ConfigError, DataError, ShapeError } from '../errors.ts';
import type { Tensors } from '../graph/tensor.ts';
import { decodeSafetensors, encodeSafetensors, safetensorsPieces } from './safetensors.ts';

const text = (string: string) => new TextEncoder().encode(string);

/** A file as the specification lays it out, made without the encoder: length, header, data. */
function file(
  header: unknown,
  data: readonly number[] = [],
  headerText = JSON.stringify(header),
): Uint8Array {
  const json = text(headerText);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, json.length, true);
  return Uint8Array.of(...length, ...json, ...data);
}

const tensors: Tensors = {
  'generator/dense1/weight': {
    dtype: 'float32',
    shape: [2, 3],
    data: Float32Array.of(1, -2, 3.5, 0, -0, 1e-40),
  },
  'generator/dense1/bias': { dtype: 'float32', shape: [1], data: Float32Array.of(0.1) },
  mask: { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
  step: { dtype: 'int64', shape: [], data: BigInt64Array.of(-9_007_199_254_740_993n) },
  größe: { dtype: 'uint8', shape: [0, 4], data: new Uint8Array(0) },
};
const metadata = { seed: '2014', config: '{"k": 1, "name": "日本 😀 \\" \\n"}' };

describe('encodeSafetensors', () => {
  it('lays a file out as the specification says, widest elements first, then by name', () => {
    const bytes = encodeSafetensors(
      {
        b: { dtype: 'float32', shape: [1], data: Float32Array.of(1) },
        a: { dtype: 'uint8', shape: [2], data: Uint8Array.of(7, 8) },
        '10': { dtype: 'float32', shape: [1], data: Float32Array.of(2) },
      },
      { z: '1', a: '2' },
    );
    const header =
      '{"__metadata__":{"a":"2","z":"1"},"10":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},' +
      '"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"a":{"dtype":"U8","shape":[2],"data_offsets":[8,10]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    expect(bytes).toEqual(file(undefined, [0, 0, 0, 64, 0, 0, 128, 63, 7, 8], padded));
  });

  it('gives the same bytes whatever the order of the keys', () => {
    const reversed = Object.fromEntries(Object.entries(tensors).reverse());
    const reversedMetadata = Object.fromEntries(Object.entries(metadata).reverse());
    expect(encodeSafetensors(reversed, reversedMetadata)).toEqual(encodeSafetensors(tensors, metadata));
  });

  it('starts every tensor at a multiple of its element size', () => {
    const bytes = encodeSafetensors(tensors, metadata);
    const headerBytes = new DataView(bytes.buffer).getUint32(0, true);
    expect(headerBytes % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes)));
    for (const [name, tensor] of Object.entries(tensors))
      expect(header[name].data_offsets[0] % tensor.data.BYTES_PER_ELEMENT).toBe(0);
  });

  it('refuses data that does not fit its shape, and the reserved name', () => {
    const short = { dtype: 'float32', shape: [2, 2], data: new Float32Array(3) } as const;
    expect(() => encodeSafetensors({ w: short })).toThrow(
      new ShapeError('encodeSafetensors: tensor w of shape [2, 2] must hold 4 elements, got 3'),
    );
    expect(() => encodeSafetensors({ __metadata__: short })).toThrow(ConfigError);
  });
});

describe('safetensorsPieces', () => {
  it('are the file, without a copy of the tensors', () => {
    const tensors: Tensors = {
      w: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) },
      m: { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
    };
    const [header, ...rest] = safetensorsPieces(tensors, { step: '3' });
    expect(rest.map(({ buffer }) => buffer)).toEqual([tensors['w']!.data.buffer, tensors['m']!.data.buffer]);
    const joined = [header!, ...rest].flatMap((piece) => [...piece]);
    expect(joined).toEqual([...encodeSafetensors(tensors, { step: '3' })]);
  });
});

describe('decodeSafetensors', () => {
  it('reads a file made by hand: keys in any order, padding, a field it does not know', () => {
    const header = {
      b: { dtype: 'I32', shape: [1, 2], data_offsets: [2, 10], extra: true },
      a: { shape: [2], data_offsets: [0, 2], dtype: 'BOOL' },
    };
    const data = [1, 0, 255, 255, 255, 255, 2, 0, 0, 0];
    const expected = {
      tensors: {
        a: { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
        b: { dtype: 'int32', shape: [1, 2], data: Int32Array.of(-1, 2) },
      },
      metadata: {},
    };
    expect(decodeSafetensors(file(header, data))).toEqual(expected);
    expect(decodeSafetensors(file(header, data, `  ${JSON.stringify(header)}   `))).toEqual(expected);
    // Out of a larger buffer, at an odd offset, as a Node Buffer.
    const shifted = Buffer.concat([Buffer.from([0]), file(header, data)]).subarray(1);
    expect(decodeSafetensors(shifted)).toEqual(expected);
  });

  it('returns what was encoded, bit for bit, with memory of its own', () => {
    const bytes = encodeSafetensors(tensors, metadata);
    const decoded = decodeSafetensors(bytes);
    bytes.fill(0xff);
    expect(decoded).toEqual({ tensors, metadata });
    for (const { data } of Object.values(decoded.tensors))
      expect(data.buffer.byteLength).toBe(data.byteLength);
  });

  it('returns every dictionary of tensors and metadata', () => {
    // Keys that an object reorders or hides, JSON escapes, 1 to 4 bytes of UTF-8, and half of a surrogate pair.
    const pieces = ['__proto__', '10', '2', 'a', '/', '"', '\\', '\n', '\0', 'ß', '日', '😀', '\ud800'];
    const word = fc.array(fc.constantFrom(...pieces), { maxLength: 4 }).map((some) => some.join(''));
    fc.assert(
      fc.property(
        fc.dictionary(word, arbitraryTensor, { maxKeys: 6 }),
        fc.dictionary(word, word, { maxKeys: 4 }),
        (some, notes) => {
          const decoded = decodeSafetensors(encodeSafetensors(some, notes));
          expect(Object.keys(decoded.tensors).sort()).toEqual(Object.keys(some).sort());
          for (const [key, tensor] of Object.entries(some))
            expect(bitsOf(decoded.tensors[key]!)).toEqual(bitsOf(tensor));
          expect(Object.entries(decoded.metadata).sort()).toEqual(Object.entries(notes).sort());
        },
      ),
      { seed: 2014, numRuns: 200 },
    );
  });

  it('throws a DataError at every truncation, and when bytes follow', () => {
    const bytes = encodeSafetensors(tensors, metadata);
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeSafetensors(bytes.subarray(0, length)), `${length} bytes`).toThrow(DataError);
    expect(() => decodeSafetensors(Uint8Array.of(...bytes, 0))).toThrow(DataError);
  });

  it('throws nothing but a DataError when a byte is wrong', () => {
    const bytes = encodeSafetensors(tensors, metadata);
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const wrong = Uint8Array.from(bytes);
        wrong[at]! ^= flip;
        try {
          // A letter of a name, a number in the metadata or a value may change unnoticed: the format has no checksum.
          expect(Object.keys(decodeSafetensors(wrong).tensors).length).toBeLessThanOrEqual(5);
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
        }
      }),
      { seed: 2014, numRuns: 3000 },
    );
  });

  const f32 = (offsets: unknown, shape: unknown = [1]) => ({ dtype: 'F32', shape, data_offsets: offsets });
  it.each([
    ['no header length', Uint8Array.of(1, 2, 3), 'must begin with a header length of 8 bytes, got 3 bytes'],
    [
      'a header length past the end',
      Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 123),
      'must end within the file of 9 bytes, got a header length of 18446744073709551615 at byte 0',
    ],
    ['no JSON', file(undefined, [], '{"a":'), 'the header at bytes 8 to 13 must be JSON in UTF-8'],
    ['no UTF-8', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0xc3, 0x28), 'must be JSON in UTF-8'],
    ['no object', file([1]), 'must be a JSON object, got [1]'],
    ['null', file(null), 'must be a JSON object, got null'],
    ['metadata that is no text', file({ __metadata__: { seed: 1 } }), '__metadata__ must map keys to text'],
    ['an entry that is no object', file({ w: 3 }), 'tensor w: its entry must be an object, got 3'],
    [
      'bfloat16',
      file({ w: { dtype: 'BF16', shape: [1], data_offsets: [0, 2] } }, [0, 0]),
      'tensor w: dtype must be one of F64, I64, F32, I32, U8, BOOL, got "BF16"',
    ],
    ['a missing dtype', file({ w: { shape: [1], data_offsets: [0, 4] } }), 'got nothing'],
    [
      'a negative size',
      file({ w: f32([0, 4], [-1]) }),
      'shape must be a list of whole numbers from 0, got [-1]',
    ],
    ['a fractional size', file({ w: f32([0, 4], [1.5]) }), 'shape must be a list of whole numbers from 0'],
    [
      'three offsets',
      file({ w: f32([0, 4, 8]) }),
      'data_offsets must be two whole numbers from 0, got [0,4,8]',
    ],
    [
      'offsets that run backwards',
      file({ w: f32([4, 0]) }),
      'data_offsets must span 4 bytes for float32 [1], got [4,0]',
    ],
    [
      'another size than the shape',
      file({ w: f32([0, 8]) }),
      'data_offsets must span 4 bytes for float32 [1], got [0,8]',
    ],
    ['a size beyond all memory', file({ w: f32([0, 4], [2 ** 40, 2 ** 40]) }), 'data_offsets must span'],
    [
      'missing data',
      file({ w: f32([0, 4]) }, [0, 0]),
      'tensor w must end within the file of 64 bytes, got bytes 62 to 66. The file is truncated',
    ],
    [
      'tensors that overlap',
      file({ a: f32([0, 8], [2]), w: f32([4, 8]) }, [0, 0, 0, 0, 0, 0, 0, 0]),
      'tensor w must begin where the one before it ends, at byte 123, got byte 119. The file is corrupted: tensors overlap',
    ],
    [
      'a gap',
      file({ a: f32([0, 4]), w: f32([5, 9]) }, [0, 0, 0, 0, 0, 0, 0, 0, 0]),
      'tensor w must begin where the one before it ends, at byte 119, got byte 120. The file is corrupted: tensors leave a gap',
    ],
    [
      'bytes of no tensor',
      file({ w: f32([0, 4]) }, [0, 0, 0, 0, 9]),
      'must end with its last tensor at byte 66, got 67 bytes',
    ],
    [
      'a boolean of 2',
      file({ m: { dtype: 'BOOL', shape: [2], data_offsets: [0, 2] } }, [1, 2]),
      'tensor m must hold booleans 0 or 1, got 2 at byte 64',
    ],
  ])('names what is wrong: %s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(DataError);
    expect(() => decodeSafetensors(bytes)).toThrow(message);
  });
});
