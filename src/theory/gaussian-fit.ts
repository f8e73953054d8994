import { type Density, gaussianDensity } from './density.ts';
import { jensenShannon, kullbackLeibler } from './divergences.ts';
import { minimise } from './minimise.ts';

/** What is made small: `KL(data || model)` is maximum likelihood, `KL(model || data)` its reverse, JSD the GAN's criterion. */
export type FitCriterion = 'KL(data || model)' | 'KL(model || data)' | 'JSD';

/** One Gaussian, and how well it fits. */
export interface GaussianFit {
  readonly mean: number;
  readonly deviation: number;
  /** Of the criterion, in nats. */
  readonly value: number;
}

const criteria: {
  readonly [C in FitCriterion]: (data: Density, model: Density) => number;
} = {
  'KL(data || model)': (data, model) => kullbackLeibler(data, model, { tolerance: 1e-9 }).value,
  'KL(model || data)': (data, model) => kullbackLeibler(model, data, { tolerance: 1e-9 }).value,
  JSD: (data, model) => jensenShannon(data, model, { tolerance: 1e-9 }).value,
};

/**
 * The Gaussian that fits a density on the line best by a criterion, from each of several starts: criteria that follow single
 * modes have several minima.
 *
 * @param starts - [mean, deviation] to search from
 * @returns one fit a start, in their order
 */
export function fitGaussian(
  data: Density,
  criterion: FitCriterion,
  starts: readonly (readonly [number, number])[],
): GaussianFit[] {
  return starts.map(([mean, deviation]) => {
    const { at, value } = minimise(
      ([m, logDeviation]) => criteria[criterion](data, gaussianDensity([m!], Math.exp(logDeviation!))),
      [mean, Math.log(deviation)],
      { size: 0.3, tolerance: 1e-6, mostEvaluations: 400 },
    );
    return { mean: at[0]!, deviation: Math.exp(at[1]!), value };
  });
}
