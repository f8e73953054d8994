import { crc32, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError, ShapeError } from '../errors.ts';
import type { Image } from './image.ts';
import { decodePng, encodePng } from './png.ts';

const fromHex = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

// Built from the specification: scripts/reference/png.py.
const files = [
  {
    name: '1 bit grey, 10 x 2',
    hex: '89504e470d0a1a0a0000000d494844520000000a000000020100000000491a707d0000000e4944415478da6358eac0f0bf010006bd0265c51efbf70000000049454e44ae426082',
    image: {
      width: 10,
      height: 2,
      channels: 1,
      data: [255, 0, 255, 0, 0, 255, 0, 255, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0],
    },
  },
  {
    name: '2 bit grey, 5 x 1',
    hex: '89504e470d0a1a0a0000000d49484452000000050000000102000000007925238e0000000b4944415478da63907600000079005c9cd030f50000000049454e44ae426082',
    image: { width: 5, height: 1, channels: 1, data: [0, 85, 170, 255, 85] },
  },
  {
    name: '4 bit grey, 3 x 1',
    hex: '89504e470d0a1a0a0000000d4948445200000003000000010400000000fb7ba6690000000b4944415478da63e02f000000910080ae5912e60000000049454e44ae426082',
    image: { width: 3, height: 1, channels: 1, data: [0, 255, 119] },
  },
  {
    name: '8 bit grey, filters 1 2 3 4, 3 x 4',
    hex: '89504e470d0a1a0a0000000d49484452000000030000000408000000006e46dadb000000164944415478da63e4e2e262626464646665656501d2000282003eb82d60a10000000049454e44ae426082',
    image: { width: 3, height: 4, channels: 1, data: [10, 20, 30, 11, 21, 31, 10, 20, 30, 11, 21, 31] },
  },
  {
    name: '16 bit grey, 2 x 1',
    hex: '89504e470d0a1a0a0000000d494844520000000200000001100000000081d9fc150000000d4944415478da631032f9cf000002e70146a0a59e520000000049454e44ae426082',
    image: { width: 2, height: 1, channels: 1, data: [0x12, 0xff] },
  },
  {
    name: '8 bit colour, 2 x 1',
    hex: '89504e470d0a1a0a0000000d49484452000000020000000108020000007b40e8dd0000000f4944415478da63606462fefbef3f0006150301b05d18880000000049454e44ae426082',
    image: { width: 2, height: 1, channels: 3, data: [1, 2, 3, 253, 254, 255] },
  },
  {
    name: '16 bit colour with opacity, 1 x 1',
    hex: '89504e470d0a1a0a0000000d49484452000000010000000110060000004f8518ca000000114944415478da631064506230667061000002b100abb5f59c520000000049454e44ae426082',
    image: { width: 1, height: 1, channels: 4, data: [0x11, 0x22, 0x33, 0x44] },
  },
  {
    name: '8 bit grey with opacity, 2 x 1',
    hex: '89504e470d0a1a0a0000000d49484452000000020000000108040000005e2bb7010000000d4944415478da63e06a38f11f00043c025250f3dafe0000000049454e44ae426082',
    image: { width: 2, height: 1, channels: 4, data: [10, 10, 10, 128, 200, 200, 200, 255] },
  },
  {
    name: '2 bit palette, 3 x 1',
    hex: '89504e470d0a1a0a0000000d4948445200000003000000010203000000668efc2700000009504c5445ff000000ff000000ff2d4acd8a0000000a4944415478da63900000001a001980008ebb0000000049454e44ae426082',
    image: { width: 3, height: 1, channels: 3, data: [255, 0, 0, 0, 255, 0, 0, 0, 255] },
  },
  {
    name: '2 bit palette with opacity, 3 x 1',
    hex: '89504e470d0a1a0a0000000d4948445200000003000000010203000000668efc2700000009504c5445ff000000ff000000ff2d4acd8a0000000274524e5300809b2b4e180000000a4944415478da63900000001a001980008ebb0000000049454e44ae426082',
    image: { width: 3, height: 1, channels: 4, data: [255, 0, 0, 0, 0, 255, 0, 128, 0, 0, 255, 255] },
  },
  {
    name: '4 bit grey, 7 transparent, 3 x 1',
    hex: '89504e470d0a1a0a0000000d4948445200000003000000010400000000fb7ba6690000000274524e530007e8f7589b0000000b4944415478da63e02f000000910080ae5912e60000000049454e44ae426082',
    image: { width: 3, height: 1, channels: 4, data: [0, 0, 0, 255, 255, 255, 255, 255, 119, 119, 119, 0] },
  },
  {
    name: '8 bit colour, one transparent, 3 x 1',
    hex: '89504e470d0a1a0a0000000d4948445200000003000000010802000000948283e30000000674524e53000100020003c94babf5000000104944415478da6360646266646201920000620014341e131f0000000049454e44ae426082',
    image: { width: 3, height: 1, channels: 4, data: [1, 2, 3, 0, 1, 2, 4, 255, 1, 2, 3, 0] },
  },
];
const indexPastPalette =
  '89504e470d0a1a0a0000000d494844520000000100000001080300000028cb34bb00000009504c5445ff000000ff000000ff2d4acd8a0000000a4944415478da6360060000050004465bdfeb0000000049454e44ae426082';
