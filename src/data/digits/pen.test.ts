import { describe, expect, it } from 'vitest';
import { Line } from './line.ts';
import { noiseLength } from './noise.ts';
import { Page } from './pen.ts';

const still = new Float32Array(noiseLength);

/** An image of strokes `[x, y, radius]` in dots, inked without grain. */
function scanned(...strokes: readonly (readonly (readonly [number, number, number])[])[]): Uint8Array {
  const line = new Line();
  for (const stroke of strokes)
    stroke.forEach(([x, y, radius], i) => {
      line.radius[line.count] = radius;
      line.add(x, y, i === 0);
    });
  const page = new Page();
  page.ink(line, still, 0);
  const out = new Uint8Array(3 * 784).fill(7);
  page.scan(out, 784);
  expect([out[783], out[2 * 784]]).toEqual([7, 7]);
  return out.slice(784, 2 * 784);
}

const at = (image: Uint8Array, row: number, column: number) => image[row * 28 + column]!;
const mass = (image: Uint8Array) => image.reduce((sum, value) => sum + value, 0) / 255;

describe('Page', () => {
  it('keeps the ink: a bar has the area that geometry gives it', () => {
    // A capsule, 40 dots between the centres of its round ends of radius 4; 48 dots become 20 pixels.
    const image = scanned([
      [47.5, 27.5, 4],
      [47.5, 67.5, 4],
    ]);
    const dots = 2 * 4 * 40 + Math.PI * 4 * 4;
    expect(mass(image) / (dots * (20 / 48) ** 2)).toBeCloseTo(1, 1);
  });

  it('draws what was written, upright and not mirrored', () => {
    // An L.
    const image = scanned([
      [30, 30, 2],
      [30, 66, 2],
      [60, 66, 2],
    ]);
    const rows = Array.from({ length: 28 }, (_, row) => mass(image.subarray(row * 28, row * 28 + 28)));
    const columns = Array.from({ length: 28 }, (_, column) =>
      mass(image.filter((_, i) => i % 28 === column)),
    );
    const last = rows.findLastIndex((ink) => ink > 0);
    const first = columns.findIndex((ink) => ink > 0);
    expect(rows[last]!).toBeGreaterThan(10);
    expect(rows[last - 10]!).toBeLessThan(4);
    expect(columns[first]!).toBeGreaterThan(8);
    expect(columns[first + 10]!).toBeLessThan(4);
  });

  it('fits the longer side into 20 pixels exactly and centres the mass to the nearest pixel', () => {
    for (const [width, height] of [
      [10, 50],
      [50, 10],
      [33, 33],
      [21, 47],
    ] as const) {
      const image = scanned([
        [20, 20, 2.3],
        [20 + width, 20 + height, 1.7],
        [20 + width, 20, 3],
      ]);
      const ink = [...image.keys()].filter((i) => image[i]! > 0);
      const rows = ink.map((i) => Math.floor(i / 28));
      const columns = ink.map((i) => i % 28);
      const spans = [rows, columns].map((places) => Math.max(...places) - Math.min(...places) + 1);
      expect(Math.max(...spans)).toBe(20);
      const total = mass(image) * 255;
      const centre = [rows, columns].map(
        (places) => ink.reduce((sum, i, k) => sum + image[i]! * places[k]!, 0) / total,
      );
      for (const place of centre) expect(Math.abs(place - 14)).toBeLessThan(0.51);
    }
  });

  it('is averaged down: grey only where a pixel straddles the edge of the ink', () => {
    // A bar of 8 dots in a field of 40: each pixel is 2 x 2 dots, and the bar's sides fall between pixels.
    const image = scanned([
      [47.5, 31.5, 4],
      [47.5, 63.5, 4],
    ]);
    expect(new Set(image.subarray(14 * 28, 15 * 28))).toEqual(new Set([0, 255]));
    expect(mass(image.subarray(14 * 28, 15 * 28))).toBe(4);
    expect(at(image, 14, 14)).toBe(255);
  });

  it('never writes on the border, wherever the mass lies', () => {
    // A blob with a long tail: its centre of mass is far from the middle of its box.
    const image = scanned(
      [
        [20, 20, 7],
        [22, 20, 7],
      ],
      [
        [20, 20, 0.8],
        [20, 75, 0.8],
      ],
    );
    for (let i = 0; i < 28; i++)
      expect([at(image, 0, i), at(image, 27, i), at(image, i, 0), at(image, i, 27)]).toEqual([0, 0, 0, 0]);
  });

  it('starts clean after each scan', () => {
    const page = new Page();
    const line = new Line();
    line.radius.fill(2);
    line.add(30, 30, true);
    line.add(60, 60, false);
    const images = [new Uint8Array(784), new Uint8Array(784)];
    for (const image of images) {
      page.ink(line, still, 0);
      page.scan(image, 0);
    }
    expect(images[1]).toEqual(images[0]);
  });
});
