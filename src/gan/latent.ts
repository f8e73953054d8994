import type { Feeds, Recipe } from '../graph/feeds.ts';
import type { Value } from '../graph/value.ts';

/** A distribution of z. */
export interface Latent {
  readonly name: string;
  /** In words, for the metadata of an exported generator. */
  readonly description: string;
  /** How the host draws a batch [N, latentDim]. */
  readonly recipe: Recipe;
}

/** U(-sqrt 3, sqrt 3) per coordinate, variance 1: the released code's choice for MNIST. */
export const uniform: Latent = {
  name: 'uniform',
  description: 'each coordinate independent and uniform on (-sqrt(3), sqrt(3))',
  recipe: { kind: 'uniform', low: -Math.sqrt(3), high: Math.sqrt(3) },
};

/** N(0, I): the released code's default. */
export const gaussian: Latent = {
  name: 'gaussian',
  description: 'each coordinate independent and standard normal',
  recipe: { kind: 'normal', standardDeviation: 1 },
};

/** Uniform on the unit sphere, as the released code's `spherical` noise. */
export const spherical: Latent = {
  name: 'spherical',
  description: 'uniform on the unit sphere',
  recipe: { kind: 'spherical' },
};

/** Declares a batch of latent vectors that the host draws anew for every iteration, float32 [batch, latentDim]. */
export function latentFeed(
  feeds: Feeds,
  name: string,
  latent: Latent,
  batch: number,
  latentDim: number,
): Value {
  return feeds.declare(name, 'float32', [batch, latentDim], latent.recipe);
}
