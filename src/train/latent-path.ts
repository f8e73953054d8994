import { ConfigError } from '../errors.ts';
import type { Game } from '../gan/game.ts';
import type { Tensor } from '../graph/tensor.ts';
import { sheetLatent } from './sheet-latent.ts';

/** Straight lines between latent vectors. */
export interface LatentPathOptions {
  /** Of the vectors at the ends; integer in [0, 2^32). */
  readonly seed: number;
  /** Lines, each between two vectors of its own; at least 1. */
  readonly paths: number;
  /** Points on each line, both ends among them; at least 2. */
  readonly points: number;
}

/**
 * Points on straight lines in z space, `z_j = (1 - t_j) z_0 + t_j z_1` with t from 0 to 1 in equal steps, as in the paper's
 * figure 3 ("linearly interpolating between coordinates in z space of the full model").
 *
 * @returns float32 [paths * points, latentDim], path after path
 * @throws ConfigError where a count is too small or no whole number
 */
export function latentPaths(game: Game, { seed, paths, points }: LatentPathOptions): Tensor<'float32'> {
  for (const [name, count, least] of [
    ['paths', paths, 1],
    ['points', points, 2],
  ] as const)
    if (!Number.isInteger(count) || count < least)
      throw new ConfigError(`latentPaths: ${name} must be a whole number of at least ${least}, got ${count}`);
  const ends = sheetLatent(game, seed, 2 * paths, 'interpolation/latent');
  const size = ends.shape[1]!;
  const data = new Float32Array(paths * points * size);
  for (let path = 0, at = 0; path < paths; path++) {
    const [from, to] = [2 * path * size, (2 * path + 1) * size];
    for (let point = 0; point < points; point++) {
      const t = point / (points - 1);
      for (let axis = 0; axis < size; axis++)
        data[at++] = (1 - t) * ends.data[from + axis]! + t * ends.data[to + axis]!;
    }
  }
  return { dtype: 'float32', shape: [paths * points, size], data };
}

/**
 * A walk that never ends abruptly: from vector to vector in straight lines and back to the first, every walker on its own.
 *
 * @param walkers - how many walk; at least 1
 * @param corners - vectors that each visits; at least 2
 * @param frames - of the whole walk; at least 2
 * @returns for each frame float32 [walkers, latentDim]
 */
export function latentWalk(
  game: Game,
  { seed, walkers, corners, frames }: { seed: number; walkers: number; corners: number; frames: number },
): readonly Tensor<'float32'>[] {
  for (const [name, count, least] of [
    ['walkers', walkers, 1],
    ['corners', corners, 2],
    ['frames', frames, 2],
  ] as const)
    if (!Number.isInteger(count) || count < least)
      throw new ConfigError(`latentWalk: ${name} must be a whole number of at least ${least}, got ${count}`);
  const visited = sheetLatent(game, seed, walkers * corners, 'interpolation/latent');
  const size = visited.shape[1]!;
  return Array.from({ length: frames }, (_, frame) => {
    const position = (frame / frames) * corners;
    const [corner, t] = [Math.floor(position), position - Math.floor(position)];
    const data = new Float32Array(walkers * size);
    for (let walker = 0; walker < walkers; walker++)
      for (let axis = 0; axis < size; axis++) {
        const at = (index: number) => visited.data[(walker * corners + (index % corners)) * size + axis]!;
        data[walker * size + axis] = (1 - t) * at(corner) + t * at(corner + 1);
      }
    return { dtype: 'float32', shape: [walkers, size], data };
  });
}
