import { ShapeError } from '../../errors.ts';
import { formatShape, staticShape } from '../shapes.ts';
import { allocate } from '../tensor.ts';
import { constant, type Value } from '../value.ts';
import { both, type Extent } from './convolution.ts';
import { matmul } from './linear-algebra.ts';
import { transpose } from './shaping.ts';

/**
 * Every pixel repeated `factor` times in both directions (nearest neighbour).
 *
 * @param x - float [N, C, H, W]; N may be symbolic
 * @param factor - whole number of at least 1, or [vertical, horizontal]
 * @returns [N, C, factor H, factor W]
 * @throws ShapeError where a factor is no such number
 */
export function resizeNearest(x: Value, factor: Extent): Value {
  const [height, width] = imageSize('resizeNearest', x);
  const [down, across] = both(factor);
  if (![down, across].every((value) => Number.isInteger(value) && value >= 1)) {
    throw new ShapeError(
      `resizeNearest: factor must be a whole number of at least 1, got ${down === across ? down : `${down} and ${across}`}. Use resizeBilinear for other sizes`,
    );
  }
  return resized(x, [height * down, width * across], (output, from, to) => [
    { input: Math.floor((output * from) / to), weight: 1 },
  ]);
}

/**
 * Bilinear resizing, as PyTorch's `interpolate(mode="bilinear", align_corners=False)`: output pixel i lies at
 * `(i + 1/2) H / H' - 1/2` of the input, and beyond the outermost pixels' centres the image goes on as it ends. Shrinking
 * does not smooth first. One matrix product per direction.
 *
 * @param x - float [N, C, H, W]; N may be symbolic
 * @param size - of the result, or [height, width]
 * @returns [N, C, H', W']
 * @throws ShapeError where a size is no whole number of at least 1
 */
export function resizeBilinear(x: Value, size: Extent): Value {
  imageSize('resizeBilinear', x);
  const [rows, columns] = both(size);
  if (![rows, columns].every((value) => Number.isInteger(value) && value >= 1))
    throw new ShapeError(
      `resizeBilinear: sizes must be whole numbers of at least 1, got [${rows}, ${columns}]`,
    );
  return resized(x, [rows, columns], (output, from, to) => {
    const at = Math.min(Math.max(((output + 0.5) * from) / to - 0.5, 0), from - 1);
    const input = Math.floor(at);
    return [
      { input, weight: 1 - (at - input) },
      { input: Math.min(input + 1, from - 1), weight: at - input },
    ];
  });
}

function imageSize(caller: string, x: Value): readonly [number, number] {
  if (x.shape.length !== 4)
    throw new ShapeError(`${caller}: x must be [N, C, H, W], got ${formatShape(x.shape)}`);
  return staticShape(caller, x.shape.slice(2)) as readonly [number, number];
}

/** What one output pixel reads along one direction. */
type Reads = (
  output: number,
  from: number,
  to: number,
) => readonly { readonly input: number; readonly weight: number }[];

/**
 * Both directions resized by a matrix each. Where a pixel is only repeated, `Expand` and `Resize` would do as well; beside
 * the product, `Expand` took seven times as long on [64, 64, 16, 16].
 */
function resized(x: Value, [rows, columns]: readonly [number, number], reads: Reads): Value {
  const [height, width] = x.shape.slice(2) as [number, number];
  const across = columns === width ? x : matmul(x, transpose(weightsOf(x.dtype, width, columns, reads)));
  return rows === height ? across : matmul(weightsOf(x.dtype, height, rows, reads), across);
}

/** Weights [to, from]. */
function weightsOf(dtype: Value['dtype'], from: number, to: number, reads: Reads): Value {
  const data = allocate(dtype, from * to);
  for (let output = 0; output < to; output++)
    for (const { input, weight } of reads(output, from, to)) {
      const place = output * from + input;
      data[place] = Number(data[place]) + weight;
    }
  return constant({ dtype, shape: [to, from], data });
}
