import { ConfigError, ShapeError } from '../errors.ts';

/**
 * Probabilities of finitely many cells: a density without parameters. In this space, and not in that of a network's weights,
 * Proposition 2 speaks.
 */
export type Probabilities = Float64Array;

/**
 * Weights divided by their sum.
 *
 * @throws ConfigError if one is negative or not finite, or all are 0
 */
export function probabilities(weights: ArrayLike<number>): Probabilities {
  const values = Float64Array.from(weights);
  let total = 0;
  for (const value of values) {
    if (!(value >= 0 && Number.isFinite(value)))
      throw new ConfigError(`probabilities: weights must be finite and not negative, got ${value}`);
    total += value;
  }
  if (total === 0)
    throw new ConfigError(`probabilities: a weight must be positive, got ${values.length} zeros`);
  return values.map((value) => value / total);
}

function requireSameCells(caller: string, p: Probabilities, q: Probabilities): void {
  if (p.length !== q.length)
    throw new ShapeError(`${caller}: both must have the same cells, got ${p.length} and ${q.length}`);
}

const xLogX = (weight: number, ratio: number): number => (weight === 0 ? 0 : weight * Math.log(ratio));

/**
 * `U(pg, D) = sum pdata log D + pg log(1 - D)`, in nats: affine in pg for every D.
 *
 * @param d - D in each cell, in [0, 1]
 */
export function payoff(data: Probabilities, model: Probabilities, d: Float64Array): number {
  requireSameCells('payoff', data, model);
  return data.reduce((sum, p, i) => sum + xLogX(p, d[i]!) + xLogX(model[i]!, 1 - d[i]!), 0);
}

/** D* in each cell, `pdata / (pdata + pg)`; 1/2 where both are 0. */
export function bestResponse(data: Probabilities, model: Probabilities): Float64Array {
  requireSameCells('bestResponse', data, model);
  return data.map((p, i) => (p + model[i]! === 0 ? 0.5 : p / (p + model[i]!)));
}

/**
 * `C = max_D U(pg, D)`, in nats: -log 4 where pg is pdata, at most 0. The logarithms of D* are taken as ratios: 1 - D* itself
 * rounds to 0 where pg is tiny beside pdata.
 */
export function cellCriterion(data: Probabilities, model: Probabilities): number {
  requireSameCells('cellCriterion', data, model);
  return data.reduce((sum, p, i) => {
    const q = model[i]!;
    return sum + xLogX(p, p / (p + q)) + xLogX(q, q / (p + q));
  }, 0);
}

/** One step on pg against the D that is optimal for it. */
export type DescentStep = (data: Probabilities, model: Probabilities) => Probabilities;

/**
 * Exponentiated gradient: `pg <- pg (1 - D*)^(-eta) / Z`, which is `pg (pg / (pdata + pg))^(-eta) / Z`; the derivative of C
 * by pg is `log(1 - D*)`. Steepest descent where distance is measured by KL. At `eta = 1` it is `(pg + pdata) / 2`.
 *
 * @see Kivinen and Warmuth 1997
 */
export function exponentiatedGradient(eta: number): DescentStep {
  return (data, model) => {
    const logs = model.map((q, i) =>
      q === 0 ? -Infinity : Math.log(q) - eta * Math.log(q / (data[i]! + q)),
    );
    // Large steps from a tiny pg would overflow; only ratios count.
    const most = Math.max(...logs);
    return probabilities(logs.map((value) => Math.exp(value - most)));
  };
}

/** The point of the simplex that is nearest to `values` in Euclidean distance. */
export function projectOnSimplex(values: Float64Array): Probabilities {
  const sorted = values.slice().sort().reverse();
  let sum = 0;
  let threshold = 0;
  for (const [i, value] of sorted.entries()) {
    sum += value;
    const candidate = (sum - 1) / (i + 1);
    if (value - candidate > 0) threshold = candidate;
  }
  return values.map((value) => Math.max(0, value - threshold));
}

/**
 * Plain gradient descent, projected: `pg <- P(pg - eta log(1 - D*))`, P the nearest point of the simplex. The derivative
 * has no bound where pg is small beside pdata: a cell jumps from 0, overshoots, and is set back to 0.
 *
 * @param least - where pg is smaller, the derivative is taken as if it were this: at 0 it is -Infinity, along which no step
 *   can be made. Default 1e-12, the constant that such code usually adds inside a logarithm
 */
export function projectedGradient(eta: number, least = 1e-12): DescentStep {
  return (data, model) =>
    projectOnSimplex(
      model.map((q, i) => {
        const held = Math.max(q, least);
        return q - eta * (data[i]! === 0 ? 0 : Math.log(held / (data[i]! + held)));
      }),
    );
}

/** What a descent went through. */
export interface Descent {
  readonly model: Probabilities;
  /** C before the first step and after each, in nats. */
  readonly values: readonly number[];
}

/** Descends on pg, D optimal at every step: the algorithm of Proposition 2. */
export function descend(
  data: Probabilities,
  start: Probabilities,
  step: DescentStep,
  steps: number,
): Descent {
  requireSameCells('descend', data, start);
  let model = start;
  const values = [cellCriterion(data, model)];
  for (let i = 0; i < steps; i++) {
    model = step(data, model);
    values.push(cellCriterion(data, model));
  }
  return { model, values };
}
