import { ConfigError } from '../errors.ts';
import { fillBits, type Key } from './threefry.ts';

/**
 * Fills `out` with classes 0 ... classes - 1, each equally likely: `floor(word classes / 2^32)` of word i of the stream, no
 * further from uniform than `classes / 2^32`.
 *
 * @param classes - integer in [1, 256]
 * @throws ConfigError if it is not
 */
export function fillClasses(key: Key, step: number, out: Uint8Array, classes: number): void {
  if (!Number.isInteger(classes) || classes < 1 || classes > 256)
    throw new ConfigError(`fillClasses: classes must be an integer in [1, 256], got ${classes}`);
  const bits = new Uint32Array(out.length);
  fillBits(key, step, bits);
  for (let i = 0; i < out.length; i++) out[i] = Math.floor(bits[i]! * (classes / 2 ** 32));
}
