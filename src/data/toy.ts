import { ConfigError } from '../errors.ts';
import { cosOfTurn, sinOfTurn } from '../random/elementary.ts';
import { fillNormal } from '../random/normal.ts';
import { fillBits, type Key, streamOf } from '../random/threefry.ts';
import type { Distribution, Modes } from './dataset.ts';

/** Draws need two sequences (where a point lies, and its noise): both come from the one key that the caller owns. */
const substream = (key: Key, name: string): Key => ({
  seed: key.seed,
  stream: (key.stream ^ streamOf(name)) >>> 0,
});

/** What `mixture` draws from: lists of one length, index by index. */
export interface Mixture {
  readonly name: string;
  readonly fingerprint: string;
  readonly centres: readonly (readonly number[])[];
  readonly deviations: readonly number[];
  /** Summing to 1. */
  readonly weights: readonly number[];
}

/** A mixture of isotropic Gaussians, [d], which it does not check: the named sets and `gaussians1d` are made of it. */
export function mixture({ name, fingerprint, centres, deviations, weights }: Mixture): Distribution {
  const dimension = centres[0]!.length;
  let sum = 0;
  const cumulative = weights.map((weight) => (sum += weight));
  const shared = deviations.every((deviation) => deviation === deviations[0]);
  const modes: Modes = { centres, standardDeviation: deviations[0]! };

  function draw(key: Key, step: number, out: Float32Array): void {
    fillNormal(substream(key, 'noise'), step, out);
    const words = new Uint32Array(out.length / dimension);
    fillBits(substream(key, 'component'), step, words);
    for (let row = 0; row < words.length; row++) {
      const u = words[row]! / 2 ** 32;
      let component = 0;
      // The last component takes what rounding leaves of the sum.
      while (component < cumulative.length - 1 && u >= cumulative[component]!) component++;
      const centre = centres[component]!;
      const deviation = deviations[component]!;
      for (let axis = 0; axis < dimension; axis++) {
        const at = row * dimension + axis;
        out[at] = centre[axis]! + deviation * out[at]!;
      }
    }
  }

  return {
    kind: 'points',
    name,
    exampleShape: [dimension],
    draw,
    fingerprint,
    components: centres.map((centre, i) => ({ centre, deviation: deviations[i]!, weight: weights[i]! })),
    ...(shared ? { modes } : {}),
  };
}

const evenly = (count: number): number[] => Array.from({ length: count }, () => 1 / count);

const diagonal = Math.SQRT1_2;
const compass = [
  [1, 0],
  [diagonal, diagonal],
  [0, 1],
  [-diagonal, diagonal],
  [-1, 0],
  [-diagonal, -diagonal],
  [0, -1],
  [diagonal, -diagonal],
] as const;

// biome-ignore lint/suspicious/noApproximativeNumericConstant: the authors' figure, which is not the root of 2
const ringScale = 1.414;

/**
 * Eight Gaussians of deviation 0.02 on a circle of radius 2, all divided by 1.414: [2], modes listed counterclockwise
 * from (1.414, 0).
 *
 * @see Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028, gan_toy.py in the authors' code
 */
export const ring8: Distribution = mixture({
  name: 'ring8',
  fingerprint: 'ring8: 8 gaussians, radius 2, deviation 0.02, over 1.414',
  centres: compass.map(([x, y]) => [(2 * x) / ringScale, (2 * y) / ringScale]),
  deviations: compass.map(() => 0.02 / ringScale),
  weights: evenly(8),
});

const gridLines = [-4, -2, 0, 2, 4];
const crossings = gridLines.flatMap((x) => gridLines.map((y) => [x, y] as const));

/**
 * Twenty-five Gaussians of deviation 0.05 on the grid {-4, -2, 0, 2, 4} squared, all divided by 2.828: [2].
 *
 * @see Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028, gan_toy.py in the authors' code
 */
