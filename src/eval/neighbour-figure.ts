import { DataError, ShapeError } from '../errors.ts';
import { elementCount, type Tensor } from '../graph/tensor.ts';
import type { Image } from '../io/image.ts';
import { sheet } from '../io/sheet.ts';
import type { Session } from '../runtime/session.ts';
import { nearestNeighbours, rowsOf } from './distances.ts';
import { requirePixels, requireSamples } from './sample-check.ts';

/** How the figure is laid out. */
export interface NeighbourFigureOptions {
  /** Rows of samples; default 4, as released. */
  readonly rows?: number;
  /** Samples in each row; default 5, as released. The neighbour comes after them. */
  readonly columns?: number;
  /** Pixels of the figure per pixel of an image, a whole number; default 2. */
  readonly scale?: number;
}

/** The figure and what its last column shows. */
export interface NeighbourFigure {
  /** 3 channels. */
  readonly image: Image;
  /** Number of the training image at the end of each row, from the top. */
  readonly nearest: readonly number[];
}

/** Pixels of an image between cells and around all: half of it is the box around a neighbour. */
const gap = 2;
/** The yellow of the paper's boxes. */
const boxColour = [255, 221, 0] as const;

/**
 * The paper's figure 2: rows of samples as they were drawn, and in a box at the end of each row the training image that is
 * nearest in pixels to the sample beside it, so that a reader sees whether samples are copies.
 *
 * @param samples - float32 [n, d] in [0, 1]; the first rows x columns of them are shown, none chosen
 * @param training - float32 [m, d] in [0, 1]
 * @param shape - [C, H, W] of an image, C 1 or 3
 * @throws DataError if there are fewer samples than the figure shows; ShapeError where sizes do not fit
 * @see Goodfellow et al. 2014, figure 2; the released figure scripts
 */
export async function neighbourFigure(
  session: Session,
  samples: Tensor<'float32'>,
  training: Tensor<'float32'>,
  shape: readonly number[],
  { rows = 4, columns = 5, scale = 2 }: NeighbourFigureOptions = {},
): Promise<NeighbourFigure> {
  const [channels, height, width] = imageSize(shape);
  const dimension = elementCount(shape);
  requireSamples('neighbourFigure', samples, { name: 'samples', dimension });
  requireSamples('neighbourFigure', training, { name: 'training images', dimension });
  if (samples.shape[0]! < rows * columns)
    throw new DataError(
      `neighbourFigure: samples must be ${rows * columns} or more, for ${rows} rows of ${columns}, got ${samples.shape[0]}`,
    );
  const drawn = rowsOf(samples, 0, rows * columns);
  requirePixels('neighbourFigure', 'samples', drawn);

  const cells = new Float32Array(rows * (columns + 1) * dimension);
  const beside = new Float32Array(rows * dimension);
  for (let row = 0; row < rows; row++) {
    const ofRow = rowsOf(drawn, row * columns, (row + 1) * columns).data;
    cells.set(ofRow, row * (columns + 1) * dimension);
    beside.set(ofRow.subarray((columns - 1) * dimension), row * dimension);
  }
  const asked: Tensor<'float32'> = { dtype: 'float32', shape: [rows, dimension], data: beside };
  const { indices } = await nearestNeighbours(session, asked, training, 1);
  for (const [row, index] of indices.entries())
    cells.set(rowsOf(training, index, index + 1).data, (row * (columns + 1) + columns) * dimension);

  const image = sheet(asColours(cells, channels, height * width), [rows * (columns + 1), 3, height, width], {
    columns: columns + 1,
    gap,
    scale,
  });
  const [stepX, stepY] = [(width + gap) * scale, (height + gap) * scale];
  const border = (gap * scale) / 2;
  for (let row = 0; row < rows; row++)
    box(image, columns * stepX + border, row * stepY + border, stepX, stepY, border);
  return { image, nearest: [...indices] };
}

function imageSize(shape: readonly number[]): readonly [number, number, number] {
  const [channels = 0, height = 0, width = 0] = shape;
  if (shape.length !== 3 || !(channels === 1 || channels === 3) || height < 1 || width < 1)
    throw new ShapeError(
      `neighbourFigure: an image must be [C, H, W] with 1 or 3 channels, got [${shape.join(', ')}]`,
    );
  return [channels, height, width];
}

/** Planar pixels in [0, 1] as bytes in three planes; grey goes into all of them. */
function asColours(pixels: Float32Array, channels: number, plane: number): Uint8Array {
  const count = pixels.length / (channels * plane);
  const bytes = new Uint8Array(count * 3 * plane);
  for (let cell = 0; cell < count; cell++)
    for (let channel = 0; channel < 3; channel++) {
      const from = (cell * channels + (channels === 1 ? 0 : channel)) * plane;
      const to = (cell * 3 + channel) * plane;
      for (let at = 0; at < plane; at++) bytes[to + at] = Math.round(255 * pixels[from + at]!);
    }
  return bytes;
}

/** A frame of `border` pixels inside the rectangle. */
function box(image: Image, left: number, top: number, width: number, height: number, border: number): void {
  for (let y = top; y < top + height; y++)
    for (let x = left; x < left + width; x++) {
      const inside =
        x >= left + border && x < left + width - border && y >= top + border && y < top + height - border;
      if (!inside) image.data.set(boxColour, (y * image.width + x) * 3);
    }
}
