/**
 * A curve without its noise: the mean of what came before, in which a value loses half of its weight every `halfLife`
 * steps, `y_i = sum_j w_ij x_j / sum_j w_ij` with `w_ij = 2^(-(t_i - t_j) / halfLife)`. By steps, not by points, so that
 * zooming in does not change the curve; divided by the weights, so that it does not begin at 0.
 *
 * @param halfLife - in steps; 0 leaves the values as they are
 */
export function smoothed(
  steps: readonly number[],
  values: readonly number[],
  halfLife: number,
): readonly number[] {
  if (halfLife <= 0) return values;
  let sum = 0;
  let weight = 0;
  let before: number | undefined;
  return values.map((value, at) => {
    const kept = before === undefined ? 0 : 2 ** (-(steps[at]! - before) / halfLife);
    before = steps[at]!;
    sum = kept * sum + value;
    weight = kept * weight + 1;
    return sum / weight;
  });
}

/** The choices of the page, in steps: none, then about three for each power of ten. */
export const halfLives: readonly number[] = [0, 3, 10, 30, 100, 300, 1000, 3000, 10_000];