export const grid25: Distribution = mixture({
  name: 'grid25',
  fingerprint: 'grid25: 25 gaussians, spacing 2, deviation 0.05, over 2.828',
  centres: crossings.map(([x, y]) => [x / 2.828, y / 2.828]),
  deviations: crossings.map(() => 0.05 / 2.828),
  weights: evenly(25),
});

/** Sizes of `swissroll` before they are divided by `scale`: what its density is computed from, too. */
export const spiral: {
  /** Angles of its ends. */
  readonly from: number;
  readonly to: number;
  readonly deviation: number;
  readonly scale: number;
} = { from: 1.5 * Math.PI, to: 4.5 * Math.PI, deviation: 0.25, scale: 7.5 };

/**
 * The swiss roll seen from its end, `(t cos t, t sin t) / 7.5` with `t` uniform in [1.5 pi, 4.5 pi) and noise of
 * deviation 0.25 / 7.5: [2]. The x and z axes of scikit-learn's `make_swiss_roll`.
 *
 * @see Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028, gan_toy.py in the authors' code
 */
export const swissroll: Distribution = {
  kind: 'points',
  name: 'swissroll',
  exampleShape: [2],
  fingerprint: 'swissroll: t in [1.5 pi, 4.5 pi), deviation 0.25, over 7.5',
  draw(key, step, out) {
    fillNormal(substream(key, 'noise'), step, out, spiral.deviation / spiral.scale);
    const words = new Uint32Array(out.length / 2);
    fillBits(substream(key, 'component'), step, words);
    for (let row = 0; row < words.length; row++) {
      // u in [0, 1): t = 1.5 pi (1 + 2u), which is 3/4 + 3/2 u turns.
      const radius = (spiral.from * (1 + words[row]! / 2 ** 31)) / spiral.scale;
      const turn = (0xc0000000 + 1.5 * words[row]!) >>> 0;
      out[2 * row]! += radius * cosOfTurn(turn);
      out[2 * row + 1]! += radius * sinOfTurn(turn);
    }
  },
};

/** The components of `gaussians1d`: lists of one length, index by index. */
export interface Gaussians1dOptions {
  /** Default [-2, 2]: two modes far enough apart that a generator can miss one; chosen here. */
  readonly means?: readonly number[];
  /** Positive; default 0.5 each, chosen here. */
  readonly deviations?: readonly number[];
  /** Positive, divided by their sum; default all equal. */
  readonly weights?: readonly number[];
}

/**
 * A mixture of Gaussians on the line, [1]: the setting of Figure 1 of Goodfellow et al. 2014. It has `modes` where all
 * deviations are equal.
 *
 * @throws ConfigError if the lists differ in length, are empty, or hold a number out of range
 */
export function gaussians1d(options: Gaussians1dOptions = {}): Distribution {
  const { means = [-2, 2] } = options;
  const { deviations = means.map(() => 0.5), weights = evenly(means.length) } = options;
  if (means.length === 0 || deviations.length !== means.length || weights.length !== means.length)
    throw new ConfigError(
      `gaussians1d: means, deviations and weights must be lists of one length from 1, got lengths ${means.length}, ${deviations.length} and ${weights.length}`,
    );
  for (const mean of means)
    if (!Number.isFinite(mean)) throw new ConfigError(`gaussians1d: means must be finite, got ${mean}`);
  for (const [name, values] of Object.entries({ deviations, weights }))
    for (const value of values)
      if (!(value > 0 && Number.isFinite(value)))
        throw new ConfigError(`gaussians1d: ${name} must be positive and finite, got ${value}`);

  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => weight / total);
  return mixture({
    name: 'gaussians-1d',
    fingerprint: `gaussians-1d: means ${means.join(' ')}, deviations ${deviations.join(' ')}, weights ${shares.join(' ')}`,
    centres: means.map((mean) => [mean]),
    deviations,
    weights: shares,
  });
}
