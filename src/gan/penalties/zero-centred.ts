import { mul } from '../../graph/functions/elementwise.ts';
import { mean } from '../../graph/functions/reductions.ts';
import { definePenalty, type PenaltyKind, squaredGradientNorms } from '../penalty.ts';

const gamma = {
  meaning: 'Weight; 10 in the paper for images, smaller for smaller examples (see the presets).',
  default: 10,
};

/**
 * R1: `gamma / 2 E ||grad D(x)||^2` on real examples, which takes away D's incentive to stay steep where it can no longer
 * tell real from fake. The expectation is a mean over examples, the norm runs over all values of one.
 *
 * @see Mescheder, Geiger and Nowozin 2018, Which Training Methods for GANs do actually Converge?, equation 9,
 *   https://arxiv.org/abs/1801.04406
 */
export const r1: PenaltyKind<'gamma'> = definePenalty({
  name: 'r1',
  settings: { gamma },
  differentiatesLogits: true,
  value: ({ real, realLogits }, settings) =>
    mul(mul(mean(squaredGradientNorms(realLogits, real)), 0.5), settings.gamma),
});

/**
 * R2: `gamma / 2 E ||grad D(G(z))||^2`, R1 on samples.
 *
 * @see Mescheder et al. 2018, equation 10; with R1 in R3GAN, Huang et al. 2024
 */
export const r2: PenaltyKind<'gamma'> = definePenalty({
  name: 'r2',
  settings: { gamma },
  differentiatesLogits: true,
  value: ({ fake, fakeLogits }, settings) =>
    mul(mul(mean(squaredGradientNorms(fakeLogits, fake)), 0.5), settings.gamma),
});
