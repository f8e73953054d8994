import type { ExampleSet, FiniteDataset } from '../src/data/dataset.ts';
import { DataError } from '../src/errors.ts';
import type { ImageMeasures } from '../src/evaluation/evaluation.ts';
import type { Tensor } from '../src/graph/tensor.ts';
import { permutation } from '../src/random/permutation.ts';
import { type Key, streamOf } from '../src/random/threefry.ts';
import { markdownTable } from './markdown-table.ts';

// Real images in the place of a generator's samples, as they are and with one kind of error put in at a time: which
// measures move shows what each of them sees. scripts/write-injected-errors.ts writes the table of docs/measures.md.

/** Samples with one kind of error, or with none. */
export interface InjectedError {
  readonly name: 'none' | 'classes removed' | 'blurred' | 'copied';
  /** What was done, for the head of a column. */
  readonly what: string;
  /** float32 [n, d] in [0, 1] */
  readonly samples: Tensor<'float32'>;
}

/** What stands in for samples, and what they are measured against. */
export interface InjectionData {
  /** The data set with its parts dealt out anew: `pool` is in none of them. */
  readonly dataset: FiniteDataset;
  /** Real images that play the samples. */
  readonly pool: ExampleSet;
}

/**
 * The validation images as samples; of the test images every other one as real, the rest in place of the validation images.
 * Alternating ones, because MNIST's first 5,000 test images are of other writers than the rest.
 */
export function injectionData(dataset: FiniteDataset): InjectionData {
  const half = (first: number) => {
    const rows = Uint32Array.from({ length: Math.floor(dataset.test.count / 2) }, (_, i) => 2 * i + first);
    return chosen(dataset.test, rows);
  };
  return { dataset: { ...dataset, test: half(0), validation: half(1) }, pool: dataset.validation };
}

/**
 * The same number of samples for each kind of error: none; only the first half of the classes; blurred with a deviation of one
 * pixel; copies of training images.
 *
 * @param count - samples of each kind
 * @throws DataError where the pool has too few images of the first half of the classes, or no labels
 */
export function injectErrors(
  { dataset, pool }: InjectionData,
  { count, seed }: { readonly count: number; readonly seed: number },
): InjectedError[] {
  const { labels, count: available } = pool;
  if (!labels) throw new DataError('injectErrors: images must have labels, got none');
  const key = (name: string): Key => ({ seed, stream: streamOf(`injected/${name}`) });
  const order = permutation(key('pool'), 0, available);
  const classes = 1 + labels.reduce((most, label) => Math.max(most, label), 0);
  const kept = Math.ceil(classes / 2);
  const ofKept = order.filter((row) => labels[row]! < kept);
  if (ofKept.length < count)
    throw new DataError(
      `injectErrors: the pool must have ${count} images of classes 0 to ${kept - 1}, got ${ofKept.length}`,
    );
  const some = pixelsOf(chosen(pool, order.subarray(0, count)));
  const copied = permutation(key('copies'), 0, dataset.train.count).subarray(0, count);
  return [
    { name: 'none', what: 'real images', samples: some },
    {
      name: 'classes removed',
      what: `only classes 0 to ${kept - 1}`,
      samples: pixelsOf(chosen(pool, ofKept.subarray(0, count))),
    },
    { name: 'blurred', what: 'blurred', samples: blurred(some, dataset.exampleShape) },
    { name: 'copied', what: 'training images', samples: pixelsOf(chosen(dataset.train, copied)) },
  ];
}

/** Rows of a set by number. */
function chosen({ count, examples, labels }: ExampleSet, rows: Uint32Array): ExampleSet {
  const size = examples.length / count;
  const picked =
    examples instanceof Uint8Array
      ? new Uint8Array(rows.length * size)
      : new Float32Array(rows.length * size);
  for (const [to, from] of rows.entries())
    picked.set(examples.subarray(from * size, (from + 1) * size), to * size);
  return {
    count: rows.length,
    examples: picked,
    ...(labels && { labels: Uint8Array.from(rows, (row) => labels[row]!) }),
  };
}

function pixelsOf({ count, examples }: ExampleSet): Tensor<'float32'> {
  const unit = examples instanceof Uint8Array ? 1 / 255 : 1;
  const data = Float32Array.from(examples, (value) => value * unit);
  return { dtype: 'float32', shape: [count, data.length / count], data };
}

