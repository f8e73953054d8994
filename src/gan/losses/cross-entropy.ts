import { add, mul, neg, softplus } from '../../graph/functions/elementwise.ts';
import { mean } from '../../graph/functions/reductions.ts';
import type { Value } from '../../graph/value.ts';
import type { Loss } from '../loss.ts';

/**
 * Binary cross-entropy of logits against one target, `mean(softplus(-l) t + softplus(l) (1 - t))`: finite for any finite
 * logit, where log(sigmoid(l)) is not.
 *
 * @param logits - float32 [N, 1]
 * @param target - probability of "real", in [0, 1]
 * @returns float32 [], in nats
 */
export function binaryCrossEntropy(logits: Value, target: number): Value {
  return mean(crossEntropyRows(logits, target));
}

function crossEntropyRows(logits: Value, target: number): Value {
  if (target === 1) return softplus(neg(logits));
  if (target === 0) return softplus(logits);
  return add(mul(softplus(neg(logits)), target), mul(softplus(logits), 1 - target));
}

/** D's loss in the game V(D, G), `-log D(x) - log(1 - D(G(z)))`: log 4 = 1.386 when D outputs 1/2 everywhere. */
const discriminator: Loss['discriminator'] = (realLogits, fakeLogits, realTarget) => [
  crossEntropyRows(realLogits, realTarget),
  crossEntropyRows(fakeLogits, 0),
];

/**
 * The zero-sum game: G minimises `E log(1 - D(G(z))) = -mean(softplus(fakeLogits))`, -0.693 when D outputs 1/2. Its
 * gradient vanishes where D is sure of a fake: with respect to the logit it is D(G(z)) itself.
 *
 * @see Goodfellow et al. 2014, equation 1
 */
export const minimax: Loss = {
  name: 'minimax',
  discriminator,
  generator: (fakeLogits) => neg(softplus(fakeLogits)),
  logOdds: true,
};

/**
 * The loss of practice: G minimises `-E log D(G(z)) = mean(softplus(-fakeLogits))`, 0.693 when D outputs 1/2. The same
 * fixed point as `minimax`; the gradient with respect to the logit is 1 - D(G(z)) and strong where D wins.
 *
 * @see Goodfellow et al. 2014, end of section 3
 */
export const nonSaturating: Loss = {
  name: 'nonSaturating',
  discriminator,
  generator: (fakeLogits) => softplus(neg(fakeLogits)),
  logOdds: true,
};
