import type Sharp from 'sharp';
import type { Sharp as Picture } from 'sharp';
import { DataError } from '../../../errors.ts';
import type { ImageReading } from '../../image-reading.ts';

/** What of a reading decides the pixels of one picture. */
export type PixelReading = Pick<ImageReading, 'size' | 'fit' | 'linear'> & {
  /** Planes that are made: 3, from which grey ones can be told, or the luminance alone. */
  readonly planes: 1 | 3;
};

/** A picture as the networks will see it. */
export interface DecodedImage {
  /** uint8 [planes, size, size] */
  readonly pixels: Uint8Array;
  /** Whether it has no colour: its planes differ by no more than rounding. */
  readonly isGrey: boolean;
  /** Whether it is smaller than it was to become, so that it had to be enlarged. */
  readonly isEnlarged: boolean;
}

/** Two levels of 255: what conversions between colour spaces leave of equal channels. */
const GREY_TOLERANCE = 2;

/** The formats that are read, as sharp names them; it would render drawings and documents too. */
const formats: ReadonlySet<string> = new Set(['avif', 'gif', 'heif', 'jpeg', 'png', 'tiff', 'webp']);

/**
 * Loads sharp, which is native code, when the first picture is to be decoded.
 *
 * @throws DataError where this platform has no build of it
 */
export async function loadSharp(): Promise<typeof Sharp> {
  try {
    const { default: sharp } = await import('sharp');
    // Pictures are decoded side by side: threads inside each, and a cache of what is read once, only take memory.
    sharp.concurrency(1);
    sharp.cache(false);
    return sharp;
  } catch (cause) {
    const [first] = (cause as Error).message.split('\n');
    throw new DataError(
      `loadDataset: folders of images must have sharp, which decodes them, got: ${first}. Install it with npm install --include=optional sharp`,
      { cause },
    );
  }
}

/**
 * Decodes the first frame of a picture: turned upright by its EXIF orientation, brought to sRGB by its colour profile (or,
 * of CMYK without one, by a standard profile), transparent parts laid on white, reduced with an antialiasing Lanczos
 * kernel, 8 bits a channel.
 *
 * @throws DataError with the reason where the bytes are no such picture, cut, or damaged
 */
export async function decodeImage(
  sharp: typeof Sharp,
  bytes: Uint8Array,
  { size, fit, linear, planes }: PixelReading,
): Promise<DecodedImage> {
  if (bytes.length === 0) throw new DataError('is empty');
  try {
    const opened = sharp(bytes, { failOn: 'error' });
    const { format, autoOrient } = await opened.metadata();
    if (!formats.has(format))
      throw new DataError(`is ${format.toUpperCase()}, which is not read: convert it to PNG`);
    const upright = opened.autoOrient().flatten({ background: '#fff' });
    const { data, info } = await (linear ? await inLinearLight(sharp, upright) : upright)
      .resize(size, size, {
        fit: fit === 'crop' ? 'cover' : 'inside',
        position: 'centre',
        kernel: 'lanczos3',
      })
      .toColourspace(planes === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = planar(data, info, size, planes);
    const shown =
      fit === 'crop'
        ? Math.min(autoOrient.width, autoOrient.height)
        : Math.max(autoOrient.width, autoOrient.height);
    return { pixels, isGrey: isGrey(pixels, planes), isEnlarged: shown < size };
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(reasonOf(error as Error), { cause: error });
  }
}

/**
 * A picture that is worked on in linear light. It is decoded by itself first: sharp converts to the space it works in before it
 * applies a colour profile, which then makes nonsense of the result.
 */
async function inLinearLight(sharp: typeof Sharp, picture: Picture): Promise<Picture> {
  const { data, info } = await picture
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return sharp(data, { raw: { width, height, channels } }).pipelineColourspace('scrgb');
}

/** libvips' account of what is wrong, in its first line, without the names of its own parts. */
function reasonOf({ message }: Error): string {
  const [first = message] = message.split('\n');
  const plain = first.replace(/^Input buffer has corrupt header: /, '').replace(/^\w+: /, '');
  return /unsupported image format/.test(plain) ? 'holds no image of a kind that is read' : plain;
}

/** Interleaved pixels [h, w, planes] as [planes, size, size], in the middle of white. */
function planar(
  data: Uint8Array,
  { width, height, channels }: { readonly width: number; readonly height: number; readonly channels: number },
  size: number,
  planes: number,
): Uint8Array {
  if (channels !== planes) throw new DataError(`decodes to ${channels} channels, not ${planes}`);
  const pixels = new Uint8Array(planes * size * size).fill(255);
  const top = (size - height) >> 1;
  const left = (size - width) >> 1;
  for (let plane = 0; plane < planes; plane++)
    for (let y = 0; y < height; y++) {
      const row = (plane * size + top + y) * size + left;
      for (let x = 0; x < width; x++) pixels[row + x] = data[(y * width + x) * planes + plane]!;
    }
  return pixels;
}

function isGrey(pixels: Uint8Array, planes: number): boolean {
  if (planes === 1) return true;
  const size = pixels.length / 3;
  for (let i = 0; i < size; i++) {
    const [red, green, blue] = [pixels[i]!, pixels[size + i]!, pixels[2 * size + i]!];
    if (Math.abs(red - green) > GREY_TOLERANCE || Math.abs(blue - green) > GREY_TOLERANCE) return false;
  }
  return true;
}
