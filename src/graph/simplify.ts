import { accumulateInGemm } from './passes/accumulate-in-gemm.ts';
import { commonSubexpressions } from './passes/common-subexpressions.ts';
import { identities } from './passes/identities.ts';
import { mergeProducts } from './passes/merge-products.ts';
import { countUses, rewrite } from './passes/rewrite.ts';
import type { Values } from './value.ts';

/**
 * The same results from fewer operators: neutral operations dropped, scalar constants folded, common subexpressions
 * computed once, products that share weights merged, momentum accumulated inside the product that makes the gradient. What no output needs is gone by
 * construction, because a graph is what its outputs reach. What each rule gains: `bench/results.md`.
 */
export function simplify(outputs: Values): Values {
  const share = commonSubexpressions();
  const reduced = rewrite(outputs, (node, inputs) => {
    const replaced = identities(node, inputs);
    if (!replaced) return share(node, inputs);
    // A rewritten node may equal one that is there already.
    const [value] = replaced;
    return replaced.length === 1 && value!.node.outputs.length === 1
      ? (share(value!.node, value!.node.inputs) ?? replaced)
      : replaced;
  });
  const merged = mergeProducts(reduced);
  return rewrite(merged, accumulateInGemm(countUses(merged)));
}
