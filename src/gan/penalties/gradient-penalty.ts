import { add, mul, square, sub } from '../../graph/functions/elementwise.ts';
import { mean } from '../../graph/functions/reductions.ts';
import type { Value } from '../../graph/value.ts';
import {
  definePenalty,
  gradientNorms,
  type PenaltyInputs,
  type PenaltyKind,
  squaredGradientNorms,
} from '../penalty.ts';

/** `e x + (1 - e) G(z)` with one e ~ U[0, 1) for each pair of a real example and a sample, all its values alike. */
function interpolates({ real, fake, random }: PenaltyInputs): Value {
  const perExample = [Number(real.shape[0]), ...real.shape.slice(1).map(() => 1)];
  const share = random.uniform('share', perExample, 0, 1);
  return add(fake, mul(share, sub(real, fake)));
}

/**
 * WGAN-GP: `weight E (||grad D(x^)|| - target)^2`, x^ drawn uniformly from the line between a real example and a sample;
 * one norm for each x^.
 *
 * @see Gulrajani et al. 2017, Improved Training of Wasserstein GANs, equation 3, https://arxiv.org/abs/1704.00028
 */
export const gradientPenalty: PenaltyKind<'weight' | 'target'> = definePenalty({
  name: 'gradientPenalty',
  settings: {
    weight: { meaning: 'Weight; 10 in the paper for images, .1 for points.', default: 10 },
    target: { meaning: 'The norm that costs nothing; 1 in the paper.', default: 1 },
  },
  value: (inputs, { weight, target }) => {
    const x = interpolates(inputs);
    const norms = gradientNorms(inputs.discriminate(x), x);
    return mul(mean(square(sub(norms, target))), weight);
  },
});

/**
 * Zero-centred gradient penalty: `weight E ||grad D(x^)||^2` on the same interpolates.
 *
 * @see Thanh-Tung et al. 2019, Improving Generalization and Stability of GANs, https://arxiv.org/abs/1902.03984
 */
export const zeroCentredGradientPenalty: PenaltyKind<'weight'> = definePenalty({
  name: 'zeroCentredGradientPenalty',
  settings: { weight: { meaning: 'Weight; 10 as for the penalty with target 1.', default: 10 } },
  value: (inputs, { weight }) => {
    const x = interpolates(inputs);
    return mul(mean(squaredGradientNorms(inputs.discriminate(x), x)), weight);
  },
});
