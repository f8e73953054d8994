import { ShapeError } from '../errors.ts';
import { div, exp, log, mul, sub } from '../graph/functions/elementwise.ts';
import { gemm } from '../graph/functions/linear-algebra.ts';
import { maxOver, sum } from '../graph/functions/reductions.ts';
import { concat, gather } from '../graph/functions/shaping.ts';
import { encodeModel } from '../graph/onnx/encode.ts';
import { simplify } from '../graph/simplify.ts';
import type { Tensor } from '../graph/tensor.ts';
import { input, scalar, type Value, type Values } from '../graph/value.ts';
import type { Session } from '../runtime/session.ts';
import { columnMeans, comparedShapes, forget, rowsOf } from './distances.ts';

/** Bandwidths that the released code tries: `numpy.logspace(-1, 0, 10)`, from 0.1 to 1. */
export const releasedSigmas: readonly number[] = Array.from({ length: 10 }, (_, i) => 10 ** (-1 + i / 9));

/** A mean log-likelihood with its error, in nats. */
export interface LogLikelihood {
  readonly logLikelihood: number;
  /** Standard deviation over the test images divided by the square root of their number. */
  readonly standardError: number;
  readonly sigma: number;
}

/** The Parzen window estimate of a set of samples. */
export interface ParzenEstimate extends LogLikelihood {
  /** The bandwidth is the smallest or the largest of the grid: a better one may lie outside. */
  readonly sigmaAtGridEdge: boolean;
  /** The same with the bandwidth refined between the grid's points, by golden section on the validation images. */
  readonly fine: LogLikelihood;
  readonly protocol: {
    readonly samples: number;
    readonly validation: number;
    readonly test: number;
    readonly dimension: number;
    readonly sigmas: readonly number[];
  };
}

/** The images of an estimate, pixels in [0, 1]. */
export interface ParzenInputs {
  /** float32 [n, d]; 10,000 in the paper. */
  readonly samples: Tensor<'float32'>;
  /** float32 [v, d]; the bandwidth is chosen on the first 1,000, as released. */
  readonly validation: Tensor<'float32'>;
  /** float32 [t, d] */
  readonly test: Tensor<'float32'>;
  /** Default: `releasedSigmas`. Ascending. */
  readonly sigmas?: readonly number[];
}

const PROGRAM = 'parzen';
const STATES = ['parzen/samples'];
const VALIDATION_IMAGES = 1000;

/** Numbers of one block: 16 MB, found by trying. Smaller ones copy the samples into panels more often, larger ones gain nothing. */
const BLOCK_ELEMENTS = 2 ** 22;

/**
 * Parzen window log-likelihood by the authors' released protocol: a Gaussian of deviation sigma on each sample, sigma from
 * a grid by the mean log-likelihood of the first 1,000 validation images, then the mean over all test images,
 * `log p(x) = log mean_i exp(-|x - s_i|^2 / (2 sigma^2)) - d log(sigma sqrt(2 pi))`.
 *
 * The measure has high variance and does badly in high dimensions (the paper says so itself); centroids of k-means score
 * above real images (Theis et al. 2016). Read it beside `parzenBaselines`.
 *
 * @param session - where the products run; two emptied states and a program stay in it until it is released
 * @throws ShapeError where the sets do not fit each other or the grid is empty; ExecutionError where the device fails
 * @see Goodfellow et al. 2014, section 5; `parzen_ll.py` of the released code
 */
export async function parzenEstimate(session: Session, inputs: ParzenInputs): Promise<ParzenEstimate> {
  const { samples, test, sigmas = releasedSigmas } = inputs;
  if (sigmas.length === 0)
    throw new ShapeError('parzenEstimate: sigmas must name at least one bandwidth, got none');
  const validation = rowsOf(inputs.validation, 0, Math.min(VALIDATION_IMAGES, inputs.validation.shape[0]!));
  const window = await ParzenWindow.open(session, samples);
  try {
    const scores = (await window.logLikelihoods(validation, sigmas)).map(average);
    const best = scores.indexOf(Math.max(...scores));
    const sigma = sigmas[best]!;
    const fineSigma = await refine(window, validation, sigmas, best);
    const [coarse, fine] = (await window.logLikelihoods(test, [sigma, fineSigma])).map(summary);
    return {
      ...coarse!,
      sigma,
      sigmaAtGridEdge: sigmas.length > 1 && (best === 0 || best === sigmas.length - 1),
      fine: { ...fine!, sigma: fineSigma },
      protocol: {
        samples: samples.shape[0]!,
        validation: validation.shape[0]!,
        test: test.shape[0]!,
        dimension: samples.shape[1]!,
        sigmas,
      },
    };
  } finally {
    await window.close();
  }
}

