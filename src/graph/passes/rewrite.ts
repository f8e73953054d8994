import { bodyNodes, makeLoop } from '../functions/loop.ts';
import { applyLike, isFrom, type Node, topologicalOrder, type Value, type Values } from '../value.ts';

/**
 * What becomes of a node whose inputs were rewritten already: its new outputs, or undefined to keep the operator as it
 * is on the new inputs.
 */
export type Rule = (node: Node, inputs: readonly Value[]) => readonly Value[] | undefined;

/** Rebuilds a graph from its inputs to its outputs, loop bodies included, asking `rule` at each node. */
export function rewrite(outputs: Values, rule: Rule): Values {
  const done = new Map<Value, Value>();
  visit(topologicalOrder(Object.values(outputs)), rule, done);
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, done.get(value)!]));
}

function visit(order: readonly Node[], rule: Rule, done: Map<Value, Value>): void {
  for (const node of order) {
    if (done.has(node.outputs[0]!)) continue;
    const inputs = node.inputs.map((value) => done.get(value)!);
    const results = isFrom(node.outputs[0]!, 'Loop')
      ? rewriteLoop(node as Node<'Loop'>, inputs, rule, done)
      : (rule(node, inputs) ?? keep(node, inputs));
    for (const [i, value] of node.outputs.entries()) done.set(value, results[i]!);
  }
}

function keep(node: Node, inputs: readonly Value[]): readonly Value[] {
  if (sameValues(inputs, node.inputs)) return node.outputs;
  return applyLike(node, node.op, inputs, node.attributes);
}

const sameValues = (a: readonly Value[], b: readonly Value[]): boolean =>
  a.every((value, i) => value === b[i]);

function rewriteLoop(
  node: Node<'Loop'>,
  inputs: readonly Value[],
  rule: Rule,
  done: Map<Value, Value>,
): readonly Value[] {
  const { bodyInputs, bodyOutputs, stateCount } = node.attributes;
  for (const value of bodyInputs) done.set(value, value);
  visit(bodyNodes(bodyInputs, bodyOutputs), rule, done);
  const after = bodyOutputs.map((value) => done.get(value)!);
  if (sameValues(inputs, node.inputs) && sameValues(after, bodyOutputs)) return node.outputs;
  const [first] = makeLoop(inputs[0]!, inputs.slice(1, 1 + stateCount), bodyInputs, after);
  return applyLike(node, 'Loop', first!.node.inputs, (first!.node as Node<'Loop'>).attributes);
}

/** How often each value is read: by nodes, loop bodies included, and as a result. */
export function countUses(outputs: Values): ReadonlyMap<Value, number> {
  const uses = new Map<Value, number>();
  const use = (value: Value): void => void uses.set(value, (uses.get(value) ?? 0) + 1);
  const seen = new Set<Node>();
  const walk = (order: readonly Node[]): void => {
    for (const node of order) {
      if (seen.has(node)) continue;
      seen.add(node);
      for (const value of node.inputs) use(value);
      if (!isFrom(node.outputs[0]!, 'Loop')) continue;
      const { bodyInputs, bodyOutputs } = (node as Node<'Loop'>).attributes;
      walk(bodyNodes(bodyInputs, bodyOutputs));
      for (const value of bodyOutputs) use(value);
    }
  };
  walk(topologicalOrder(Object.values(outputs)));
  for (const value of Object.values(outputs)) use(value);
  return uses;
}
