import { bodyNodes } from '../src/graph/functions/loop.ts';
import { encodeModel } from '../src/graph/onnx/encode.ts';
import type { Tensors } from '../src/graph/tensor.ts';
import { isFrom, type Node, topologicalOrder, type Values } from '../src/graph/value.ts';
import { compileModel } from './run-graph.ts';

/** All nodes that the outputs need, those in loop bodies included. */
export function nodesOf(outputs: Values): readonly Node[] {
  const found = new Set<Node>();
  const walk = (order: readonly Node[]): void => {
    for (const node of order) {
      if (found.has(node)) continue;
      found.add(node);
      const [first] = node.outputs;
      if (!isFrom(first!, 'Loop')) continue;
      const { bodyInputs, bodyOutputs } = first.node.attributes;
      walk(bodyNodes(bodyInputs, bodyOutputs));
    }
  };
  walk(topologicalOrder(Object.values(outputs)));
  return [...found];
}

/** How often each operator stands in a graph; inputs and constants are none. */
export function operatorCounts(outputs: Values): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op } of nodesOf(outputs)) {
    if (op !== 'Input' && op !== 'Constant') counts[op] = (counts[op] ?? 0) + 1;
  }
  return counts;
}

/**
 * Runs a graph on those of the feeds that it takes: what a pass removed may have been the only reader of an input. An
 * output may have the name of an input.
 */
export async function runOn(feeds: Tensors, outputs: Values): Promise<Tensors> {
  const names = Object.keys(outputs);
  const results = Object.fromEntries(names.map((name) => [`result ${name}`, outputs[name]!]));
  const model = encodeModel({ name: 'test', outputs: results });
  const taken = new Set(model.inputs.map(({ name }) => name));
  const graph = await compileModel(model);
  try {
    const found = await graph.run(
      Object.fromEntries(Object.entries(feeds).filter(([name]) => taken.has(name))),
    );
    return Object.fromEntries(names.map((name) => [name, found[`result ${name}`]!]));
  } finally {
    await graph.release();
  }
}
