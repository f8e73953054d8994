import { ConfigError } from '../errors.ts';
import { add, cast, greater, less, mul } from '../graph/functions/elementwise.ts';
import type { Value } from '../graph/value.ts';
import type { Loss } from './loss.ts';

/** From which examples each player still learns; margins are probabilities in [0, 1/2). */
export interface LazyLossOptions {
  /** D learns from real examples with `D(x) < 1/2 + margin` and samples with `D(G(z)) > 1/2 - margin`. Default: from all. */
  readonly discriminator?: number | undefined;
  /** G learns from samples with `D(G(z)) < 1/2 + margin`. Default: from all. */
  readonly generator?: number | undefined;
}

/**
 * A loss that leaves examples out on which a player does well already: the released code's lazy cost, and with
 * `{ generator: 0 }` its thresholded one. What is left out costs 0 and still counts in the mean.
 *
 * @throws ConfigError for a margin outside [0, 1/2), and for a loss whose logits are no log-odds
 * @see LazyAdversaryCost and ThresholdedAdversaryCost of https://github.com/goodfeli/adversarial
 */
export function lazyLoss(loss: Loss, options: LazyLossOptions): Loss {
  if (!loss.logOdds)
    throw new ConfigError(
      `lazyLoss: the loss must be one of log-odds (minimax, nonSaturating), got ${loss.name}`,
    );
  const [ofD, ofG] = [bound('discriminator', options.discriminator), bound('generator', options.generator)];
  return {
    ...loss,
    discriminator: (realLogits, fakeLogits, realTarget) => {
      const [real, fake] = loss.discriminator(realLogits, fakeLogits, realTarget);
      if (ofD === undefined || !fake) return [real, fake!];
      return [where(less(realLogits, ofD), real), where(greater(fakeLogits, -ofD), fake)];
    },
    generator: (fakeLogits, realLogits) => {
      const rows = loss.generator(fakeLogits, realLogits);
      return ofG === undefined ? rows : where(less(fakeLogits, ofG), rows);
    },
  };
}

/** The logit of `1/2 + margin`. */
function bound(player: string, margin: number | undefined): number | undefined {
  if (margin === undefined) return undefined;
  if (!(margin >= 0 && margin < 0.5))
    throw new ConfigError(`lazyLoss: the margin of the ${player} must be in [0, 1/2), got ${margin}`);
  return Math.log((0.5 + margin) / (0.5 - margin));
}

const where = (condition: Value, rows: Value): Value => mul(cast(condition, 'float32'), rows);

/**
 * A loss whose generator minimises `(1 - share) first + share second`, and whose discriminator is the first one's: between
 * the non-saturating game and the zero-sum one, as the released code blends them.
 *
 * @param share - in [0, 1]
 * @throws ConfigError otherwise
 */
export function blendedLoss(first: Loss, second: Loss, share: number): Loss {
  if (!(share >= 0 && share <= 1))
    throw new ConfigError(`blendedLoss: share must be in [0, 1], got ${share}`);
  return {
    ...first,
    name: `${first.name} and ${second.name}`,
    comparesWithReal: first.comparesWithReal === true || second.comparesWithReal === true,
    generator: (fakeLogits, realLogits) =>
      add(
        mul(first.generator(fakeLogits, realLogits), 1 - share),
        mul(second.generator(fakeLogits, realLogits), share),
      ),
  };
}
