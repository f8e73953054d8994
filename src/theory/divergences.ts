import { ConfigError } from '../errors.ts';
import { type Density, logSum, mixtureOf } from './density.ts';
import {
  type Integral,
  type Interval,
  integrate,
  integrateByTrapezoids,
  integratePlane,
} from './quadrature.ts';

/** How closely integrals are computed. */
export interface DivergenceOptions {
  /** Absolute; default 1e-11 on the line, 1e-9 in the plane, where ten times as many digits cost twenty times as much. */
  readonly tolerance?: number;
  /** Quadrature gives up here, with the error that it has by then. Default: that of `integrate` and `integratePlane`. */
  readonly mostEvaluations?: number;
}

/** Integral of f over where either density has probability, cut where they say. */
function integrateOver(
  p: Density,
  q: Density,
  f: (x: number, y?: number) => number,
  { tolerance, mostEvaluations }: DivergenceOptions,
): Integral {
  if (p.dimension !== q.dimension)
    throw new ConfigError(
      `divergence: both densities must have one dimension, got ${p.dimension} (${p.name}) and ${q.dimension} (${q.name})`,
    );
  const { bounds, breakpoints } = mixtureOf(p, q, 0.5);
  if (p.dimension === 1)
    return integrate(f, bounds[0]!, {
      breakpoints: breakpoints[0]!,
      tolerance: tolerance ?? 1e-11,
      ...(mostEvaluations === undefined ? {} : { mostEvaluations }),
    });
  return integratePlane(f, bounds[0]!, bounds[1]!, {
    breakpoints: [breakpoints[0]!, breakpoints[1]!],
    tolerance: tolerance ?? 1e-9,
    ...(mostEvaluations === undefined ? {} : { mostEvaluations }),
  });
}

/** `p (log p - log q)`, 0 where p is 0. */
const weighted = (logP: number, logQ: number): number =>
  logP === Number.NEGATIVE_INFINITY ? 0 : Math.exp(logP) * (logP - logQ);

/** `log(1 + exp(x))`, finite for any x. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/**
 * The optimal discriminator's logit, `log pdata(x) - log pg(x)`: sigmoid of it is D*. NaN where both densities are 0 and any D
 * is optimal.
 */
export function optimalLogit(data: Density, model: Density, x: number, y?: number): number {
  return data.logDensity(x, y) - model.logDensity(x, y);
}

/**
 * The optimal discriminator `D*(x) = pdata(x) / (pdata(x) + pg(x))`, in [0, 1]; NaN where both are 0.
 *
 * @see Goodfellow et al. 2014, Proposition 1
 */
export function optimalDiscriminator(data: Density, model: Density, x: number, y?: number): number {
  return 1 / (1 + Math.exp(-optimalLogit(data, model, x, y)));
}

/**
 * Kullback-Leibler divergence `KL(p || q) = E_p log(p / q)` by quadrature, in nats; Infinity where q is 0 on a part of p.
 */
export function kullbackLeibler(p: Density, q: Density, options: DivergenceOptions = {}): Integral {
  return integrateOver(p, q, (x, y) => weighted(p.logDensity(x, y), q.logDensity(x, y)), options);
}

/** Jensen-Shannon divergence `1/2 KL(p || m) + 1/2 KL(q || m)`, m = (p + q) / 2, in nats: in [0, log 2]. */
export function jensenShannon(p: Density, q: Density, options: DivergenceOptions = {}): Integral {
  const integrand = (x: number, y?: number): number => {
    const logP = p.logDensity(x, y);
    const logQ = q.logDensity(x, y);
    const logM = logSum(logP, logQ) - Math.LN2;
    return 0.5 * (weighted(logP, logM) + weighted(logQ, logM));
  };
  return integrateOver(p, q, integrand, options);
}

/**
 * The value of the game for one discriminator, `V = U(pg, D) = E_pdata log D(x) + E_pg log(1 - D(x))`, in nats.
 *
 * @param logit - of D at a point, before the sigmoid; log D = -softplus(-logit) stays finite where D does not
 */
export function gameValue(
  data: Density,
  model: Density,
  logit: (x: number, y?: number) => number,
  options: DivergenceOptions = {},
): Integral {
  const integrand = (x: number, y?: number): number => {
    const value = logit(x, y);
    // Where both densities are 0, D* is anything: such points have no weight.
    const logP = data.logDensity(x, y);
    const logQ = model.logDensity(x, y);
    const real = logP === Number.NEGATIVE_INFINITY ? 0 : Math.exp(logP) * softplus(-value);
    const fake = logQ === Number.NEGATIVE_INFINITY ? 0 : Math.exp(logQ) * softplus(value);
    return -(real + fake);
  };
  return integrateOver(data, model, integrand, options);
}

/**
 * The generator's criterion `C(G) = max_D V(D, G) = V(D*, G)`: the expectation of the logarithms of D* itself, by
 * quadrature, in nats. At least -log 4, which it is if and only if pg = pdata.
 *
 * @see Goodfellow et al. 2014, Theorem 1
 */
export function criterion(data: Density, model: Density, options: DivergenceOptions = {}): Integral {
  return gameValue(data, model, (x, y) => optimalLogit(data, model, x, y), options);
}

/**
 * The same criterion on another route, `-log 4 + KL(pdata || m) + KL(pg || m)`: the divergences to the mixture
 * m = (pdata + pg) / 2, one by one, by sums over equally spaced points instead of Gauss-Kronrod. On the line, for densities
 * that are smooth everywhere.
 *
 * @throws ConfigError if a density is in the plane
 */
export function criterionByDivergences(data: Density, model: Density): Integral {
  if (data.dimension !== 1 || model.dimension !== 1)
    throw new ConfigError(
      `criterionByDivergences: densities must be on the line, got dimensions ${data.dimension} and ${model.dimension}`,
    );
  const middle = mixtureOf(data, model, 0.5);
  const interval: Interval = middle.bounds[0]!;
  const [toData, toModel] = [data, model].map((density) =>
    integrateByTrapezoids((x) => {
      const p = Math.exp(density.logDensity(x));
      return p === 0 ? 0 : p * Math.log(p / Math.exp(middle.logDensity(x)));
    }, interval),
  ) as [Integral, Integral];
  return {
    value: -Math.log(4) + toData.value + toModel.value,
    error: toData.error + toModel.error,
    evaluations: toData.evaluations + toModel.evaluations,
  };
}

/** `KL(N(mean, deviation^2 I) || N(otherMean, otherDeviation^2 I))` in its closed form, in nats: what quadrature is checked against. */
export function gaussianKullbackLeibler(
  [mean, deviation]: readonly [readonly number[], number],
  [otherMean, otherDeviation]: readonly [readonly number[], number],
): number {
  const ratio = (deviation / otherDeviation) ** 2;
  const squared = mean.reduce((sum, value, axis) => sum + (value - otherMean[axis]!) ** 2, 0);
  return 0.5 * (mean.length * (ratio - 1 - Math.log(ratio)) + squared / otherDeviation ** 2);
}
