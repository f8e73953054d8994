import { neg } from '../../graph/functions/elementwise.ts';
import type { Loss } from '../loss.ts';

/**
 * WGAN: the critic minimises `E D(G(z)) - E D(x)`, G minimises `-E D(G(z))`. Means something only for critics of bounded
 * slope: with weight clipping, `gradientPenalty`, or a spectrally normalised D. The loss has no bound of its own.
 *
 * @see Arjovsky et al. 2017, Wasserstein GAN, equations 2 and 3, https://arxiv.org/abs/1701.07875
 */
export const wasserstein: Loss = {
  name: 'wasserstein',
  discriminator: (realLogits, fakeLogits) => [neg(realLogits), fakeLogits],
  generator: (fakeLogits) => neg(fakeLogits),
};
