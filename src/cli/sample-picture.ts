import { namedSets } from '../data/disk/registry.ts';
import { tablePlane } from '../data/table/table-plane.ts';
import type { Tensor } from '../graph/tensor.ts';
import { histogram } from '../io/histogram.ts';
import type { Image } from '../io/image.ts';
import { scatter } from '../io/scatter.ts';
import { sheet } from '../io/sheet.ts';
import { streamOf } from '../random/threefry.ts';
import type { RunRecord } from '../train/disk/run-record.ts';

/** Real points shown behind the samples. */
const REAL_POINTS = 2500;

/**
 * Samples as a picture: images in a grid as square as it can be, small ones enlarged; points on their first two axes, over
 * real ones where they come from a density; numbers as a histogram; rows of a table as `tablePlane` has them.
 *
 * @param columns - of the grid. Default: as many as make it square
 * @param samples - images as uint8 [N, C, H, W], points as float32 [N, d]
 */
export function samplePicture(
  { data, shape }: Tensor<'uint8'> | Tensor<'float32'>,
  dataset: RunRecord['dataset'],
  columns?: number,
): Image {
  if (data instanceof Uint8Array) {
    const [n, c, h, w] = shape as readonly [number, number, number, number];
    return sheet(data, [n, c, h, w], {
      ...(columns === undefined ? {} : { columns }),
      scale: n > 400 ? 1 : Math.max(1, Math.round(56 / h)),
    });
  }
  if (dataset.table) {
    const { dimension, points } = tablePlane(dataset.table, data);
    return dimension === 2 ? scatter(points) : histogram(points);
  }
  const [, dimension] = shape as readonly [number, number];
  const real = realPoints(dataset);
  return dimension === 1
    ? histogram(data, { real })
    : scatter(plane(data, dimension), { real: plane(real, dimension) });
}

/** The same points of a density every time; none of a finite set, whose files need not be here. */
function realPoints({ name, fingerprint, exampleShape }: RunRecord['dataset']): Float32Array {
  const set = namedSets.find((candidate) => candidate.name === name);
  if (set?.source !== 'density' || set.distribution.fingerprint !== fingerprint) return new Float32Array(0);
  const points = new Float32Array(REAL_POINTS * exampleShape[0]!);
  set.distribution.draw({ seed: 0, stream: streamOf('sheet/real') }, 0, points);
  return points;
}

/** The first two coordinates of points [N, d]. */
function plane(points: Float32Array, dimension: number): Float32Array {
  if (dimension === 2) return points;
  const count = points.length / dimension;
  return Float32Array.from({ length: 2 * count }, (_, i) => points[(i >> 1) * dimension + (i & 1)]!);
}
