import { ConfigError } from '../errors.ts';
import { cast, mul } from '../graph/functions/elementwise.ts';
import { staticShape } from '../graph/shapes.ts';
import { type Layer, nothing } from './layer.ts';

/** Settings of `dropout`. */
export interface DropoutOptions {
  /** Probability of keeping a unit, in (0, 1]; the released discriminators keep 0.8 of the pixels, 0.5 elsewhere. */
  readonly include: number;
  /**
   * Factor of the units that are kept. Default `1 / include`, as in the released recipes (1.25 and 2): the expected input
   * of the next layer is the same as without dropout.
   */
  readonly scale?: number;
}

/**
 * Dropout: while training, `y = x mask scale` with an independent mask bit for every element of the batch; when sampling,
 * `y = x`. Any shape; each pass declares a random input `mask`.
 *
 * @throws ConfigError unless include is in (0, 1] and scale is positive; ShapeError while training where the batch is
 *   symbolic
 * @see Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html; Pylearn2's apply_dropout
 */
export function dropout({ include, scale = 1 / include }: DropoutOptions): Layer {
  if (!(include > 0 && include <= 1))
    throw new ConfigError(`dropout: include must lie in (0, 1], got ${include}`);
  if (!(scale > 0 && Number.isFinite(scale)))
    throw new ConfigError(`dropout: scale must be positive and finite, got ${scale}`);
  return {
    kind: 'dropout',
    outputShape: (inputShape) => inputShape,
    parameterShapes: () => ({}),
    init: () => nothing,
    apply: (_, x, { mode, bernoulli }) => {
      if (mode === 'sample') return { y: x, state: {} };
      if (include === 1) return { y: scale === 1 ? x : mul(x, scale), state: {} };
      const mask = bernoulli('mask', staticShape('dropout', x.shape), include);
      // Scaling the mask instead of x leaves one product for each direction: dx = dy (mask scale).
      return { y: mul(x, mul(cast(mask, x.dtype), scale)), state: {} };
    },
  };
}
