import * as gifenc from 'gifenc';
import { ConfigError, ShapeError } from '../errors.ts';
import { type Image, requireImage } from './image.ts';

const { GIFEncoder, quantize, applyPalette } = (gifenc.GIFEncoder ? gifenc : gifenc.default) as gifenc.Gifenc;

/** A pixel as one word whose bytes in memory are red, green, blue and full opacity. */
const pack = (red: number, green: number, blue: number) =>
  (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
const unpack = (word: number): gifenc.Rgb => [word & 255, (word >>> 8) & 255, (word >>> 16) & 255];

const overWhite = (sample: number, opacity: number) => Math.round(255 + (opacity / 255) * (sample - 255));

/** One word a pixel. What is not opaque is laid over white: a GIF pixel is opaque or not there at all. */
function toWords({ channels, data }: Image): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(data.length / channels);
  const second = channels === 1 ? 0 : 1;
  for (let pixel = 0, at = 0; pixel < words.length; pixel++, at += channels) {
    const opacity = channels === 4 ? data[at + 3]! : 255;
    words[pixel] = pack(
      overWhite(data[at]!, opacity),
      overWhite(data[at + second]!, opacity),
      overWhite(data[at + 2 * second]!, opacity),
    );
  }
  return words;
}

/** The colours of all frames in ascending order, or undefined where there are more than the 256 that a GIF can hold. */
function exactPalette(frames: readonly Uint32Array[]): number[] | undefined {
  const colours = new Set<number>();
  for (const frame of frames)
    for (const colour of frame) {
      colours.add(colour);
      if (colours.size > 256) return undefined;
    }
  return [...colours].sort((a, b) => a - b);
}

/** The index of each pixel's colour. A loop: `Uint8Array.from` with a function takes eight times as long. */
function toIndices(words: Uint32Array, indexOf: ReadonlyMap<number, number>): Uint8Array {
  const indices = new Uint8Array(words.length);
  for (let pixel = 0; pixel < words.length; pixel++) indices[pixel] = indexOf.get(words[pixel]!)!;
  return indices;
}

/** At most 256 colours that stand for those of all frames. */
function mergedPalette(frames: readonly Uint32Array[]): gifenc.Rgb[] {
  const all = new Uint32Array(frames.reduce((sum, frame) => sum + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    all.set(frame, at);
    at += frame.length;
  }
  return quantize(new Uint8Array(all.buffer), 256);
}

/**
 * The bytes of an animated GIF that repeats for ever. One palette serves all frames, so that colours do not flicker; up
 * to 256 colours (any grey image) it is exact, beyond that colours are merged.
 *
 * @param frames - one or more, of one size
 * @param delayMs - time per frame in milliseconds, from 10 to 655,350, rounded to tens; browsers show less than 20 as 100
 * @throws ShapeError if there is no frame or the frames differ in size
 * @throws ConfigError if the delay is out of range
 */
export function encodeGif(frames: readonly Image[], delayMs: number): Uint8Array {
  const [first] = frames;
  if (!first) throw new ShapeError('encodeGif: frames must hold at least one image, got none');
  if (!(delayMs >= 10 && delayMs <= 655_350))
    throw new ConfigError(`encodeGif: delayMs must be in [10, 655350], got ${delayMs}`);
  const { width, height } = first;
  for (const frame of frames) {
    requireImage('encodeGif', frame);
    if (frame.width !== width || frame.height !== height)
      throw new ShapeError(
        `encodeGif: all frames must have the size of the first, ${width} x ${height}, got ${frame.width} x ${frame.height}`,
      );
  }

  const pixels = frames.map(toWords);
  const exact = exactPalette(pixels);
  const palette = exact?.map(unpack) ?? mergedPalette(pixels);
  const indexOf = new Map(exact?.map((colour, index) => [colour, index]));
  const encoder = GIFEncoder();
  for (const [number, words] of pixels.entries()) {
    const indices = exact ? toIndices(words, indexOf) : applyPalette(new Uint8Array(words.buffer), palette);
    // The palette that comes with the first frame, and with no other, is the palette of the whole file.
    const shared = number === 0 ? { palette } : {};
    encoder.writeFrame(indices, width, height, { delay: delayMs, repeat: 0, ...shared });
  }
  encoder.finish();
  return encoder.bytes();
}
