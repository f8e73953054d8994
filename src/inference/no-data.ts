import type { Minibatches } from '../data/minibatches.ts';
import { ConfigError } from '../errors.ts';

const refuse = (): never => {
  throw new ConfigError('minibatches: the step must be fed with noise alone, got one that asks for data');
};

/** What steps that take no examples are given: an encoder learns from a generator, a search from its own target. */
export const noData: Minibatches = {
  batch: 1,
  k: 1,
  exampleShape: [],
  dtype: 'float32',
  stepsPerEpoch: undefined,
  fill: refuse,
  fillLabels: refuse,
};
