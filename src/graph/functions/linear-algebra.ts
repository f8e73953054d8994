import type { Attributes } from '../operators.ts';
import { applyOperator, type Value } from '../value.ts';

/**
 * Matrix product `a b` over the last two axes; leading axes broadcast.
 *
 * @param a - [..., M, K]
 * @param b - [..., K, N]
 * @returns [..., M, N]
 * @throws ShapeError where the inner sizes differ or a rank is below 2
 */
export function matmul(a: Value, b: Value): Value {
  return applyOperator('MatMul', [a, b], {})[0]!;
}

/** Options of `gemm`; the defaults are ONNX's. */
export type GemmOptions = Partial<Attributes['Gemm']>;

/**
 * `alpha op(a) op(b) + beta c` with op(x) = x or its transpose: one kernel call, and the only product that takes a
 * transposed operand without a copy.
 *
 * @param a - [M, K], or [K, M] with `transA`
 * @param b - [K, N], or [N, K] with `transB`
 * @param c - broadcasts to [M, N]; nothing is added when it is absent
 * @returns [M, N]
 * @throws ShapeError where the sizes do not fit
 */
export function gemm(
  a: Value,
  b: Value,
  c?: Value,
  { alpha = 1, beta = 1, transA = false, transB = false }: GemmOptions = {},
): Value {
  return applyOperator('Gemm', c ? [a, b, c] : [a, b], { alpha, beta, transA, transB })[0]!;
}
