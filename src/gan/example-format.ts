import type { Table } from '../data/table/table.ts';
import { add, cast, clip, div, max, mul, sqrt, square, sub } from '../graph/functions/elementwise.ts';
import { mean, sum } from '../graph/functions/reductions.ts';
import { reshape } from '../graph/functions/shaping.ts';
import { elementCount } from '../graph/tensor.ts';
import type { Value } from '../graph/value.ts';

/**
 * Global contrast normalisation, image by image: `scale (x - mean) / ||x - mean||`, so that an image of d values has mean 0
 * and norm `scale`; 55 in the released CIFAR-10 recipes, which is nearly unit variance at d = 3072.
 */
export interface ContrastRange {
  readonly contrast: number;
}

/** The same shift and scale for the whole data set: `(x - mean) / deviation`, pixels in [0, 1]. */
export interface StandardRange {
  readonly mean: number;
  readonly deviation: number;
}

/** What networks see of pixels: [0, 1], [-1, 1], contrast-normalised images, or a data set brought to mean 0 and variance 1. */
export type PixelRange = 'unit' | 'symmetric' | ContrastRange | StandardRange;

/** How examples look at rest and inside the networks. */
export interface ExampleFormat {
  /** `[1, 28, 28]` for images, `[2]` for points. */
  readonly shape: readonly number[];
  /** uint8 pixels 0 to 255, or float32. */
  readonly dtype: 'uint8' | 'float32';
  /** What the networks see of pixels; `data`: points, as they are. */
  readonly range: PixelRange | 'data';
  /** Of points that are the rows of a table. Generators then give probabilities for each of its categories. */
  readonly table?: Table;
}

/**
 * Images with a smaller norm about their mean, in steps of 1 / 255, are blank: of bytes, those that are not have at least
 * sqrt(1/2). Pylearn2 has 1e-8 of its own scale here, which lets rounding noise in float32 through.
 */
const BLANK = 0.5;

/** How many standard deviations of a contrast-normalised image lie between middle grey and white. */
const SHOWN_DEVIATIONS = 3;

/** Real examples [N, ...shape] as the networks see them: float32 [N, ...shape]. Blank images come out as zeros. */
export function toNetworkRange(raw: Value, { dtype, range, shape }: ExampleFormat): Value {
  const x = cast(raw, 'float32');
  if (range === 'data') return x;
  if (typeof range === 'object' && 'contrast' in range) {
    const bytes = reshape(dtype === 'uint8' ? x : mul(x, 255), [raw.shape[0]!, elementCount(shape)]);
    const centred = sub(bytes, mean(bytes, { axes: [1], keepDims: true }));
    const norm = sqrt(sum(square(centred), { axes: [1], keepDims: true }));
    return reshape(mul(centred, div(range.contrast, max(norm, BLANK))), raw.shape);
  }
  const unit = dtype === 'uint8' ? mul(x, 1 / 255) : x;
  if (range === 'unit') return unit;
  if (range === 'symmetric') return sub(mul(unit, 2), 1);
  return mul(sub(unit, range.mean), 1 / range.deviation);
}

/**
 * What a generator produced, [N, ...shape], as pixels in [0, 1] or points in the data's units.
 *
 * Contrast normalisation forgets how bright and how contrasty an image was: 0 is shown as middle grey and three standard
 * deviations, `3 contrast / sqrt(d)`, as white. The released figure scripts divide by the largest value of all that is shown
 * instead, which makes a picture depend on its neighbours.
 */
export function toPixels(produced: Value, { range, shape }: ExampleFormat): Value {
  if (range === 'data') return produced;
  // Without a sigmoid or tanh at its end a network may leave the range; a pixel may not.
  return clip(toUnit(produced, range, elementCount(shape)), 0, 1);
}

function toUnit(y: Value, range: PixelRange, size: number): Value {
  if (range === 'unit') return y;
  if (range === 'symmetric') return mul(add(y, 1), 0.5);
  if ('contrast' in range) return add(mul(y, pixelsPerUnit(range, size)), 0.5);
  return add(mul(y, range.deviation), range.mean);
}

/** Where [-1, 1], black to white, lies in the range of the networks: `middle + unit v` for v in [-1, 1]. */
export interface GreyScale {
  /** The value of middle grey. */
  readonly middle: number;
  /** The distance from middle grey to white. */
  readonly unit: number;
}

/**
 * The grey scale of a range, as `toPixels` shows it: 0 and 1 for `symmetric`, 1/2 and 1/2 for `unit`, (1/2 - mean) / deviation
 * and 1 / (2 deviation) for `{ mean, deviation }`; for contrast-normalised images 0 and three standard deviations,
 * `3 contrast / sqrt(size)`.
 *
 * @param size - numbers of one example, C H W
 */
export function greyScale(range: PixelRange, size: number): GreyScale {
  if (range === 'symmetric') return { middle: 0, unit: 1 };
  if (range === 'unit') return { middle: 0.5, unit: 0.5 };
  if ('contrast' in range) return { middle: 0, unit: 0.5 / pixelsPerUnit(range, size) };
  return { middle: (0.5 - range.mean) / range.deviation, unit: 0.5 / range.deviation };
}

/** Pixels in [0, 1] for each unit of a contrast-normalised value. */
function pixelsPerUnit({ contrast }: ContrastRange, size: number): number {
  return Math.sqrt(size) / (2 * SHOWN_DEVIATIONS * contrast);
}

/**
 * Real examples in the space in which a game's samples come out, so that the two can be compared: pixels in [0, 1]; where
 * the networks see contrast-normalised images, normalised and shown as samples are (see `toPixels`); points as they are.
 *
 * @param examples - [n, ...format.shape], row-major
 * @returns float32, as long
 */
export function asSamples(
  examples: Uint8Array | Float32Array,
  { range, shape }: Pick<ExampleFormat, 'range' | 'shape'>,
): Float32Array<ArrayBuffer> {
  if (range === 'data') return Float32Array.from(examples);
  const unit = examples instanceof Uint8Array ? 1 / 255 : 1;
  const pixels = new Float32Array(examples.length);
  for (let i = 0; i < pixels.length; i++) pixels[i] = examples[i]! * unit;
  if (typeof range === 'object' && 'contrast' in range) {
    const size = elementCount(shape);
    for (let first = 0; first < pixels.length; first += size)
      showNormalised(pixels.subarray(first, first + size), range);
  }
  return pixels;
}

/** One image [d] in [0, 1], contrast-normalised and shown, in place. */
function showNormalised(image: Float32Array, range: ContrastRange): void {
  let total = 0;
  for (const pixel of image) total += pixel;
  const average = total / image.length;
  let squares = 0;
  for (const pixel of image) squares += (pixel - average) ** 2;
  const scale =
    (range.contrast * pixelsPerUnit(range, image.length)) / Math.max(Math.sqrt(squares), BLANK / 255);
  for (let i = 0; i < image.length; i++)
    image[i] = Math.min(Math.max(0.5 + (image[i]! - average) * scale, 0), 1);
}
