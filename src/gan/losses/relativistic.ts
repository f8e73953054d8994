import { softplus, sub } from '../../graph/functions/elementwise.ts';
import type { Loss } from '../loss.ts';

/**
 * Relativistic pairing (RpGAN): D minimises `E softplus(-(D(x) - D(G(z))))`, G minimises `E softplus(-(D(G(z)) - D(x)))`,
 * over pairs of a real example and a sample. Each mode of the data pushes on its own boundary, so that there is no gain
 * in leaving one out; with R1 and R2 the training converges locally.
 *
 * @see Jolicoeur-Martineau 2018, https://arxiv.org/abs/1807.00734; Huang et al. 2024 (R3GAN), https://arxiv.org/abs/2501.05441
 */
export const relativistic: Loss = {
  name: 'relativistic',
  discriminator: (realLogits, fakeLogits) => [softplus(sub(fakeLogits, realLogits))],
  generator: (fakeLogits, realLogits) => softplus(sub(realLogits!, fakeLogits)),
  comparesWithReal: true,
};
