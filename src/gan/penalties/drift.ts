import { mul, square } from '../../graph/functions/elementwise.ts';
import { mean } from '../../graph/functions/reductions.ts';
import { definePenalty, type PenaltyKind } from '../penalty.ts';

/**
 * Drift: `weight E D(x)^2`, which keeps the outputs of a critic, whose loss knows no zero, from wandering away.
 *
 * @see Karras et al. 2018, Progressive Growing of GANs, appendix A.1, https://arxiv.org/abs/1710.10196
 */
export const drift: PenaltyKind<'weight'> = definePenalty({
  name: 'drift',
  settings: { weight: { meaning: 'Weight; .001 in the paper.', default: 0.001 } },
  value: ({ realLogits }, { weight }) => mul(mean(square(realLogits)), weight),
});
