import { ConfigError } from '../errors.ts';
import { normalMass } from './error-function.ts';
import type { Interval } from './quadrature.ts';

/** A probability density on the line or in the plane that is known exactly. */
export interface Density {
  readonly name: string;
  readonly dimension: 1 | 2;
  /** log p in nats, -Infinity where p is 0; finite far out, where p itself is too small for a number. On the line y is left out. */
  logDensity(x: number, y?: number): number;
  /** Probability of a box: `[left, right]`, and in the plane `[bottom, top]`. */
  mass(across: Interval, up?: Interval): number;
  /** By axis: outside this box lies less than 1e-30 of the probability. */
  readonly bounds: readonly Interval[];
  /** By axis: edges and peaks, where quadrature begins to cut. */
  readonly breakpoints: readonly (readonly number[])[];
  /** Smallest length on which the density changes, in the data's units: a deviation, or the width of a uniform. */
  readonly scale: number;
}

/** One isotropic Gaussian of a mixture, `[d]`. */
export interface GaussianComponent {
  readonly centre: readonly number[];
  readonly deviation: number;
  readonly weight: number;
}

/** exp(-12^2 / 2) is 5e-32. */
const REACH = 12;
const LOG_ROOT_2_PI = 0.5 * Math.log(2 * Math.PI);

function requirePositive(caller: string, name: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value)))
    throw new ConfigError(`${caller}: ${name} must be positive and finite, got ${value}`);
}

/** Its value at x: p(x), where `logDensity` would only be wanted as an exponent. */
export function densityAt(density: Density, x: number, y?: number): number {
  return Math.exp(density.logDensity(x, y));
}

/**
 * A mixture of isotropic Gaussians on the line or in the plane, `sum_k w_k N(x; c_k, s_k^2 I)`; weights are divided by
 * their sum.
 *
 * @throws ConfigError if there is no component, their dimensions differ or are none of 1 and 2, or a deviation or weight is
 *   not positive
 */
export function gaussianMixture(components: readonly GaussianComponent[], name = 'mixture'): Density {
  const dimension = components[0]?.centre.length;
  if (dimension !== 1 && dimension !== 2)
    throw new ConfigError(
      `gaussianMixture: components must be points on the line or in the plane, got ${dimension === undefined ? 'none' : `${dimension} coordinates`}`,
    );
  for (const { centre, deviation, weight } of components) {
    if (centre.length !== dimension)
      throw new ConfigError(
        `gaussianMixture: centres must have one length, got ${dimension} and ${centre.length}`,
      );
    requirePositive('gaussianMixture', 'deviation', deviation);
    requirePositive('gaussianMixture', 'weight', weight);
  }
  const total = components.reduce((sum, { weight }) => sum + weight, 0);
  const parts = components.map(({ centre, deviation, weight }) => ({
    x: centre[0]!,
    y: centre[1] ?? 0,
    deviation,
    share: weight / total,
    logFactor: Math.log(weight / total) - dimension * (Math.log(deviation) + LOG_ROOT_2_PI),
    precision: 1 / (2 * deviation * deviation),
  }));
  const exponents = new Float64Array(parts.length);
  const axis = (values: readonly { at: number; deviation: number }[]) => ({
    bounds: [
      Math.min(...values.map(({ at, deviation }) => at - REACH * deviation)),
      Math.max(...values.map(({ at, deviation }) => at + REACH * deviation)),
    ] as const,
    breakpoints: values.flatMap(({ at, deviation }) => [at - 7 * deviation, at, at + 7 * deviation]),
  });
  const axes = [axis(parts.map(({ x, deviation }) => ({ at: x, deviation })))];
  if (dimension === 2) axes.push(axis(parts.map(({ y, deviation }) => ({ at: y, deviation }))));
  return {
    name,
    dimension,
    logDensity(x, y = 0) {
      let most = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < parts.length; i++) {
        const part = parts[i]!;
        const squared = dimension === 1 ? (x - part.x) ** 2 : (x - part.x) ** 2 + (y - part.y) ** 2;
        const exponent = part.logFactor - squared * part.precision;
        exponents[i] = exponent;
        if (exponent > most) most = exponent;
      }
      if (parts.length === 1) return most;
      let sum = 0;
      for (let i = 0; i < parts.length; i++) sum += Math.exp(exponents[i]! - most);
      return most + Math.log(sum);
    },
    mass([left, right], up) {
      let sum = 0;
      for (const { x, y, deviation, share } of parts) {
        const across = normalMass((left - x) / deviation, (right - x) / deviation);
        sum += share * across * (up ? normalMass((up[0] - y) / deviation, (up[1] - y) / deviation) : 1);
      }
      return sum;
    },
    bounds: axes.map(({ bounds }) => bounds),
    breakpoints: axes.map(({ breakpoints }) => breakpoints),
    scale: Math.min(...parts.map(({ deviation }) => deviation)),
  };
}

