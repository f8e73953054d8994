import { add, clip, mul, sign, sub } from '../../graph/functions/elementwise.ts';
import { mean } from '../../graph/functions/reductions.ts';
import type { Value } from '../../graph/value.ts';

/** How the probability of augmentation follows D. */
export interface ProbabilityRule {
  /** Real examples of a discriminator update. */
  readonly batch: number;
  /** The value of `E sign(D(x))` that is held. */
  readonly target: number;
  /** Real examples in which p would go from 0 to 1. */
  readonly speed: number;
  /** Largest p, in (0, 1]. */
  readonly largest: number;
}

/**
 * ADA's rule: `p + sign(r - target) batch / speed`, limited to [0, largest], where `r = E sign(D(x))` over the real examples
 * of this update: 1 where D is sure of all of them, which is how overfitting shows, 0 where it knows nothing.
 *
 * The paper averages r over four minibatches and moves p once for them; here every update moves it, a quarter as far.
 *
 * @param probability - float32 []
 * @param realLogits - float32 [N, 1], D's of augmented real examples
 * @returns float32 []
 * @see Karras et al. 2020, section 3, https://arxiv.org/abs/2006.06676
 */
export function adjustProbability(
  probability: Value,
  realLogits: Value,
  { batch, target, speed, largest }: ProbabilityRule,
): Value {
  const direction = sign(sub(overfitting(realLogits), target));
  return clip(add(probability, mul(direction, batch / speed)), 0, largest);
}

/** ADA's sign of overfitting, `E sign(D(x))` over real examples, [] in [-1, 1]. @param realLogits - float32 [N, 1] */
function overfitting(realLogits: Value): Value {
  return mean(sign(realLogits));
}
