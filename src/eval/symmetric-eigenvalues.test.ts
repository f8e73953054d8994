import { describe, expect, it } from 'vitest';
import { ExecutionError, ShapeError } from '../errors.ts';
import { fillNormal } from '../random/normal.ts';
import { streamOf } from '../random/threefry.ts';
import { symmetricEigenvalues } from './symmetric-eigenvalues.ts';

/** The n x n matrix with the given elements. */
const matrixOf = (n: number, element: (i: number, j: number) => number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, at) => element(Math.floor(at / n), at % n));

describe('symmetricEigenvalues', () => {
  it('solves matrices whose eigenvalues are known', () => {
    expect(symmetricEigenvalues(Float64Array.of(2, 1, 1, 2), 2)).toBeAllClose([1, 3], { rtol: 1e-15 });
    expect(symmetricEigenvalues(Float64Array.of(-7), 1)).toEqual(Float64Array.of(-7));
    expect(symmetricEigenvalues(new Float64Array(0), 0)).toEqual(new Float64Array(0));
    expect(
      symmetricEigenvalues(
        matrixOf(4, (i, j) => (i === j ? 3 - i : 0)),
        4,
      ),
    ).toEqual(Float64Array.of(0, 1, 2, 3));
    // All ones: rank 1, the eigenvalue n.
    expect(
      symmetricEigenvalues(
        matrixOf(5, () => 1),
        5,
      ),
    ).toBeAllClose([0, 0, 0, 0, 5], { atol: 1e-14 });
  });

  it.each([3, 40, 101])('solves the second difference of %d points, 2 - 2 cos(pi k / (n + 1))', (n) => {
    // Turned by a reflection, so that it is full and not tridiagonal to begin with.
    const second = (i: number, j: number) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0);
    const u = Float64Array.from({ length: n }, (_, i) => Math.sin(i + 1));
    const squared = u.reduce((sum, value) => sum + value ** 2, 0);
    const reflect = (i: number, j: number) => (i === j ? 1 : 0) - (2 * u[i]! * u[j]!) / squared;
    const times = (a: Float64Array, b: Float64Array) =>
      matrixOf(n, (i, j) => {
        let total = 0;
        for (let k = 0; k < n; k++) total += a[i * n + k]! * b[k * n + j]!;
        return total;
      });
    const h = matrixOf(n, reflect);
    const full = times(times(h, matrixOf(n, second)), h);
    const expected = Float64Array.from(
      { length: n },
      (_, k) => 2 - 2 * Math.cos((Math.PI * (k + 1)) / (n + 1)),
    );
    expect(symmetricEigenvalues(full, n)).toBeAllClose(expected, { rtol: 0, atol: 1e-13 });
  });

  it('keeps trace and sum of squares of a random matrix, and leaves the matrix alone', () => {
    const n = 60;
    const draws = new Float32Array(n * n);
    fillNormal({ seed: 1, stream: streamOf('matrix') }, 0, draws);
    const matrix = matrixOf(n, (i, j) => draws[Math.max(i, j) * n + Math.min(i, j)]!);
    const copy = matrix.slice();
    const eigenvalues = symmetricEigenvalues(matrix, n);
    const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
    expect(matrix).toEqual(copy);
    expect(sum(eigenvalues)).toBeCloseTo(sum(matrix.filter((_, at) => at % (n + 1) === 0)), 11);
    expect(sum(eigenvalues.map((x) => x ** 2))).toBeCloseTo(sum(matrix.map((x) => x ** 2)), 9);
  });

  it('refuses what is no square matrix of numbers', () => {
    expect(() => symmetricEigenvalues(new Float64Array(5), 2)).toThrow(
      new ShapeError('symmetricEigenvalues: a matrix of 2 x 2 must hold 4 numbers, got 5'),
    );
    expect(() => symmetricEigenvalues(Float64Array.of(1, 2, Number.NaN, 1), 2)).toThrow(
      new ExecutionError('symmetricEigenvalues: the matrix must be finite, got NaN at [1, 0]'),
    );
  });
});
