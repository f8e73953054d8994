import { ConfigError } from '../errors.ts';
import { cosOfTurn, logOfFraction, sinOfTurn } from './elementary.ts';
import { fillBits, type Key, threefry2x32 } from './threefry.ts';

/**
 * Fills `out` with normal numbers of mean 0 by Box and Muller's transform of each pair of words:
 * `sqrt(-2 log u) cos(2 pi v)` and `sqrt(-2 log u) sin(2 pi v)`. The largest possible magnitude is 6.76 deviations.
 * The same bits on every engine and processor.
 *
 * @param standardDeviation - positive or 0; default 1
 * @throws ConfigError if the deviation is negative or not finite
 * @see Box and Muller 1958, https://doi.org/10.1214/aoms/1177706645
 */
export function fillNormal(key: Key, step: number, out: Float32Array, standardDeviation = 1): void {
  if (!(standardDeviation >= 0 && Number.isFinite(standardDeviation)))
    throw new ConfigError(
      `fillNormal: standardDeviation must be finite and not negative, got ${standardDeviation}`,
    );
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
  fillBits(key, step, bits);
  const last = out.length - 1;
  for (let i = 0; i < out.length; i += 2) {
    const radius = Math.sqrt(-2 * logOfFraction(bits[i]!)) * standardDeviation;
    // An odd length ends on half a pair, whose second word did not fit.
    const turn = i < last ? bits[i + 1]! : threefry2x32(key.seed, key.stream, step, i / 2)[1];
    out[i] = radius * cosOfTurn(turn);
    if (i < last) out[i + 1] = radius * sinOfTurn(turn);
  }
}
