import { add, neg, relu, sub } from '../../graph/functions/elementwise.ts';
import type { Loss } from '../loss.ts';

/**
 * Hinge: D minimises `E max(0, 1 - D(x)) + E max(0, 1 + D(G(z)))` and learns nothing more from examples that it puts on
 * the right side of the margin; G minimises `-E D(G(z))`.
 *
 * @see Lim and Ye 2017, Geometric GAN; Miyato et al. 2018, equations 16 and 17, https://arxiv.org/abs/1802.05957
 */
export const hinge: Loss = {
  name: 'hinge',
  discriminator: (realLogits, fakeLogits) => [relu(sub(1, realLogits)), relu(add(fakeLogits, 1))],
  generator: (fakeLogits) => neg(fakeLogits),
};
