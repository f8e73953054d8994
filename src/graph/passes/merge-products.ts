import { bodyNodes } from '../functions/loop.ts';
import type { OpType } from '../operators.ts';
import { applyLike, isFrom, type Node, topologicalOrder, type Value, type Values } from '../value.ts';
import { type Rule, rewrite } from './rewrite.ts';

/** Operators of one operand that work element by element: rows together or apart give the same. */
const elementwise: ReadonlySet<OpType> = new Set<OpType>([
  'Relu',
  'LeakyRelu',
  'Sigmoid',
  'Tanh',
  'Softplus',
  'Neg',
  'Abs',
  'Exp',
]);

/**
 * Products of different rows with the same weights become one product of all the rows, split afterwards:
 * `gemm(a1, w, b)` and `gemm(a2, w, b)` are the rows of `gemm(concat(a1, a2), w, b)`. A kernel packs the weights once for
 * each product, which for the 100 rows of a minibatch is a good part of its time. In Algorithm 1 the generator runs twice
 * on the same parameters, once for each player's update: merged, it runs once on twice the rows.
 *
 * Activations move in front of the split, so that the next layer's products meet unsplit rows and merge as well.
 */
export function mergeProducts(outputs: Values): Values {
  let merged = outputs;
  for (let group = findGroup(merged); group; group = findGroup(merged))
    merged = rewrite(merged, replaceGroup(group));
  for (;;) {
    const joined = rewrite(rewrite(merged, hoistThroughSplits(merged)), joinSplits);
    if (Object.keys(joined).every((name) => joined[name] === merged[name])) return merged;
    merged = joined;
  }
}

/** The nodes outside of all loops, and those of each loop's body: a node reads values of its own list or of an outer one. */
function nodeLists(outputs: Values): readonly (readonly Node[])[] {
  const lists: (readonly Node[])[] = [];
  const walk = (order: readonly Node[]): void => {
    lists.push(order);
    for (const { outputs: values } of order) {
      const [first] = values;
      if (!isFrom(first!, 'Loop')) continue;
      const { bodyInputs, bodyOutputs } = first.node.attributes;
      walk(bodyNodes(bodyInputs, bodyOutputs));
    }
  };
  walk(topologicalOrder(Object.values(outputs)));
  return lists;
}

/** The first products that share weights and bias, stand side by side and do not need each other's results. */
function findGroup(outputs: Values): readonly Node<'Gemm'>[] | undefined {
  for (const nodes of nodeLists(outputs)) {
    const group = groupsIn(nodes).find(({ length }) => length > 1);
    if (group) return group;
  }
  return undefined;
}

function groupsIn(nodes: readonly Node[]): readonly (readonly Node<'Gemm'>[])[] {
  const groups = new Map<string, Node<'Gemm'>[]>();
  const numbers = new Map<Value, number>();
  for (const node of nodes) {
    const [product] = node.outputs;
    if (!isFrom(product!, 'Gemm') || !product.shape.every((size) => typeof size === 'number')) continue;
    const { alpha, beta, transA, transB } = product.node.attributes;
    const [, weights, bias] = node.inputs;
    // The rows of the product must be those of a, and the bias the same for each.
    if (transA || (bias && bias.shape.length > 1)) continue;
    for (const value of [weights, bias]) if (value && !numbers.has(value)) numbers.set(value, numbers.size);
    const key = `${numbers.get(weights!)} ${bias && numbers.get(bias)} ${alpha} ${beta} ${transB}`;
    const group = groups.get(key) ?? [];
    if (group.some((other) => dependsOn(node, other))) continue;
    group.push(node as Node<'Gemm'>);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function dependsOn(node: Node, other: Node): boolean {
  return topologicalOrder(node.inputs).includes(other);
}

/**
 * The rule that puts rows of the merged product in the group's place. What the products multiply does not depend on the
 * group, so it is not rewritten by this rule and may be used as it is.
 */
function replaceGroup(group: readonly Node<'Gemm'>[]): Rule {
  const [first] = group;
  const [, ...shared] = first!.inputs;
  const [rows] = applyLike(
    first!,
    'Concat',
    group.map((node) => node.inputs[0]!),
    { axis: 0 },
  );
  const [product] = applyLike(first!, 'Gemm', [rows!, ...shared], first!.attributes);
  const sizes = group.map((node) => node.outputs[0]!.shape[0] as number);
  const parts = applyLike(first!, 'Split', [product!], { axis: 0, sizes });
  const replacements = new Map<Node, Value>(group.map((node, i) => [node, parts[i]!]));
  return (node) => {
    const part = replacements.get(node);
    return part && [part];
  };
}

const operatorKey = ({ op, attributes }: Node): string => `${op} ${Object.values(attributes).join()}`;

/** `f(split(x))` for every part becomes `split(f(x))`. */
function hoistThroughSplits(outputs: Values): Rule {
  const readers = new Map<Value, Set<string>>();
  for (const node of nodeLists(outputs).flat()) {
    if (!elementwise.has(node.op) || !isFrom(node.inputs[0]!, 'Split')) continue;
    const keys = readers.get(node.inputs[0]) ?? new Set();
    readers.set(node.inputs[0], keys.add(operatorKey(node)));
  }
  const hoisted = new Map<string, readonly Value[]>();
  const splits = new Map<Node, number>();
  return (node, [part]) => {
    const [original] = node.inputs;
    if (!elementwise.has(node.op) || !isFrom(original!, 'Split') || !isFrom(part!, 'Split')) return undefined;
    const key = operatorKey(node);
    if (!original.node.outputs.every((value) => readers.get(value)?.has(key))) return undefined;
    if (!splits.has(part.node)) splits.set(part.node, splits.size);
    const place = `${splits.get(part.node)} ${key}`;
    if (!hoisted.has(place)) {
      const [whole] = applyLike(node, node.op, part.node.inputs, node.attributes);
      hoisted.set(place, applyLike(node, 'Split', [whole!], (part.node as Node<'Split'>).attributes));
    }
    return [hoisted.get(place)![part.output]!];
  };
}

/** `concat(split(x))` is x. */
const joinSplits: Rule = (node, inputs) => {
  const [first] = inputs;
  if (!isFrom(node.outputs[0]!, 'Concat') || !isFrom(first!, 'Split')) return undefined;
  const split = first.node;
  const sameAxis = (node as Node<'Concat'>).attributes.axis === (split as Node<'Split'>).attributes.axis;
  const whole =
    inputs.length === split.outputs.length && inputs.every((value, i) => value === split.outputs[i]);
  return sameAxis && whole ? [split.inputs[0]!] : undefined;
};
