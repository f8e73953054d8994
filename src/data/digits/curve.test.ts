import { describe, expect, it } from 'vitest';
import { Curve, Knots } from './curve.ts';
import { Line } from './line.ts';

function drawn(knots: readonly (readonly [x: number, y: number, sharpness?: number])[]): Line {
  const all = new Knots();
  knots.forEach(([x, y, sharpness = 0], i) => {
    all.x[i] = x;
    all.y[i] = y;
    all.sharpness[i] = sharpness;
  });
  const line = new Line();
  line.add(knots[0]![0], knots[0]![1], true);
  new Curve().draw(all, 0, knots.length - 1, line);
  return line;
}

const points = (line: Line) =>
  Array.from({ length: line.count }, (_, i) => [line.x[i]!, line.y[i]!] as const);

/** Distance of a point from the straight line through a and b. */
function offLine(
  [x, y]: readonly [number, number],
  [ax, ay]: readonly [number, number],
  [bx, by]: readonly [number, number],
): number {
  return Math.abs((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / Math.hypot(bx - ax, by - ay);
}

describe('Curve', () => {
  it('passes every knot, in points a few hundredths apart', () => {
    const knots = [
      [10, 20],
      [40, 0],
      [80, 30],
      [30, 70],
      [90, 95],
    ] as const;
    const line = points(drawn(knots));
    for (const knot of knots) {
      const nearest = Math.min(...line.map(([x, y]) => Math.hypot(x - knot[0], y - knot[1])));
      expect(nearest).toBeLessThan(1e-9);
    }
    for (let i = 1; i < line.length; i++)
      expect(Math.hypot(line[i]![0] - line[i - 1]![0], line[i]![1] - line[i - 1]![1])).toBeLessThan(7);
  });

  it('is straight between two knots, and through knots on a straight line', () => {
    for (const [x, y] of points(
      drawn([
        [0, 0],
        [30, 60],
      ]),
    ))
      expect(y).toBeCloseTo(2 * x, 9);
    for (const [x, y] of points(
      drawn([
        [0, 0],
        [10, 20],
        [30, 60],
        [35, 70],
      ]),
    ))
      expect(y).toBeCloseTo(2 * x, 9);
  });

  it('follows a circle through eight of its points to a hundredth of its radius', () => {
    // cos and sin of the eighths of a turn.
    const h = Math.SQRT1_2;
    const eighths = [
      [1, 0],
      [h, h],
      [0, 1],
      [-h, h],
      [-1, 0],
      [-h, -h],
      [0, -1],
      [h, -h],
      [1, 0],
      [h, h],
    ].map(([x, y]) => [50 * x!, 50 * y!] as const);
    const inner = points(drawn(eighths)).filter((_, i, all) => i > 12 && i < all.length - 13);
    for (const [x, y] of inner) expect(Math.abs(Math.hypot(x, y) - 50)).toBeLessThan(0.5);
  });

  it('turns in a curve at a knot of sharpness 0 and in a corner at one of sharpness 1', () => {
    const at = (sharpness: number) =>
      points(
        drawn([
          [0, 60],
          [20, 30],
          [40, 0, sharpness],
          [60, 30],
          [80, 60],
        ]),
      );
    const tip = (line: (readonly [number, number])[]) => line.filter(([x]) => x > 36 && x < 40);
    // Next to the corner the line lies on the chord from (20, 30) to (40, 0); next to the curve's top it does not.
    for (const point of tip(at(1))) expect(offLine(point, [20, 30], [40, 0])).toBeLessThan(0.4);
    expect(Math.max(...tip(at(0)).map((point) => offLine(point, [20, 30], [40, 0])))).toBeGreaterThan(1);
  });
});

describe('Line', () => {
  it('fits the longer side and centres the bounding box', () => {
    const line = drawn([
      [0, 0],
      [50, 200],
    ]);
    line.fit(40, 48);
    const xs = points(line).map(([x]) => x);
    const ys = points(line).map(([, y]) => y);
    expect([Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]).toBeAllClose(
      [43, 53, 28, 68],
      { atol: 1e-9 },
    );
  });

  it('softens a zigzag and leaves its ends and earlier strokes alone', () => {
    const line = new Line();
    for (let i = 0; i < 12; i++) line.add(i, i % 2, i === 0 || i === 4);
    line.soften(4, 2);
    expect([...line.y.slice(0, 5), line.y[11]]).toEqual([0, 1, 0, 1, 0, 1]);
    // Two passes of (1/4, 1/2, 1/4) remove a zigzag of period 2 far from the ends.
    expect(line.y[7]).toBeCloseTo(0.5, 9);
    expect(line.x[7]).toBeCloseTo(7, 9);
  });
});
