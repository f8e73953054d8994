import { describe, expect, it } from 'vitest';
import { ring8 } from '../data/toy.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import type { Image } from './image.ts';
import { boundsOf, scatter } from './scatter.ts';

const unit = { left: 0, right: 1, bottom: 0, top: 1 };

const colourAt = ({ width, data }: Image, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

/** Distinct colours, and pixels that are neither white nor the frame, with the blueness that tells samples from data. */
function inked(image: Image): { colours: number; blue: [number, number][]; grey: [number, number][] } {
  const colours = new Set<string>();
  const blue: [number, number][] = [];
  const grey: [number, number][] = [];
  for (let y = 0; y < image.height; y++)
    for (let x = 0; x < image.width; x++) {
      const [r, g, b] = colourAt(image, x, y) as [number, number, number];
      colours.add(`${r},${g},${b}`);
      const frame = x === 0 || y === 0 || x === image.width - 1 || y === image.height - 1;
      if (frame || r === 255) continue;
      (b > r ? blue : grey).push([x, y]);
    }
  return { colours: colours.size, blue, grey };
}

describe('scatter', () => {
  it('draws a point where it lies, the second coordinate upwards', () => {
    const { blue, grey } = inked(
      scatter(Float32Array.of(0.25, 0.75), { bounds: unit, size: 100, radius: 2 }),
    );
    expect(grey).toEqual([]);
    // A disc of radius 2 around (25, 25), 0.75 up being 25 down: pixels 23 to 26, and the fringe of its edge.
    const mean = (axis: 0 | 1) => blue.reduce((sum, pixel) => sum + pixel[axis] + 0.5, 0) / blue.length;
    expect([mean(0), mean(1)]).toEqual([25, 25]);
    expect(blue.length).toBeGreaterThanOrEqual(Math.PI * 2 ** 2);
    expect(blue.length).toBeLessThanOrEqual(Math.PI * 3 ** 2);
  });

  it('darkens with every further point, and shows real data in grey below', () => {
    const here = [0.5, 0.5];
    const redOf = (count: number) =>
      colourAt(
        scatter(Float32Array.from(Array(count).fill(here).flat()), { bounds: unit, size: 31 }),
        15,
        15,
      )[0]!;
    expect(redOf(0)).toBe(255);
    expect(redOf(1)).toBeLessThan(150);
    expect(redOf(2)).toBeLessThan(redOf(1));
    const real = Float32Array.from(here);
    const [r, g, b] = colourAt(scatter(new Float32Array(0), { real, bounds: unit, size: 31 }), 15, 15);
    expect([g, b]).toEqual([r, r]);
    expect(r).toBeLessThan(220);
  });

  it('leaves out what lies outside or is not finite, and clips at the edge', () => {
    const far = Float32Array.of(5, 5, Number.NaN, 0.5, 0.5, Number.POSITIVE_INFINITY, -1e30, 0.5);
    expect(inked(scatter(far, { bounds: unit, size: 50 })).blue).toEqual([]);
    const { blue } = inked(scatter(Float32Array.of(1, 1), { bounds: unit, size: 50, radius: 4 }));
    expect(blue.length).toBeGreaterThan(3);
    expect(blue.every(([x, y]) => x > 43 && y < 6)).toBe(true);
  });

  it('uses no more colours than a GIF can show', () => {
    const points = new Float32Array(20_000);
    ring8.draw({ seed: 1, stream: 1 }, 0, points);
    const blurred = points.map((value, i) => value * (0.3 + (i % 97) / 97));
    const { colours, blue, grey } = inked(scatter(blurred, { real: points, size: 240 }));
    expect(colours).toBeGreaterThan(20);
    expect(colours).toBeLessThanOrEqual(256);
    expect(blue.length).toBeGreaterThan(1000);
    expect(grey.length).toBeGreaterThan(0);
  });

  it('is the same for the same points', () => {
    const points = Float32Array.of(0.1, 0.2, 0.3, 0.9);
    expect(scatter(points, { size: 24 })).toEqual(scatter(points.slice(), { size: 24 }));
  });

  it('refuses half points, sizes and bounds out of range', () => {
    const points = Float32Array.of(0, 0);
    expect(() => scatter(new Float32Array(3))).toThrow(
      new ShapeError('scatter: points must hold whole points of 2 numbers, got 3 numbers'),
    );
    expect(() => scatter(points, { real: new Float32Array(1) })).toThrow(ShapeError);
    for (const options of [{ size: 0 }, { size: 1.5 }, { radius: 0 }, { bounds: { ...unit, right: 0 } }])
      expect(() => scatter(points, options)).toThrow(ConfigError);
  });
});

describe('boundsOf', () => {
  it('is a square around the finite points with a tenth on every side', () => {
    const points = Float32Array.of(-1, 2, 3, 4, Number.NaN, 100, 1, Number.POSITIVE_INFINITY);
    const { left, right, bottom, top } = boundsOf(points);
    expect([left, right, bottom, top]).toBeAllClose([-1.4, 3.4, 0.6, 5.4]);
  });

  it('has an extent without points and for a single one', () => {
    expect(boundsOf(new Float32Array(0))).toEqual({ left: -1, right: 1, bottom: -1, top: 1 });
    const { left, right } = boundsOf(Float32Array.of(7, 7));
    expect(right - left).toBeCloseTo(1.2);
  });
});