/** Convolved twice with (1 2 1)/4 in both directions, which has a deviation of one pixel; black beyond the border. */
function blurred({ shape, data }: Tensor<'float32'>, exampleShape: readonly number[]): Tensor<'float32'> {
  const [height = 1, width = 1] = exampleShape.slice(1);
  let result = data;
  for (const step of [1, width, 1, width]) {
    const before = result;
    const length = step === 1 ? width : height;
    const at = (i: number, place: number) => (place >= 0 && place < length ? before[i]! : 0);
    result = before.map((value, i) => {
      const place = Math.floor(i / step) % length;
      return value / 2 + (at(i - step, place - 1) + at(i + step, place + 1)) / 4;
    });
  }
  return { dtype: 'float32', shape, data: result };
}

interface Column {
  readonly title: string;
  readonly read: (measures: ImageMeasures) => Reading | undefined;
}

interface Reading {
  readonly value: number;
  readonly text: string;
  /** How far it may lie from the reading without errors before it counts as moved. */
  readonly margin: number;
}

const reading = (value: number | undefined, digits: number, margin: number): Reading | undefined =>
  value === undefined ? undefined : { value, text: value.toFixed(digits), margin };

/** In the order of the table. A margin is five standard errors where there are any, else one that real images stay within. */
const measured: readonly Column[] = [
  { title: 'classes present', read: ({ modes }) => reading(modes?.present, 0, 0) },
  { title: 'recall', read: ({ recall }) => reading(recall?.value, 3, 0.05) },
  { title: 'coverage', read: ({ coverage }) => reading(coverage?.value, 3, 0.05) },
  { title: 'precision', read: ({ precision }) => reading(precision?.value, 3, 0.05) },
  { title: 'density', read: ({ density }) => reading(density?.value, 3, 0.1) },
  {
    title: 'near duplicates, %',
    read: ({ neighbours }) =>
      neighbours && reading((100 * neighbours.nearDuplicates) / neighbours.protocol.samples, 1, 1),
  },
  {
    title: 'median distance ratio',
    read: ({ neighbours }) => reading(neighbours?.medianDistanceRatio, 3, 0.15),
  },
  {
    title: 'Fréchet distance',
    read: ({ frechet }) => frechet && reading(frechet.value, 2, frechetMargin(frechet)),
  },
  {
    title: 'kernel distance',
    read: ({ kernel }) => reading(kernel?.value, 4, 5 * (kernel?.standardError ?? 0)),
  },
  {
    title: 'two-sample JSD, nats',
    read: ({ twoSample }) => reading(twoSample?.jsd, 3, 0.05),
  },
  {
    title: 'Inception-style score',
    read: ({ inceptionScore }) => reading(inceptionScore?.value, 2, 5 * (inceptionScore?.standardError ?? 0)),
  },
  {
    title: 'Parzen log-likelihood, nats',
    read: ({ parzen }) => reading(parzen?.logLikelihood, 1, 5 * (parzen?.standardError ?? 0)),
  },
];

/** What half as many vectors add to the distance by themselves, twice over. */
function frechetMargin({
  value,
  valueAtHalf,
}: {
  readonly value: number;
  readonly valueAtHalf: number;
}): number {
  return 2 * Math.abs(valueAtHalf - value);
}

/** A measurement of one kind of error. */
export interface MeasuredError {
  readonly error: InjectedError;
  readonly measures: ImageMeasures;
}

/** Titles of the measures that a kind of error moved away from what real images get. */
export function moved(control: ImageMeasures, measures: ImageMeasures): string[] {
  return measured.flatMap(({ title, read }) => {
    const [before, after] = [read(control), read(measures)];
    return before && after && isMoved(before, after) ? [title] : [];
  });
}

/** By more than the margin without errors, so that an error cannot widen its own. */
const isMoved = (before: Reading, after: Reading): boolean =>
  Math.abs(after.value - before.value) > before.margin;

/** The measures as rows, the kinds of error as columns, in bold what moved. */
export function injectedErrorsTable(rows: readonly MeasuredError[]): string {
  const control = rows.find(({ error }) => error.name === 'none')!.measures;
  const body = measured.flatMap(({ title, read }) => {
    const before = read(control);
    if (!before) return [];
    const cells = rows.map(({ measures }) => {
      const after = read(measures);
      if (!after) return '';
      return isMoved(before, after) ? `**${after.text}**` : after.text;
    });
    return [[title, ...cells]];
  });
  return markdownTable([['measure', ...rows.map(({ error }) => error.what)], ...body]);
}
