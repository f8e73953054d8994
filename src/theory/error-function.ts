const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);
/** Below this the series takes fewer terms than the continued fraction. */
const SWITCH = 2.5;

/** `2 / sqrt(pi) exp(-x^2) sum 2^n x^(2n+1) / (2n+1)!!`: all terms of one sign, so nothing cancels. */
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return TWO_OVER_ROOT_PI * Math.exp(-x * x) * sum;
}

/** The continued fraction `exp(-x^2) / sqrt(pi) / (x + (1/2)/(x + 1/(x + (3/2)/(x + ...))))`, from its far end. */
function fraction(x: number): number {
  let tail = x;
  for (let n = 60; n >= 1; n--) tail = x + n / 2 / tail;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * tail);
}

/** The error function, `2 / sqrt(pi)` times the integral of `exp(-t^2)` from 0 to x, to 15 digits. */
export function erf(x: number): number {
  if (Math.abs(x) < SWITCH) return x === 0 ? 0 : series(x);
  return Math.sign(x) * (1 - fraction(Math.abs(x)));
}

/** `1 - erf(x)`, to 14 digits also where it is tiny. */
export function erfc(x: number): number {
  if (x >= SWITCH) return fraction(x);
  return x <= -SWITCH ? 2 - fraction(-x) : 1 - erf(x);
}

/**
 * Probability that a standard normal number lies in [low, high], to 12 digits of its own size as long as high - low is no
 * tiny part of either: tails are taken from their own side.
 */
export function normalMass(low: number, high: number): number {
  if (low > 0) return normalMass(-high, -low);
  const [a, b] = [low * Math.SQRT1_2, high * Math.SQRT1_2];
  return high > 0 ? 0.5 * (erf(b) - erf(a)) : 0.5 * (erfc(-b) - erfc(-a));
}
