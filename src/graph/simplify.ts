import { accumulateInGemm } from './passes/accumulate-in-gemm.ts';
import { commonSubexpressions } from './passes/common-subexpressions.ts';
import { identities } from './passes/identities.ts';
import { mergeProducts } from './passes/merge-products.ts';
import { countUses, rewrite } from './passes/rewrite.ts';
import type { Values } from './value.ts';

/** One of the things that `simplify` does. */
export type PassName = 'identities' | 'commonSubexpressions' | 'mergeProducts' | 'accumulateInGemm';

const passes: { readonly [P in PassName]: (outputs: Values) => Values } = {
  /** Neutral operations are dropped, scalar constants folded. */
  identities: (outputs) => rewrite(outputs, identities),
  /** What is computed twice is computed once. */
  commonSubexpressions: (outputs) => rewrite(outputs, commonSubexpressions()),
  /** Products that share weights become one. */
  mergeProducts,
  /** Momentum is accumulated inside the product that makes the gradient. */
  accumulateInGemm: (outputs) => rewrite(outputs, accumulateInGemm(countUses(outputs))),
};

/** All passes, in the order in which they run: each leaves what the next one looks for. */
export const passNames: readonly PassName[] = Object.keys(passes) as PassName[];

/**
 * The same results from fewer operators. What no output needs is gone by construction, because a graph is what its
 * outputs reach.
 *
 * @param names - the passes to run, in this order. Default all; `bench/simplifications.ts` measures what each gains
 */
export function simplify(outputs: Values, names: readonly PassName[] = passNames): Values {
  return names.reduce((values, name) => passes[name](values), outputs);
}
