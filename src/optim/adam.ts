import { add, div, mul, sqrt, square, sub } from '../graph/functions/elementwise.ts';
import {
  fraction,
  notNegative,
  type Optimiser,
  perParameter,
  positive,
  requireRange,
  type Schedule,
  valueAt,
} from './optimiser.ts';

/** Settings of `adam`. */
export interface AdamOptions {
  /** Not negative; Kingma and Ba suggest 0.001, DCGAN takes 0.0002. */
  readonly learningRate: Schedule;
  /** Decay of the mean gradient, in [0, 1). Default 0.9 (Kingma and Ba 2015); GANs often take 0.5 or 0. */
  readonly beta1?: number;
  /** Decay of the mean squared gradient, in [0, 1). Default 0.999 (Kingma and Ba 2015). */
  readonly beta2?: number;
  /** Added to the root of the mean square, positive. Default 1e-8 (Kingma and Ba 2015). */
  readonly epsilon?: number;
}

/**
 * Adam with both bias corrections: for update t = 1, 2, ...
 *
 * `m <- beta1 m + (1 - beta1) g; v <- beta2 v + (1 - beta2) g^2`
 * `p <- p - learningRate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)`
 *
 * State: `gradientSum` M = m / (1 - beta1), left out where beta1 is 0, and `squareSum` V = v / (1 - beta2). Every operator
 * is a pass over memory, which is all that an update costs, so the moments are kept without their factors and the factors
 * go into two numbers that the host computes in float64:
 *
 * `M <- beta1 M + g; V <- beta2 V + g^2; p <- p - rate (M / (sqrt(V) + offset))`
 *
 * with `c = sqrt((1 - beta2) / (1 - beta2^t))`, `rate = learningRate (1 - beta1) / (1 - beta1^t) / c` and
 * `offset = epsilon / c`: 10 passes instead of the 14 of the definition, 8 where beta1 is 0. Orders of these ten differ
 * by less than what can be measured; the same with epsilon under the root would save one more, but is not Adam.
 *
 * @throws ConfigError where a number is out of its range
 * @see Kingma and Ba 2015, https://arxiv.org/abs/1412.6980
 */
export function adam({ learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions): Optimiser {
  requireRange('adam', 'learningRate', learningRate, notNegative);
  requireRange('adam', 'beta1', beta1, fraction);
  requireRange('adam', 'beta2', beta2, fraction);
  requireRange('adam', 'epsilon', epsilon, positive);
  const rootCorrection = (update: number): number => Math.sqrt((1 - beta2) / (1 - beta2 ** (update + 1)));
  return perParameter('adam', {
    stateNames: beta1 === 0 ? ['squareSum'] : ['gradientSum', 'squareSum'],
    prepare: (clock) => {
      const rate = clock.scalar('rate', (time) => {
        const meanCorrection = (1 - beta1) / (1 - beta1 ** (time.update + 1));
        return (valueAt(learningRate, time) * meanCorrection) / rootCorrection(time.update);
      });
      const offset = clock.scalar('offset', ({ update }) => epsilon / rootCorrection(update));
      return (parameter, gradient, { gradientSum, squareSum }) => {
        const sum = gradientSum ? add(mul(gradientSum, beta1), gradient) : gradient;
        const squares = add(mul(squareSum!, beta2), square(gradient));
        const direction = div(sum, add(sqrt(squares), offset));
        return {
          parameter: sub(parameter, mul(direction, rate)),
          state: gradientSum ? { gradientSum: sum, squareSum: squares } : { squareSum: squares },
        };
      };
    },
  });
}
