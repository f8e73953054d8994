import type { Interval } from '../../src/theory/quadrature.ts';

/** From the data's units to a picture's pixels and back. */
export interface Plane {
  x(value: number): number;
  y(value: number): number;
  /** The data's coordinates of a pixel. */
  at(left: number, top: number): readonly [x: number, y: number];
  /** Pixels of a unit across. */
  readonly unit: number;
}

/** A box of the plane on a picture of so many pixels, y upwards. */
export function planeOf([across, up]: readonly Interval[], width: number, height: number): Plane {
  const [left, right] = across!;
  const [bottom, top] = up!;
  const unitX = width / (right - left);
  const unitY = height / (top - bottom);
  return {
    x: (value) => (value - left) * unitX,
    y: (value) => (top - value) * unitY,
    at: (px, py) => [left + px / unitX, top - py / unitY],
    unit: unitX,
  };
}

/** Ticks at round numbers: at most seven, of 1, 2 or 5 times a power of ten. */
export function ticks([from, to]: Interval): number[] {
  const rough = (to - from) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((value) => value >= rough)!;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
