import { ShapeError } from '../../errors.ts';
import { add, cast, exp, floor, less, mul, sub, where } from '../../graph/functions/elementwise.ts';
import { matmul } from '../../graph/functions/linear-algebra.ts';
import { expand, reshape, slice, unsqueeze } from '../../graph/functions/shaping.ts';
import { formatShape } from '../../graph/shapes.ts';
import { constant, scalar, type Value } from '../../graph/value.ts';
import type { GreyScale } from '../example-format.ts';
import type { Shares } from './ada-geometry.ts';
import { type AugmentRandom, imageSizes } from './augmentation.ts';

/** Colour transformations, in the order in which the paper applies them. */
export const adaColour = ['brightness', 'contrast', 'lumaflip', 'hue', 'saturation'] as const;

/** One of them. */
export type AdaColour = (typeof adaColour)[number];

/** The paper's strengths: of a shift in units of [-1, 1], and of log2 of a factor. */
const BRIGHTNESS_DEVIATION = 0.2;
const CONTRAST_DEVIATION = 0.5 * Math.LN2;
const SATURATION_DEVIATION = Math.LN2;

/**
 * The colour part of ADA: for each image, each transformation with its probability, on colours measured from middle grey.
 *
 * - `brightness`: plus N(0, 0.2^2) unit; `contrast`: times 2^N(0, 0.5^2)
 * - `lumaflip`: dark for light and light for dark, the hue kept, in half of the cases
 * - `hue`: turned by a uniform angle about the grey axis; `saturation`: times 2^N(0, 1)
 *
 * One channel is grey: hue and saturation leave it as it is, and a luma flip inverts it.
 *
 * @param x - float [N, 1 or 3, H, W]
 * @param probability - float32 []: p
 * @throws ShapeError where the images have neither 1 nor 3 channels
 */
export function transformColour(
  x: Value,
  shares: Shares<AdaColour>,
  random: AugmentRandom,
  probability: Value,
  { middle, unit }: GreyScale,
): Value {
  const [count, channels, height, width] = imageSizes('transformColour', x);
  if (adaColour.every((name) => shares[name] === undefined)) return x;
  const one = scalar(1);
  const pick = (name: AdaColour, draw: () => Value, neutral: Value): Value => {
    const share = shares[name];
    if (share === undefined) return neutral;
    const applied = less(random.uniform(`${name}/applied`, [count, 1, 1], 0, 1), mul(probability, share));
    return where(applied, draw(), neutral);
  };
  const factor = (name: AdaColour, deviation: number): Value =>
    pick(name, () => exp(random.normal(`${name}/log`, [count, 1, 1], deviation)), one);
  const shift = pick(
    'brightness',
    () => random.normal('brightness/shift', [count, 1, 1], BRIGHTNESS_DEVIATION * unit),
    scalar(0),
  );
  const contrast = factor('contrast', CONTRAST_DEVIATION);
  const side = pick(
    'lumaflip',
    () => sub(mul(floor(random.uniform('lumaflip/side', [count, 1, 1], 0, 2)), 2), 1),
    one,
  );
  // All of them keep the grey axis and the plane across it apart: one factor along the axis, a rotation with a factor in
  // the plane. The shift is along the axis.
  const luma = mul(contrast, side);
  const offset = cast(add(mul(sub(1, luma), middle), mul(luma, shift)), x.dtype);
  if (channels === 1) {
    const grey = (value: Value): Value => unsqueeze(cast(value, x.dtype), [1]);
    return add(mul(x, grey(luma)), grey(offset));
  }
  if (channels !== 3) {
    throw new ShapeError(
      `transformColour: x must have 1 or 3 channels, got ${channels} (x ${formatShape(x.shape)}). Leave out ${Object.keys(shares).join(', ')}`,
    );
  }
  const saturation = factor('saturation', SATURATION_DEVIATION);
  const direction = pick(
    'hue',
    () => reshape(random.circle('hue/direction', count), [count, 1, 2]),
    constant({ dtype: 'float32', shape: [1, 1, 2], data: Float32Array.of(1, 0) }),
  );
  const chroma = mul(mul(contrast, saturation), direction);
  const along = slice(chroma, 2, 0, 1);
  const across = slice(chroma, 2, 1, 2);
  const matrix = add(add(mul(along, identity3), mul(sub(luma, along), towardsGrey)), mul(across, aboutGrey));
  const colours = expand(cast(matrix, x.dtype), [count, 3, 3]);
  const changed = matmul(colours, reshape(x, [count, 3, height * width]));
  return reshape(add(changed, offset), x.shape);
}

const matrix3 = (...data: readonly number[]): Value =>
  constant({ dtype: 'float32', shape: [1, 3, 3], data: Float32Array.from(data) });

const identity3 = matrix3(1, 0, 0, 0, 1, 0, 0, 0, 1);
/** Projects on the grey axis (1, 1, 1) / sqrt 3. */
const towardsGrey = matrix3(...Array.from({ length: 9 }, () => 1 / 3));
const r = 1 / Math.sqrt(3);
/** The vector product of that axis with a colour. */
const aboutGrey = matrix3(0, -r, r, r, 0, -r, -r, r, 0);
