import { describe, expect, it } from 'vitest';
import { ConfigError, ShapeError } from '../errors.ts';
import { encodeGif } from './gif.ts';
import type { Image } from './image.ts';

interface Frame {
  readonly delayMs: number;
  /** Red, green, blue of every pixel. */
  readonly pixels: number[];
}

/** Codes of variable width, first bit lowest, into palette indices: the decoder of the GIF89a specification. */
function decompress(data: readonly number[], minimumBits: number): number[] {
  const clear = 1 << minimumBits;
  const table: number[][] = [];
  const indices: number[] = [];
  let bits = minimumBits + 1;
  let previous: number[] | undefined;
  for (let at = 0; at + bits <= data.length * 8; ) {
    let code = 0;
    for (let bit = 0; bit < bits; bit++, at++) code |= ((data[at >> 3]! >> (at & 7)) & 1) << bit;
    if (code === clear) {
      table.length = 0;
      for (let index = 0; index < clear; index++) table.push([index]);
      table.push([], []);
      bits = minimumBits + 1;
      previous = undefined;
      continue;
    }
    if (code === clear + 1) return indices;
    const entry: number[] = table[code] ?? [...previous!, previous![0]!];
    indices.push(...entry);
    if (previous && table.length < 4096) table.push([...previous, entry[0]!]);
    if (table.length === 1 << bits && bits < 12) bits++;
    previous = entry;
  }
  throw new Error('no end code');
}

/** Reads the part of GIF89a that an animation of whole frames needs; throws on anything else. */
function decodeGif(bytes: Uint8Array): { width: number; height: number; repeats: number; frames: Frame[] } {
  let at = 0;
  const byte = () => bytes[at++]!;
  const word = () => byte() | (byte() << 8);
  const palette = (fields: number) =>
    Array.from({ length: fields & 0x80 ? 2 << (fields & 7) : 0 }, () => [byte(), byte(), byte()]);
  const blocks = () => {
    const data: number[] = [];
    for (let length = byte(); length > 0; length = byte()) for (let i = 0; i < length; i++) data.push(byte());
    return data;
  };

  expect(new TextDecoder().decode(bytes.subarray(0, 6))).toBe('GIF89a');
  at = 6;
  const [width, height] = [word(), word()];
  const fields = byte();
  at += 2;
  const shared = palette(fields);
  let repeats = -1;
  let delayMs = -1;
  const frames: Frame[] = [];
  for (;;) {
    const kind = byte();
    if (kind === 0x3b) break;
    if (kind === 0x21) {
      const label = byte();
      const data = blocks();
      if (label === 0xff) repeats = data[12]! | (data[13]! << 8);
      else if (label === 0xf9) delayMs = 10 * (data[1]! | (data[2]! << 8));
      else throw new Error(`extension ${label}`);
    } else {
      expect(kind).toBe(0x2c);
      expect([word(), word(), word(), word()]).toEqual([0, 0, width, height]);
      const own = palette(byte());
      const colours = own.length > 0 ? own : shared;
      const minimumBits = byte();
      const indices = decompress(blocks(), minimumBits);
      frames.push({ delayMs, pixels: indices.flatMap((index) => colours[index]!) });
    }
  }
  expect(at).toBe(bytes.length);
  return { width, height, repeats, frames };
}

const grey = (data: readonly number[], width: number): Image => ({
  width,
  height: data.length / width,
  channels: 1,
  data: Uint8Array.from(data),
});

/** Noise in all 256 greys, long enough for the codes to reach 12 bits and to start afresh. */
const noise = Array.from({ length: 120 * 90 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);

describe('encodeGif', () => {
  it('keeps every pixel of grey frames, their order, delay and size, and repeats for ever', () => {
    const shifted = noise.map((value) => 255 - value);
    const { width, height, repeats, frames } = decodeGif(
      encodeGif([grey(noise, 120), grey(shifted, 120)], 80),
    );
    expect({ width, height, repeats }).toEqual({ width: 120, height: 90, repeats: 0 });
    expect(frames.map(({ delayMs }) => delayMs)).toEqual([80, 80]);
    for (const [i, expected] of [noise, shifted].entries())
      expect(frames[i]!.pixels).toBeAllClose(
        expected.flatMap((value) => [value, value, value]),
        { rtol: 0, atol: 0 },
      );
  });

  it('keeps colours exactly up to 256 over all frames', () => {
    const data = Uint8Array.from({ length: 3 * 256 }, (_, i) => (Math.floor(i / 3) * (1 + (i % 3))) & 255);
    const image: Image = { width: 16, height: 16, channels: 3, data };
    const [frame] = decodeGif(encodeGif([image], 100)).frames;
    expect(frame!.pixels).toEqual([...data]);
  });

  it('merges more colours into near ones', () => {
    const data = Uint8Array.from({ length: 3 * 40 * 40 }, (_, i) => {
      const pixel = Math.floor(i / 3);
      return [6 * (pixel % 40), 6 * Math.floor(pixel / 40), 128][i % 3]!;
    });
    const [frame] = decodeGif(encodeGif([{ width: 40, height: 40, channels: 3, data }], 100)).frames;
    // 1,600 colours on a plane of 240 x 240: 256 of them are at best 15 apart.
    expect(frame!.pixels).toBeAllClose(data, { rtol: 0, atol: 20 });
  });

  it('lays what is not opaque over white', () => {
    const data = Uint8Array.of(0, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 51);
    const [frame] = decodeGif(encodeGif([{ width: 3, height: 1, channels: 4, data }], 100)).frames;
    expect(frame!.pixels).toEqual([0, 0, 0, 255, 255, 255, 255, 204, 204]);
  });

  it('encodes a frame of one colour', () => {
    expect(decodeGif(encodeGif([grey([7, 7, 7, 7], 2)], 100)).frames[0]!.pixels).toEqual(Array(12).fill(7));
  });

  it('refuses no frames, frames of two sizes, wrong data and delays out of range', () => {
    expect(() => encodeGif([], 100)).toThrow(ShapeError);
    expect(() => encodeGif([grey([1, 2], 2), grey([1, 2], 1)], 100)).toThrow(
      new ShapeError('encodeGif: all frames must have the size of the first, 2 x 1, got 1 x 2'),
    );
    expect(() => encodeGif([{ ...grey([1, 2], 2), channels: 3 }], 100)).toThrow(ShapeError);
    for (const delayMs of [0, 700_000, Number.NaN])
      expect(() => encodeGif([grey([1], 1)], delayMs)).toThrow(ConfigError);
  });
});
