import { add, cast, equal, floor, mul, sub } from '../../graph/functions/elementwise.ts';
import { matmul } from '../../graph/functions/linear-algebra.ts';
import { sum } from '../../graph/functions/reductions.ts';
import { transpose } from '../../graph/functions/shaping.ts';
import { constant, type Value } from '../../graph/value.ts';
import type { GreyScale } from '../example-format.ts';
import { type AugmentRandom, imageSizes } from './augmentation.ts';

/** The paper's largest translation, as a share of the size. */
const LARGEST_SHIFT = 1 / 8;

/**
 * DiffAugment's translation: each image moved by whole pixels, uniform on -s to s for rows and for columns, where s is an
 * eighth of the height or width, rounded. What comes in from outside is middle grey.
 *
 * @param strength - in [0, 1], a factor of that eighth
 */
export function translate(x: Value, random: AugmentRandom, { middle }: GreyScale, strength: number): Value {
  const [n, , height, width] = imageSizes('translate', x);
  const draw = (name: string, size: number): Value => {
    const largest = Math.round(size * LARGEST_SHIFT * strength);
    const whole = floor(random.uniform(`translation/${name}`, [n, 1, 1, 1], -largest, largest + 1));
    return cast(whole, x.dtype);
  };
  // Products with 0-1 matrices take less time than gathering pixels, and their gradient needs no scatter.
  const rows = shiftMatrix(draw('rows', height), height);
  const columns = transpose(shiftMatrix(draw('columns', width), width), [0, 1, 3, 2]);
  const moved = matmul(matmul(rows, x), columns);
  if (middle === 0) return moved;
  const covered = mul(sum(rows, { axes: [3], keepDims: true }), sum(columns, { axes: [2], keepDims: true }));
  return add(moved, mul(sub(1, covered), middle));
}

/** [N, 1, size, size] with ones where column = row - shift: times x, it moves rows down by shift. */
function shiftMatrix(shift: Value, size: number): Value {
  const differences = Array.from({ length: size * size }, (_, i) => Math.floor(i / size) - (i % size));
  const distance = constant({
    dtype: 'float32',
    shape: [size, size],
    data: Float32Array.from(differences),
  });
  return cast(equal(cast(distance, shift.dtype), shift), shift.dtype);
}
