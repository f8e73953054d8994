import { ConfigError } from '../errors.ts';
import type { Schedule, UpdateTime } from './optimiser.ts';

/** Where a ramp lies: its horizon in updates of the optimiser or in epochs, one of the two, and what it joins. */
export interface RampOptions {
  readonly from: number;
  readonly to: number;
  /** Length in updates. With k discriminator updates a step, the discriminator's count runs k times as fast as steps. */
  readonly updates?: number;
  /** Length in epochs; the value then changes between epochs only. */
  readonly epochs?: number;
  /** The value stays at `from` until here, in the unit of the length. Default 0. */
  readonly startAt?: number;
}

/** The same value always; stays a constant of the graph. */
export function constant(value: number): Schedule {
  return value;
}

/**
 * `from + (to - from) f` in a straight line: f rises from 0 at `startAt` to 1 after the length and stays there.
 *
 * @throws ConfigError unless exactly one length is given and it is positive
 */
export function linear(options: RampOptions): Schedule {
  return ramp('linear', options, (fraction) => fraction);
}

/**
 * `from + (to - from) (1 - cos(pi f)) / 2`: half a cosine, flat at both ends.
 *
 * @throws ConfigError unless exactly one length is given and it is positive
 * @see Loshchilov and Hutter 2017, SGDR, equation 5 without restarts, https://arxiv.org/abs/1608.03983
 */
export function cosine(options: RampOptions): Schedule {
  return ramp('cosine', options, (fraction) => (1 - Math.cos(Math.PI * fraction)) / 2);
}

function ramp(
  name: string,
  { from, to, updates, epochs, startAt = 0 }: RampOptions,
  shape: (fraction: number) => number,
): Schedule {
  if ((updates === undefined) === (epochs === undefined))
    throw new ConfigError(
      `${name}: a length must be given in either updates or epochs, got ${updates === undefined ? 'neither' : 'both'}`,
    );
  const length = (updates ?? epochs)!;
  if (!(length > 0)) throw new ConfigError(`${name}: the length must be positive, got ${length}`);
  if (!(startAt >= 0)) throw new ConfigError(`${name}: startAt must not be negative, got ${startAt}`);
  const elapsed = ({ update, epoch }: UpdateTime): number => (updates === undefined ? epoch : update);
  return (time) => {
    const fraction = Math.min(Math.max((elapsed(time) - startAt) / length, 0), 1);
    const share = shape(fraction);
    // Both ends are met exactly, which `from + (to - from) share` does not guarantee.
    return from * (1 - share) + to * share;
  };
}

/** Settings of `exponentialDecay`. */
export interface ExponentialDecayOptions {
  readonly from: number;
  /** Above 1; 1.000004 in the released code: the rate halves every 173,287 updates. */
  readonly divisor: number;
  /** Default 0; 1e-6 in the released code. */
  readonly floor?: number;
}

/**
 * `max(from / divisor^update, floor)`, as the released code lowers its learning rate. In float64: the nearest float32 to
 * 1.000004 is 1.00000405, which would halve the rate 2,271 updates too early.
 *
 * @throws ConfigError unless the divisor is above 1
 * @see Pylearn2's sgd.ExponentialDecay
 */
export function exponentialDecay({ from, divisor, floor = 0 }: ExponentialDecayOptions): Schedule {
  if (!(divisor > 1)) throw new ConfigError(`exponentialDecay: divisor must be above 1, got ${divisor}`);
  return ({ update }) => Math.max(from / divisor ** update, floor);
}

/** Settings of `momentumRamp`. */
export interface MomentumRampOptions {
  /** Default 0.5, the released recipes'. */
  readonly from?: number;
  /** Default 0.7, the released recipes'. */
  readonly to?: number;
  /** The epoch, counted from 1, whose momentum is the last at `from`. Default 1, the released recipes'. */
  readonly start?: number;
  /** The epoch, counted from 1, whose momentum is the first at `to`. Default 250, the released recipes'. */
  readonly saturate?: number;
}

/**
 * Momentum that rises in a straight line between two epochs counted from 1, as Pylearn2's MomentumAdjustor counts them
 * (it counts before the first epoch already): by default 0.5 in epoch 1 and 0.7 from epoch 250 on.
 *
 * @throws ConfigError unless 1 <= start < saturate
 * @see Pylearn2's learning_rule.MomentumAdjustor and train.Train.main_loop
 */
export function momentumRamp({
  from = 0.5,
  to = 0.7,
  start = 1,
  saturate = 250,
}: MomentumRampOptions = {}): Schedule {
  if (!(start >= 1 && start < saturate))
    throw new ConfigError(
      `momentumRamp: start must be at least 1 and below saturate, got ${start} and ${saturate}`,
    );
  return linear({ from, to, epochs: saturate - start, startAt: start - 1 });
}
