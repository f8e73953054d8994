import { ConfigError, ShapeError } from '../errors.ts';
import { add, div, mul, sqrt, square, sub } from '../graph/functions/elementwise.ts';
import { mean } from '../graph/functions/reductions.ts';
import { reshape } from '../graph/functions/shaping.ts';
import { formatShape } from '../graph/shapes.ts';
import type { Value } from '../graph/value.ts';

/** Mean and biased variance over some axes, which stay with size 1, and what is left of x without its mean. */
export interface Moments {
  readonly mean: Value;
  readonly variance: Value;
  readonly centred: Value;
}

/** `mean(x)`, `x - mean(x)` and the mean of its square (divided by the count, not by one less). */
export function moments(x: Value, axes: readonly number[]): Moments {
  const over = { axes, keepDims: true };
  const average = mean(x, over);
  const centred = sub(x, average);
  return { mean: average, variance: mean(square(centred), over), centred };
}

/** What standardised values are multiplied by, and what is added; both broadcast to x. */
export interface Affine {
  readonly gain: Value;
  readonly bias: Value;
}

/** `gain centred / sqrt(variance + epsilon) + bias`; without an affine map the standardised values themselves. */
export function scaled({ centred, variance }: Moments, epsilon: number, affine?: Affine): Value {
  const deviation = sqrt(add(variance, epsilon));
  // One factor for each channel or example, and x only once read.
  return affine
    ? add(mul(centred, div(affine.gain, deviation)), affine.bias)
    : mul(centred, div(1, deviation));
}

/** One number a channel, [C] or [N, C], so that it broadcasts over whatever follows the channel axis of x. */
export function perChannel(values: Value, x: Value): Value {
  const rest = x.shape.slice(2).map(() => 1);
  return rest.length === 0 ? values : reshape(values, [...values.shape, ...rest]);
}

/** How many channels an example has. @throws ShapeError where it is neither a vector [C] nor an image [C, H, W] */
export function requireChannels(layer: string, inputShape: readonly number[]): number {
  const [channels] = inputShape;
  if ((inputShape.length !== 1 && inputShape.length !== 3) || channels === undefined)
    throw new ShapeError(
      `${layer}: an example must be a vector [C] or an image [C, H, W], got ${formatShape(inputShape)}`,
    );
  return channels;
}

/** Throws ConfigError unless epsilon is positive. */
export function requireEpsilon(layer: string, epsilon: number): void {
  if (!(epsilon > 0 && Number.isFinite(epsilon)))
    throw new ConfigError(`${layer}: epsilon must be positive and finite, got ${epsilon}`);
}
