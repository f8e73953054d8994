import type { Schedule } from '../optim/optimiser.ts';
import { constant, cosine, exponentialDecay, linear } from '../optim/schedules.ts';
import type { RampConfig, ScheduleConfig } from './schedule-config.ts';

/**
 * A schedule from a config, whose horizon counts steps.
 *
 * @param updatesPerStep - how many updates whoever follows it makes in a step. Default 1
 */
export function buildSchedule(config: ScheduleConfig, updatesPerStep = 1): Schedule {
  if (typeof config === 'number') return config;
  if ('constant' in config) return constant(config.constant);
  if ('linear' in config) return linear(ramp(config.linear, updatesPerStep));
  if ('cosine' in config) return cosine(ramp(config.cosine, updatesPerStep));
  return exponentialDecay(config.exponential);
}

function ramp({ from, to, steps, epochs, startAt = 0 }: RampConfig, updatesPerStep: number) {
  if (steps === undefined) return { from, to, epochs: epochs!, startAt };
  return { from, to, updates: steps * updatesPerStep, startAt: startAt * updatesPerStep };
}
