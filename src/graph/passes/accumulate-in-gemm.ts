import { elementCount } from '../tensor.ts';
import { applyLike, isFrom, type Node, type Value } from '../value.ts';
import { constantNumber } from './identities.ts';
import type { Rule } from './rewrite.ts';

/**
 * `mu c + s gemm(a, b)` becomes `gemm(a, s b, c, beta = mu)`: the velocity of SGD with momentum is then written by the
 * very product that makes the gradient, instead of by three more passes over a whole weight matrix. The scalar s (the
 * negative learning rate) moves to the smaller operand, the cotangent of one batch. mu must be a constant, because beta is
 * an attribute; without momentum `p + s gemm(a, b)` is the same with beta 1. A sum of two gradients of one matrix (real
 * and fake, loss and penalty) is likewise the second product, accumulated on the first.
 *
 * A gradient that something else reads as well is computed twice then, which keeps the update's bits the same whether or
 * not somebody looks at its gradient.
 *
 * @param uses - how often each value is read
 */
export function accumulateInGemm(uses: ReadonlyMap<Value, number>): Rule {
  const usedOnce = (value: Value): boolean => uses.get(value) === 1;
  return (node, inputs) => {
    if (node.op !== 'Add') return undefined;
    // The inputs may have been rewritten; how often they were read is known of the original ones.
    for (const [product, other] of [
      [1, 0],
      [0, 1],
    ] as const) {
      const gradient = scaledGemm(inputs[product]!);
      if (!gradient || !usedOnce(node.inputs[product]!)) continue;
      const accumulated = scaledByConstant(inputs[other]!, usedOnce(node.inputs[other]!));
      const result = accumulate(node, gradient, accumulated);
      if (result) return result;
    }
    return undefined;
  };
}

interface ScaledGemm {
  readonly gemm: Node<'Gemm'>;
  /** Absent for 1. */
  readonly scale?: Value;
}

/** `gemm(a, b)` or `s gemm(a, b)` with s a scalar, and no c. */
function scaledGemm(value: Value): ScaledGemm | undefined {
  if (isFrom(value, 'Gemm') && value.node.inputs.length === 2) return { gemm: value.node as Node<'Gemm'> };
  if (!isFrom(value, 'Mul')) return undefined;
  for (const [product, factor] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const [gemm, scale] = [value.node.inputs[product]!, value.node.inputs[factor]!];
    if (isFrom(gemm, 'Gemm') && gemm.node.inputs.length === 2 && scale.shape.length === 0) {
      return { gemm: gemm.node as Node<'Gemm'>, scale };
    }
  }
  return undefined;
}

/** `mu c` taken apart, or c itself with mu = 1. */
function scaledByConstant(value: Value, usedOnce: boolean): { c: Value; beta: number } {
  if (isFrom(value, 'Mul') && usedOnce) {
    const [a, b] = value.node.inputs as readonly [Value, Value];
    const [left, right] = [betaOf(a), betaOf(b)];
    if (right !== undefined) return { c: a, beta: right };
    if (left !== undefined) return { c: b, beta: left };
  }
  return { c: value, beta: 1 };
}

/** The number that a constant [] holds, where the attribute, a float32, holds it as well. */
function betaOf(value: Value): number | undefined {
  const number = value.shape.length === 0 ? constantNumber(value) : undefined;
  return number !== undefined && Math.fround(number) === number ? number : undefined;
}

function accumulate(node: Node, { gemm, scale }: ScaledGemm, { c, beta }: { c: Value; beta: number }) {
  const sum = node.outputs[0]!;
  if (c.shape.length !== 2 || c.shape.some((size, axis) => size !== sum.shape[axis])) return undefined;
  const [a, b] = gemm.inputs as readonly [Value, Value];
  if (!scale) return applyLike(gemm, 'Gemm', [a, b, c], { ...gemm.attributes, beta });
  const sizes = [a, b].map(({ shape }) =>
    shape.every((size) => typeof size === 'number')
      ? elementCount(shape as readonly number[])
      : Number.POSITIVE_INFINITY,
  );
  const scaleB = sizes[1]! <= sizes[0]!;
  const [scaled] = applyLike(gemm, 'Mul', [scaleB ? b : a, scale], {});
  return applyLike(gemm, 'Gemm', scaleB ? [a, scaled!, c] : [scaled!, b, c], { ...gemm.attributes, beta });
}
