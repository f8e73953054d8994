import { add, mul, sqrt, square, sub } from '../../graph/functions/elementwise.ts';
import { mean } from '../../graph/functions/reductions.ts';
import { definePenalty, gradientNorms, type PenaltyKind } from '../penalty.ts';

/**
 * DRAGAN: `weight E (||grad D(x + d)|| - 1)^2` about the real examples, `d = spread std(x) u` with u ~ U(0, 1) for each
 * value of each example and std(x) that of all values of the minibatch.
 *
 * @see Kodali et al. 2017, On Convergence and Stability of GANs, https://arxiv.org/abs/1705.07215
 */
export const dragan: PenaltyKind<'weight' | 'spread'> = definePenalty({
  name: 'dragan',
  settings: {
    weight: { meaning: 'Weight; 10 in the paper.', default: 10 },
    spread: {
      meaning: "Of the noise, in standard deviations of the minibatch; .5 in the paper's code.",
      default: 0.5,
    },
  },
  value: ({ real, random, discriminate }, { weight, spread }) => {
    const deviation = sqrt(mean(square(sub(real, mean(real)))));
    const noise = random.uniform('noise', real.shape.map(Number), 0, 1);
    const x = add(real, mul(mul(noise, spread), deviation));
    return mul(mean(square(sub(gradientNorms(discriminate(x), x), 1))), weight);
  },
});
