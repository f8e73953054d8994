import { DataError } from '../errors.ts';

/** Whether samples are of the class that they were asked to be of. */
export interface ClassAccuracy {
  /** Share of the samples that the classifier names as asked, in [0, 1]; 1 / classes where the class changes nothing. */
  readonly value: number;
  /** `sqrt(p (1 - p) / (n + 3.84))` with p shrunk towards 1/2 as Agresti and Coull do, so that it is not 0 at 0 and 1. */
  readonly standardError: number;
  /** The same share of real test images by their labels: the classifier's own accuracy. */
  readonly testImages: number;
  /** For each class that was asked for, in the order of the labels. */
  readonly byClass: readonly {
    readonly label: number;
    readonly name: string;
    readonly value: number;
    readonly samples: number;
  }[];
  readonly protocol: {
    readonly samples: number;
    readonly testImages: number;
    readonly classes: number;
    readonly classifier: string;
  };
}

/** Classes of examples, and what a classifier made of them. */
export interface NamedExamples {
  /** By the classifier, `predictedClasses`. */
  readonly predicted: ArrayLike<number>;
  /** What they were to be, as many. */
  readonly labels: ArrayLike<number>;
}

/** What `classAccuracy` needs besides samples. */
export interface ClassAccuracyOptions {
  /** Real images that neither generator nor classifier was trained on. */
  readonly test: NamedExamples;
  /** Who named them, for the reader. */
  readonly classifier: string;
  /** Names of the classes. */
  readonly classes: readonly string[];
}

/** The 97.5 % quantile of the normal distribution, squared. */
const QUANTILE_SQUARED = 3.841459;

/**
 * Share of samples that a classifier names as the class they were asked to be of. Beside it stands the classifier's own
 * accuracy: a generator may come out above it, since its samples may be plainer than real images are.
 *
 * @throws DataError without samples or test images, where there are not as many labels as names, or a label has no class
 * @see Agresti and Coull 1998, https://doi.org/10.1080/00031305.1998.10480550, for the error
 */
export function classAccuracy(
  { predicted, labels }: NamedExamples,
  { test, classifier, classes }: ClassAccuracyOptions,
): ClassAccuracy {
  const samples = shares('samples', predicted, labels, classes.length);
  const real = shares('test images', test.predicted, test.labels, classes.length);
  const count = labels.length;
  const shrunk = (samples.right + QUANTILE_SQUARED / 2) / (count + QUANTILE_SQUARED);
  return {
    value: samples.right / count,
    standardError: Math.sqrt((shrunk * (1 - shrunk)) / (count + QUANTILE_SQUARED)),
    testImages: real.right / test.labels.length,
    byClass: classes.flatMap((name, label) => {
      const asked = samples.asked[label]!;
      return asked === 0 ? [] : [{ label, name, value: samples.named[label]! / asked, samples: asked }];
    }),
    protocol: { samples: count, testImages: test.labels.length, classes: classes.length, classifier },
  };
}

/** How many were asked for and named right, in all and by class. */
function shares(what: string, predicted: ArrayLike<number>, labels: ArrayLike<number>, classes: number) {
  if (labels.length === 0 || labels.length !== predicted.length)
    throw new DataError(
      `classAccuracy: ${what} must be one or more with a label each, got ${predicted.length} with ${labels.length} labels`,
    );
  const [asked, named] = [new Array<number>(classes).fill(0), new Array<number>(classes).fill(0)];
  let right = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (!(label < classes))
      throw new DataError(
        `classAccuracy: labels of ${what} must be from 0 to ${classes - 1}, got ${label} at ${i}`,
      );
    asked[label]!++;
    if (predicted[i] !== label) continue;
    named[label]!++;
    right++;
  }
  return { right, asked, named };
}
