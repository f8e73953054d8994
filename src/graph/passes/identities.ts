import type { OpType } from '../operators.ts';
import { broadcastShapes, sameShape } from '../shapes.ts';
import { allocate, elementCount } from '../tensor.ts';
import { applyLike, constant, isFrom, type Node, type Value } from '../value.ts';
import type { Rule } from './rewrite.ts';

/** Operators that broadcast, so that stretching an operand first is work for nothing. */
const broadcasting: ReadonlySet<OpType> = new Set<OpType>([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Pow',
  'Max',
  'Min',
  'Equal',
  'Greater',
  'GreaterOrEqual',
  'Less',
  'LessOrEqual',
  'And',
  'Where',
]);

/** Operators that keep the one element of a scalar as it is, whatever shape they give it. */
const reshaping: ReadonlySet<OpType> = new Set<OpType>(['Reshape', 'Squeeze', 'Unsqueeze', 'Transpose']);

/** Arithmetic that is folded on scalar constants, in the precision of the dtype. */
const folded: Partial<Record<OpType, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Neg: (a) => -a,
  Sqrt: (a) => Math.sqrt(a),
};

/** The number that a one-element float constant holds. */
export function constantNumber(value: Value): number | undefined {
  if (!isFrom(value, 'Constant') || !value.dtype.startsWith('float')) return undefined;
  const { data, shape } = value.node.attributes.tensor;
  return elementCount(shape) === 1 ? Number(data[0]) : undefined;
}

/** Nodes that change nothing become their input: Identity, x + 0, x 1, a reshape to the same shape. */
const dropNeutral: Rule = (node, inputs) => {
  const [x, other] = inputs;
  if (!x) return undefined;
  const { dtype, shape } = node.outputs[0]!;
  const keeps = (value: Value): boolean => value.dtype === dtype && sameShape(value.shape, shape);
  const isNumber = (value: Value | undefined, number: number): boolean =>
    value !== undefined && constantNumber(value) === number;
  switch (node.op) {
    case 'Identity':
    case 'StopGradient':
      return [x];
    case 'Reshape':
    case 'Expand':
    case 'Cast':
      return keeps(x) ? [x] : undefined;
    case 'Concat':
      return inputs.length === 1 ? [x] : undefined;
    case 'Add':
      if (isNumber(x, 0) && keeps(other!)) return [other!];
      return isNumber(other, 0) && keeps(x) ? [x] : undefined;
    case 'Mul':
      if (isNumber(x, 1) && keeps(other!)) return [other!];
      return isNumber(other, 1) && keeps(x) ? [x] : undefined;
    case 'Sub':
      return isNumber(other, 0) && keeps(x) ? [x] : undefined;
    case 'Div':
      return isNumber(other, 1) && keeps(x) ? [x] : undefined;
    default:
      return undefined;
  }
};

/** A reshape of a reshape is one reshape. */
const joinReshapes: Rule = (node, [x]) => {
  if (!isFrom(node.outputs[0]!, 'Reshape') || !isFrom(x!, 'Reshape')) return undefined;
  return applyLike(node, 'Reshape', x.node.inputs, (node as Node<'Reshape'>).attributes);
};

/** An operand that was stretched only to be broadcast goes in as it was. */
const dropExpand: Rule = (node, inputs) => {
  if (!broadcasting.has(node.op)) return undefined;
  const unstretched = inputs.map((value) => (isFrom(value, 'Expand') ? value.node.inputs[0]! : value));
  if (unstretched.every((value, i) => value === inputs[i])) return undefined;
  const shape = broadcastShapes(node.op, ...unstretched.map((value) => value.shape));
  return sameShape(shape, node.outputs[0]!.shape)
    ? applyLike(node, node.op, unstretched, node.attributes)
    : undefined;
};

/** Arithmetic on scalar constants, which seeds of gradients leave behind, is done once, here. */
const foldConstants: Rule = (node, inputs) => {
  const { dtype, shape } = node.outputs[0]!;
  if (inputs.length === 0 || !dtype.startsWith('float') || shape.some((size) => size !== 1)) return undefined;
  const numbers = inputs.map(constantNumber);
  const [a, b] = numbers;
  if (a === undefined || numbers.includes(undefined)) return undefined;
  const result = reshaping.has(node.op) ? a : folded[node.op]?.(a, b ?? 0);
  if (result === undefined) return undefined;
  const data = allocate(dtype, 1);
  (data as Float32Array)[0] = result;
  return [constant({ dtype, shape: shape as readonly number[], data })];
};

/** The first identity that applies. */
const first: Rule = (node, inputs) =>
  dropNeutral(node, inputs) ??
  foldConstants(node, inputs) ??
  dropExpand(node, inputs) ??
  joinReshapes(node, inputs);

/**
 * All identities, until none applies: one makes room for another. A product with a stretched 1, which gradients begin
 * with, is first one with 1 and then none.
 */
export const identities: Rule = (node, inputs) => {
  let results = first(node, inputs);
  for (let next = results; next; next = first(next[0]!.node, next[0]!.node.inputs)) results = next;
  return results;
};
