import { ShapeError } from '../../../src/errors.ts';
import type { Image } from '../../../src/io/image.ts';
import { sheet } from '../../../src/io/sheet.ts';

/** One of several samples as an image. @param shape - [C, H, W]; @param samples - float32 [n, C, H, W] in [0, 1] */
export function sampleImage(samples: Float32Array, shape: readonly number[], at = 0, scale = 1): Image {
  const size = shape.reduce((product, side) => product * side, 1);
  return samplesSheet(samples.subarray(at * size, (at + 1) * size), shape, { columns: 1, gap: 0, scale });
}

/** Samples as a grid of images. */
export function samplesSheet(
  samples: Float32Array,
  shape: readonly number[],
  options: { readonly columns: number; readonly gap: number; readonly scale?: number },
): Image {
  const [channels, height, width] = shape as readonly [number, number, number];
  const bytes = Uint8Array.from(samples, (value) => Math.round(Math.min(Math.max(value, 0), 1) * 255));
  return sheet(bytes, [samples.length / (channels * height * width), channels, height, width], options);
}

/** Draws an image on a canvas, which takes its size. */
export function drawImage(canvas: HTMLCanvasElement, { width, height, channels, data }: Image): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context)
    throw new ShapeError(`drawImage: a canvas of ${width} x ${height} pixels must have a context, got none`);
  const pixels = context.createImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const from = pixel * channels;
    for (let channel = 0; channel < 3; channel++)
      pixels.data[4 * pixel + channel] = data[from + (channels === 1 ? 0 : channel)]!;
    pixels.data[4 * pixel + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
}
