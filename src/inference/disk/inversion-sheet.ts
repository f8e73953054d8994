import type { Tensor } from '../../graph/tensor.ts';
import type { Image } from '../../io/image.ts';
import { sheet } from '../../io/sheet.ts';
import { toBytes } from '../../train/disk/sample-sheet.ts';
import { type Reconstruction, type Route, routes } from '../reconstruction.ts';

/** Images and what each route made of them. */
export interface InvertedImages {
  /** float32 [N, C, H, W] in [0, 1] */
  readonly images: Tensor<'float32'>;
  readonly found: Readonly<Record<Route, Pick<Reconstruction, 'images'>>>;
}

/** Sheets side by side end at so many rows. */
const ROWS = 12;

/**
 * One row an image: the original, and what each of the routes made of it, in their order. Sets stand side by side with a
 * column of the background between them.
 *
 * @param sets - of images of one shape, one or more
 */
export function inversionSheet(sets: readonly InvertedImages[]): Image {
  const [, c, h, w] = sets[0]!.images.shape as readonly [number, number, number, number];
  const size = c * h * w;
  const rows = Math.min(ROWS, Math.max(...sets.map(({ images }) => images.shape[0]!)));
  const perSet = routes.length + 1;
  const columns = sets.length * (perSet + 1) - 1;
  const background = 96;
  const pixels = new Uint8Array(rows * columns * size).fill(background);
  for (const [index, { images, found }] of sets.entries()) {
    const shown = [images, ...routes.map((route) => found[route].images)].map(({ data }) => toBytes(data));
    for (const [column, bytes] of shown.entries())
      for (let row = 0; row < Math.min(rows, images.shape[0]!); row++) {
        const at = row * columns + index * (perSet + 1) + column;
        pixels.set(bytes.subarray(row * size, (row + 1) * size), at * size);
      }
  }
  return sheet(pixels, [rows * columns, c, h, w], { columns, scale: Math.max(1, Math.round(56 / h)) });
}
