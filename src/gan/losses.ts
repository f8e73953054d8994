import type { Loss } from './loss.ts';
import { minimax, nonSaturating } from './losses/cross-entropy.ts';
import { hinge } from './losses/hinge.ts';
import { leastSquares } from './losses/least-squares.ts';
import { relativistic } from './losses/relativistic.ts';
import { wasserstein } from './losses/wasserstein.ts';

/** A loss that configs know. */
export interface ListedLoss {
  readonly loss: Loss;
  /** One sentence for the docs: what D and G minimise, and where it is from. */
  readonly summary: string;
}

/** Every loss that configs know: the schema, the error messages and the table in the docs are made from these rows. */
export const losses: readonly ListedLoss[] = [
  {
    loss: nonSaturating,
    summary:
      'D as in minimax, G minimises `-E log D(G(z))`, whose gradient stays where D wins: the usual one (Goodfellow et al. 2014, end of section 3).',
  },
  {
    loss: minimax,
    summary:
      'D minimises `-E log D(x) - E log(1 - D(G(z)))`, G `E log(1 - D(G(z)))`: the zero-sum game (Goodfellow et al. 2014, equation 1).',
  },
  {
    loss: leastSquares,
    summary:
      'D minimises `1/2 E (D(x) - 1)^2 + 1/2 E D(G(z))^2`, G `1/2 E (D(G(z)) - 1)^2`: LSGAN (Mao et al. 2017).',
  },
  {
    loss: wasserstein,
    summary:
      'D minimises `E D(G(z)) - E D(x)`, G `-E D(G(z))`; D needs a bounded slope: weightClip, gradientPenalty or spectral norm (Arjovsky et al. 2017).',
  },
  {
    loss: hinge,
    summary:
      'D minimises `E max(0, 1 - D(x)) + E max(0, 1 + D(G(z)))`, G `-E D(G(z))` (Lim and Ye 2017; Miyato et al. 2018).',
  },
  {
    loss: relativistic,
    summary:
      'over pairs of a real example and a sample, D minimises `E softplus(-(D(x) - D(G(z))))`, G `E softplus(-(D(G(z)) - D(x)))`: RpGAN (Jolicoeur-Martineau 2018; R3GAN, Huang et al. 2024).',
  },
];
