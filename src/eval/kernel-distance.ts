import { gemm } from '../graph/functions/linear-algebra.ts';
import { encodeModel } from '../graph/onnx/encode.ts';
import { simplify } from '../graph/simplify.ts';
import type { Tensor } from '../graph/tensor.ts';
import { input } from '../graph/value.ts';
import type { Session } from '../runtime/session.ts';
import { forget, rowsOf } from './distances.ts';
import { requireSamples } from './sample-check.ts';

/** A kernel distance with its error. */
export interface KernelDistance {
  /** Unbiased estimate of MMD^2: 0 on average for equal distributions, so that it may fall below 0. */
  readonly value: number;
  /** By the jackknife over single vectors of both sets; up to 1.41 times too large where the distributions are equal. */
  readonly standardError: number;
  readonly protocol: {
    readonly real: number;
    readonly fake: number;
    readonly features: string;
    readonly dimension: number;
    readonly kernel: '(x.y / d + 1)^3';
    readonly estimator: 'unbiased, all pairs; error by jackknife';
  };
}

const PROGRAM = 'scaledProducts';
const STATE = 'scaledProducts/b';
/** Numbers of one block of products: 16 MB. */
const BLOCK_ELEMENTS = 2 ** 22;

/**
 * Kernel distance (KID on Inception's features): the squared maximum mean discrepancy with the kernel
 * `k(x, y) = (x.y / d + 1)^3`, `mean_{i!=j} k(x_i, x_j) + mean_{i!=j} k(y_i, y_j) - 2 mean_{ij} k(x_i, y_j)`.
 *
 * KID as published averages the same estimate over 100 random subsets of 1,000 vectors. All pairs at once have the same
 * expected value and less variance, need no seed, and their error bar is one of the value itself: each vector is left out in
 * turn and the estimate made without it, which takes no more than sums of rows.
 *
 * @param session - where the products run; a program and an emptied state named after them stay in it until it is released
 * @param real - float32 [n, d], 3 or more that are not all equal
 * @param fake - float32 [m, d], 3 or more
 * @param options - `features`: their name, for the reader
 * @throws ShapeError or DataError where the sets cannot be compared (`requireSamples`)
 * @see Bińkowski et al. 2018, https://arxiv.org/abs/1801.01401; Efron and Stein 1981 for the jackknife's direction,
 *   https://doi.org/10.1214/aos/1176345462
 */
export async function kernelDistance(
  session: Session,
  real: Tensor<'float32'>,
  fake: Tensor<'float32'>,
  { features }: { readonly features: string },
): Promise<KernelDistance> {
  const demands = { least: 3, leastFor: 'an estimate without one of them' };
  const { count: n, dimension } = requireSamples('kernelDistance', real, {
    name: 'real',
    ...demands,
    varied: true,
  });
  const { count: m } = requireSamples('kernelDistance', fake, { name: 'samples', ...demands, dimension });
  const reals = await kernelSums(session, real, real);
  const fakes = await kernelSums(session, fake, fake);
  const cross = await kernelSums(session, real, fake);
  const crossTotal = total(cross.rows);
  const realPart = jackknife(reals.rows, cross.rows, crossTotal, m);
  const fakePart = jackknife(fakes.rows, cross.columns, crossTotal, n);
  return {
    value: realPart.mean + fakePart.mean - (2 * crossTotal) / (n * m),
    standardError: Math.sqrt(realPart.variance + fakePart.variance),
    protocol: {
      real: n,
      fake: m,
      features,
      dimension,
      kernel: '(x.y / d + 1)^3',
      estimator: 'unbiased, all pairs; error by jackknife',
    },
  };
}

/**
 * One set's own term, and what leaving out its vectors in turn says of the variance of the whole.
 *
 * @param own - float64 [n], sums of k(x_i, x_j) over j other than i
 * @param cross - float64 [n], sums of k(x_i, y_j) over the `others` vectors of the other set, `crossTotal` in all
 */
function jackknife(
  own: Float64Array,
  cross: Float64Array,
  crossTotal: number,
  others: number,
): { readonly mean: number; readonly variance: number } {
  const n = own.length;
  const ownTotal = total(own);
  const without = own.map(
    (sum, i) =>
      (ownTotal - 2 * sum) / ((n - 1) * (n - 2)) - (2 * (crossTotal - cross[i]!)) / ((n - 1) * others),
  );
  const mean = total(without) / n;
  const squares = total(without.map((value) => (value - mean) ** 2));
  return { mean: ownTotal / (n * (n - 1)), variance: ((n - 1) / n) * squares };
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/**
 * Sums of the kernel over the rows and columns of all pairs of two sets, in float64; of a set with itself without the pairs
 * of a vector with itself.
 */
async function kernelSums(
  session: Session,
  a: Tensor<'float32'>,
  b: Tensor<'float32'>,
): Promise<{ readonly rows: Float64Array; readonly columns: Float64Array }> {
  const [n, m, dimension] = [a.shape[0]!, b.shape[0]!, a.shape[1]!];
  const rows = new Float64Array(n);
  const columns = new Float64Array(m);
  await session.compile(productProgram(m, dimension));
  await session.writeState({ [STATE]: { ...b, data: b.data.slice() } });
  const size = Math.max(1, Math.floor(BLOCK_ELEMENTS / m));
  for (let first = 0; first < n; first += size) {
    const block = rowsOf(a, first, Math.min(n, first + size));
    const { products } = await session.run(PROGRAM, { a: { ...block, data: block.data.slice() } });
    const data = products!.data as Float32Array;
    for (let i = 0, at = 0; i < block.shape[0]!; i++) {
      const row = first + i;
      let sum = 0;
      for (let j = 0; j < m; j++, at++) {
        if (a === b && row === j) continue;
        const base = data[at]! + 1;
        const kernel = base * base * base;
        sum += kernel;
        columns[j]! += kernel;
      }
      rows[row] = sum;
    }
  }
  await forget(session, [STATE]);
  return { rows, columns };
}

/** `a b^T / d` for a block of rows of a. */
function productProgram(columns: number, dimension: number) {
  const a = input('a', 'float32', ['N', dimension]);
  const b = input(STATE, 'float32', [columns, dimension]);
  const products = gemm(a, b, undefined, { alpha: 1 / dimension, transB: true });
  return {
    name: PROGRAM,
    model: encodeModel({ name: PROGRAM, outputs: simplify({ products }) }).bytes,
    carried: [{ name: STATE, input: STATE }],
  };
}
