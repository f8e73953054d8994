import { expect } from 'vitest';

type NumberList = ArrayLike<number> | ArrayLike<bigint>;

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: the signature that vitest declares
  interface Assertion<T = any> {
    /** |actual - expected| <= atol + rtol |expected| for every element; prints the first miss and the largest error. */
    toBeAllClose(expected: NumberList, tolerance?: { rtol?: number; atol?: number }): T;
  }
}

expect.extend({
  toBeAllClose(actual: NumberList, expected: NumberList, { rtol = 1e-5, atol = 1e-8 } = {}) {
    if (actual.length !== expected.length) {
      return { pass: false, message: () => `length ${actual.length}, expected ${expected.length}` };
    }
    let first = -1;
    let largest = 0;
    for (let i = 0; i < actual.length; i++) {
      const a = Number(actual[i]);
      const b = Number(expected[i]);
      const error = Object.is(a, b) || a === b ? 0 : Math.abs(a - b);
      if (!(error <= atol + rtol * Math.abs(b)) && first < 0) first = i;
      if (!(error <= largest)) largest = error;
    }
    return {
      pass: first < 0,
      message: () =>
        first < 0
          ? 'arrays are close'
          : `first difference at [${first}]: got ${actual[first]}, expected ${expected[first]} (rtol ${rtol}, atol ${atol}); largest error ${largest} over ${actual.length} elements`,
    };
  },
});
