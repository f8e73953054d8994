import { ConfigError } from '../errors.ts';
import type { Feeds } from '../graph/feeds.ts';
import { add, and, cast, greaterOrEqual, less, mul, sub, where } from '../graph/functions/elementwise.ts';
import { reshape, slice } from '../graph/functions/shaping.ts';
import { constant, type Value } from '../graph/value.ts';
import { oneOf } from '../nearest-name.ts';
import { streamOf } from '../random/threefry.ts';
import { fillUniform } from '../random/uniform.ts';

/** Parts of an image that can be hidden by name. */
export const hiddenParts = ['right', 'bottom', 'left', 'top', 'centre', 'pixels'] as const;
export type HiddenPart = (typeof hiddenParts)[number];

/** Share of the pixels that `pixels` hides. */
const HIDDEN_PIXELS = 0.75;

/** What training hides: rectangles of these sides, as shares of the image. */
const [SMALLEST_SIDE, LARGEST_SIDE] = [0.3, 0.9];

/** @throws ConfigError with the names there are, unless `name` is one of them */
export function requireHiddenPart(name: string): HiddenPart {
  const part = hiddenParts.find((candidate) => candidate === name);
  if (part) return part;
  throw new ConfigError(`--hide: unknown part: ${name}. ${oneOf(name, hiddenParts)}`);
}

/**
 * Which pixels are known where a part is hidden: 1 known, 0 hidden. Halves are hidden from the middle on, `centre` hides
 * the middle half of both sides, `pixels` three quarters of all pixels at random.
 *
 * @param seed - of `pixels`; uint32
 * @returns float32 [H W], row by row
 */
export function knownPixels(
  part: HiddenPart,
  height: number,
  width: number,
  seed: number,
): Float32Array<ArrayBuffer> {
  const draws = new Float32Array(height * width);
  if (part === 'pixels') fillUniform({ seed, stream: streamOf('inpainting/pixels') }, 0, draws, 0, 1);
  const isHidden = (y: number, x: number, draw: number): boolean => {
    switch (part) {
      case 'right':
        return x >= width / 2;
      case 'left':
        return x < width / 2;
      case 'bottom':
        return y >= height / 2;
      case 'top':
        return y < height / 2;
      case 'centre':
        return Math.abs(y + 0.5 - height / 2) < height / 4 && Math.abs(x + 0.5 - width / 2) < width / 4;
      case 'pixels':
        return draw < HIDDEN_PIXELS;
    }
  };
  return draws.map((draw, i) => (isHidden(Math.floor(i / width), i % width, draw) ? 0 : 1));
}

/**
 * Declares what a minibatch is trained with: for every image, with equal probability, a rectangle of random place and size
 * is hidden, or half of the image on one of its four sides, or every pixel with a probability of its own, which is uniform
 * from 0 to 1, so that images of which next to nothing is known are among them.
 *
 * @param name - of the feeds, unique in the step
 * @returns float32 [batch, 1, H, W]: 1 known, 0 hidden
 */
export function randomMasks(feeds: Feeds, name: string, batch: number, height: number, width: number): Value {
  const uniform = (what: string, shape: readonly number[]): Value =>
    feeds.declare(`${name}/${what}`, 'float32', shape, { kind: 'uniform', low: 0, high: 1 });
  const draws = uniform('places', [batch, 6, 1, 1]);
  const draw = (index: number): Value => slice(draws, 1, index, index + 1);
  const [y, x] = [axis(height, [1, 1, height, 1]), axis(width, [1, 1, 1, width])];

  const span = (coordinate: Value, side: Value, place: Value): Value => {
    const length = add(mul(side, LARGEST_SIDE - SMALLEST_SIDE), SMALLEST_SIDE);
    const first = mul(place, sub(1, length));
    return and(greaterOrEqual(coordinate, first), less(coordinate, add(first, length)));
  };
  const number = (condition: Value): Value => cast(condition, 'float32');
  const rectangle = and(span(y, draw(0), draw(1)), span(x, draw(2), draw(3)));
  const side = mul(draw(4), 4);
  const half = where(
    less(side, 2),
    where(less(side, 1), number(less(y, 0.5)), number(greaterOrEqual(y, 0.5))),
    where(less(side, 3), number(less(x, 0.5)), number(greaterOrEqual(x, 0.5))),
  );
  const pixels = less(uniform('pixels', [batch, 1, height, width]), draw(4));
  const kind = draw(5);
  const hidden = where(less(kind, 1 / 3), number(rectangle), where(less(kind, 2 / 3), half, number(pixels)));
  return sub(1, hidden);
}

/** The middles of the pixels along one side, in [0, 1]. */
function axis(size: number, shape: readonly number[]): Value {
  const data = Float32Array.from({ length: size }, (_, i) => (i + 0.5) / size);
  return reshape(constant({ dtype: 'float32', shape: [size], data }), shape);
}
