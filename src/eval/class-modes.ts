import { DataError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';
import { requireProbabilities } from './inception-score.ts';

/** Which classes of the data the samples reach. */
export interface ClassModes {
  /** Classes of the data that are not missing: a count. */
  readonly present: number;
  /** Labels of the classes with under a tenth of their share in the data, ascending. */
  readonly missing: readonly number[];
  /** Samples of each class, in the order of the labels. */
  readonly histogram: readonly number[];
  /** Share of each class in the data; adds up to 1. */
  readonly dataShares: readonly number[];
  /** Total variation distance between the two histograms, `1/2 sum_c |p_c - q_c|`: the share of samples in the wrong class. */
  readonly totalVariation: number;
  /** What a reader has to know, a sentence each: all samples of one class, classes too rare for this many samples. */
  readonly notices: readonly string[];
  readonly protocol: {
    readonly fake: number;
    readonly real: number;
    readonly classes: number;
    readonly classifier: string;
    readonly missing: 'under 10 % of the share in the data';
  };
}

/** Options of `classModes`. */
export interface ClassModesOptions {
  /** Who assigned the samples to classes, for the reader. */
  readonly classifier: string;
  /** Names of the classes, for notices; default their numbers. */
  readonly classes?: readonly string[];
}

/** With fewer samples expected of a class, chance alone may leave it out: at 10 it does once in 22,000. */
const FEWEST_EXPECTED = 10;

/**
 * Class histogram of samples against the data's: mode coverage where the modes are classes. A class that a generator lost
 * is missing; within a class it may have lost variety all the same, which recall and coverage see.
 *
 * @param predicted - class of each sample by a classifier (`predictedClasses`), 0 or more, 1 sample or more
 * @param labels - class of each example of the data, at least two different ones
 * @throws DataError without samples, or with fewer than two classes in the data
 */
export function classModes(
  predicted: ArrayLike<number>,
  labels: ArrayLike<number>,
  { classifier, classes: names = [] }: ClassModesOptions,
): ClassModes {
  if (predicted.length === 0) throw new DataError('classModes: samples must be 1 or more, got 0');
  const length = Math.max(classCount('samples', predicted), classCount('data', labels), names.length);
  const histogram = counts(predicted, length);
  const data = counts(labels, length);
  const classes = data.flatMap((count, label) => (count > 0 ? [label] : []));
  if (classes.length < 2)
    throw new DataError(
      `classModes: labels of the data must name 2 classes or more, got ${classes.length === 0 ? 'none' : `only class ${classes[0]}`} in ${labels.length} examples. Classes cannot be missing from such data`,
    );
  const dataShares = data.map((count) => count / labels.length);
  const shares = histogram.map((count) => count / predicted.length);
  // Counts and not shares are compared: exactly a tenth is not missing, whatever 0.1 is in binary.
  const missing = classes.filter(
    (label) => 10 * histogram[label]! * labels.length < data[label]! * predicted.length,
  );
  const named = (label: number) => names[label] ?? String(label);
  const filled = histogram.flatMap((count, label) => (count > 0 ? [label] : []));
  const rare = classes.filter((label) => dataShares[label]! * predicted.length < FEWEST_EXPECTED);
  const notices = [
    ...(filled.length === 1 && predicted.length > 1
      ? [`All ${predicted.length} samples are of class ${named(filled[0]!)}.`]
      : []),
    ...(rare.length > 0
      ? [
          `${predicted.length} samples are too few to say that a class is missing for ${rare.map(named).join(', ')}: fewer than ${FEWEST_EXPECTED} of each are expected.`,
        ]
      : []),
  ];
  return {
    present: classes.length - missing.length,
    missing,
    histogram,
    dataShares,
    totalVariation: shares.reduce((sum, share, label) => sum + Math.abs(share - dataShares[label]!), 0) / 2,
    notices,
    protocol: {
      fake: predicted.length,
      real: labels.length,
      classes: classes.length,
      classifier,
      missing: 'under 10 % of the share in the data',
    },
  };
}

/**
 * The most probable class of each row; of equally probable ones the first.
 *
 * @param probabilities - float32 [n, C]
 * @returns uint32 [n]
 * @throws ShapeError or DataError if rows are no distributions over two classes or more
 */
export function predictedClasses(probabilities: Tensor<'float32'>): Uint32Array {
  const { count, classes } = requireProbabilities('predictedClasses', probabilities);
  return Uint32Array.from({ length: count }, (_, row) => {
    const values = probabilities.data.subarray(row * classes, (row + 1) * classes);
    return values.reduce((best, value, label) => (value > values[best]! ? label : best), 0);
  });
}

/** One more than the largest label. */
function classCount(name: string, labels: ArrayLike<number>): number {
  let most = -1;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (!(Number.isInteger(label) && label >= 0))
      throw new DataError(
        `classModes: classes of ${name} must be whole numbers from 0, got ${label} at ${i}`,
      );
    most = Math.max(most, label);
  }
  return most + 1;
}

function counts(labels: ArrayLike<number>, length: number): number[] {
  const counted = new Array<number>(length).fill(0);
  for (let i = 0; i < labels.length; i++) counted[labels[i]!]!++;
  return counted;
}
