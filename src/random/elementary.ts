// `Math.log`, `Math.cos` and `Math.sin` may differ in their last bits from engine to engine. Those below are built from
// + - * / alone, which IEEE 754 fixes, and take integers, so that no argument has to be reduced. They err by less than
// 5e-10 of their value (sine and cosine: of 1), far below what a float32 shows.

/** 2^0, 2^-1 ... 2^-32: multiplying by an entry moves the exponent and rounds nothing. */
const inversePowersOfTwo = Float64Array.from({ length: 33 }, (_, exponent) => 2 ** -exponent);

/** Natural logarithm of `(word + 1/2) / 2^32` for a uint32 `word`: in [-22.9, 0), never 0 and never infinite. */
export function logOfFraction(word: number): number {
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

// A turn in units of 2^-32 is a number of quarters and a signed remainder within 1/8 turn of it, without any error.
const quarterOf = (turn: number) => (turn + 0x20000000) >>> 30;
const remainderOf = (turn: number) => ((turn << 2) >> 2) * (Math.PI / 2 ** 31);
const cosOfQuarters = Float64Array.of(1, 0, -1, 0);
const sinOfQuarters = Float64Array.of(0, 1, 0, -1);

// Taylor series, |x| <= pi / 4.
const cosNearZero = (x2: number) =>
  1 + x2 * (-1 / 2 + x2 * (1 / 24 + x2 * (-1 / 720 + x2 * (1 / 40_320 + x2 * (-1 / 3_628_800)))));
const sinNearZero = (x: number, x2: number) =>
  x * (1 + x2 * (-1 / 6 + x2 * (1 / 120 + x2 * (-1 / 5040 + x2 * (1 / 362_880 + x2 * (-1 / 39_916_800))))));

/** `cos(2 pi turn / 2^32)` for a uint32 `turn`. */
export function cosOfTurn(turn: number): number {
  const quarter = quarterOf(turn);
  const x = remainderOf(turn);
  return cosOfQuarters[quarter]! * cosNearZero(x * x) - sinOfQuarters[quarter]! * sinNearZero(x, x * x);
}

/** `sin(2 pi turn / 2^32)` for a uint32 `turn`. */
export function sinOfTurn(turn: number): number {
  const quarter = quarterOf(turn);
  const x = remainderOf(turn);
  return sinOfQuarters[quarter]! * cosNearZero(x * x) + cosOfQuarters[quarter]! * sinNearZero(x, x * x);
}
