import { ShapeError } from '../errors.ts';
import { add, mul, neg, softplus } from '../graph/functions/elementwise.ts';
import { mean } from '../graph/functions/reductions.ts';
import { formatShape } from '../graph/shapes.ts';
import type { Value } from '../graph/value.ts';

/** What a discriminator's loss may be told. */
export interface DiscriminatorLossOptions {
  /**
   * One-sided label smoothing: the target for real examples, in (0, 1]. Default 1, the paper's. Fakes keep the target 0:
   * smoothing both sides would move the optimal discriminator away from the data (Salimans et al. 2016, section 3.4).
   */
  readonly realTarget?: number;
}

/** Both players' losses; logits are D's outputs before the sigmoid, float32 [N, 1]. Each is a scalar in nats. */
export interface Loss {
  /** What D minimises. */
  discriminator(realLogits: Value, fakeLogits: Value, options?: DiscriminatorLossOptions): Value;
  /** What G minimises. */
  generator(fakeLogits: Value): Value;
}

function requireLogits(caller: string, ...logits: readonly Value[]): void {
  for (const { shape } of logits) {
    if (shape.length === 2 && shape[1] === 1) continue;
    throw new ShapeError(`${caller}: logits must be [N, 1], got ${formatShape(shape)}`);
  }
}

/**
 * Binary cross-entropy of logits against one target, `mean(softplus(-l) t + softplus(l) (1 - t))`: finite for any finite
 * logit, where log(sigmoid(l)) is not.
 *
 * @param logits - float32 [N, 1]
 * @param target - probability of "real", in [0, 1]
 */
export function binaryCrossEntropy(logits: Value, target: number): Value {
  const real = mean(softplus(neg(logits)));
  if (target === 1) return real;
  const fake = mean(softplus(logits));
  return target === 0 ? fake : add(mul(real, target), mul(fake, 1 - target));
}

/**
 * D's loss in the game V(D, G), `-E log D(x) - E log(1 - D(G(z)))`: 1.386 = log 4 when D outputs 1/2 everywhere.
 *
 * @throws ShapeError if logits are not [N, 1]
 * @see Goodfellow et al. 2014, equation 1
 */
function discriminator(
  realLogits: Value,
  fakeLogits: Value,
  { realTarget = 1 }: DiscriminatorLossOptions = {},
): Value {
  requireLogits('discriminator loss', realLogits, fakeLogits);
  return add(binaryCrossEntropy(realLogits, realTarget), binaryCrossEntropy(fakeLogits, 0));
}

/**
 * The zero-sum game: G minimises `E log(1 - D(G(z))) = -mean(softplus(fakeLogits))`, -0.693 when D outputs 1/2. Its
 * gradient vanishes where D is sure of a fake: with respect to the logit it is D(G(z)) itself.
 *
 * @see Goodfellow et al. 2014, equation 1
 */
export const minimax: Loss = {
  discriminator,
  generator: (fakeLogits) => {
    requireLogits('minimax', fakeLogits);
    return neg(mean(softplus(fakeLogits)));
  },
};

/**
 * The loss of practice: G minimises `-E log D(G(z)) = mean(softplus(-fakeLogits))`, 0.693 when D outputs 1/2. The same
 * fixed point as `minimax`; the gradient with respect to the logit is 1 - D(G(z)) and strong where D wins.
 *
 * @see Goodfellow et al. 2014, end of section 3
 */
export const nonSaturating: Loss = {
  discriminator,
  generator: (fakeLogits) => {
    requireLogits('nonSaturating', fakeLogits);
    return mean(softplus(neg(fakeLogits)));
  },
};
