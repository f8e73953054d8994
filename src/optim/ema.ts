import { ConfigError } from '../errors.ts';
import { add, mul, sub } from '../graph/functions/elementwise.ts';
import type { Tensors } from '../graph/tensor.ts';
import type { Values } from '../graph/value.ts';
import {
  type Clock,
  fraction,
  notNegative,
  positive,
  requireRange,
  type Schedule,
  scheduled,
} from './optimiser.ts';

/** Settings of `exponentialMovingAverage`. */
export interface ExponentialMovingAverageOptions {
  /** Share of the old average that is kept, in [0, 1); 0.999 in Progressive GAN and in Mescheder et al. 2018. */
  readonly decay: Schedule;
}

/** Settings of `halfLifeDecay`. */
export interface HalfLifeOptions {
  /** Real images after which a value's share of the average has fallen to half, positive; 500,000 in R3GAN. */
  readonly images: number;
  /** Examples of a minibatch. */
  readonly batch: number;
  /**
   * While training is young the half-life is this share of the images seen, so that the first, bad weights are soon
   * forgotten. Default 0.05 (StyleGAN2). 0: full length from the start.
   */
  readonly rampUp?: number;
}

/**
 * The decay of an average by its half-life: `0.5^(batch / min(images, rampUp seen))` with the images seen before; 0 in the
 * first update, which makes the average a copy.
 *
 * @throws ConfigError where a number is out of its range
 * @see Karras et al. 2020, Training Generative Adversarial Networks with Limited Data, appendix
 */
export function halfLifeDecay({ images, batch, rampUp = 0.05 }: HalfLifeOptions): Schedule {
  requireRange('halfLifeDecay', 'images', images, positive);
  requireRange('halfLifeDecay', 'rampUp', rampUp, notNegative);
  if (rampUp === 0) return 0.5 ** (batch / images);
  return ({ update }) => {
    const halfLife = Math.min(images, rampUp * update * batch);
    return halfLife === 0 ? 0 : 0.5 ** (batch / halfLife);
  };
}

/** An average that follows named values. */
export interface ExponentialMovingAverage {
  /** The first average: a copy of the values, under the same names. */
  init(values: Tensors): Tensors;
  /**
   * The next average.
   *
   * @param averages - the values of `init`'s tensors
   * @param values - what they follow, after their own update; under the same names
   * @param clock - counts updates of this average; declares `decay` where it is a schedule
   * @throws ConfigError where a value is missing
   */
  update(averages: Values, values: Values, clock: Clock): Values;
}

/**
 * `average <- decay average + (1 - decay) value`, computed as `average + (1 - decay) (value - average)`: the same number of
 * passes over memory, and an average that has arrived stays where it is, to the bit.
 *
 * @throws ConfigError where the decay is out of its range
 * @see Yazici et al. 2019, The Unusual Effectiveness of Averaging in GAN Training, https://arxiv.org/abs/1806.04498
 */
export function exponentialMovingAverage({
  decay,
}: ExponentialMovingAverageOptions): ExponentialMovingAverage {
  requireRange('exponentialMovingAverage', 'decay', decay, fraction);
  return {
    init: (values) =>
      Object.fromEntries(
        Object.entries(values).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]),
      ) as Tensors,
    update: (averages, values, clock) => {
      const share = scheduled(clock, 'share', decay, (kept) => 1 - kept);
      return Object.fromEntries(
        Object.entries(averages).map(([name, average]) => {
          const value = values[name];
          if (!value)
            throw new ConfigError(
              `exponentialMovingAverage: every average needs its value, got none named ${name} among ${Object.keys(values).length}`,
            );
          return [name, add(average, mul(sub(value, average), share))];
        }),
      );
    },
  };
}
