import { ConfigError } from '../errors.ts';
import type { Latent } from '../gan/latent.ts';
import { add, clip, div, max, min, mul, sqrt, square, sub, tanh } from '../graph/functions/elementwise.ts';
import { sum } from '../graph/functions/reductions.ts';
import type { Value } from '../graph/value.ts';

/** Where a distribution of z puts its mass: latent vectors elsewhere were never seen in training. */
export interface LatentSupport {
  /** In words. */
  readonly description: string;
  /** Root of the mean of `z_i^2` under p(z): the scale of a coordinate. */
  readonly scale: number;
  /**
   * Brings the output of a network that predicts the mean of z to where such means lie: into the box, whose edges are
   * approached smoothly; anywhere for the others. @param y - [N, d]
   */
  squash(y: Value): Value;
  /** The nearest point of the support; those inside keep their bits. @param z - [N, d] */
  project(z: Value): Value;
}

/** How far, in standard deviations of the norm, a Gaussian vector may lie outside of the typical shell. */
const DEVIATIONS = 3;
/** The norm of a long standard normal vector has this standard deviation, whatever its length. */
const NORM_DEVIATION = Math.SQRT1_2;

const norms = (z: Value): Value => sqrt(sum(square(z), { axes: [1], keepDims: true }));

/**
 * The support of a distribution of z.
 *
 * A uniform distribution has a box and a spherical one the unit sphere. A Gaussian has all space, but its draws lie on a
 * shell: here, the ball that holds norms up to three standard deviations above it, `deviation (sqrt(d - 1/2) + 3 / sqrt 2)`.
 *
 * @throws ConfigError for a distribution of another kind
 */
export function latentSupport({ name, recipe }: Latent, latentDim: number): LatentSupport {
  switch (recipe.kind) {
    case 'uniform': {
      const { low, high } = recipe;
      const [middle, half] = [(low + high) / 2, (high - low) / 2];
      return {
        description: `the box from ${low.toFixed(3)} to ${high.toFixed(3)}`,
        scale: Math.sqrt(middle ** 2 + half ** 2 / 3),
        squash: (y) => add(mul(tanh(div(sub(y, middle), half)), half), middle),
        project: (z) => clip(z, low, high),
      };
    }
    case 'normal': {
      const radius =
        recipe.standardDeviation * (Math.sqrt(Math.max(latentDim - 0.5, 0.5)) + DEVIATIONS * NORM_DEVIATION);
      return {
        description: `the ball of radius ${radius.toFixed(2)}`,
        scale: recipe.standardDeviation,
        squash: (y) => y,
        // At z = 0 the quotient is infinite, of which min takes the 1.
        project: (z) => mul(z, min(div(radius, norms(z)), 1)),
      };
    }
    case 'spherical':
      return {
        description: 'the unit sphere',
        scale: 1 / Math.sqrt(latentDim),
        squash: (y) => y,
        project: (z) => div(z, max(norms(z), 1e-12)),
      };
    default:
      throw new ConfigError(
        `latentSupport: the distribution of z must be uniform, normal or spherical, got ${name} (${recipe.kind})`,
      );
  }
}
