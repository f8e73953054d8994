import { ConfigError } from '../../errors.ts';
import { mul, square, sub } from '../../graph/functions/elementwise.ts';
import { mean } from '../../graph/functions/reductions.ts';
import { reshape } from '../../graph/functions/shaping.ts';
import type { Augmentation } from '../augment/augmentation.ts';
import { diffAugment } from '../augment/diff-augment.ts';
import { definePenalty, type PenaltyKind } from '../penalty.ts';

/**
 * Consistency regularisation: `weight E (D(x) - D(T(x)))^2` on real images, which takes away D's interest in what an
 * augmentation T changes. Unlike a game's own augmentation, T is seen by this penalty alone.
 *
 * @param transform - T; without a state of its own
 * @see Zhang et al. 2020, Consistency Regularization for GANs, equation 3, https://arxiv.org/abs/1910.12027
 */
export function consistencyUnder(transform: Augmentation): PenaltyKind<'weight'> {
  return definePenalty({
    name: 'consistency',
    settings: { weight: { meaning: 'Weight; 10 in the paper.', default: 10 } },
    value: ({ real, realLogits, discriminate, random, examples }, { weight }) => {
      if (examples.range === 'data')
        throw new ConfigError('consistency: examples must be images, which can be moved, got points');
      const { shape, range } = examples;
      const images = reshape(real, [-1, ...shape]);
      const moved = reshape(transform.apply(images, { random, variables: {}, range }), real.shape);
      return mul(mean(square(sub(realLogits, discriminate(moved)))), weight);
    },
  });
}

/** `consistencyUnder` shifts of each image by up to an eighth of its size, the paper's 4 of 32 pixels; without its flips. */
export const consistency: PenaltyKind<'weight'> = consistencyUnder(
  diffAugment({ policies: ['translation'] }),
);
