import { bodyNodes } from './functions/loop.ts';
import { Names } from './onnx/names.ts';
import { formatShape, type TensorType } from './shapes.ts';
import type { Tensor } from './tensor.ts';
import { isFrom, type Node, topologicalOrder, type Value, type Values } from './value.ts';

/**
 * The graph as text, one node a line in a stable order: for documentation, snapshots and bug reports. Names are those of
 * the encoded file, so that they are found again in an error of ONNX Runtime.
 *
 * ```
 * x: float32 [64, 2] = Input
 * dense/Gemm: float32 [64, 8] = Gemm(x, dense/weight, dense/bias) alpha=1 beta=1 transB
 * return hidden = dense/Gemm
 * ```
 */
export function printGraph(outputs: Values): string {
  const order = topologicalOrder(Object.values(outputs));
  const names = new Names();
  // The encoder gives inputs and outputs their names first.
  for (const node of order) if (node.op === 'Input') names.value(node.outputs[0]!);
  for (const name of Object.keys(outputs)) names.fresh(name);
  const lines = printNodes(order, names, '');
  const results = Object.entries(outputs).map(([name, value]) => `${name} = ${nameOf(names, value)}`);
  return [...lines, `return ${results.join(', ')}`].join('\n');
}

/** `float32 [64, 2]` */
export function formatType({ dtype, shape }: TensorType): string {
  return `${dtype} ${formatShape(shape)}`;
}

/** A number constant as itself, the result of a node under the node's name, one of several with its number. */
function nameOf(names: Names, value: Value): string {
  if (isNumber(value)) return elements(value.node.attributes.tensor);
  const name = names.value(value);
  return value.node.outputs.length === 1 ? name.replace(/:0$/, '') : name;
}

function isNumber(value: Value): value is Value & { node: Node<'Constant'> } {
  return isFrom(value, 'Constant') && value.shape.length === 0;
}

function elements({ dtype, data }: Tensor): string {
  return Array.from<number | bigint, string>(data, (value) => {
    if (dtype === 'bool') return String(value === 1);
    return dtype === 'float32' ? shortest(Number(value)) : String(value);
  }).join(', ');
}

/** The shortest decimal that float32 reads as this number: 0.1, not 0.10000000149011612. */
function shortest(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(value);
}

function printNodes(order: readonly Node[], names: Names, indent: string): string[] {
  return order.flatMap((node) => {
    const [first] = node.outputs;
    if (isNumber(first!)) return [];
    const results = node.outputs.map((value) => `${nameOf(names, value)}: ${formatType(value)}`);
    const line = `${indent}${results.join(', ')} = ${printCall(node, names)}`;
    return isFrom(first!, 'Loop') ? [line, ...printBody(first.node, names, `${indent}  `)] : [line];
  });
}

function printCall(node: Node, names: Names): string {
  const [value] = node.outputs;
  if (isFrom(value!, 'Input')) return 'Input';
  if (isFrom(value!, 'Constant')) return printConstant(value.node.attributes.tensor);
  // What a loop captures is seen in its body.
  const read = isFrom(value!, 'Loop')
    ? node.inputs.slice(0, 1 + value.node.attributes.stateCount)
    : node.inputs;
  return [
    `${node.op}(${read.map((input) => nameOf(names, input)).join(', ')})`,
    ...printAttributes(node),
  ].join(' ');
}

/** A few numbers are worth reading, many are not. */
const SHOWN = 8;

function printConstant(tensor: Tensor): string {
  return tensor.data.length <= SHOWN ? `Constant ${elements(tensor)}` : 'Constant ...';
}

/** `axis=1 sizes=[2, 3] keepDims`: flags that are off are left out. */
function printAttributes(node: Node): string[] {
  if (node.op === 'Loop') return [];
  return Object.entries(node.attributes).flatMap(([key, value]) => {
    if (typeof value === 'boolean') return value ? [key] : [];
    return [`${key}=${Array.isArray(value) ? `[${value.join(', ')}]` : String(value)}`];
  });
}

function printBody(loop: Node<'Loop'>, names: Names, indent: string): string[] {
  const { bodyInputs, bodyOutputs } = loop.attributes;
  const entering = bodyInputs.map((value) => `${nameOf(names, value)}: ${formatType(value)}`);
  const body = printNodes(bodyNodes(bodyInputs, bodyOutputs), names, `${indent}  `);
  const leaving = bodyOutputs.map((value) => nameOf(names, value));
  return [`${indent}body(${entering.join(', ')})`, ...body, `${indent}  return ${leaving.join(', ')}`];
}
