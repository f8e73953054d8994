import type { Dataset } from '../data/dataset.ts';
import { DataError, ShapeError } from '../errors.ts';
import { requirePixels, requireSamples } from '../eval/sample-check.ts';
import { elementCount, type Tensor } from '../graph/tensor.ts';

/**
 * Samples of any program as rows: pixels in [0, 1], or points in the data's units.
 *
 * @param array - images uint8 [N, ...] (divided by 255) or float [N, ...] in [0, 1]; points float [N, d]. What comes after N
 *   may have any shape with as many numbers as an example of the data has, in the same order (`[784]`, `[28, 28]`)
 * @returns float32 [N, d]
 * @throws ShapeError where examples have another size, DataError where a number is not finite or no pixel
 */
export function givenSamples(array: Tensor, { kind, name, exampleShape }: Dataset): Tensor<'float32'> {
  const [count = 0, ...rest] = array.shape;
  const size = elementCount(exampleShape);
  const shown = `${array.dtype} [${array.shape.join(', ')}]`;
  if (array.shape.length < 2 || elementCount(rest) !== size)
    throw new ShapeError(
      `evaluate: samples must be [N, ${exampleShape.join(', ')}] (${size} numbers an example) to be measured against ${name}, got ${shown}`,
    );
  const { dtype } = array;
  if (dtype !== 'float32' && dtype !== 'float64' && !(dtype === 'uint8' && kind === 'images'))
    throw new ShapeError(
      `evaluate: samples must be ${kind === 'images' ? 'uint8, float32 or float64' : 'float32 or float64'}, got ${shown}`,
    );
  const data = new Float32Array(count * size);
  const values = array.data as Uint8Array | Float32Array | Float64Array;
  const unit = dtype === 'uint8' ? 1 / 255 : 1;
  for (let i = 0; i < data.length; i++) data[i] = values[i]! * unit;
  const samples: Tensor<'float32'> = { dtype: 'float32', shape: [count, size], data };
  if (count < FEWEST)
    throw new DataError(
      `evaluate: samples must be ${FEWEST} or more for any measure to mean something, got ${count}. The paper takes 10,000`,
    );
  requireSamples('evaluate', samples, { name: 'samples' });
  if (kind === 'images') requirePixels('evaluate', 'samples', samples);
  return samples;
}

/** Fewer leave every error bar as wide as the measure. */
const FEWEST = 100;
