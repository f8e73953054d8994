import { type Dataset, type FiniteDataset, isDistribution, trainingCount } from '../data/dataset.ts';
import type { Column } from '../data/table/table.ts';
import { tablePlane } from '../data/table/table-plane.ts';
import { histogram } from '../io/histogram.ts';
import type { Image } from '../io/image.ts';
import { scatter } from '../io/scatter.ts';
import { sheet } from '../io/sheet.ts';
import { streamOf } from '../random/threefry.ts';

/** What a data set is, in figures that can be compared with what its authors state. */
export interface DataSummary {
  readonly name: string;
  readonly kind: Dataset['kind'];
  readonly exampleShape: readonly number[];
  readonly dtype: 'uint8' | 'float32';
  /** Absent for a density, which is drawn from without end. */
  readonly counts?: { readonly train: number; readonly validation: number; readonly test: number };
  /** Over the training examples (of a density: 10,000 draws; of images that stay in a file: the first 64 MiB); one number for images, pixels in 0 ... 1; one per axis for points. */
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
  /** Of a table: its columns. */
  readonly columns?: readonly Column[];
  /** Training examples in each class. */
  readonly classes?: readonly { readonly name: string; readonly count: number }[];
  readonly fingerprint: string;
}

/** The training examples; of a density, draws that are the same each time. */
function trainingExamples(dataset: Dataset): Uint8Array | Float32Array {
  if (!isDistribution(dataset)) return dataset.train.examples;
  const points = new Float32Array(10_000 * dataset.exampleShape[0]);
  dataset.draw({ seed: 0, stream: streamOf('data/preview') }, 0, points);
  return points;
}

/** Mean and standard deviation of each of the `axes` interleaved sequences in `values`, times `unit`. */
function moments(values: Uint8Array | Float32Array, axes: number, unit: number) {
  const count = values.length / axes;
  const of = (axis: number) => {
    let sum = 0;
    let squares = 0;
    for (let i = axis; i < values.length; i += axes) {
      sum += values[i]!;
      squares += values[i]! ** 2;
    }
    const mean = sum / count;
    return [unit * mean, unit * Math.sqrt(Math.max(0, squares / count - mean ** 2))] as const;
  };
  const perAxis = Array.from({ length: axes }, (_, axis) => of(axis));
  return {
    mean: perAxis.map(([mean]) => mean),
    standardDeviation: perAxis.map(([, deviation]) => deviation),
  };
}

function classCounts({ train, stored, classes }: FiniteDataset): DataSummary['classes'] {
  const labelled = (stored ?? train).labels;
  if (!labelled) return undefined;
  const counts = new Map<number, number>();
  for (const label of labelled) counts.set(label, (counts.get(label) ?? 0) + 1);
  const labels = classes ? classes.keys() : [...counts.keys()].sort((a, b) => a - b);
  return Array.from(labels, (label) => ({
    name: classes?.[label] ?? `${label}`,
    count: counts.get(label) ?? 0,
  }));
}

/** Counts, moments and classes of a data set. */
export function summarise(dataset: Dataset): DataSummary {
  const examples = trainingExamples(dataset);
  const { name, kind, exampleShape, fingerprint } = dataset;
  const isBytes = examples instanceof Uint8Array;
  const base = {
    name,
    kind,
    exampleShape,
    dtype: isBytes ? ('uint8' as const) : ('float32' as const),
    ...moments(examples, kind === 'points' ? exampleShape[0]! : 1, isBytes ? 1 / 255 : 1),
    fingerprint,
  };
  if (isDistribution(dataset)) return base;
  const { validation, test } = dataset;
  const classes = classCounts(dataset);
  const counts = { train: trainingCount(dataset), validation: validation.count, test: test.count };
  return {
    ...base,
    counts,
    ...(dataset.table && { columns: dataset.table.columns }),
    ...(classes && { classes }),
  };
}

/** The first two coordinates of the first points `[n, d]`. */
function plane(points: Float32Array, dimension: number): Float32Array {
  const count = Math.min(2000, points.length / dimension);
  return Float32Array.from({ length: 2 * count }, (_, i) => points[(i >> 1) * dimension + (i & 1)]!);
}

/**
 * A picture of a data set: the first 100 training images as a sheet; the first 2,000 points on their first two axes;
 * points of one axis as a histogram.
 */
export function preview(dataset: Dataset): Image {
  const examples = trainingExamples(dataset);
  if (dataset.kind === 'points') {
    const dimension = dataset.exampleShape[0]!;
    const points = examples as Float32Array;
    if (!isDistribution(dataset) && dataset.table) {
      const plane = tablePlane(dataset.table, points);
      return plane.dimension === 2 ? scatter(plane.points.subarray(0, 4000)) : histogram(plane.points);
    }
    return dimension === 1 ? histogram(points) : scatter(plane(points, dimension));
  }
  const [channels, height, width] = dataset.exampleShape as readonly [number, number, number];
  const size = channels * height * width;
  const count = Math.min(100, examples.length / size);
  const shown = examples.subarray(0, count * size);
  const pixels =
    shown instanceof Uint8Array ? shown : Uint8Array.from(shown, (value) => Math.round(255 * value));
  return sheet(pixels, [count, channels, height, width], {
    scale: Math.max(1, Math.floor(64 / Math.max(height, width))),
  });
}
