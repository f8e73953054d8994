import { ShapeError } from '../errors.ts';
import { type Attributes, type OpType, operators } from './operators.ts';
import { formatShape, type Shape, staticShape } from './shapes.ts';
import { allocate, type DType, elementCount, scalarTensor, type Tensor } from './tensor.ts';
import { requireCounts } from './type-rules.ts';

/** One application of an operator. Immutable but for its scope, which is written once, after it was built. */
export interface Node<K extends OpType = OpType> {
  readonly op: K;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes[K];
  readonly outputs: readonly Value[];
  /** Holds the stack of the call that built this node; V8 renders it only when somebody reads it. */
  readonly origin: Error;
  /** The part of the model it belongs to, `generator/dense1`; see `label`. */
  scope?: string;
}

/** A tensor that a graph computes: its type, and the node that produces it. */
export interface Value {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly node: Node;
  /** Which output of the node it is. */
  readonly output: number;
}

/** Named values: a network's parameters or state inside a graph. */
export type Values = Readonly<Record<string, Value>>;

/** What the public functions take: a value, or a number that becomes a constant of the other operand's dtype. */
export type Operand = Value | number;

/**
 * Applies an operator: infers the output types, so that a wrong shape throws here, and returns the new node's outputs.
 * The public functions (`add`, `matmul`, ...) call it; only new operators need it.
 */
export function applyOperator<K extends OpType>(
  op: K,
  inputs: readonly Value[],
  attributes: Attributes[K],
): readonly Value[] {
  const types = operators[op].infer(inputs, attributes);
  return makeNode(op, inputs, attributes, types).outputs;
}

function makeNode<K extends OpType>(
  op: K,
  inputs: readonly Value[],
  attributes: Attributes[K],
  types: readonly { dtype: DType; shape: Shape }[],
  origin: Error = new Error(op),
): Node {
  const outputs: Value[] = [];
  const node: Node = { op, inputs, attributes, outputs, origin };
  for (const [output, { dtype, shape }] of types.entries()) outputs.push({ dtype, shape, node, output });
  return node;
}

/**
 * The same operator on other inputs, for passes that rewrite graphs: it keeps the scope and the origin, so that errors
 * still lead to the line that the user wrote.
 */
export function applyLike<K extends OpType>(
  node: Node,
  op: K,
  inputs: readonly Value[],
  attributes: Attributes[K],
): readonly Value[] {
  const copy = makeNode(op, inputs, attributes, operators[op].infer(inputs, attributes), node.origin);
  if (node.scope !== undefined) copy.scope = node.scope;
  return copy.outputs;
}

/** Whether a value comes from the given operator; narrows the node's attributes. */
export function isFrom<K extends OpType>(value: Value, op: K): value is Value & { node: Node<K> } {
  return value.node.op === op;
}

/**
 * A graph input: a tensor that is fed at run time.
 *
 * @param name - unique in the graph, for example `generator/dense1/weight`
 * @param shape - sizes; a leading batch may be symbolic, `['N', 100]`
 */
export function input(name: string, dtype: DType, shape: Shape): Value {
  requireCounts('input', shape, ` for ${name}`);
  return makeNode('Input', [], { name }, [{ dtype, shape }]).outputs[0]!;
}

/**
 * A tensor known when the graph is built. The graph keeps its data without a copy.
 *
 * @param name - what an ONNX file calls it; default: after the part of the model that it is in
 * @throws ShapeError where its data disagrees with its shape or dtype
 */
export function constant(tensor: Tensor, name?: string): Value {
  requireCounts('constant', tensor.shape);
  const [wanted, got] = [allocate(tensor.dtype, 0).constructor, tensor.data.constructor];
  if (wanted !== got) {
    throw new ShapeError(`constant: ${tensor.dtype} data must be a ${wanted.name}, got a ${got.name}`);
  }
  if (tensor.data.length !== elementCount(tensor.shape)) {
    throw new ShapeError(
      `constant: shape ${formatShape(tensor.shape)} needs ${elementCount(tensor.shape)} elements, got ${tensor.data.length}`,
    );
  }
  return applyOperator('Constant', [], name === undefined ? { tensor } : { tensor, name })[0]!;
}

/** A constant `[]` of the given dtype; float32 by default. @throws ShapeError where the dtype has no such number */
export function scalar(value: number, dtype: DType = 'float32'): Value {
  if (!dtype.startsWith('float') && !Number.isInteger(value)) {
    throw new ShapeError(`scalar: ${dtype} needs an integer, got ${value}. Use cast on the other operand`);
  }
  return constant(scalarTensor(dtype, value));
}

/** A value filled with one number; stored as one element and broadcast when it runs. */
export function full(shape: Shape, value: number, dtype: DType = 'float32'): Value {
  const filled = scalar(value, dtype);
  return shape.length === 0
    ? filled
    : applyOperator('Expand', [filled], { shape: staticShape('full', shape) })[0]!;
}

/** Zeros of another value's type. */
export function zerosLike(value: Value): Value {
  return full(value.shape, 0, value.dtype);
}

/** An operand as a value: numbers take the dtype of `like`. */
export function asValue(operand: Operand, like: Value): Value {
  return typeof operand === 'number' ? scalar(operand, like.dtype) : operand;
}

/** Two operands as values of one dtype. @throws ShapeError where both are numbers */
export function asValues(caller: string, a: Operand, b: Operand): [Value, Value] {
  if (typeof a !== 'number') return [a, asValue(b, a)];
  if (typeof b !== 'number') return [asValue(a, b), b];
  throw new ShapeError(
    `${caller}: one operand must be a value, got the numbers ${a} and ${b}. Use scalar(${a})`,
  );
}

/** All nodes that the values need, each after its inputs; bodies of loops stay inside their `Loop` node. */
export function topologicalOrder(values: readonly Value[]): readonly Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack = values.map(({ node }) => node).reverse();
  // Depth first with an explicit stack: a graph's depth is not bounded by the JavaScript stack.
  while (stack.length > 0) {
    const node = stack.at(-1)!;
    if (seen.has(node)) {
      stack.pop();
      continue;
    }
    const pending = node.inputs.filter((value) => !seen.has(value.node));
    if (pending.length === 0) {
      seen.add(node);
      order.push(node);
      stack.pop();
    } else {
      for (let i = pending.length - 1; i >= 0; i--) stack.push(pending[i]!.node);
    }
  }
  return order;
}

/**
 * Names the part of the model that computes `outputs` from `inputs`: every node between them that has no scope yet gets
 * this one, and its ONNX name begins with it. Inner parts are labelled before outer ones, so the most precise name stays.
 *
 * @param inputs - where to stop: values, or nodes that are known to lie outside
 */
export function label(
  scope: string,
  outputs: readonly Value[],
  inputs: readonly Value[],
  outside: ReadonlySet<Node> = new Set(),
): void {
  const seen = new Set<Node>(inputs.map(({ node }) => node));
  const stack = outputs.map(({ node }) => node);
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (seen.has(node) || outside.has(node)) continue;
    seen.add(node);
    node.scope ??= scope;
    for (const value of node.inputs) stack.push(value.node);
  }
}
