import { ConfigError, ShapeError } from '../errors.ts';
import { reshape as reshapeOf, slice } from '../graph/functions/shaping.ts';
import { formatShape } from '../graph/shapes.ts';
import { elementCount } from '../graph/tensor.ts';
import { type Layer, pureLayer } from './layer.ts';

/** Every example as a vector, row-major: [N, C, H, W] -> [N, C H W]. What `dense` and `maxout` want of images. */
export function flatten(): Layer {
  return pureLayer(
    'flatten',
    (x) => reshapeOf(x, [x.shape[0]!, -1]),
    (inputShape) => [elementCount(inputShape)],
  );
}

/**
 * Every example in another shape, row-major: `reshape([1, 28, 28])` makes [N, 1, 28, 28] of [N, 784].
 *
 * @param shape - of one example, positive integers, without the batch axis
 * @throws ConfigError where a size is not a positive integer; ShapeError where the element counts differ
 */
export function reshape(shape: readonly number[]): Layer {
  if (!shape.every((size) => Number.isInteger(size) && size > 0))
    throw new ConfigError(`reshape: sizes must be positive integers, got ${formatShape(shape)}`);
  return pureLayer(
    'reshape',
    (x) => reshapeOf(x, [x.shape[0]!, ...shape]),
    (inputShape) => {
      const [given, wanted] = [elementCount(inputShape), elementCount(shape)];
      if (given !== wanted)
        throw new ShapeError(
          `reshape: element counts must agree, got ${given} in ${formatShape(inputShape)} and ${wanted} in ${formatShape(shape)}`,
        );
      return shape;
    },
  );
}

/**
 * The middle of every image, [N, C, H, W] -> [N, C, height, width]; where a row or column is over, it is the last one.
 *
 * @throws ConfigError where a side is not a positive integer; ShapeError where the input is no image or smaller
 */
export function crop([height, width]: readonly [number, number]): Layer {
  if (![height, width].every((side) => Number.isInteger(side) && side > 0))
    throw new ConfigError(`crop: sides must be positive integers, got ${height} and ${width}`);
  const before = (given: number, wanted: number): number => Math.floor((given - wanted) / 2);
  return pureLayer(
    'crop',
    (x) => {
      const [, , rows, columns] = x.shape as readonly [unknown, unknown, number, number];
      const [top, left] = [before(rows, height), before(columns, width)];
      const cut = rows === height ? x : slice(x, 2, top, top + height);
      return columns === width ? cut : slice(cut, 3, left, left + width);
    },
    (inputShape) => {
      const [channels, rows = 0, columns = 0] = inputShape;
      if (inputShape.length !== 3 || rows < height || columns < width)
        throw new ShapeError(
          `crop: an example must be an image [C, H, W] of at least ${height} x ${width}, got ${formatShape(inputShape)}`,
        );
      return [channels!, height, width];
    },
  );
}
