import { ExecutionError, ShapeError } from '../errors.ts';

/** Rotations that a single eigenvalue may take; two suffice on average, and 30 are EISPACK's bound. */
const MOST_ITERATIONS = 30;

/**
 * Eigenvalues of a symmetric matrix: Householder reflections to tridiagonal form, then QL with implicit shifts. All in
 * float64; the error is about 1e-16 of the largest in magnitude.
 *
 * @param matrix - float64 [n, n] row-major; only taken for symmetric, and left as it is
 * @returns float64 [n], ascending
 * @throws ShapeError if `matrix` is not n by n; ExecutionError if a number is not finite or the iteration does not converge
 * @see Golub and Van Loan, Matrix Computations, sections 8.3.1 and 8.3.3
 */
export function symmetricEigenvalues(matrix: Float64Array, n: number): Float64Array {
  if (matrix.length !== n * n)
    throw new ShapeError(
      `symmetricEigenvalues: a matrix of ${n} x ${n} must hold ${n * n} numbers, got ${matrix.length}`,
    );
  const at = matrix.findIndex((value) => !Number.isFinite(value));
  if (at >= 0)
    throw new ExecutionError(
      `symmetricEigenvalues: the matrix must be finite, got ${matrix[at]} at [${Math.floor(at / n)}, ${at % n}]`,
    );
  const { diagonal, offDiagonal } = tridiagonal(Float64Array.from(matrix), n);
  tridiagonalEigenvalues(diagonal, offDiagonal);
  return diagonal.sort();
}

/** Diagonal [n] and off-diagonal [n], whose last is 0, of `Q^T a Q`; `a` is overwritten. */
function tridiagonal(
  a: Float64Array,
  n: number,
): { readonly diagonal: Float64Array; readonly offDiagonal: Float64Array } {
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(n);
  const v = new Float64Array(n);
  const p = new Float64Array(n);
  for (let column = 0; column + 1 < n; column++) {
    // The matrix is symmetric: its row is its column, and lies in memory one number after the other.
    const start = column * n;
    diagonal[column] = a[start + column]!;
    let scale = 0;
    for (let i = column + 1; i < n; i++) scale = Math.max(scale, Math.abs(a[start + i]!));
    if (scale === 0) continue;
    let norm = 0;
    for (let i = column + 1; i < n; i++) {
      v[i] = a[start + i]! / scale;
      norm += v[i]! ** 2;
    }
    const head = v[column + 1]!;
    const length = head > 0 ? -Math.sqrt(norm) : Math.sqrt(norm);
    offDiagonal[column] = scale * length;
    v[column + 1] = head - length;
    // a <- a - v w^T - w v^T on what lies below, with w = b (a v - (b/2) (v^T a v) v) and b = 2 / |v|^2.
    const b = 1 / (norm - head * length);
    let inner = 0;
    for (let i = column + 1; i < n; i++) {
      let total = 0;
      for (let j = column + 1; j < n; j++) total += a[i * n + j]! * v[j]!;
      p[i] = b * total;
      inner += p[i]! * v[i]!;
    }
    const half = (b * inner) / 2;
    for (let i = column + 1; i < n; i++) p[i]! -= half * v[i]!;
    for (let i = column + 1; i < n; i++) {
      const [vi, pi] = [v[i]!, p[i]!];
      for (let j = column + 1; j < n; j++) a[i * n + j]! -= vi * p[j]! + pi * v[j]!;
    }
  }
  if (n > 0) diagonal[n - 1] = a[n * n - 1]!;
  return { diagonal, offDiagonal };
}

/** Puts the eigenvalues of a symmetric tridiagonal matrix in the place of its diagonal, in no order. */
function tridiagonalEigenvalues(d: Float64Array, e: Float64Array): void {
  const n = d.length;
  for (let first = 0; first < n; first++) {
    for (let iteration = 0; ; iteration++) {
      let last = first;
      while (
        last + 1 < n &&
        Math.abs(e[last]!) > Number.EPSILON * (Math.abs(d[last]!) + Math.abs(d[last + 1]!))
      )
        last++;
      if (last === first) break;
      if (iteration === MOST_ITERATIONS)
        throw new ExecutionError(
          `symmetricEigenvalues: QL must converge within ${MOST_ITERATIONS} iterations, got no eigenvalue ${first} of ${n}`,
        );
      chase(d, e, first, last);
    }
  }
}

/** One implicit QL step on rows `first` to `last`: Wilkinson's shift, then rotations that chase the bulge upwards. */
function chase(d: Float64Array, e: Float64Array, first: number, last: number): void {
  const gap = (d[first + 1]! - d[first]!) / (2 * e[first]!);
  const root = Math.hypot(gap, 1);
  let g = d[last]! - d[first]! + e[first]! / (gap + (gap < 0 ? -root : root));
  let [sine, cosine, shift] = [1, 1, 0];
  for (let i = last - 1; i >= first; i--) {
    const f = sine * e[i]!;
    const b = cosine * e[i]!;
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1]! -= shift;
      e[last] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = d[i + 1]! - shift;
    const t = (d[i]! - g) * sine + 2 * cosine * b;
    shift = sine * t;
    d[i + 1] = g + shift;
    g = cosine * t - b;
  }
  d[first]! -= shift;
  e[first] = g;
  e[last] = 0;
}
