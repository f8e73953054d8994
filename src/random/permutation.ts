import { ConfigError } from '../errors.ts';
import { fillBits, type Key, threefry2x32 } from './threefry.ts';

/**
 * The integers 0 ... length - 1 in random order, every order equally likely: Fisher and Yates's shuffle with numbers
 * made exactly uniform by rejection.
 *
 * @param step - which permutation of the stream, such as the epoch
 * @param length - integer in [0, 2^32)
 * @returns uint32 [length]
 * @throws ConfigError if `length` is negative, fractional or too large
 */
export function permutation(key: Key, step: number, length: number): Uint32Array<ArrayBuffer> {
  if (length >>> 0 !== length)
    throw new ConfigError(`permutation: length must be an integer in [0, 4294967295], got ${length}`);
  const bits = new Uint32Array(length);
  fillBits(key, step, bits);
  // Replacements for rejected words come from the pairs behind those of `bits`.
  let spare = Math.ceil(length / 2);

  const order = new Uint32Array(length);
  for (let i = 0; i < length; i++) order[i] = i;
  for (let i = length - 1; i > 0; i--) {
    const choices = i + 1;
    // Words from here on would favour the small remainders.
    const limit = 2 ** 32 - (2 ** 32 % choices);
    let word = bits[i]!;
    while (word >= limit) word = threefry2x32(key.seed, key.stream, step, spare++)[0];
    const j = word % choices;
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
  return order;
}
