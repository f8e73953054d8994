import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../errors.ts';
import { decodeIdx, decodeIdxImages, decodeIdxLabels, decodeLabelledImages } from './idx.ts';

/** An IDX file written byte by byte from the format's description. */
function idx(type: number, shape: readonly number[], elements: Uint8Array | readonly number[]): Uint8Array {
  const sizes = shape.flatMap((size) => [size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255]);
  return Uint8Array.from([0, 0, type, shape.length, ...sizes, ...elements]);
}

const pixels = Array.from({ length: 12 }, (_, i) => 20 * i);
const images = idx(8, [2, 2, 3], pixels);
const labels = idx(8, [2], [7, 3]);

describe('decodeIdx', () => {
  it('reads images and labels, plain and gzip', () => {
    for (const bytes of [images, gzipSync(images)]) {
      expect(decodeIdxImages(bytes)).toEqual({
        count: 2,
        height: 2,
        width: 3,
        pixels: Uint8Array.from(pixels),
      });
    }
    for (const bytes of [labels, gzipSync(labels)])
      expect(decodeIdxLabels(bytes)).toEqual(Uint8Array.of(7, 3));
    expect(
      decodeLabelledImages({ bytes: images, source: 'i' }, { bytes: labels, source: 'l' }),
    ).toMatchObject({
      count: 2,
      labels: Uint8Array.of(7, 3),
    });
  });

  it.each([
    ['int8', 0x09, [0x80, 0x7f], Int8Array.of(-128, 127)],
    ['int16', 0x0b, [0xff, 0xfe, 0x01, 0x00], Int16Array.of(-2, 256)],
    ['int32', 0x0c, [0x80, 0, 0, 0, 0, 0, 0, 5], Int32Array.of(-(2 ** 31), 5)],
    ['float32', 0x0d, [0x3f, 0xc0, 0, 0, 0xc1, 0x20, 0, 0], Float32Array.of(1.5, -10)],
    [
      'float64',
      0x0e,
      [0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18, 0xbf, 0xf0, 0, 0, 0, 0, 0, 0],
      Float64Array.of(Math.PI, -1),
    ],
  ] as const)('reads big-endian %s', (dtype, type, bytes, expected) => {
    expect(decodeIdx(idx(type, [2], bytes))).toEqual({ dtype, shape: [2], data: expected });
  });

  it('reads from the middle of a larger buffer', () => {
    const padded = new Uint8Array(images.length + 7);
    padded.set(images, 5);
    expect(decodeIdxImages(padded.subarray(5, 5 + images.length)).pixels).toEqual(Uint8Array.from(pixels));
  });
});

describe('bad IDX files', () => {
  const bad: readonly [string, () => unknown, string][] = [
    [
      'an empty file',
      () => decodeIdx(new Uint8Array(0), 'a'),
      'a must start with a magic number of 4 bytes, got its end at byte 0 (truncated)',
    ],
    [
      'another format',
      () => decodeIdx(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1), 'a.png'),
      'a.png must start with 00 00, an element type (08, 09, 0b, 0c, 0d or 0e) and a rank, got 89 50 4e 47 at byte 0',
    ],
    [
      'an unknown element type',
      () => decodeIdx(Uint8Array.of(0, 0, 10, 1, 0, 0, 0, 0)),
      'got 00 00 0a 01 at byte 0',
    ],
    ['rank 0', () => decodeIdx(Uint8Array.of(0, 0, 8, 0)), 'got 00 00 08 00 at byte 0'],
    [
      'a header that ends early',
      () => decodeIdx(images.subarray(0, 9), 'a'),
      'a must have a header of 16 bytes, got its end at byte 9 (truncated)',
    ],
    [
      'a body that ends early',
      () => decodeIdx(images.subarray(0, 27), 'a'),
      'a must have 28 bytes for uint8 [2, 2, 3], got its end at byte 27 (truncated)',
    ],
    [
      'sizes too large for any file',
      () => decodeIdx(idx(8, [2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], [1])),
      'got its end at byte 17 (truncated)',
    ],
    [
      'bytes behind the end',
      () => decodeIdx(Uint8Array.of(...labels, 1, 2), 'a'),
      'a must have 10 bytes for uint8 [2], got 12 (corrupted: bytes from 10 on belong to nothing)',
    ],
    [
      'labels for images',
      () => decodeIdxImages(labels, 'a'),
      'a must hold images, uint8 [count, height, width] (magic 00 00 08 03 at byte 0), got uint8 [2]: these are labels, not images. Are two files swapped?',
    ],
    [
      'images for labels',
      () => decodeIdxLabels(images, 'a'),
      'a must hold labels, uint8 [count] (magic 00 00 08 01 at byte 0), got uint8 [2, 2, 3]: these are images',
    ],
    ['floats for labels', () => decodeIdxLabels(idx(13, [1], [0, 0, 0, 0])), 'got float32 [1]'],
    [
      'a label beyond the classes',
      () => decodeIdxLabels(labels, 'a', 7),
      'labels of a must be below 7, got 7 at byte 8',
    ],
    [
      'counts that differ',
      () =>
        decodeLabelledImages({ bytes: images, source: 'i' }, { bytes: idx(8, [3], [1, 2, 3]), source: 'l' }),
      'l must hold a label for each of the 2 images of i, got 3 labels (count at byte 4)',
    ],
  ];
  it.each(bad)('%s: one line that says where', (_, decode, message) => {
    expect(decode).toThrow(DataError);
    expect(decode).toThrow(message);
    expect(decode).not.toThrow('\n');
  });

  it('cut or altered gzip data is always refused', () => {
    const content = idx(
      8,
      [40, 4, 4],
      Array.from({ length: 640 }, (_, i) => (i * i) & 255),
    );
    const packed = new Uint8Array(gzipSync(content));
    fc.assert(
      fc.property(fc.nat(packed.length - 1), (length) => {
        expect(() => decodeIdx(packed.subarray(0, length), 'a.gz')).toThrow(DataError);
      }),
      { seed: 1 },
    );
    // From byte 10 on: the bytes before hold the date and the system, which carry no meaning here.
    fc.assert(
      fc.property(fc.integer({ min: 10, max: packed.length - 1 }), fc.nat(7), (at, bit) => {
        const altered = packed.slice();
        altered[at]! ^= 1 << bit;
        expect(() => decodeIdx(altered, 'a.gz')).toThrow(DataError);
      }),
      { seed: 1 },
    );
    expect(() => decodeIdx(packed.subarray(0, 60), 'a.gz')).toThrow(
      'gunzip: a.gz must hold a whole gzip stream, got its end inside the data, at byte 60 (truncated). Copy or download it again',
    );
  });
});
