import { add, div, mul, sqrt, square, sub } from '../graph/functions/elementwise.ts';
import {
  fraction,
  notNegative,
  type Optimiser,
  perParameter,
  positive,
  requireRange,
  type Schedule,
  scheduled,
} from './optimiser.ts';

/** Settings of `rmsprop`. */
export interface RmspropOptions {
  /** Not negative; 5e-5 in WGAN. */
  readonly learningRate: Schedule;
  /** Decay of the mean square, in [0, 1). Default 0.99, PyTorch's `alpha`. */
  readonly decay?: number;
  /** Added to the root of the mean square, positive. Default 1e-8, PyTorch's. */
  readonly epsilon?: number;
}

/**
 * RMSProp as PyTorch has it: `v <- decay v + (1 - decay) g^2; p <- p - learningRate g / (sqrt(v) + epsilon)`, no momentum,
 * no bias correction.
 *
 * State: `squareSum` V = v / (1 - decay). As in `adam`, the factor goes into the two numbers of the update, which saves
 * a pass over the weights: `p <- p - rate (g / (sqrt(V) + offset))`.
 *
 * @throws ConfigError where a number is out of its range
 * @see Tieleman and Hinton 2012, Coursera lecture 6e
 */
export function rmsprop({ learningRate, decay = 0.99, epsilon = 1e-8 }: RmspropOptions): Optimiser {
  requireRange('rmsprop', 'learningRate', learningRate, notNegative);
  requireRange('rmsprop', 'decay', decay, fraction);
  requireRange('rmsprop', 'epsilon', epsilon, positive);
  const root = Math.sqrt(1 - decay);
  return perParameter('rmsprop', {
    stateNames: ['squareSum'],
    prepare: (clock) => {
      const rate = scheduled(clock, 'rate', learningRate, (value) => value / root);
      return (parameter, gradient, { squareSum }) => {
        const squares = add(mul(squareSum!, decay), square(gradient));
        const direction = div(gradient, add(sqrt(squares), epsilon / root));
        return { parameter: sub(parameter, mul(direction, rate)), state: { squareSum: squares } };
      };
    },
  });
}
