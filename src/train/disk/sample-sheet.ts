import { type Dataset, isDistribution } from '../../data/dataset.ts';
import { tablePlane } from '../../data/table/table-plane.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { histogram } from '../../io/histogram.ts';
import type { Image } from '../../io/image.ts';
import { scatter } from '../../io/scatter.ts';
import { sheet } from '../../io/sheet.ts';
import { streamOf } from '../../random/threefry.ts';

/** Real points shown behind the samples. */
const REAL_POINTS = 2500;

/** How many samples a sheet shows: a grid of 100 images, or as many points as tell a density. */
export function sheetSize(dataset: Pick<Dataset, 'kind'>): number {
  return dataset.kind === 'images' ? 100 : 2500;
}

/** Pixels in [0, 1] as bytes, rounded to the nearest. */
export function toBytes(samples: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(samples.length);
  // A loop: `Uint8Array.from` with a function takes 20 times as long, more than generating the samples.
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.round(Math.min(Math.max(samples[i]!, 0), 1) * 255);
  return bytes;
}

/**
 * Samples as a picture: a grid of images, a scatter of points in the plane over real ones, or a histogram of numbers; rows of
 * a table as `tablePlane` has them.
 *
 * @param samples - float32 [N, C, H, W] in [0, 1], [N, d]
 */
export function drawSheet({ data, shape }: Tensor<'float32'>, dataset: Dataset): Image {
  if (dataset.kind === 'images') {
    const [n, c, h, w] = shape as readonly [number, number, number, number];
    return sheet(toBytes(data), [n, c, h, w], { columns: 10, scale: Math.max(1, Math.round(56 / h)) });
  }
  const real = realPoints(dataset);
  if (!isDistribution(dataset) && dataset.table) {
    const { dimension, points } = tablePlane(dataset.table, data);
    const behind = { real: tablePlane(dataset.table, real).points };
    return dimension === 2 ? scatter(points, behind) : histogram(points, behind);
  }
  return shape[1] === 2 ? scatter(data, { real }) : histogram(data, { real });
}

/** The same real points every time. */
function realPoints(dataset: Dataset): Float32Array {
  const size = dataset.exampleShape[0]!;
  if (!isDistribution(dataset))
    return Float32Array.from(dataset.train.examples.subarray(0, REAL_POINTS * size));
  const points = new Float32Array(REAL_POINTS * size);
  dataset.draw({ seed: 0, stream: streamOf('sheet/real') }, 0, points);
  return points;
}
