import { ConfigError, DataError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';
import { permutation } from '../random/permutation.ts';
import { streamOf } from '../random/threefry.ts';
import { requireSamples } from './sample-check.ts';

/** An Inception-style score with its error. */
export interface InceptionScore {
  /** From 1 (every sample alike to the classifier) to the number of classes (each certain, all equally often). */
  readonly value: number;
  /** Standard deviation between the splits divided by the root of their number; 0 for one split. */
  readonly standardError: number;
  readonly protocol: {
    readonly fake: number;
    readonly classes: number;
    readonly classifier: string;
    readonly splits: number;
    readonly seed: number;
  };
}

/** Options of `inceptionScore`. */
export interface InceptionOptions {
  /** Whose probabilities these are, for the reader. */
  readonly classifier: string;
  /** Default 10, the paper's; the score is the mean over them. */
  readonly splits?: number;
  /** Which samples make up which split; default 0. Random ones, since samples may be in the order of their classes. */
  readonly seed?: number;
}

/** How far from 1 the probabilities of one sample may add up: float32 over a thousand classes. */
const SUM_TOLERANCE = 1e-3;

/**
 * Inception-style score, `exp(mean_i KL(p(y|x_i) || p(y)))` with p(y) the mean over the samples of a split.
 *
 * It knows the data only through the classifier: one perfect image for each class scores best of all. Scores of different
 * classifiers cannot be compared, and only Inception's is the published one.
 *
 * @param probabilities - float32 [n, C], class probabilities of the samples, 2 classes or more, 2 samples per split or more
 * @throws DataError if rows are no probabilities or there are too few; ConfigError if `splits` is no whole number from 1
 * @see Salimans et al. 2016, section 4, https://arxiv.org/abs/1606.03498; Barratt and Sharma 2018 for what it does not
 *   measure, https://arxiv.org/abs/1801.01973
 */
export function inceptionScore(
  probabilities: Tensor<'float32'>,
  { classifier, splits = 10, seed = 0 }: InceptionOptions,
): InceptionScore {
  if (!(Number.isInteger(splits) && splits >= 1))
    throw new ConfigError(`inceptionScore: splits must be a whole number from 1, got ${splits}`);
  const { count, classes } = requireProbabilities('inceptionScore', probabilities, {
    least: 2 * splits,
    leastFor: `2 in each of ${splits} splits`,
  });
  const order = permutation({ seed, stream: streamOf('inception/splits') }, 0, count);
  const scores = Array.from({ length: splits }, (_, split) => {
    const from = Math.floor((split * count) / splits);
    const to = Math.floor(((split + 1) * count) / splits);
    return scoreOf(probabilities.data, order.subarray(from, to), classes);
  });
  const value = scores.reduce((sum, score) => sum + score, 0) / splits;
  const squares = scores.reduce((sum, score) => sum + (score - value) ** 2, 0);
  return {
    value,
    standardError: splits > 1 ? Math.sqrt(squares / (splits - 1) / splits) : 0,
    protocol: { fake: count, classes, classifier, splits, seed },
  };
}

/**
 * Throws unless each row is a distribution over two classes or more.
 *
 * @returns numbers of rows and classes
 */
export function requireProbabilities(
  caller: string,
  probabilities: Tensor<'float32'>,
  demands: { readonly least?: number; readonly leastFor?: string } = {},
): { readonly count: number; readonly classes: number } {
  const name = 'class probabilities';
  const { count, dimension: classes } = requireSamples(caller, probabilities, { name, ...demands });
  if (classes < 2)
    throw new DataError(`${caller}: ${name} must be those of 2 classes or more, got ${classes}`);
  for (let row = 0; row < count; row++) {
    const values = probabilities.data.subarray(row * classes, (row + 1) * classes);
    const sum = values.reduce((total, value) => total + value, 0);
    if (Math.abs(sum - 1) > SUM_TOLERANCE || values.some((value) => value < 0))
      throw new DataError(
        `${caller}: ${name} must be at least 0 and add up to 1, got a sum of ${sum} and a least of ${Math.min(...values)} in row ${row}. Apply softmax to logits`,
      );
  }
  return { count, classes };
}

/** exp of the mean KL of some rows from their mean; 0 log 0 is 0. */
function scoreOf(probabilities: Float32Array, rows: Uint32Array, classes: number): number {
  const marginal = new Float64Array(classes);
  let negativeEntropies = 0;
  for (const row of rows)
    for (let c = 0; c < classes; c++) {
      const p = probabilities[row * classes + c]!;
      marginal[c]! += p / rows.length;
      if (p > 0) negativeEntropies += p * Math.log(p);
    }
  // mean_i sum_c p log(p / m) = mean_i sum_c p log p - sum_c m log m.
  const marginalNegativeEntropy = marginal.reduce((sum, p) => (p > 0 ? sum + p * Math.log(p) : sum), 0);
  return Math.exp(negativeEntropies / rows.length - marginalNegativeEntropy);
}
