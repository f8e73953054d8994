import { ConfigError, ShapeError } from '../errors.ts';
import type { Image } from './image.ts';

/** How a sheet is laid out. */
export interface SheetOptions {
  /** Default: the root of N, rounded up; the sheet is then as square as its cells. */
  readonly columns?: number;
  /** Pixels between neighbours and around all, before scaling; default 1, in a grey that neither black nor white hides. */
  readonly gap?: number;
  /** Pixels of the sheet per pixel of an image, a whole number; default 1. */
  readonly scale?: number;
}

const gapGrey = 96;

function requireWhole(name: string, value: number, least: number): void {
  if (!(Number.isInteger(value) && value >= least))
    throw new ConfigError(`sheet: ${name} must be a whole number from ${least}, got ${value}`);
}

/**
 * A grid of images, row by row from the top left: the sheet of samples of a run.
 *
 * @param images - uint8 pixels 0 ... 255, planar, [N, C, H, W]
 * @param shape - [N, C, H, W] with C 1 (grey) or 3 (red, green, blue)
 * @returns an image of C channels; cells that no image fills stay grey
 * @throws ShapeError if `images` does not have this shape, or C is neither 1 nor 3
 * @throws ConfigError if an option is not a whole number in its range
 */
export function sheet(
  images: Uint8Array,
  shape: readonly [number, number, number, number],
  options: SheetOptions = {},
): Image {
  const [n, c, h, w] = shape;
  if (!(n > 0 && h > 0 && w > 0 && images.length === n * c * h * w))
    throw new ShapeError(
      `sheet: images of shape [${shape.join(', ')}] must hold ${n * c * h * w} bytes, one or more, got ${images.length}`,
    );
  if (c !== 1 && c !== 3)
    throw new ShapeError(`sheet: images must have 1 or 3 channels, got ${c} (shape [${shape.join(', ')}])`);
  const { columns = Math.ceil(Math.sqrt(n)), gap = 1, scale = 1 } = options;
  requireWhole('columns', columns, 1);
  requireWhole('gap', gap, 0);
  requireWhole('scale', scale, 1);

  const rows = Math.ceil(n / columns);
  const width = (columns * (w + gap) + gap) * scale;
  const height = (rows * (h + gap) + gap) * scale;
  const data = new Uint8Array(width * height * c).fill(gapGrey);
  for (let image = 0; image < n; image++) {
    const left = ((image % columns) * (w + gap) + gap) * scale;
    const top = (Math.floor(image / columns) * (h + gap) + gap) * scale;
    for (let y = 0; y < h * scale; y++) {
      const row = Math.floor(y / scale) * w;
      for (let x = 0; x < w * scale; x++) {
        const from = image * c * h * w + row + Math.floor(x / scale);
        const to = ((top + y) * width + left + x) * c;
        for (let channel = 0; channel < c; channel++) data[to + channel] = images[from + channel * h * w]!;
      }
    }
  }
  return { width, height, channels: c, data };
}
