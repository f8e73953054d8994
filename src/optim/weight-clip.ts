import { ConfigError } from '../errors.ts';
import { clip } from '../graph/functions/elementwise.ts';
import type { Constraint } from './max-norm.ts';

/**
 * Keeps every parameter, biases among them, within [-limit, limit]: what bounds the slope of WGAN's critic.
 *
 * @param limit - positive; 0.01 in the paper
 * @throws ConfigError otherwise
 * @see Arjovsky et al. 2017, Wasserstein GAN, algorithm 1, https://arxiv.org/abs/1701.07875
 */
export function weightClip(limit: number): Constraint {
  if (!(limit > 0 && Number.isFinite(limit)))
    throw new ConfigError(`weightClip: limit must be positive and finite, got ${limit}`);
  return (parameters) =>
    Object.fromEntries(
      Object.entries(parameters).map(([name, parameter]) => [name, clip(parameter, -limit, limit)]),
    );
}
