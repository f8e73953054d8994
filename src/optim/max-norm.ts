import { ConfigError } from '../errors.ts';
import { div, min, mul, sqrt, square } from '../graph/functions/elementwise.ts';
import { sum } from '../graph/functions/reductions.ts';
import type { Values } from '../graph/value.ts';

/** Brings parameters back into a set after an update. */
export type Constraint = (parameters: Values) => Values;

/**
 * Limits the norm of every unit's incoming weights: each column of a weight matrix [in, out] is multiplied by
 * `min(1, limit / norm)`. Columns within the limit keep their bits; biases and other ranks pass unchanged.
 *
 * @param limit - positive; 1.9365 in the released TFD recipe
 * @throws ConfigError otherwise
 * @see Srebro and Shraibman 2005; Pylearn2's max_col_norm
 */
export function maxNorm(limit: number): Constraint {
  if (!(limit > 0 && Number.isFinite(limit)))
    throw new ConfigError(`maxNorm: limit must be positive and finite, got ${limit}`);
  return (parameters) =>
    Object.fromEntries(
      Object.entries(parameters).map(([name, weight]) => {
        if (weight.shape.length !== 2) return [name, weight];
        const norms = sqrt(sum(square(weight), { axes: [0], keepDims: true }));
        // A column of zeros has limit / 0 = Infinity, of which min takes the 1.
        return [name, mul(weight, min(div(limit, norms), 1))];
      }),
    );
}