/**
 * Log-likelihood of each row under a Parzen window of known bandwidth.
 *
 * @param samples - float32 [n, d]
 * @param x - float32 [m, d]
 * @param sigma - positive
 * @returns float64 [m], in nats
 * @throws ShapeError where the sets do not fit each other or sigma is not positive
 */
export async function parzenLogLikelihoods(
  session: Session,
  samples: Tensor<'float32'>,
  x: Tensor<'float32'>,
  sigma: number,
): Promise<Float64Array> {
  const window = await ParzenWindow.open(session, samples);
  try {
    return (await window.logLikelihoods(x, [sigma]))[0]!;
  } finally {
    await window.close();
  }
}

/** Samples that wait in a session for rows to be scored against them. */
class ParzenWindow {
  readonly #session: Session;
  readonly #samples: Tensor<'float32'>;
  readonly #centre: Float64Array;
  #compiled = 0;

  private constructor(session: Session, samples: Tensor<'float32'>, centre: Float64Array) {
    this.#session = session;
    this.#samples = samples;
    this.#centre = centre;
  }

  static async open(session: Session, samples: Tensor<'float32'>): Promise<ParzenWindow> {
    comparedShapes('parzen', samples, samples);
    // Distances do not change when both sets are centred, and float32 keeps its digits for the differences.
    const centre = columnMeans(samples);
    const { extended } = extend(samples, centre, (squaredNorm) => -squaredNorm / 2);
    await session.writeState({ 'parzen/samples': extended });
    return new ParzenWindow(session, samples, centre);
  }

