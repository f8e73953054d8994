import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { fillClasses } from './classes.ts';

const key = { seed: 2014, stream: 3 };

function drawn(step: number, length: number, classes: number): Uint8Array {
  const out = new Uint8Array(length).fill(255);
  fillClasses(key, step, out, classes);
  return out;
}

describe('fillClasses', () => {
  it.each([1, 2, 7, 10, 256])('draws each of %d classes equally often', (classes) => {
    const n = 50_000;
    const counts = new Float64Array(classes);
    for (const label of drawn(4, n, classes)) counts[label]! += 1;
    const deviation = Math.sqrt((n / classes) * (1 - 1 / classes));
    for (const count of counts) expect(Math.abs(count - n / classes)).toBeLessThanOrEqual(5 * deviation);
  });

  it('depends on the step, and its first draws not on how many follow', () => {
    expect(drawn(1, 100, 10)).not.toEqual(drawn(2, 100, 10));
    expect(drawn(1, 300, 10).subarray(0, 100)).toEqual(drawn(1, 100, 10));
  });

  it('refuses counts that are none', () => {
    for (const classes of [0, 2.5, 257])
      expect(() => drawn(0, 4, classes)).toThrow(
        new ConfigError(`fillClasses: classes must be an integer in [1, 256], got ${classes}`),
      );
  });
});
