import { ShapeError } from '../errors.ts';
import { add, mul, sqrt } from '../graph/functions/elementwise.ts';
import { mean } from '../graph/functions/reductions.ts';
import { concat, expand, reshape, slice } from '../graph/functions/shaping.ts';
import { staticShape } from '../graph/shapes.ts';
import type { Value } from '../graph/value.ts';
import { requireCount } from './dense.ts';
import type { Layer } from './layer.ts';
import { moments, requireChannels } from './standardise.ts';

/** Under the square root, so that its derivative is finite where all examples are equal; Progressive GAN's. */
const epsilon = 1e-8;

/** Share of a batch in the running value. */
const momentum = 0.1;

/**
 * Minibatch standard deviation: one more channel that says how much the examples of a group differ, by which a
 * discriminator sees a collapse. For each group, the standard deviation of every feature over the group (biased), averaged
 * over all features: one number, the same at every place of every example of the group. [N, C] -> [N, C + 1], [N, C, H, W]
 * -> [N, C + 1, H, W].
 *
 * Example n belongs to group `n mod (N / size)`. A group is never larger than the batch. When sampling, where an example
 * must not depend on others, the channel holds the running mean of what training saw (state `deviation` [], from 1).
 *
 * @param group - examples of a group; default 4, Progressive GAN's
 * @throws ConfigError unless group is a positive integer; ShapeError in training where it does not divide the batch
 * @see Karras et al. 2017, section 3, https://arxiv.org/abs/1710.10196
 */
export function minibatchDeviation(group = 4): Layer {
  requireCount('minibatchDeviation', 'group', group);
  return {
    kind: 'minibatchDeviation',
    outputShape: (inputShape) => {
      const channels = requireChannels('minibatchDeviation', inputShape);
      return [channels + 1, ...inputShape.slice(1)];
    },
    parameterShapes: () => ({}),
    stateShapes: () => ({ deviation: [] }),
    mixesExamples: true,
    init: () => ({
      parameters: {},
      state: { deviation: { dtype: 'float32', shape: [], data: Float32Array.of(1) } },
    }),
    apply: ({ state }, x, { mode }) => {
      const running = state['deviation']!;
      if (mode === 'sample') {
        // Only x itself knows the size of a symbolic batch.
        const zeros = mul(slice(x, 1, 0, 1), 0);
        return { y: concat([x, add(zeros, running)], 1), state };
      }
      const [batch, , ...places] = x.shape;
      const deviations = groupDeviations(x, group);
      const y = concat([x, expand(deviations, [batch!, 1, ...places])], 1);
      const seen = add(mul(running, 1 - momentum), mul(mean(deviations), momentum));
      return { y, state: { deviation: seen } };
    },
  };
}

/** The number of each example's group, [N, 1, 1, 1] or [N, 1]. */
function groupDeviations(x: Value, group: number): Value {
  const [batch, ...rest] = staticShape('minibatchDeviation', x.shape);
  const size = Math.min(group, batch!);
  if (batch! % size !== 0)
    throw new ShapeError(
      `minibatchDeviation: groups of ${size} must fill the batch, got ${batch} examples. Take a batch that ${size} divides`,
    );
  const grouped = reshape(x, [size, batch! / size, -1]);
  const { variance } = moments(grouped, [0]);
  const each = mean(sqrt(add(variance, epsilon)), { axes: [2], keepDims: true });
  return reshape(expand(each, [size, batch! / size, 1]), [batch!, ...rest.map(() => 1)]);
}
