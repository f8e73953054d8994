import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { histogram } from './histogram.ts';
import type { Image } from './image.ts';

/** Height of the ink in a column, from the bottom, in pixels. */
function heightAt({ width, height, data }: Image, x: number): number {
  let y = height - 2;
  while (y > 0 && data[(y * width + x) * 3]! !== 255) y--;
  return height - 1 - y;
}

const columns = [10, 30, 50, 70, 90];

describe('histogram', () => {
  it('draws each bin as high as its share, the highest at 92 % of the picture', () => {
    const image = histogram(Float32Array.of(0.5, 1.5, 1.5, 3.5, 3.5, 3.5, 3.5), {
      bounds: [0, 5],
      bins: 5,
      size: 100,
    });
    expect(columns.map((x) => heightAt(image, x))).toEqual([23, 46, 1, 92, 1]);
  });

  it('compares sets of different size by their shares, real data in grey behind', () => {
    const values = Float32Array.of(0.5, 3.5);
    const real = Float32Array.from(Array(50).fill([0.5, 3.5]).flat());
    const options = { bounds: [0, 5], bins: 5, size: 100 } as const;
    const image = histogram(values, { ...options, real });
    expect(columns.map((x) => heightAt(image, x))).toEqual([92, 1, 1, 92, 1]);
    const grey = histogram(new Float32Array(0), { ...options, real });
    expect(columns.map((x) => heightAt(grey, x))).toEqual([92, 1, 1, 92, 1]);
    expect([...grey.data.subarray((50 * 100 + 10) * 3, (50 * 100 + 10) * 3 + 3)]).toEqual([168, 168, 168]);
  });

  it('counts what lies outside the bounds, or is not finite, as missing', () => {
    const options = { bounds: [0, 5], bins: 5, size: 100, real: Float32Array.of(0.5) } as const;
    const image = histogram(Float32Array.of(3.5, 9, Number.NaN, Number.NEGATIVE_INFINITY), options);
    expect(columns.map((x) => heightAt(image, x))).toEqual([92, 1, 1, 23, 1]);
  });

  it('finds its bounds, and draws no bars without values', () => {
    const image = histogram(Float32Array.of(-1, 9), { bins: 6, size: 60 });
    expect(heightAt(image, 5)).toBe(56);
    expect(heightAt(image, 55)).toBe(56);
    expect(heightAt(image, 30)).toBe(1);
    expect(heightAt(histogram(new Float32Array(0)), 240)).toBe(1);
    expect(heightAt(histogram(Float32Array.of(3)), 240)).toBeGreaterThan(400);
  });

  it.each([{ bins: 0 }, { size: 2.5 }, { bounds: [1, 1] as const }])('refuses %j', (options) => {
    expect(() => histogram(Float32Array.of(1), options)).toThrow(ConfigError);
  });
});
