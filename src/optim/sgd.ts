import { add, mul } from '../graph/functions/elementwise.ts';
import {
  fraction,
  notNegative,
  type Optimiser,
  perParameter,
  requireRange,
  type Schedule,
  scheduled,
} from './optimiser.ts';

/** Settings of `sgd`. */
export interface SgdOptions {
  /** Not negative. The released recipes start at 0.1 (MNIST). */
  readonly learningRate: Schedule;
  /** mu in [0, 1). Default 0: no velocity is kept. A number can be folded into the product that makes the gradient. */
  readonly momentum?: Schedule;
}

/**
 * Gradient descent with momentum in Pylearn2's form: `v <- mu v - learningRate g; p <- p + v`.
 *
 * PyTorch keeps `v <- mu v + g; p <- p - learningRate v` instead: the same as long as the learning rate stays, another
 * path when it changes, because here the velocity remembers the rates at which it was made.
 *
 * State: `velocity`, where momentum is not 0.
 *
 * @throws ConfigError where a number is out of its range
 * @see Pylearn2's learning_rule.Momentum; Hinton 2010, A Practical Guide to Training RBMs, section 9
 */
export function sgd({ learningRate, momentum = 0 }: SgdOptions): Optimiser {
  requireRange('sgd', 'learningRate', learningRate, notNegative);
  requireRange('sgd', 'momentum', momentum, fraction);
  if (momentum === 0) return plain(learningRate);
  return perParameter('sgd', {
    stateNames: ['velocity'],
    prepare: (clock) => {
      const minusRate = scheduled(clock, 'minusLearningRate', learningRate, (rate) => -rate);
      const mu = scheduled(clock, 'momentum', momentum);
      return (parameter, gradient, { velocity }) => {
        // The simplifier knows this form: where mu is a constant and the gradient a Gemm, the sum becomes one Gemm.
        const next = add(mul(velocity!, mu), mul(gradient, minusRate));
        return { parameter: add(parameter, next), state: { velocity: next } };
      };
    },
  });
}

/** `p <- p - learningRate g`. */
function plain(learningRate: Schedule): Optimiser {
  return perParameter('sgd', {
    stateNames: [],
    prepare: (clock) => {
      const minusRate = scheduled(clock, 'minusLearningRate', learningRate, (rate) => -rate);
      return (parameter, gradient) => ({
        parameter: add(parameter, mul(gradient, minusRate)),
        state: {},
      });
    },
  });
}
