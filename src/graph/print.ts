import { bodyNodes } from './functions/loop.ts';
import { Names } from './onnx/names.ts';
import { formatShape } from './shapes.ts';
import { isFrom, type Node, topologicalOrder, type Value } from './value.ts';

/**
 * The graph as text, one node a line in a stable order: for documentation, snapshots and bug reports.
 *
 * ```
 * x: float32 [64, 2] = Input
 * dense/Gemm: float32 [64, 8] = Gemm(x, dense/weight, dense/bias) alpha=1 beta=1 transA=false transB=false
 * return loss = ReduceMean
 * ```
 */
export function printGraph(outputs: Readonly<Record<string, Value>>): string {
  const names = new Names();
  const lines = printNodes(topologicalOrder(Object.values(outputs)), names, '');
  const results = Object.entries(outputs).map(([name, value]) => `${name} = ${shortName(names, value)}`);
  return [...lines, `return ${results.join(', ')}`].join('\n');
}

/** Single outputs go without the `:0` that ONNX value names carry. */
function shortName(names: Names, value: Value): string {
  if (isFrom(value, 'Constant') && value.shape.length === 0)
    return String(value.node.attributes.tensor.data[0]);
  return names.value(value).replace(/:0$/, '');
}

function printNodes(order: readonly Node[], names: Names, indent: string): string[] {
  return order.flatMap((node) => {
    const [first] = node.outputs;
    if (isFrom(first!, 'Constant') && first.shape.length === 0) return [];
    const results = node.outputs.map(
      (value) => `${shortName(names, value)}: ${value.dtype} ${formatShape(value.shape)}`,
    );
    const operands = node.inputs.map((value) => shortName(names, value));
    const call =
      node.op === 'Input' || node.op === 'Constant' ? node.op : `${node.op}(${operands.join(', ')})`;
    const line = `${indent}${results.join(', ')} = ${call}`;
    if (!isFrom(first!, 'Loop')) return [[line, ...printAttributes(node)].join(' ')];
    const { bodyInputs, bodyOutputs } = first.node.attributes;
    const body = printNodes(bodyNodes(bodyInputs, bodyOutputs), names, `${indent}  `);
    const returned = bodyOutputs.map((value) => shortName(names, value)).join(', ');
    const entering = bodyInputs.map((value) => shortName(names, value)).join(', ');
    return [line, `${indent}  body(${entering}):`, ...body, `${indent}  return ${returned}`];
  });
}

function printAttributes(node: Node): string[] {
  if (node.op === 'Input' || node.op === 'Constant') return [];
  return Object.entries(node.attributes).map(([key, value]) => {
    return `${key}=${Array.isArray(value) ? `[${value.join(', ')}]` : String(value)}`;
  });
}
