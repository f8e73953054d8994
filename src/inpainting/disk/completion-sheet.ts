import type { Tensor } from '../../graph/tensor.ts';
import type { Image } from '../../io/image.ts';
import { sheet } from '../../io/sheet.ts';
import { toBytes } from '../../train/disk/sample-sheet.ts';

/** Images with what was known of them and what was made of that. */
export interface CompletedImages {
  /** float32 [N, C, H, W] in [0, 1], whole. */
  readonly images: Tensor<'float32'>;
  /** 1 known, 0 hidden, [H W]. */
  readonly known: Float32Array;
  readonly mean: Tensor<'float32'>;
  readonly draws: readonly Tensor<'float32'>[];
}

/** The grey of hidden pixels. */
const HIDDEN = 96;

/** One row an image: the original, what is known of it, the mean predictor's completion, and draws. */
export function completionSheet(sets: readonly CompletedImages[]): Image {
  const [, c, h, w] = sets[0]!.images.shape as readonly [number, number, number, number];
  const columns = 3 + sets[0]!.draws.length;
  const size = c * h * w;
  const cells = sets.flatMap(({ images, known, mean, draws }) => {
    const original = toBytes(images.data);
    const seen = original.map((value, i) => (known[i % (h * w)] === 1 ? value : HIDDEN));
    const made = [mean, ...draws].map(({ data }) => toBytes(data));
    return Array.from({ length: images.shape[0]! }, (_, row) =>
      [original, seen, ...made].map((bytes) => bytes.subarray(row * size, (row + 1) * size)),
    ).flat();
  });
  const pixels = new Uint8Array(cells.length * size);
  for (const [i, cell] of cells.entries()) pixels.set(cell, i * size);
  return sheet(pixels, [cells.length, c, h, w], { columns, scale: Math.max(1, Math.round(56 / h)) });
}