/** `N(mean, deviation^2)`, the same deviation on each axis. */
export function gaussianDensity(mean: readonly number[], deviation: number, name = 'Gaussian'): Density {
  return gaussianMixture([{ centre: mean, deviation, weight: 1 }], name);
}

/**
 * The uniform density on an interval, or on a rectangle where there are two.
 *
 * @throws ConfigError if there are not one or two intervals, or one is empty
 */
export function uniformDensity(intervals: readonly Interval[], name = 'uniform'): Density {
  const [across, up] = intervals;
  if (!across || intervals.length > 2)
    throw new ConfigError(`uniformDensity: intervals must be 1 or 2, got ${intervals.length}`);
  for (const [low, high] of intervals)
    requirePositive('uniformDensity', 'the length of an interval', high - low);
  const volume = intervals.reduce((product, [low, high]) => product * (high - low), 1);
  const inside = ([low, high]: Interval, x: number): boolean => x >= low && x <= high;
  const shared = ([low, high]: Interval, [from, to]: Interval): number =>
    Math.max(0, Math.min(high, to) - Math.max(low, from));
  return {
    name,
    dimension: up ? 2 : 1,
    logDensity: (x, y = 0) =>
      inside(across, x) && (!up || inside(up, y)) ? -Math.log(volume) : Number.NEGATIVE_INFINITY,
    mass: (box, tall) => (shared(across, box) * (up && tall ? shared(up, tall) : 1)) / volume,
    bounds: intervals,
    breakpoints: intervals,
    scale: Math.min(...intervals.map(([low, high]) => high - low)),
  };
}

/**
 * `share p + (1 - share) q`.
 *
 * @param share - in [0, 1]
 * @throws ConfigError if the dimensions differ or `share` is out of range
 */
export function mixtureOf(p: Density, q: Density, share: number): Density {
  if (p.dimension !== q.dimension)
    throw new ConfigError(
      `mixtureOf: both densities must have one dimension, got ${p.dimension} (${p.name}) and ${q.dimension} (${q.name})`,
    );
  if (!(share >= 0 && share <= 1)) throw new ConfigError(`mixtureOf: share must be in [0, 1], got ${share}`);
  return {
    name: `${share} ${p.name} + ${1 - share} ${q.name}`,
    dimension: p.dimension,
    logDensity: (x, y) =>
      logSum(Math.log(share) + p.logDensity(x, y), Math.log(1 - share) + q.logDensity(x, y)),
    mass: (across, up) => share * p.mass(across, up) + (1 - share) * q.mass(across, up),
    bounds: p.bounds.map(([low, high], axis) => {
      const [otherLow, otherHigh] = q.bounds[axis]!;
      return [Math.min(low, otherLow), Math.max(high, otherHigh)];
    }),
    breakpoints: p.breakpoints.map((points, axis) => [
      ...points,
      ...p.bounds[axis]!,
      ...q.breakpoints[axis]!,
      ...q.bounds[axis]!,
    ]),
    scale: Math.min(p.scale, q.scale),
  };
}

/** `log(exp(a) + exp(b))`, also where both are -Infinity or too large for `exp`. */
export function logSum(a: number, b: number): number {
  const most = Math.max(a, b);
  return most === Number.NEGATIVE_INFINITY ? most : most + Math.log1p(Math.exp(Math.min(a, b) - most));
}
