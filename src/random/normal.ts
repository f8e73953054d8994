import { ConfigError } from '../errors.ts';
import { fillBits, type Key, threefry2x32 } from './threefry.ts';

// `Math.log`, `Math.cos` and `Math.sin` may differ in their last bits from engine to engine. Those below are built from
// + - * / alone, which IEEE 754 fixes, and err by less than 2e-10 of their value: far below what a float32 shows.

/** 2^0, 2^-1 ... 2^-32: multiplying by an entry moves the exponent and rounds nothing. */
const inversePowersOfTwo = Float64Array.from({ length: 33 }, (_, exponent) => 2 ** -exponent);

/** Natural logarithm of (word + 1/2) / 2^32, for a uint32 `word`: strictly negative, down to -22.9. */
function logOfFraction(word: number): number {
  const value = word + 0.5;
  // value = 2^exponent * m with m in [sqrt(1/2), sqrt(2)), where the series is short and log(1) is met exactly.
  const exponent = 32 - Math.clz32(value * Math.SQRT1_2);
  const m = value * inversePowersOfTwo[exponent]!;
  // log m = 2 atanh s = 2 (s + s^3/3 + s^5/5 + ...), s = (m - 1) / (m + 1), |s| < 0.172.
  const s = (m - 1) / (m + 1);
  const s2 = s * s;
  const series =
    1 + s2 * (1 / 3 + s2 * (1 / 5 + s2 * (1 / 7 + s2 * (1 / 9 + s2 * (1 / 11 + s2 * (1 / 13))))));
  return 2 * s * series + (exponent - 32) * Math.LN2;
}

// Taylor coefficients (-1)^j / n!, enough for 1e-10 where |x| <= pi/4.
const [S3, S5, S7, S9, S11] = [-1 / 6, 1 / 120, -1 / 5040, 1 / 362_880, -1 / 39_916_800];
const [C2, C4, C6, C8, C10] = [-1 / 2, 1 / 24, -1 / 720, 1 / 40_320, -1 / 3_628_800];

const cosOfQuarterTurns = Float64Array.of(1, 0, -1, 0);
const sinOfQuarterTurns = Float64Array.of(0, 1, 0, -1);

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
    const v = i < last ? bits[i + 1]! : threefry2x32(key.seed, key.stream, step, i / 2)[1];
    const radius = Math.sqrt(-2 * logOfFraction(bits[i]!)) * standardDeviation;

    // v is a turn in units of 2^-32: the nearest quarter, and the signed remainder x within pi/4 of it, without error.
    const quarter = (v + 0x20000000) >>> 30;
    const x = ((v << 2) >> 2) * (Math.PI / 2 ** 31);
    const x2 = x * x;
    const sin = x * (1 + x2 * (S3 + x2 * (S5 + x2 * (S7 + x2 * (S9 + x2 * S11)))));
    const cos = 1 + x2 * (C2 + x2 * (C4 + x2 * (C6 + x2 * (C8 + x2 * C10))));

    const cosQuarter = cosOfQuarterTurns[quarter]!;
    const sinQuarter = sinOfQuarterTurns[quarter]!;
    out[i] = radius * (cos * cosQuarter - sin * sinQuarter);
    if (i < last) out[i + 1] = radius * (sin * cosQuarter + cos * sinQuarter);
  }
}
