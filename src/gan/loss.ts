import { ConfigError, ShapeError } from '../errors.ts';
import { add, mul } from '../graph/functions/elementwise.ts';
import { mean } from '../graph/functions/reductions.ts';
import { formatShape } from '../graph/shapes.ts';
import type { Value } from '../graph/value.ts';

/**
 * What both players minimise, as functions of D's outputs without a sigmoid (`logits`), float32 [N, 1]. Each function
 * gives one row an example, [N, 1], whose mean is the loss: what weighs examples against each other (top-k, lazy costs)
 * then needs to know nothing of the loss.
 */
export interface Loss {
  /** As configs and messages call it. */
  readonly name: string;
  /**
   * What D minimises: rows of real examples and rows of generated ones, whose means are added, or rows of pairs alone.
   *
   * @param realTarget - probability that D is to give real examples; 1 unless the loss is one of log-odds
   */
  discriminator(
    realLogits: Value,
    fakeLogits: Value,
    realTarget: number,
  ): readonly [real: Value, fake: Value] | readonly [pairs: Value];
  /**
   * What G minimises.
   *
   * @param realLogits - only where the loss `comparesWithReal`
   */
  generator(fakeLogits: Value, realLogits?: Value): Value;
  /**
   * True where a logit is the log-odds of being real: its sigmoid is then a probability that can be smoothed, thresholded
   * and watched.
   */
  readonly logOdds?: boolean;
  /** True where G's loss compares its samples with real examples: its update then passes the last minibatch through D. */
  readonly comparesWithReal?: boolean;
}

/** What a discriminator's loss may be told. */
export interface DiscriminatorLossOptions {
  /**
   * One-sided label smoothing: the target for real examples, in (0, 1]. Default 1, the paper's. Fakes keep the target 0:
   * smoothing both sides would move the optimal discriminator away from the data (Salimans et al. 2016, section 3.4).
   */
  readonly realTarget?: number;
}

/** What a generator's loss may be told. */
export interface GeneratorLossOptions {
  /** float32 [N, 1]: D's logits of real examples, which some losses compare with. */
  readonly realLogits?: Value | undefined;
  /** float32 [N, 1]: how much each sample counts. Default: all alike. */
  readonly weights?: Value | undefined;
}

/**
 * What D minimises, a scalar [].
 *
 * @param realLogits - float32 [N, 1]
 * @param fakeLogits - float32 [N, 1]
 * @throws ShapeError if logits are not [N, 1], ConfigError for a target that the loss cannot have
 */
export function discriminatorLoss(
  loss: Loss,
  realLogits: Value,
  fakeLogits: Value,
  { realTarget = 1 }: DiscriminatorLossOptions = {},
): Value {
  requireLogits(loss, realLogits, fakeLogits);
  if (realTarget !== 1 && !loss.logOdds)
    throw new ConfigError(
      `${loss.name}: label smoothing needs a loss whose logits are log-odds (minimax, nonSaturating), got realTarget ${realTarget}`,
    );
  return loss
    .discriminator(realLogits, fakeLogits, realTarget)
    .map((rows) => mean(rows))
    .reduce((a, b) => add(a, b));
}

/**
 * What G minimises, a scalar [].
 *
 * @param fakeLogits - float32 [N, 1], D(G(z)) before the sigmoid
 * @throws ShapeError if logits are not [N, 1], or those of real examples are missing where the loss compares with them
 */
export function generatorLoss(
  loss: Loss,
  fakeLogits: Value,
  { realLogits, weights }: GeneratorLossOptions = {},
): Value {
  if (loss.comparesWithReal && !realLogits)
    throw new ShapeError(`${loss.name}: the generator's loss needs realLogits [N, 1], got none`);
  requireLogits(loss, fakeLogits, ...(realLogits ? [realLogits] : []));
  const rows = loss.generator(fakeLogits, loss.comparesWithReal ? realLogits : undefined);
  return mean(weights ? mul(rows, weights) : rows);
}

function requireLogits({ name }: Loss, ...logits: readonly Value[]): void {
  for (const { shape } of logits) {
    if (shape.length === 2 && shape[1] === 1) continue;
    throw new ShapeError(`${name}: logits must be [N, 1], got ${formatShape(shape)}`);
  }
}
