import { DataError, ShapeError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';

/** What a measure asks of a set of vectors. */
export interface SampleDemands {
  /** What the set is called in the error, such as `samples` or `training images`. */
  readonly name: string;
  /** Fewest rows with which the measure is defined; default 1. */
  readonly least?: number;
  /** Why so many, as the end of a sentence: `its 3 nearest neighbours`. */
  readonly leastFor?: string;
  /** Numbers per row, where another set decides; default whatever the set has. */
  readonly dimension?: number;
  /** Rows may not all be equal: nothing can be measured against one point. Default false. */
  readonly varied?: boolean;
}

const shown = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/**
 * Refuses what no measure can take: another dtype or rank, data that does not fill its shape, too few rows, numbers that
 * are not finite. A set that is merely bad (one image again and again) passes; `sampleNotices` says so.
 *
 * @param caller - the measure, which opens the error
 * @param set - float32 [n, d]
 * @returns n and d
 * @throws ShapeError for a wrong dtype, rank, size or dimension
 * @throws DataError for too few rows, for NaN or an infinity with its place, for equal rows where they must vary
 */
export function requireSamples(
  caller: string,
  set: Tensor,
  { name, least = 1, leastFor, dimension, varied = false }: SampleDemands,
): { readonly count: number; readonly dimension: number } {
  const [count = 0, numbers = 0] = set.shape;
  if (set.dtype !== 'float32')
    throw new ShapeError(`${caller}: ${name} must be float32, got ${set.dtype} ${shown(set.shape)}`);
  if (set.shape.length !== 2 || numbers < 1)
    throw new ShapeError(
      `${caller}: ${name} must be [n, d], one row per image, got ${shown(set.shape)}. Flatten images to rows`,
    );
  if (set.data.length !== count * numbers)
    throw new ShapeError(
      `${caller}: ${name} of shape ${shown(set.shape)} must hold ${count * numbers} numbers, got ${set.data.length}`,
    );
  if (dimension !== undefined && numbers !== dimension)
    throw new ShapeError(
      `${caller}: ${name} must have ${dimension} numbers per row, as what they are compared with, got ${numbers} (${shown(set.shape)})`,
    );
  if (count < least)
    throw new DataError(
      `${caller}: ${name} must be ${least} or more${leastFor ? `, for ${leastFor}` : ''}, got ${count}`,
    );
  requireFinite(caller, name, set as Tensor<'float32'>);
  if (varied && count > 1 && equalRows(set as Tensor<'float32'>))
    throw new DataError(
      `${caller}: ${name} must differ from each other, got ${count} equal rows. Nothing can be measured against one point`,
    );
  return { count, dimension: numbers };
}

/**
 * Refuses pixels outside [0, 1], the range of all images here.
 *
 * @param images - float32 [n, d]
 * @throws DataError with the place of the first, and what to do where they look like bytes or like tanh's range
 */
export function requirePixels(caller: string, name: string, { shape, data }: Tensor<'float32'>): void {
  const at = data.findIndex((value) => !(value >= 0 && value <= 1));
  if (at < 0) return;
  const most = data.reduce((largest, value) => Math.max(largest, value), 0);
  const advice = most > 2 ? 'Divide by 255, or give them as uint8' : 'Map [-1, 1] to [0, 1] by (x + 1) / 2';
  throw new DataError(
    `${caller}: pixels of ${name} must lie in [0, 1], got ${data[at]} ${place(at, shape)}. ${advice}`,
  );
}

/** Throws DataError with the place of the first number that is not finite. */
function requireFinite(caller: string, name: string, { shape, data }: Tensor<'float32'>): void {
  // The sum is not finite where a number is not, and it is many times faster than asking each.
  let total = 0;
  for (let at = 0; at < data.length; at++) total += data[at]!;
  if (Number.isFinite(total)) return;
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const bad = data.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
  throw new DataError(
    `${caller}: ${name} must be finite, got ${data[at]} ${place(at, shape)}, ${bad} such numbers in all`,
  );
}

function place(at: number, shape: readonly number[]): string {
  return `at row ${Math.floor(at / shape[1]!)}, number ${at % shape[1]!} (${shown(shape)})`;
}

function equalRows({ shape, data }: Tensor<'float32'>): boolean {
  const dimension = shape[1]!;
  for (let at = dimension; at < data.length; at++) if (data[at] !== data[at - dimension]) return false;
  return true;
}

/**
 * What a reader has to know about samples before any measure: each as one sentence, none for samples that differ from
 * each other and show something.
 *
 * @param samples - float32 [n, d], pixels or points
 */
export function sampleNotices(samples: Tensor<'float32'>): string[] {
  const [count, dimension] = [samples.shape[0]!, samples.shape[1]!];
  if (count > 1 && equalRows(samples))
    return [`All ${count} samples are equal: the generator gives one result whatever its input.`];
  if (dimension < 4) return [];
  let flat = 0;
  for (let row = 0; row < count; row++) {
    const values = samples.data.subarray(row * dimension, (row + 1) * dimension);
    if (values.every((value) => value === values[0])) flat++;
  }
  return flat > 0 ? [`${flat} of ${count} samples are one flat shade and show nothing.`] : [];
}