  /** Log-likelihood of each row of `x` for each bandwidth: one float64 [m] per sigma. */
  async logLikelihoods(x: Tensor<'float32'>, sigmas: readonly number[]): Promise<Float64Array[]> {
    const { rows, dimension, columns: n } = comparedShapes('parzen', x, this.#samples);
    for (const sigma of sigmas)
      if (!(sigma > 0)) throw new ShapeError(`parzen: sigma must be positive, got ${sigma}`);
    if (this.#compiled !== sigmas.length) await this.#session.compile(program(n, dimension, sigmas.length));
    this.#compiled = sigmas.length;
    const inverse = sigmas.map((sigma) => 1 / sigma ** 2);
    const results = sigmas.map(() => new Float64Array(rows));
    const size = Math.max(1, Math.floor(BLOCK_ELEMENTS / n));
    const prepare = (first: number) =>
      extend(rowsOf(x, first, Math.min(rows, first + size)), this.#centre, () => 1);
    let next = prepare(0);
    for (let first = 0; first < rows; first += size) {
      const { extended, squaredNorms } = next;
      const inverseVariances: Tensor = {
        dtype: 'float32',
        shape: [sigmas.length],
        data: Float32Array.from(inverse),
      };
      const running = this.#session.run(PROGRAM, { x: extended, inverseVariances });
      // In a session that has a thread of its own, while it computes.
      if (first + size < rows) next = prepare(first + size);
      const { top, logSums } = await running;
      for (const [i, sigma] of sigmas.entries()) {
        const normaliser = Math.log(n) + dimension * Math.log(sigma * Math.sqrt(2 * Math.PI));
        for (let row = 0; row < squaredNorms.length; row++) {
          const nearest = ((top!.data[row] as number) - squaredNorms[row]! / 2) * inverse[i]!;
          const sums = logSums!.data[row * sigmas.length + i] as number;
          results[i]![first + row] = nearest + sums - normaliser;
        }
      }
    }
    return results;
  }

  close(): Promise<void> {
    return forget(this.#session, STATES);
  }
}

/**
 * For rows `x` and samples `s`: the largest energy `x . s_i - |s_i|^2 / 2` of each row, and for each bandwidth the
 * logarithm of the summed exponentials around it. What is left, `-|x|^2 / 2`, is the same for all samples.
 */
function program(n: number, dimension: number, sigmas: number) {
  const x = input('x', 'float32', ['N', dimension + 1]);
  const samples = input('parzen/samples', 'float32', [n, dimension + 1]);
  const inverseVariances = input('inverseVariances', 'float32', [sigmas]);
  const inverse = (i: number): Value => gather(inverseVariances, scalar(i, 'int64'));
  const outputs = sigmas === 1 ? one() : several();
  const carried = STATES.map((name) => ({ name, input: name }));
  return { name: PROGRAM, model: encodeModel({ name: PROGRAM, outputs: simplify(outputs) }).bytes, carried };

  /** The factor goes into the small operand of the product, which saves a pass over all pairs. */
  function one(): Values {
    const factor = inverse(0);
    const scaled = gemm(mul(x, factor), samples, undefined, { transB: true });
    const top = maxOver(scaled, { axes: [1], keepDims: true });
    return { top: div(top, factor), logSums: logSum(sub(scaled, top)) };
  }

  /** One product for all bandwidths. */
  function several(): Values {
    const energies = gemm(x, samples, undefined, { transB: true });
    const top = maxOver(energies, { axes: [1], keepDims: true });
    const below = sub(energies, top);
    return {
      top,
      logSums: concat(
        Array.from({ length: sigmas }, (_, i) => logSum(mul(below, inverse(i)))),
        1,
      ),
    };
  }
}

/**
 * Centred rows with one more column, in one pass. `[x, 1] . [s, -|s|^2 / 2]` is the energy of a pair in a single product: a
 * bias would be copied to all pairs first and read again.
 *
 * @param column - what a row of this squared norm gets there
 */
function extend(
  { shape, data }: Tensor<'float32'>,
  centre: Float64Array,
  column: (squaredNorm: number) => number,
): { readonly extended: Tensor<'float32'>; readonly squaredNorms: Float64Array } {
  const [rows, width] = [shape[0]!, shape[1]!];
  const wider = new Float32Array(rows * (width + 1));
  const squaredNorms = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const [from, to] = [row * width, row * (width + 1)];
    let sum = 0;
    for (let i = 0; i < width; i++) {
      const difference = Math.fround(data[from + i]! - centre[i]!);
      wider[to + i] = difference;
      sum += difference * difference;
    }
    squaredNorms[row] = sum;
    wider[to + width] = column(sum);
  }
  return { extended: { dtype: 'float32', shape: [rows, width + 1], data: wider }, squaredNorms };
}

/** `log sum exp` over the samples; no term exceeds 0, and one is 0. */
function logSum(exponents: Value): Value {
  return log(sum(exp(exponents), { axes: [1], keepDims: true }));
}

/** Golden section on log sigma between the neighbours of the grid's best, or twice as far out where it is at the edge. */
async function refine(
  window: ParzenWindow,
  validation: Tensor<'float32'>,
  sigmas: readonly number[],
  best: number,
): Promise<number> {
  const score = async (logSigma: number) =>
    average((await window.logLikelihoods(validation, [Math.exp(logSigma)]))[0]!);
  const golden = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(sigmas[best - 1] ?? sigmas[best]! / 2);
  let high = Math.log(sigmas[best + 1] ?? sigmas[best]! * 2);
  let [left, right] = [high - golden * (high - low), low + golden * (high - low)];
  let [atLeft, atRight] = [await score(left), await score(right)];
  // To a thousandth of sigma: the curve is flat at its top, so a finer one would change no digit that is printed.
  while (high - low > 1e-3) {
    if (atLeft >= atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - golden * (high - low);
      atLeft = await score(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + golden * (high - low);
      atRight = await score(right);
    }
  }
  return Math.exp((low + high) / 2);
}

function average(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

function summary(values: Float64Array): { logLikelihood: number; standardError: number } {
  const mean = average(values);
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
  return { logLikelihood: mean, standardError: Math.sqrt(variance / values.length) };
}
