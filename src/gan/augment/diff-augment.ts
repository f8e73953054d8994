import { ConfigError } from '../../errors.ts';
import type { Value } from '../../graph/value.ts';
import { oneOf } from '../../nearest-name.ts';
import type { GreyScale } from '../example-format.ts';
import { type Augmentation, type AugmentRandom, greyScaleOf } from './augmentation.ts';
import { jitterColour } from './colour-jitter.ts';
import { cutOut } from './cutout.ts';
import { translate } from './translation.ts';

/** One kind of change. */
export type DiffAugmentPolicy = 'color' | 'translation' | 'cutout';

type Policy = (x: Value, random: AugmentRandom, grey: GreyScale, strength: number) => Value;

const policies: Readonly<Record<DiffAugmentPolicy, Policy>> = {
  color: jitterColour,
  translation: translate,
  cutout: cutOut,
};

/** The names of the policies of DiffAugment, in the order in which the paper applies them. */
export const diffAugmentPolicies = Object.keys(policies) as readonly DiffAugmentPolicy[];

/** Settings of `diffAugment`. */
export interface DiffAugmentOptions {
  /** What is changed, in this order. Default: all three, which the paper advises where data is scarce. */
  readonly policies?: readonly DiffAugmentPolicy[];
  /** Share of the paper's largest changes, in [0, 1]; 0 leaves images as they are, to the last bit. Default 1. */
  readonly strength?: number;
}

/**
 * DiffAugment: every image, real or generated, is changed by every policy, with parameters of its own.
 *
 * - `color`: brightness by U(-1/2, 1/2) (1 is the distance from middle grey to white), saturation by a factor U(0, 2),
 *   contrast by a factor U(1/2, 3/2). Saturation is left out where there is one channel.
 * - `translation`: by whole pixels, up to 1/8 of the size in each direction; what comes in is middle grey.
 * - `cutout`: a square of half the size, anywhere, becomes middle grey.
 *
 * @throws ConfigError where a policy is unknown or repeated, there is none, or strength is not in [0, 1]
 * @see Zhao et al. 2020, Differentiable Augmentation for Data-Efficient GAN Training, https://arxiv.org/abs/2006.10738;
 *   its zero is middle grey because its images lie in [-1, 1]
 */
export function diffAugment({
  policies: names = diffAugmentPolicies,
  strength = 1,
}: DiffAugmentOptions = {}): Augmentation {
  requirePolicies(names);
  if (!(strength >= 0 && strength <= 1))
    throw new ConfigError(`diffAugment: strength must lie in [0, 1], got ${strength}`);
  return {
    name: 'diffAugment',
    apply: (x, { random, range }) => {
      const grey = greyScaleOf('diffAugment', x, range);
      if (strength === 0) return x;
      return names.reduce((changed, name) => policies[name](changed, random, grey, strength), x);
    },
  };
}

function requirePolicies(names: readonly string[]): void {
  const known: readonly string[] = diffAugmentPolicies;
  if (names.length === 0)
    throw new ConfigError(`diffAugment: policies must name at least one, got none. ${oneOf('', known)}`);
  for (const [index, name] of names.entries()) {
    if (!known.includes(name))
      throw new ConfigError(`diffAugment: policies must be known, got ${name}. ${oneOf(name, known)}`);
    if (names.indexOf(name) !== index)
      throw new ConfigError(`diffAugment: policies must be named once each, got ${name} twice`);
  }
}
