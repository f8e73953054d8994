import { ConfigError } from '../errors.ts';
import { add, mul, sub } from '../graph/functions/elementwise.ts';
import type { Tensors } from '../graph/tensor.ts';
import type { Values } from '../graph/value.ts';
import { type Clock, fraction, requireRange, type Schedule, scheduled } from './optimiser.ts';

/** Settings of `exponentialMovingAverage`. */
export interface ExponentialMovingAverageOptions {
  /** Share of the old average that is kept, in [0, 1); 0.999 in Progressive GAN and in Mescheder et al. 2018. */
  readonly decay: Schedule;
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
