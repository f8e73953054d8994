import { type Density, gaussianMixture } from './density.ts';
import { criterion, gameValue, optimalLogit } from './divergences.ts';

/**
 * A family of densities with one parameter that contains the data, but not as the only place where descent comes to rest:
 * `0.7 N(theta, 0.5^2) + 0.3 N(-theta, 0.5^2)`, the data at theta = 2. At theta near -2 both modes stand where they should,
 * with each other's weights, and every small change of theta makes them worse.
 */
export function lopsided(theta: number): Density {
  return gaussianMixture(
    [
      { centre: [theta], deviation: 0.5, weight: 0.7 },
      { centre: [-theta], deviation: 0.5, weight: 0.3 },
    ],
    `theta ${theta}`,
  );
}

/** A descent on one parameter: where it was, and C there. */
export interface ParametricDescent {
  readonly theta: readonly number[];
  /** C after each step, in nats. */
  readonly values: readonly number[];
}

/** The derivative of `U(p_theta, D)` by theta for the D that is optimal at theta: what G's update follows. */
export function generatorGradient(family: (theta: number) => Density, data: Density, theta: number): number {
  const model = family(theta);
  const h = 1e-4;
  const value = (at: number): number =>
    gameValue(data, family(at), (x) => optimalLogit(data, model, x), { tolerance: 1e-10 }).value;
  return (value(theta + h) - value(theta - h)) / (2 * h);
}

/**
 * Algorithm 1 with everything exact: D optimal for each theta, then one step of G down its gradient.
 *
 * @param rate - of theta, in units of theta per nat; small enough that C falls at every step
 */
export function descendOnParameter(
  family: (theta: number) => Density,
  data: Density,
  start: number,
  { rate = 0.5, steps = 200 }: { readonly rate?: number; readonly steps?: number } = {},
): ParametricDescent {
  const theta = [start];
  const values = [criterion(data, family(start)).value];
  for (let i = 0; i < steps; i++) {
    const at = theta.at(-1)!;
    theta.push(at - rate * generatorGradient(family, data, at));
    values.push(criterion(data, family(theta.at(-1)!)).value);
  }
  return { theta, values };
}
