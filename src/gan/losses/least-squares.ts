import { mul, square, sub } from '../../graph/functions/elementwise.ts';
import type { Loss } from '../loss.ts';

/**
 * LSGAN: D minimises `1/2 E (D(x) - 1)^2 + 1/2 E D(G(z))^2`, G minimises `1/2 E (D(G(z)) - 1)^2`. D has no sigmoid; where
 * it cannot tell, it says 1/2 and its loss is 1/4.
 *
 * @see Mao et al. 2017, Least Squares Generative Adversarial Networks, equation 9, https://arxiv.org/abs/1611.04076
 */
export const leastSquares: Loss = {
  name: 'leastSquares',
  discriminator: (realLogits, fakeLogits) => [
    mul(square(sub(realLogits, 1)), 0.5),
    mul(square(fakeLogits), 0.5),
  ],
  generator: (fakeLogits) => mul(square(sub(fakeLogits, 1)), 0.5),
};
