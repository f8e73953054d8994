import { ConfigError } from '../errors.ts';
import { fillBits, type Key } from './threefry.ts';

/** The largest float32 below `value`; `value` is a float32 and finite. */
function floatBelow(value: number): number {
  const float = new Float32Array([value]);
  const word = new Int32Array(float.buffer);
  // Neighbouring floats have neighbouring bit patterns; those of negative numbers run backwards, zero is the seam.
  if (value === 0) word[0] = 0x80000001 | 0;
  else word[0]! += value > 0 ? -1 : 1;
  return float[0]!;
}

/**
 * Fills `out` with uniform numbers in [low, high): `low + (high - low) u`, u a multiple of 2^-24 from the upper bits of
 * word i of the stream, computed in float64 and rounded once.
 *
 * @param low, high - finite, low < high; rounded to float32 first, so that both bounds hold for what is stored
 * @throws ConfigError if the bounds are not finite or not in this order
 */
export function fillUniform(key: Key, step: number, out: Float32Array, low: number, high: number): void {
  const start = Math.fround(low);
  const end = Math.fround(high);
  if (!(start < end && Number.isFinite(start) && Number.isFinite(end)))
    throw new ConfigError(
      `fillUniform: low and high must be finite with low < high in float32, got [${low}, ${high})`,
    );
  // The words are made in place and overwritten one by one: no second buffer to allocate and to stream through.
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
  fillBits(key, step, bits);
  const largest = floatBelow(end);
  const unit = (end - start) * 2 ** -24;
  for (let i = 0; i < out.length; i++) {
    const value = start + (bits[i]! >>> 8) * unit;
    // Rounding to float32 may carry the last multiple up to `high` itself.
    out[i] = Math.min(value, largest);
  }
}
