import { ConfigError } from '../errors.ts';
import type { Density } from './density.ts';
import { normalMass } from './error-function.ts';
import type { Interval } from './quadrature.ts';

/** A generator with one input and one output, on evenly spaced points of its input. */
export interface Samples1d {
  /** Where z is: from and to. What a Gaussian z has outside of it is left out. */
  readonly interval: Interval;
  /** Of z: uniform on the interval, or N(0, 1). Default uniform. */
  readonly latent?: 'uniform' | 'gaussian';
  /** G at evenly spaced z, both ends included. */
  readonly values: Float64Array;
  /** dG/dz there. */
  readonly slopes: Float64Array;
}

/** The cubic on [0, 1] with values a, b and slopes (per unit) s, t at the ends. */
interface Cubic {
  readonly a: number;
  readonly b: number;
  readonly s: number;
  readonly t: number;
}

const at = ({ a, b, s, t }: Cubic, u: number): number => {
  const v = 1 - u;
  return a * v * v * (1 + 2 * u) + s * u * v * v + b * u * u * (1 + 2 * v) - t * u * u * v;
};
const slopeAt = ({ a, b, s, t }: Cubic, u: number): number =>
  6 * (b - a) * u * (1 - u) + s * (1 - u) * (1 - 3 * u) + t * u * (3 * u - 2);

/** G(z) between the given points, by the cubic that `pushForward` takes for it. */
export function valueOfMap({ interval: [from, to], values, slopes }: Samples1d, z: number): number {
  const cells = values.length - 1;
  const width = (to - from) / cells;
  const i = Math.min(cells - 1, Math.max(0, Math.floor((z - from) / width)));
  return at(
    { a: values[i]!, b: values[i + 1]!, s: width * slopes[i]!, t: width * slopes[i + 1]! },
    (z - from) / width - i,
  );
}

/** Where the cubic turns inside (0, 1). */
function turningPoints({ a, b, s, t }: Cubic): number[] {
  // slope(u) = A u^2 + B u + s
  const [A, B] = [3 * (s + t) - 6 * (b - a), 6 * (b - a) - 4 * s - 2 * t];
  const discriminant = B * B - 4 * A * s;
  if (discriminant <= 0) return [];
  const q = -0.5 * (B + (B < 0 ? -1 : 1) * Math.sqrt(discriminant));
  return [q / A, s / q].filter((u) => u > 0 && u < 1).sort((x, y) => x - y);
}

/** A stretch of z on which G rises or falls throughout. */
interface Branch {
  readonly cubic: Cubic;
  /** Where its cell begins. */
  readonly z: number;
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
}

function solve({ cubic, from, to }: Branch, x: number): number {
  let [low, high] = [from, to];
  const rises = at(cubic, to) > at(cubic, from);
  let u = (low + high) / 2;
  for (let i = 0; i < 60 && high - low > 1e-14; i++) {
    if (at(cubic, u) < x === rises) low = u;
    else high = u;
    // Newton where it stays inside, else bisection.
    const next = u - (at(cubic, u) - x) / slopeAt(cubic, u);
    u = next > low && next < high ? next : (low + high) / 2;
  }
  return u;
}

/**
 * The density of G(z) by change of variables: `pg(x) = sum over z with G(z) = x of pz / |G'(z)|`. Between the
 * given points G is the cubic through its values and slopes, whose error falls with the fourth power of their distance; the
 * density of that cubic is exact, folds included.
 *
 * @throws ConfigError unless there are as many slopes as values, two of them at least, all finite
 */
export function pushForward(
  { interval, values, slopes, latent = 'uniform' }: Samples1d,
  name = 'generator',
): Density {
  const cells = values.length - 1;
  if (cells < 1 || slopes.length !== values.length)
    throw new ConfigError(
      `pushForward: values and slopes must be lists of one length from 2, got ${values.length} and ${slopes.length}`,
    );
  if (!(values.every(Number.isFinite) && slopes.every(Number.isFinite)))
    throw new ConfigError('pushForward: values and slopes must be finite, got one that is not');
  const width = (interval[1] - interval[0]) / cells;
  const branches: Branch[] = [];
  for (let i = 0; i < cells; i++) {
    const cubic: Cubic = {
      a: values[i]!,
      b: values[i + 1]!,
      s: width * slopes[i]!,
      t: width * slopes[i + 1]!,
    };
    const cuts = [0, ...turningPoints(cubic), 1];
    for (const [j, to] of cuts.slice(1).entries()) {
      const from = cuts[j]!;
      const ends = [at(cubic, from), at(cubic, to)];
      branches.push({
        cubic,
        z: interval[0] + i * width,
        from,
        to,
        low: Math.min(...ends),
        high: Math.max(...ends),
      });
    }
  }
  branches.sort((p, q) => p.low - q.low);
  // In units of a cell, as u is: the density of z at u, and the probability between two u.
  const isGaussian = latent === 'gaussian';
  const weight = ({ z }: Branch, u: number): number =>
    isGaussian ? (width * Math.exp(-((z + u * width) ** 2) / 2)) / Math.sqrt(2 * Math.PI) : 1 / cells;
  const probability = ({ z }: Branch, u: number, v: number): number =>
    isGaussian ? normalMass(z + Math.min(u, v) * width, z + Math.max(u, v) * width) : Math.abs(v - u) / cells;
  // Branches are sorted by their lower end: how far back one may begin that still reaches x.
  const longest = Math.max(...branches.map(({ low, high }) => high - low));
  const near = (low: number, high: number): readonly Branch[] => {
    const first = lowerBound(branches, low - longest);
    const last = lowerBound(branches, high);
    return branches.slice(first, Math.min(branches.length, last + 1));
  };
  // Folds are peaks of the density, and so are its edges: quadrature begins to cut there.
  const turns = branches.flatMap(({ from, to, cubic }) => [
    ...(from > 0 ? [at(cubic, from)] : []),
    ...(to < 1 ? [at(cubic, to)] : []),
  ]);
  const ends = [values[0]!, values[cells]!];
  const bounds: Interval = [branches[0]!.low, Math.max(...branches.map(({ high }) => high))];
  return {
    name,
    dimension: 1,
    logDensity(x) {
      let sum = 0;
      for (const branch of near(x, x))
        if (x >= branch.low && x < branch.high) {
          const u = solve(branch, x);
          sum += weight(branch, u) / Math.abs(slopeAt(branch.cubic, u));
        }
      return Math.log(sum);
    },
    mass([left, right]) {
      let sum = 0;
      for (const branch of near(left, right)) {
        const [low, high] = [Math.max(left, branch.low), Math.min(right, branch.high)];
        if (high <= low) continue;
        const whole = low === branch.low && high === branch.high;
        sum += whole
          ? probability(branch, branch.from, branch.to)
          : probability(branch, solve(branch, low), solve(branch, high));
      }
      return sum;
    },
    bounds: [bounds],
    breakpoints: [[...turns, ...ends]],
    scale: (bounds[1] - bounds[0]) / 16,
  };
}

function lowerBound(branches: readonly Branch[], x: number): number {
  let [low, high] = [0, branches.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (branches[middle]!.low < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
