import { mul, square } from '../graph/functions/elementwise.ts';
import { mean, sum } from '../graph/functions/reductions.ts';
import { grad } from '../graph/grad.ts';
import type { Value } from '../graph/value.ts';

/**
 * R1: `gamma / 2 mean_n ||d logits_n / d x_n||^2` on real examples, which takes away D's incentive to stay steep where
 * it can no longer tell real from fake.
 *
 * @param x - float32 [N, ...], the examples as D received them
 * @param logits - float32 [N, 1], D(x) before the sigmoid; each row may depend on its own example only
 * @param gamma - 10 in the paper for images; see the presets for points
 * @returns float32 []
 * @see Mescheder, Geiger and Nowozin 2018, Which Training Methods for GANs do actually Converge?, equation 9
 */
export function r1Penalty(x: Value, logits: Value, gamma: number): Value {
  // Rows are independent, so the gradient of the sum holds every example's own gradient.
  const [gradient] = grad(sum(logits), [x]);
  const axes = x.shape.slice(1).map((_, axis) => axis + 1);
  return mul(mean(sum(square(gradient!), { axes })), gamma / 2);
}
