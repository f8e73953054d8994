/** Where a search ended. */
export interface Minimum {
  readonly at: readonly number[];
  readonly value: number;
  readonly evaluations: number;
}

/** When a search ends. */
export interface MinimiseOptions {
  /** Edge of the first simplex, in the units of the parameters; default 0.5. */
  readonly size?: number;
  /** It ends when all corners lie this close; default 1e-7. */
  readonly tolerance?: number;
  /** Or after so many; default 2,000. */
  readonly mostEvaluations?: number;
}

/**
 * A local minimum of a function of a few parameters, by Nelder and Mead's simplex: no derivatives, which quadrature does not
 * give.
 *
 * @see Nelder and Mead 1965
 */
export function minimise(
  f: (at: readonly number[]) => number,
  start: readonly number[],
  { size = 0.5, tolerance = 1e-7, mostEvaluations = 2000 }: MinimiseOptions = {},
): Minimum {
  let evaluations = 0;
  const corner = (at: readonly number[]) => {
    evaluations++;
    return { at, value: f(at) };
  };
  const n = start.length;
  let corners = [
    corner(start),
    ...start.map((_, i) => corner(start.map((x, j) => (i === j ? x + size : x)))),
  ];
  for (;;) {
    corners.sort((a, b) => a.value - b.value);
    const [best, worst] = [corners[0]!, corners[n]!];
    const spread = Math.max(...corners.flatMap(({ at }) => at.map((x, i) => Math.abs(x - best.at[i]!))));
    if (spread < tolerance || evaluations >= mostEvaluations) return { ...best, evaluations };

    const centre = start.map((_, i) => corners.slice(0, n).reduce((sum, { at }) => sum + at[i]!, 0) / n);
    const along = (t: number) => corner(centre.map((x, i) => x + t * (worst.at[i]! - x)));
    const reflected = along(-1);
    if (reflected.value < best.value) {
      const farther = along(-2);
      corners[n] = farther.value < reflected.value ? farther : reflected;
    } else if (reflected.value < corners[n - 1]!.value) {
      corners[n] = reflected;
    } else {
      const nearer = along(reflected.value < worst.value ? -0.5 : 0.5);
      if (nearer.value < Math.min(reflected.value, worst.value)) corners[n] = nearer;
      else
        corners = [
          best,
          ...corners.slice(1).map(({ at }) => corner(at.map((x, i) => (x + best.at[i]!) / 2))),
        ];
    }
  }
}
