import { ConfigError } from '../errors.ts';
import { fillBits, type Key } from './threefry.ts';

/** Words made at a time: small enough to stay in the first cache level. */
const scratchWords = 2048;

/**
 * Fills `out` with ones with the given probability and zeros otherwise: the mask of a dropout layer.
 *
 * At probability 1/2 one random bit decides a unit (32 units a word); otherwise 16 bits do, two units a word, and the
 * probability is rounded to a multiple of 2^-16.
 *
 * @param probability - of a one, in [0, 1]
 * @throws ConfigError if `probability` is outside [0, 1]
 */
export function fillBernoulli(key: Key, step: number, out: Uint8Array, probability: number): void {
  if (!(probability >= 0 && probability <= 1))
    throw new ConfigError(`fillBernoulli: probability must be in [0, 1], got ${probability}`);
  const unitsPerWord = probability === 0.5 ? 32 : 2;
  const threshold = Math.round(probability * 0x10000);
  const scratch = new Uint32Array(Math.min(scratchWords, Math.ceil(out.length / unitsPerWord)));

  for (let firstWord = 0; firstWord * unitsPerWord < out.length; firstWord += scratchWords) {
    fillBits(key, step, scratch, firstWord / 2);
    const start = firstWord * unitsPerWord;
    const count = Math.min(out.length - start, scratchWords * unitsPerWord);
    if (unitsPerWord === 32) {
      for (let i = 0; i < count; i++) out[start + i] = (scratch[i >>> 5]! >>> (i & 31)) & 1;
    } else {
      // The sign bit of the difference is the answer; a comparison would be mispredicted every few units.
      for (let i = 0; i < count; i++)
        out[start + i] = (((scratch[i >>> 1]! >>> ((i & 1) << 4)) & 0xffff) - threshold) >>> 31;
    }
  }
}
