import type { ExampleSet } from '../data/dataset.ts';
import { DataError, ShapeError } from '../errors.ts';
import { formatShape } from '../graph/shapes.ts';
import { elementCount, type Tensor } from '../graph/tensor.ts';

/** What a set of examples has to be. */
export interface ExampleDemands {
  readonly kind: 'images' | 'points';
  /** What the set is called in errors: `images`, `fake samples`. */
  readonly name: string;
  /** Shape of one example, where something else decides it; a flattened one is as good. */
  readonly exampleShape?: readonly number[];
  /** Why it must be that shape, for the error: `as the classifier of mnist takes them`. */
  readonly because?: string;
  /** Fewest examples. Default 1. */
  readonly least?: number;
}

/**
 * A tensor as a set of examples, with everything refused that no network should see.
 *
 * @param examples - images: uint8 0 to 255 or float32 in [0, 1]; points: float32; [N, ...example]
 * @throws ShapeError for another dtype or shape; DataError for too few examples, and for NaN, infinities and pixels out
 *   of range with their place
 */
export function exampleSetOf(
  caller: string,
  examples: Tensor,
  { kind, name, exampleShape, because = '', least = 1 }: ExampleDemands,
): ExampleSet {
  const { shape, data } = examples;
  const [count = 0, ...own] = shape;
  const wanted = formatShape(['N', ...(exampleShape ?? ['...'])]);
  const got = `${examples.dtype} ${formatShape(shape)}`;
  if (!(data instanceof Float32Array || (data instanceof Uint8Array && examples.dtype === 'uint8')))
    throw new ShapeError(`${caller}: ${name} must be float32 or uint8 ${wanted}, got ${got}. Convert them`);
  if (kind === 'points' && !(data instanceof Float32Array))
    throw new ShapeError(`${caller}: ${name} must be float32 ${wanted} where they are points, got ${got}`);
  const size = elementCount(own);
  if (shape.length < 2 || size < 1 || (exampleShape && size !== elementCount(exampleShape)))
    throw new ShapeError(
      `${caller}: ${name} must be ${wanted}${because && `, ${because}`}, got ${formatShape(shape)}`,
    );
  if (data.length !== count * size)
    throw new ShapeError(
      `${caller}: ${name} of shape ${formatShape(shape)} must hold ${count * size} numbers, got ${data.length}`,
    );
  if (count < least) throw new DataError(`${caller}: ${name} must be at least ${least}, got ${count}`);
  if (data instanceof Float32Array) requireNumbers(caller, name, kind, data, size);
  return { count, examples: data };
}

function requireNumbers(
  caller: string,
  name: string,
  kind: 'images' | 'points',
  data: Float32Array,
  size: number,
): void {
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (kind === 'images' ? value >= 0 && value <= 1 : Number.isFinite(value)) continue;
    const place = `at [${Math.floor(i / size)}, ${i % size}]`;
    if (!Number.isFinite(value))
      throw new DataError(`${caller}: ${name} must be finite numbers, got ${value} ${place}`);
    throw new DataError(
      `${caller}: ${name} must be pixels in [0, 1], got ${value} ${place}. Divide those of 0 to 255 by 255, map those of -1 to 1 by (x + 1) / 2`,
    );
  }
}

/** Whether all examples are the same. */
export function areAlike({ count, examples }: ExampleSet): boolean {
  const size = examples.length / count;
  return examples.every((value, i) => value === examples[i % size]);
}
