import { type DecodedPng, decode, encode } from 'fast-png';
import { DataError } from '../errors.ts';
import { type Image, requireImage } from './image.ts';

/**
 * The bytes of a PNG file with 8 bits a channel. The same image gives the same bytes: they hold no date and no name.
 *
 * @throws ShapeError if size and data of the image do not fit each other
 */
export function encodePng(image: Image): Uint8Array {
  requireImage('encodePng', image);
  const { width, height, channels, data } = image;
  return encode({ width, height, channels, data, depth: 8 }, { zlib: { level: 6 } });
}

/** Samples of 1, 2, 4, 8 or 16 bits, one per element; rows of less than 8 bits a sample begin at a new byte. */
function unpack({ width, height, channels, depth, data }: DecodedPng): ArrayLike<number> {
  if (depth >= 8) return data;
  const samples = new Uint8Array(width * height * channels);
  const perRow = width * channels;
  const bytesPerRow = Math.ceil((perRow * depth) / 8);
  for (let row = 0; row < height; row++)
    for (let i = 0; i < perRow; i++) {
      const bit = i * depth;
      const byte = data[row * bytesPerRow + (bit >>> 3)]!;
      samples[row * perRow + i] = (byte >>> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
    }
  return samples;
}

/** Replaces indices by their colours, [r, g, b] or [r, g, b, opacity]. */
function lookUp(indices: ArrayLike<number>, palette: readonly (readonly number[])[]): Uint8Array {
  const channels = palette[0]!.length;
  const data = new Uint8Array(indices.length * channels);
  for (let i = 0; i < indices.length; i++) {
    const colour = palette[indices[i]!];
    if (!colour)
      throw new Error(
        `pixel ${i} has colour ${indices[i]}, but the palette has only ${palette.length} colours`,
      );
    data.set(colour, i * channels);
  }
  return data;
}

/** Brings any kind of PNG to 8 bits and 1, 3 or 4 channels. */
function toImage(decoded: DecodedPng): Image {
  const { width, height, channels, depth, palette, transparency } = decoded;
  const samples = unpack(decoded);
  if (channels === 1 && palette?.[0])
    return { width, height, channels: palette[0].length as 3 | 4, data: lookUp(samples, palette) };

  // 255 / 1, / 3 and / 15 are whole: white stays white. Of 16 bits the upper 8 are kept.
  const scale = depth < 8 ? 255 / ((1 << depth) - 1) : 1;
  const eightBits = (sample: number) => (depth === 16 ? sample >>> 8 : sample * scale);
  if (channels !== 2 && !transparency) {
    const data = new Uint8Array(samples.length);
    for (let i = 0; i < data.length; i++) data[i] = eightBits(samples[i]!);
    return { width, height, channels: channels as 1 | 3 | 4, data };
  }

  // Grey with opacity, or one colour that is declared transparent: both become red, green, blue and opacity.
  const data = new Uint8Array(width * height * 4);
  const colours = channels === 2 ? 1 : channels;
  for (let pixel = 0; pixel < width * height; pixel++) {
    let transparent = transparency !== undefined;
    for (let c = 0; c < 3; c++) {
      const sample = samples[pixel * channels + (colours === 3 ? c : 0)]!;
      data[pixel * 4 + c] = eightBits(sample);
      if (transparency?.[colours === 3 ? c : 0] !== sample) transparent = false;
    }
    const opacity = channels === 2 ? eightBits(samples[pixel * 2 + 1]!) : 255;
    data[pixel * 4 + 3] = transparent ? 0 : opacity;
  }
  return { width, height, channels: 4, data };
}

/**
 * The image in a PNG file of any kind, brought to 8 bits a channel: a palette is resolved, grey with opacity and a
 * transparent colour become four channels.
 *
 * @throws DataError if the file is truncated, fails its checksums, or is not a PNG
 */
export function decodePng(bytes: Uint8Array): Image {
  try {
    return toImage(decode(bytes, { checkCrc: true }));
  } catch (cause) {
    throw new DataError(
      `decodePng: a file must be a complete PNG image, got ${bytes.length} bytes: ${(cause as Error).message}`,
      { cause },
    );
  }
}
