import type { Distribution } from '../../data/dataset.ts';
import { mixture } from '../../data/toy.ts';

/** One Gaussian at 0. */
export const single = (dimension: 1 | 2, deviation: number): Distribution =>
  mixture({
    name: 'one Gaussian',
    fingerprint: `one Gaussian, dimension ${dimension}, deviation ${deviation}`,
    centres: [new Array<number>(dimension).fill(0)],
    deviations: [deviation],
    weights: [1],
  });

const petals = Array.from({ length: 5 }, (_, i) => [
  1.5 * Math.sin((2 * Math.PI * i) / 5),
  1.5 * Math.cos((2 * Math.PI * i) / 5),
]);

/** Five Gaussians of deviation 0.35 on a ring of radius 1.5: neighbours overlap a little, so D* is neither flat nor a cliff. */
export const flower: Distribution = mixture({
  name: 'five Gaussians on a ring',
  fingerprint: 'five Gaussians on a ring of radius 1.5, deviation 0.35',
  centres: petals,
  deviations: petals.map(() => 0.35),
  weights: petals.map(() => 1 / 5),
});
