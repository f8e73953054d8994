import { DataError } from '../errors.ts';
import type { ExampleSet, FiniteDataset } from './dataset.ts';
import { fingerprint } from './fingerprint.ts';

/** An array as a file gives it, row-major: a tensor, or the content of an IDX file. */
export interface NumericArray {
  /** uint8, float32 or float64; others are refused. */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}

/** What the data set from an array is called, and its classes. */
export interface ArrayDatasetOptions {
  /** Name of the data set; default `array`. */
  readonly name?: string;
  /** Class of each example, uint8 `[n]`; default: no classes. */
  readonly labels?: Uint8Array;
  /** What the array is called in errors, such as a path; default the name. */
  readonly source?: string;
}

/** float64 as float32, and what is no element type of a data set refused. */
function elements(array: NumericArray, fail: (rest: string) => DataError): Uint8Array | Float32Array {
  if (array.dtype === 'uint8') return array.data as Uint8Array;
  if (array.dtype === 'float32') return array.data as Float32Array;
  if (array.dtype === 'float64') return Float32Array.from(array.data as Float64Array);
  throw fail(`must be uint8 (pixels 0..255) or float32, got ${array.dtype}. Convert it first`);
}

function requireFinite(data: Float32Array, fail: (rest: string) => DataError): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw fail(`must hold finite numbers, got ${data[at]} at element ${at}`);
}

function requireUnitRange(data: Float32Array, fail: (rest: string) => DataError): void {
  let low = Infinity;
  let high = -Infinity;
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low >= 0 && high <= 1) return;
  const advice =
    low >= -1 && high <= 1
      ? 'Map it by (x + 1) / 2'
      : low >= 0 && high <= 255
        ? 'Divide it by 255'
        : 'Scale it';
  throw fail(`must hold pixels in [0, 1] as float32, got ${low} ... ${high}. ${advice}`);
}

function requireChannels(shape: readonly number[], fail: (rest: string) => DataError): void {
  const [, channels, , last] = shape;
  if (channels === 1 || channels === 3) return;
  const advice =
    last === 1 || last === 3
      ? 'Move the channels to the front: transpose(0, 3, 1, 2)'
      : 'Leave out the others';
  throw fail(
    `must have 1 (grey) or 3 (colour) channels in [n, c, h, w], got [${shape.join(', ')}]. ${advice}`,
  );
}

/**
 * A data set from an array: `[n, h, w]` and `[n, c, h, w]` are images, uint8 or floats in [0, 1]; floats `[n, d]` are
 * points. All of it is training data: an array says nothing about a split, so validation and test are empty.
 *
 * @throws DataError if the array has another shape or element type, is empty, or holds NaN or pixels out of range
 */
export async function datasetFromArray(
  array: NumericArray,
  options: ArrayDatasetOptions = {},
): Promise<FiniteDataset> {
  const { name = 'array', labels, source = name } = options;
  const fail = (rest: string) => new DataError(`datasetFromArray: ${source} ${rest}`);
  const { shape } = array;
  const shown = `[${shape.join(', ')}]`;

  const examples = elements(array, fail);
  const isFloat = examples instanceof Float32Array;
  const isPoints = shape.length === 2 && isFloat;
  if (!isPoints && shape.length !== 3 && shape.length !== 4) {
    throw fail(
      `must be images [n, h, w] or [n, c, h, w], or float points [n, d], got ${array.dtype} ${shown}. Reshape it`,
    );
  }
  if (shape.includes(0)) throw fail(`must hold at least one example, got ${shown}`);
  const count = shape[0]!;
  if (labels && labels.length !== count)
    throw fail(`must have a label for each of ${count} examples, got ${labels.length}`);
  if (isFloat) requireFinite(examples, fail);
  if (!isPoints && shape.length === 4) requireChannels(shape, fail);
  if (!isPoints && isFloat) requireUnitRange(examples, fail);

  const none: ExampleSet = { count: 0, examples: examples.subarray(0, 0) };
  const content = {
    kind: isPoints ? ('points' as const) : ('images' as const),
    name,
    exampleShape: shape.length === 3 ? [1, ...shape.slice(1)] : shape.slice(1),
    train: { count, examples, ...(labels && { labels }) },
    validation: none,
    test: none,
  };
  return { ...content, fingerprint: await fingerprint(content) };
}