const tooFewRows =
  '89504e470d0a1a0a0000000d49484452000000030000000408000000006e46dadb0000000c4944415478da63e0e2e202000040001f607c2bbe0000000049454e44ae426082';

const arbitraryImage: fc.Arbitrary<Image> = fc
  .record({
    width: fc.integer({ min: 1, max: 9 }),
    height: fc.integer({ min: 1, max: 9 }),
    channels: fc.constantFrom<Image['channels'][]>(1, 3, 4),
  })
  .chain((size) => {
    const length = size.width * size.height * size.channels;
    return fc.uint8Array({ minLength: length, maxLength: length }).map((data) => ({ ...size, data }));
  });

/** The chunks of a file, their checksums checked by Node's zlib. */
function chunksOf(bytes: Uint8Array): { kind: string; data: Uint8Array }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = [];
  for (let at = 8; at < bytes.length; ) {
    const length = view.getUint32(at);
    expect(view.getUint32(at + 8 + length)).toBe(crc32(bytes.subarray(at + 4, at + 8 + length)));
    const kind = new TextDecoder().decode(bytes.subarray(at + 4, at + 8));
    chunks.push({ kind, data: bytes.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

describe('encodePng', () => {
  it('writes what the specification says, and nothing that names a time or a program', () => {
    const image: Image = {
      width: 2,
      height: 2,
      channels: 3,
      data: Uint8Array.from({ length: 12 }, (_, i) => 20 * i),
    };
    const bytes = encodePng(image);
    expect([...bytes.subarray(0, 8)]).toEqual([...fromHex('89504e470d0a1a0a')]);
    const chunks = chunksOf(bytes);
    expect(chunks.map(({ kind }) => kind)).toEqual(['IHDR', 'IDAT', 'IEND']);
    expect([...chunks[0]!.data]).toEqual([0, 0, 0, 2, 0, 0, 0, 2, 8, 2, 0, 0, 0]);
    expect([...inflateSync(chunks[1]!.data)]).toEqual([
      0, 0, 20, 40, 60, 80, 100, 0, 120, 140, 160, 180, 200, 220,
    ]);
    expect(encodePng(image)).toEqual(bytes);
  });

  it('refuses data that does not fit the size', () => {
    expect(() => encodePng({ width: 2, height: 2, channels: 3, data: new Uint8Array(4) })).toThrow(
      new ShapeError('encodePng: an image of 2 x 2 pixels and 3 channels must hold 12 bytes, got 4'),
    );
    expect(() => encodePng({ width: 0, height: 2, channels: 1, data: new Uint8Array(0) })).toThrow(
      ShapeError,
    );
  });
});

describe('decodePng', () => {
  it.each(files)('reads $name', ({ hex, image }) => {
    expect(decodePng(fromHex(hex))).toEqual({ ...image, data: Uint8Array.from(image.data) });
  });

  it('returns every image that was encoded', () => {
    fc.assert(
      fc.property(arbitraryImage, (image) => {
        expect(decodePng(encodePng(image))).toEqual(image);
      }),
      { seed: 2014, numRuns: 200 },
    );
  });

  it('throws a DataError at every truncation', () => {
    for (const { hex } of files) {
      const bytes = fromHex(hex);
      for (let length = 0; length < bytes.length; length++)
        expect(() => decodePng(bytes.subarray(0, length)), `${length} bytes`).toThrow(DataError);
    }
  });

  it('throws a DataError at any wrong byte: each is under a checksum', () => {
    const bytes = fromHex(files[3]!.hex);
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const wrong = Uint8Array.from(bytes);
        wrong[at]! ^= flip;
        expect(() => decodePng(wrong)).toThrow(DataError);
      }),
      { seed: 2014, numRuns: 1000 },
    );
  });

  it.each([
    ['another format', new TextEncoder().encode('GIF89a'), 'must be a complete PNG image, got 6 bytes'],
    [
      'an index past its palette',
      fromHex(indexPastPalette),
      'pixel 0 has colour 3, but the palette has only 3 colours',
    ],
    ['too few rows', fromHex(tooFewRows), 'must be a complete PNG image'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodePng(bytes)).toThrow(DataError);
    expect(() => decodePng(bytes)).toThrow(message);
  });
});
