import * as z from 'zod';
import { oneOf } from '../nearest-name.ts';

/**
 * An object without room for other keys; the error lists those it has and the nearest one.
 *
 * @param moved - keys of earlier versions, and what stands in their place now
 */
export function closed<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  moved: Readonly<Record<string, string>> = {},
): z.ZodObject<Shape, z.core.$strict> {
  const keys = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      const key = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
      return key === undefined ? undefined : (moved[key] ?? oneOf(key, keys));
    },
  });
}

/** The largest step number: steps are counter words of the random generator, which are 32 bits wide. */
export const maxStep: number = 2 ** 32 - 1;

/** A whole number of at least 1. */
export function count(): z.ZodInt {
  return z.int().min(1);
}

/** A number of steps: 1 to `maxStep`. */
export function step(): z.ZodInt {
  return count().max(maxStep);
}

/** A number in [0, 1). */
export function fraction(): z.ZodNumber {
  return z.number().min(0).lt(1);
}
