import { add, and, floor, greaterOrEqual, less, where } from '../../graph/functions/elementwise.ts';
import { constant, type Value } from '../../graph/value.ts';
import type { GreyScale } from '../example-format.ts';
import { type AugmentRandom, imageSizes } from './augmentation.ts';

/** The side of the square, as a share of the size. */
const CUT_SHARE = 1 / 2;

/**
 * DiffAugment's cutout: a rectangle of half the height and half the width becomes middle grey. Its centre is uniform over
 * the image, so at an edge less than all of it is cut.
 *
 * @param strength - in [0, 1], a factor of that half
 */
export function cutOut(x: Value, random: AugmentRandom, { middle }: GreyScale, strength: number): Value {
  const [n, , height, width] = imageSizes('cutOut', x);
  const inside = (name: string, axis: 2 | 3, size: number): Value => {
    const side = Math.round(size * CUT_SHARE * strength);
    // A rectangle of even side is centred between pixels, where there is one place more.
    const centre = floor(random.uniform(`cutout/${name}`, [n, 1, 1, 1], 0, size + 1 - (side % 2)));
    const first = add(centre, -Math.floor(side / 2));
    const position = positions(size, axis);
    return and(greaterOrEqual(position, first), less(position, add(first, side)));
  };
  return where(and(inside('rows', 2, height), inside('columns', 3, width)), middle, x);
}

/** float32: 0, 1, ... size - 1 along one axis of four. */
export function positions(size: number, axis: 2 | 3): Value {
  const shape = [1, 1, 1, 1];
  shape[axis] = size;
  return constant({ dtype: 'float32', shape, data: Float32Array.from({ length: size }, (_, i) => i) });
}
