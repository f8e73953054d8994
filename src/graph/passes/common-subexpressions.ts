import { bytesOf } from '../tensor.ts';
import { applyLike, isFrom, type Node, type Value } from '../value.ts';
import type { Rule } from './rewrite.ts';

/** Above this many elements constants are not compared: weights are never equal, and the key would be long. */
const COMPARED_ELEMENTS = 64;

/** A rule that gives nodes of one operator, with equal attributes and the same inputs, the same outputs. */
export function commonSubexpressions(): Rule {
  const numbers = new Map<Value, number>();
  const numberOf = (value: Value): number => {
    const known = numbers.get(value) ?? numbers.size;
    numbers.set(value, known);
    return known;
  };
  const seen = new Map<string, readonly Value[]>();
  return (node, inputs) => {
    const attributes = attributeKey(node);
    if (attributes === undefined) return undefined;
    const key = `${node.op}(${inputs.map(numberOf).join()}) ${attributes}`;
    const twin = seen.get(key);
    if (twin) return twin;
    const changed = inputs.some((value, i) => value !== node.inputs[i]);
    const results = changed ? applyLike(node, node.op, inputs, node.attributes) : node.outputs;
    seen.set(key, results);
    return results;
  };
}

/** Attributes as text; undefined for nodes that are never equal to another. */
function attributeKey(node: Node): string | undefined {
  const value = node.outputs[0]!;
  if (isFrom(value, 'Input') || isFrom(value, 'Loop')) return undefined;
  if (isFrom(value, 'Constant')) {
    const { tensor } = value.node.attributes;
    if (tensor.data.length > COMPARED_ELEMENTS) return undefined;
    // Bit for bit: as text 0 and -0 are the same, and 1 / x tells them apart.
    return `${tensor.dtype} [${tensor.shape.join()}] ${bytesOf(tensor).join()}`;
  }
  return Object.entries(node.attributes)
    .map(([key, attribute]) => `${key}=${String(attribute)}`)
    .join(' ');
}
