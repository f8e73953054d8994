import { add, cast, mul, sub } from '../../graph/functions/elementwise.ts';
import { mean } from '../../graph/functions/reductions.ts';
import type { Value } from '../../graph/value.ts';
import type { GreyScale } from '../example-format.ts';
import { type AugmentRandom, imageSizes } from './augmentation.ts';

/**
 * DiffAugment's colour: `x + b`, then away from the pixel's mean over its channels by s, then from the image's mean by c:
 * b = U(-1/2, 1/2) unit, s = U(0, 2), c = U(1/2, 3/2), drawn for each image. One channel has no saturation.
 *
 * @param strength - in [0, 1], narrows the three intervals about 0, 1 and 1
 */
export function jitterColour(x: Value, random: AugmentRandom, { unit }: GreyScale, strength: number): Value {
  const [n, channels] = imageSizes('jitterColour', x);
  const draw = (name: string, middle: number, reach: number): Value =>
    cast(random.uniform(`color/${name}`, [n, 1, 1, 1], middle - reach, middle + reach), x.dtype);
  const brightness = draw('brightness', 0, 0.5 * strength * unit);
  const contrast = draw('contrast', 1, 0.5 * strength);
  // The three in turn, written as one multiple of x and what is added to it: one pass over the images instead of three.
  if (channels === 1) {
    const grey = mean(x, { axes: [1, 2, 3], keepDims: true });
    return add(mul(x, contrast), add(mul(grey, sub(1, contrast)), brightness));
  }
  const saturation = draw('saturation', 1, strength);
  const pixelGrey = mean(x, { axes: [1], keepDims: true });
  const grey = mean(pixelGrey, { axes: [1, 2, 3], keepDims: true });
  const towardsGrey = mul(pixelGrey, mul(contrast, sub(1, saturation)));
  const offset = add(mul(grey, sub(1, contrast)), brightness);
  return add(mul(x, mul(contrast, saturation)), add(towardsGrey, offset));
}
