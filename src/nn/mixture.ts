import { ConfigError, ShapeError } from '../errors.ts';
import { add, cast, equal, mul } from '../graph/functions/elementwise.ts';
import { matmul } from '../graph/functions/linear-algebra.ts';
import { maxOver } from '../graph/functions/reductions.ts';
import { slice } from '../graph/functions/shaping.ts';
import { requireCount, requireVector } from './dense.ts';
import { constant, drawn, type Initialiser, normal } from './initialisers.ts';
import type { Layer } from './layer.ts';

/** Settings of `mixture`. */
export interface MixtureOptions {
  /** Gaussians, all equally likely: an integer of at least 2. */
  readonly components: number;
  /** [components, d]. Default `normal(1)`. */
  readonly mean?: Initialiser;
  /** What the standard deviations start from, positive. Default .2 (DeLiGAN's). */
  readonly deviation?: number;
}

/**
 * A learned p(z) in the first place of a generator: a mixture of Gaussians whose means and standard deviations are
 * parameters, `mean` and `deviation` [components, d]. Of z [N, components + d] the largest of the first coordinates says which
 * component, each as often as any other if they are exchangeable, and the others are its noise:
 * `y = mean_c + deviation_c z_noise`, [N, d].
 *
 * Layers are continuous, so what they make of one Gaussian hangs together; this one jumps from component to component, and
 * the samples of data in separate pieces need no bridges. z decides which component without a gradient.
 *
 * @throws ConfigError where a setting is outside its range; ShapeError where z has no coordinate left for the noise
 * @see Gurumurthy et al. 2017, DeLiGAN, https://arxiv.org/abs/1706.02071, which also pulls deviations towards 1
 */
export function mixture({ components, mean = normal(1), deviation = 0.2 }: MixtureOptions): Layer {
  requireCount('mixture', 'components', components);
  if (components < 2) throw new ConfigError(`mixture: components must be at least 2, got ${components}`);
  if (!(deviation > 0 && Number.isFinite(deviation)))
    throw new ConfigError(`mixture: deviation must be positive and finite, got ${deviation}`);
  const shapes = (inputShape: readonly number[]) => {
    const shape = [components, noiseLength(inputShape, components)];
    return { mean: shape, deviation: shape };
  };
  return {
    kind: 'mixture',
    outputShape: (inputShape) => [noiseLength(inputShape, components)],
    parameterShapes: shapes,
    init: (inputShape, key) => ({
      parameters: {
        mean: drawn(mean, shapes(inputShape).mean, key('mean')),
        deviation: drawn(constant(deviation), shapes(inputShape).deviation, key('deviation')),
      },
      state: {},
    }),
    apply: ({ parameters }, x) => {
      const scores = slice(x, 1, 0, components);
      const chosen = cast(equal(scores, maxOver(scores, { axes: [1], keepDims: true })), 'float32');
      const noise = slice(x, 1, components);
      const spread = mul(matmul(chosen, parameters['deviation']!), noise);
      return { y: add(matmul(chosen, parameters['mean']!), spread), state: {} };
    },
  };
}

/** What z has left for the noise. */
function noiseLength(inputShape: readonly number[], components: number): number {
  const left = requireVector('mixture', inputShape) - components;
  if (left < 1)
    throw new ShapeError(
      `mixture: z must have ${components} coordinates for the components and at least one for the noise, got ${inputShape[0]}. Set latentDim: ${components + 2}`,
    );
  return left;
}
