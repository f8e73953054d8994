import { ConfigError } from '../../errors.ts';
import { abs, add, and, less, mul, sub, where } from '../../graph/functions/elementwise.ts';
import { scalarTensor } from '../../graph/tensor.ts';
import { scalar, type Value } from '../../graph/value.ts';
import { oneOf } from '../../nearest-name.ts';
import type { GreyScale } from '../example-format.ts';
import { type AdaColour, adaColour, transformColour } from './ada-colour.ts';
import { type AdaGeometry, adaGeometry, type Shares, transformGeometry } from './ada-geometry.ts';
import { adjustProbability } from './adaptive-probability.ts';
import {
  type Augmentation,
  type AugmentContext,
  type AugmentRandom,
  greyScaleOf,
  imageSizes,
} from './augmentation.ts';
import { positions } from './cutout.ts';

/** A transformation of ADA's pipeline. */
export type AdaTransform = AdaGeometry | AdaColour | 'cutout';

/** All of them, in the order in which they are applied. */
export const adaTransforms: readonly AdaTransform[] = [...adaGeometry, ...adaColour, 'cutout'];

/** Those of the paper's runs: all but cutout, which gained nothing. */
export const standardTransforms: readonly AdaTransform[] = [...adaGeometry, ...adaColour];

/** Settings of `ada`. */
export interface AdaOptions {
  /**
   * Each transformation's probability as a share of p, in [0, 1]; those that are not named are left out. Default: all but
   * cutout at 1, the paper's `bgc`. R3GAN has all, the five of colour at 1/2.
   */
  readonly transforms?: Shares<AdaTransform>;
  /** The value of `E sign D(x)` that p holds. Default .6, the paper's. At -1 p only rises: a ramp up to `max`. */
  readonly target?: number;
  /** Real images in which p could go from 0 to 1. Default 500,000, the paper's. */
  readonly speed?: number;
  /** Largest p, in (0, 1]. Default 1; the paper sees leaks of the augmentations into samples from .8 on. */
  readonly max?: number;
  /** A probability that does not adapt, in [0, 1], instead of `target` and `speed`. */
  readonly probability?: number;
}

/** ADA's state among the variables of a game: p, float32 []. */
const PROBABILITY = 'augment/probability';

/** The side of the cut square, as a share of the size. */
const CUT_SHARE = 1 / 2;

/**
 * Adaptive discriminator augmentation: a pipeline of transformations, each applied to each image with probability p, which
 * rises while D is too sure of real examples and falls while it is not (see `adjustProbability`).
 *
 * Geometry is one bilinear reading of the image, mirrored beyond its edges; the paper reads a version of twice the size
 * through wavelet filters, which is less blurred. Its image-space filters and noise, which it found harmful, are left out.
 *
 * @throws ConfigError where a transform is unknown or there is none, and where a number is outside its range
 * @see Karras et al. 2020, Training Generative Adversarial Networks with Limited Data, https://arxiv.org/abs/2006.06676
 */
export function ada(options: AdaOptions = {}): Augmentation {
  const { transforms = standard, target = 0.6, speed = 500_000, max = 1, probability } = options;
  requireRanges(options);
  const apply = (x: Value, { random, range }: AugmentContext, p: Value): Value => {
    const grey = greyScaleOf('ada', x, range);
    const placed = transformGeometry(x, transforms, random, p);
    const coloured = transformColour(placed, transforms, random, p, grey);
    return transforms.cutout === undefined
      ? coloured
      : cutOutSometimes(coloured, random, mul(p, transforms.cutout), grey);
  };
  if (probability !== undefined)
    return { name: 'ada', apply: (x, context) => apply(x, context, scalar(probability)) };
  return {
    name: 'ada',
    apply: (x, context) => apply(x, context, context.variables[PROBABILITY]!),
    adaptation: {
      initial: { [PROBABILITY]: scalarTensor('float32', 0) },
      next: (variables, realLogits) => ({
        [PROBABILITY]: adjustProbability(variables[PROBABILITY]!, realLogits, {
          batch: Number(realLogits.shape[0]),
          target,
          speed,
          largest: max,
        }),
      }),
      metrics: (variables) => ({ augmentProbability: variables[PROBABILITY]! }),
    },
  };
}

const standard: Shares<AdaTransform> = Object.fromEntries(standardTransforms.map((name) => [name, 1]));

/** A square of half the size about a uniform centre becomes middle grey, with the given probability for each image. */
function cutOutSometimes(x: Value, random: AugmentRandom, probability: Value, { middle }: GreyScale): Value {
  const [n, , height, width] = imageSizes('cutOutSometimes', x);
  const shape = [n, 1, 1, 1];
  const inside = (name: string, axis: 2 | 3, size: number): Value => {
    const centre = mul(random.uniform(`cutout/${name}`, shape, 0, 1), size);
    const distance = abs(sub(add(positions(size, axis), 0.5), centre));
    return less(distance, (size * CUT_SHARE) / 2);
  };
  const applied = less(random.uniform('cutout/applied', shape, 0, 1), probability);
  const cut = and(inside('rows', 2, height), inside('columns', 3, width));
  return where(and(applied, cut), middle, x);
}

function requireRanges({ transforms = standard, target, speed, max, probability }: AdaOptions): void {
  const names = Object.keys(transforms);
  if (names.length === 0)
    throw new ConfigError(`ada: transforms must name at least one, got none. ${oneOf('', adaTransforms)}`);
  for (const [name, share] of Object.entries(transforms)) {
    if (!(adaTransforms as readonly string[]).includes(name))
      throw new ConfigError(`ada: a transform must be known, got ${name}. ${oneOf(name, adaTransforms)}`);
    requireWithin(`transforms.${name}`, share, 0, 1);
  }
  requireWithin('target', target, -1, 1);
  requireWithin('probability', probability, 0, 1);
  if (max !== undefined && !(max > 0 && max <= 1))
    throw new ConfigError(`ada: max must lie in (0, 1], got ${max}`);
  if (speed !== undefined && !(speed > 0 && Number.isFinite(speed)))
    throw new ConfigError(`ada: speed must be a positive number of images, got ${speed}`);
  if (probability !== undefined && (target !== undefined || speed !== undefined || max !== undefined))
    throw new ConfigError(
      `ada: probability must stand alone, got it with target, speed or max, which are of a p that adapts`,
    );
}

function requireWithin(key: string, value: number | undefined, low: number, high: number): void {
  if (value !== undefined && !(value >= low && value <= high))
    throw new ConfigError(`ada: ${key} must lie in [${low}, ${high}], got ${value}`);
}
