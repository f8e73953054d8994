import { ConfigError } from '../errors.ts';
import { fillBits, type Key } from './threefry.ts';

/** Words made at a time: small enough to stay in the first cache level. */
const scratchWords = 2048;
/** Bits that an event's probability is rounded to. */
const precision = 16;

/**
 * Fills `out` with ones with the given probability and zeros otherwise: the mask of a dropout layer.
 *
 * Each unit compares a random binary fraction with the probability, most significant bit first, and stops at the first
 * bit that differs. 32 units are compared at once, one in each bit of a word: they are all decided after 6 or 7 words
 * on average (after one at 1/2), where 16 bits for each unit would take 16. The probability is rounded to a multiple of
 * 2^-16.
 *
 * @param probability - of a one, in [0, 1]
 * @throws ConfigError if `probability` is outside [0, 1]
 */
export function fillBernoulli(key: Key, step: number, out: Uint8Array, probability: number): void {
  if (!(probability >= 0 && probability <= 1))
    throw new ConfigError(`fillBernoulli: probability must be in [0, 1], got ${probability}`);
  const threshold = Math.round(probability * 2 ** precision);
  if (threshold === 2 ** precision) {
    out.fill(1);
    return;
  }
  // Behind the lowest one of the threshold no fraction is below it any more: what is undecided there is a zero.
  const lastBit = threshold === 0 ? precision : 31 - Math.clz32(threshold & -threshold);
  const scratch = new Uint32Array(scratchWords);
  let used = scratchWords;
  let firstPair = 0;
  for (let start = 0; start < out.length; start += 32) {
    let undecided = -1;
    let ones = 0;
    for (let bit = precision - 1; bit >= lastBit && undecided !== 0; bit--) {
      if (used === scratchWords) {
        fillBits(key, step, scratch, firstPair);
        firstPair += scratchWords / 2;
        used = 0;
      }
      const random = scratch[used++]!;
      if ((threshold >>> bit) & 1) {
        ones |= undecided & ~random;
        undecided &= random;
      } else {
        undecided &= ~random;
      }
    }
    const count = Math.min(32, out.length - start);
    for (let i = 0; i < count; i++) out[start + i] = (ones >>> i) & 1;
  }
}
