import { ConfigError } from '../errors.ts';

/** What a generator's loss is at one fake, and how it pulls. */
export interface Pull {
  /** In nats. */
  readonly loss: number;
  /** Derivative of the loss by D's logit at the fake. */
  readonly byLogit: number;
  /** Derivative of the loss by D's output at the fake. */
  readonly byProbability: number;
}

/**
 * Both losses of the generator where D gives a fake the probability `d`: minimax `log(1 - d)`, non-saturating `-log d`. Their
 * derivatives are `-d` and `-(1 - d)` by the logit, `-1 / (1 - d)` and `-1 / d` by d: where D is sure of a fake, d near 0,
 * the first vanishes and the second does not.
 *
 * @param d - D(G(z)), in (0, 1)
 * @throws ConfigError if d is not in (0, 1)
 * @see Goodfellow et al. 2014, end of section 3
 */
export function generatorPull(d: number): { readonly minimax: Pull; readonly nonSaturating: Pull } {
  if (!(d > 0 && d < 1)) throw new ConfigError(`generatorPull: d must be in (0, 1), got ${d}`);
  return {
    minimax: { loss: Math.log1p(-d), byLogit: -d, byProbability: -1 / (1 - d) },
    nonSaturating: { loss: -Math.log(d), byLogit: d - 1, byProbability: -1 / d },
  };
}
