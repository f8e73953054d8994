import { ShapeError } from '../../errors.ts';
import type { Feeds } from '../../graph/feeds.ts';
import { formatShape, staticShape } from '../../graph/shapes.ts';
import type { Tensors } from '../../graph/tensor.ts';
import type { Value, Values } from '../../graph/value.ts';
import { type ExampleFormat, type GreyScale, greyScale } from '../example-format.ts';

/**
 * What an augmentation draws its parameters from: declares random graph inputs that the host fills anew for every
 * iteration. Names are local to one use of the augmentation; each can be declared once.
 */
export interface AugmentRandom {
  /** float32 of the given shape, independent and uniform on [low, high). */
  uniform(name: string, shape: readonly number[], low: number, high: number): Value;
  /** float32 of the given shape, independent and normal, of mean 0. */
  normal(name: string, shape: readonly number[], standardDeviation: number): Value;
  /** float32 [N, 2]: points on the unit circle, the cosine and the sine of angles uniform on (-pi, pi). */
  circle(name: string, count: number): Value;
  /** bool of the given shape, true with the given probability. */
  bernoulli(name: string, shape: readonly number[], probability: number): Value;
}

/** One use of an augmentation. */
export interface AugmentContext {
  /** Draws for this use alone. */
  readonly random: AugmentRandom;
  /** Of the game; an adaptive augmentation finds its state there. */
  readonly variables: Values;
  /** What the networks see of pixels. */
  readonly range: ExampleFormat['range'];
}

/**
 * Random changes of images that real and generated ones go through alike before D sees them, in both updates, so that D
 * cannot learn the training images by heart and G is not taught to make changed ones. Differentiable by x, twice.
 */
export interface Augmentation {
  readonly name: string;
  /**
   * Images changed at random, each for itself.
   *
   * @param x - float [N, C, H, W] in the networks' range; N is a number
   * @returns x's dtype and shape
   * @throws ShapeError where x is not [N, C, H, W], or these images cannot be changed so
   */
  apply(x: Value, context: AugmentContext): Value;
  /** How the augmentation itself changes from step to step. Absent: it does not. */
  readonly adaptation?: Adaptation;
}

/** The part of an augmentation that is state of the step, and so is saved and resumed with it. */
export interface Adaptation {
  /** The state before the first step, by names of the game's variables that begin with `augment/`. */
  readonly initial: Tensors;
  /**
   * The state after a discriminator update, under the names of `initial`.
   *
   * @param variables - of the game
   * @param realLogits - float32 [N, 1], D's of augmented real examples in this update
   */
  next(variables: Values, realLogits: Value): Values;
  /** Scalars [] worth logging, by their logged names, as the passes of this update used them. */
  metrics(variables: Values): Values;
}

/**
 * Random inputs of one use of an augmentation.
 *
 * @param scope - put before every name, unique among the feeds: `discriminator/real/augment`
 */
export function augmentRandom(feeds: Feeds, scope: string): AugmentRandom {
  return {
    uniform: (name, shape, low, high) =>
      feeds.declare(`${scope}/${name}`, 'float32', shape, { kind: 'uniform', low, high }),
    normal: (name, shape, standardDeviation) =>
      feeds.declare(`${scope}/${name}`, 'float32', shape, { kind: 'normal', standardDeviation }),
    circle: (name, count) => feeds.declare(`${scope}/${name}`, 'float32', [count, 2], { kind: 'spherical' }),
    bernoulli: (name, shape, probability) => feeds.bernoulli(`${scope}/${name}`, shape, probability),
  };
}

/** The sizes of a batch of images [N, C, H, W]. @throws ShapeError where x is none, or has a symbolic size */
export function imageSizes(caller: string, x: Value): readonly [number, number, number, number] {
  const [n, c, h, w, ...rest] = staticShape(caller, x.shape);
  if (n === undefined || c === undefined || h === undefined || w === undefined || rest.length > 0)
    throw new ShapeError(`${caller}: x must be images [N, C, H, W], got ${formatShape(x.shape)}`);
  return [n, c, h, w];
}

/** The grey scale of a batch of images. @throws ShapeError where x is none */
export function greyScaleOf(caller: string, x: Value, range: ExampleFormat['range']): GreyScale {
  const [, channels, height, width] = imageSizes(caller, x);
  if (range !== 'data') return greyScale(range, channels * height * width);
  throw new ShapeError(`${caller}: x must be images, got examples with range data, which are points`);
}
