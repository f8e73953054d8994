import { type Dataset, type FiniteDataset, isDistribution } from '../data/dataset.ts';
import type { Table } from '../data/table/table.ts';
import { elementCount } from '../graph/tensor.ts';

/** What a game takes from its data set: little enough to be kept in `config.json`, but for the means. */
export interface DatasetFacts {
  readonly name: string;
  readonly kind: Dataset['kind'];
  readonly exampleShape: readonly number[];
  /** Element type of the examples: uint8 pixels, or float32. */
  readonly dtype: 'uint8' | 'float32';
  /** How many classes the examples have; absent where they have none. */
  readonly classes?: number;
  /** Their names, in the order of the labels. Absent in runs of versions that did not keep them. */
  readonly classNames?: readonly string[];
  /** Of points that are the rows of a table: how they become rows again. */
  readonly table?: Table;
  /**
   * Mean of each pixel over the training set, in [0, 1]. Absent where there are no pixels, and where the data is not at
   * hand: networks then have no initial values, but can still be given trained ones.
   */
  meanPixels?(): Float64Array;
}

/** The facts of a data set that is at hand. */
export function datasetFacts(dataset: Dataset): DatasetFacts {
  const { name, kind, exampleShape } = dataset;
  if (isDistribution(dataset)) return { name, kind, exampleShape, dtype: 'float32' };
  const dtype = dataset.stored || dataset.train.examples instanceof Uint8Array ? 'uint8' : 'float32';
  const facts: DatasetFacts = {
    name,
    kind,
    exampleShape,
    dtype,
    ...(dataset.classes && dataset.train.labels
      ? { classes: dataset.classes.length, classNames: dataset.classes }
      : {}),
    ...(dataset.table ? { table: dataset.table } : {}),
  };
  return kind === 'images' ? { ...facts, meanPixels: () => meanPixels(dataset) } : facts;
}

function meanPixels({ train: { examples, count }, exampleShape }: FiniteDataset): Float64Array {
  const size = elementCount(exampleShape);
  const sums = new Float64Array(size);
  for (let i = 0, pixel = 0; i < examples.length; i++) {
    sums[pixel]! += examples[i]!;
    pixel = pixel + 1 === size ? 0 : pixel + 1;
  }
  const scale = 1 / (count * (examples instanceof Uint8Array ? 255 : 1));
  return sums.map((sum) => sum * scale);
}
