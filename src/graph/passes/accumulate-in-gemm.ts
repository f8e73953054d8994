import { elementCount } from '../tensor.ts';
import { applyLike, isFrom, type Node, type Value } from '../value.ts';
import { constantNumber } from './identities.ts';
import type { Rule } from './rewrite.ts';

/**
 * `mu c + s gemm(a, b)` becomes `gemm(a, s b, c, beta = mu)`: the velocity of SGD with momentum is then written by the
 * very product that makes the gradient, instead of by three more passes over a whole weight matrix. The scalar s (the
 * negative learning rate) moves to the smaller operand, the cotangent of one batch. mu must be a constant, because beta is
 * an attribute; without momentum `p + s gemm(a, b)` is the same with beta 1.
 *
 * @param uses - how often each value is read: a gradient that is needed elsewhere has to be computed as it is
 */
export function accumulateInGemm(uses: ReadonlyMap<Value, number>): Rule {
  return (node, inputs) => {
    if (node.op !== 'Add') return undefined;
    // The inputs may have been rewritten; how often they were read is known of the original ones.
    for (const [product, other] of [
      [1, 0],
      [0, 1],
    ] as const) {
      const gradient = scaledGemm(inputs[product]!);
      const usedOnce =
        uses.get(node.inputs[product]!) === 1 && uses.get(innerGemm(node.inputs[product]!)!) === 1;
      if (!gradient || !usedOnce) continue;
      const accumulated = scaledByConstant(inputs[other]!, uses.get(node.inputs[other]!) === 1);
      const result = accumulate(node, gradient, accumulated);
      if (result) return result;
    }
    return undefined;
  };
}

interface ScaledGemm {
  readonly gemm: Node<'Gemm'>;
  readonly scale: Value;
}

/** `s gemm(a, b)` with s a scalar and no c. */
function scaledGemm(value: Value): ScaledGemm | undefined {
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

function innerGemm(value: Value): Value | undefined {
  return value.node.inputs.find((operand) => operand.node.op === 'Gemm');
}

/** `mu c` taken apart, or c itself with mu = 1. */
function scaledByConstant(value: Value, usedOnce: boolean): { c: Value; beta: number } {
  if (isFrom(value, 'Mul') && usedOnce) {
    const [a, b] = value.node.inputs as readonly [Value, Value];
    const [left, right] = [constantNumber(a), constantNumber(b)];
    if (right !== undefined && b.shape.length === 0) return { c: a, beta: right };
    if (left !== undefined && a.shape.length === 0) return { c: b, beta: left };
  }
  return { c: value, beta: 1 };
}

function accumulate(node: Node, { gemm, scale }: ScaledGemm, { c, beta }: { c: Value; beta: number }) {
  const sum = node.outputs[0]!;
  if (c.shape.length !== 2 || c.shape.some((size, axis) => size !== sum.shape[axis])) return undefined;
  const [a, b] = gemm.inputs as readonly [Value, Value];
  const sizes = [a, b].map(({ shape }) =>
    shape.every((size) => typeof size === 'number')
      ? elementCount(shape as readonly number[])
      : Number.POSITIVE_INFINITY,
  );
  const scaleB = sizes[1]! <= sizes[0]!;
  const [scaled] = applyLike(gemm, 'Mul', [scaleB ? b : a, scale], {});
  return applyLike(gemm, 'Gemm', scaleB ? [a, scaled!, c] : [scaled!, b, c], { ...gemm.attributes, beta });
}
