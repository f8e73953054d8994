import { describe, expect, it } from 'vitest';
import { defaultLabState } from '../src/lab/lab-state.ts';
import { contour } from '../web/lab/contour.ts';
import { growingCurve } from '../web/lab/curve.ts';
import { formatLink, parseLink, usualOptions } from '../web/lab/page-options.ts';
import { planeOf, ticks } from '../web/lab/plane.ts';

describe('contour', () => {
  it('of a distance is a circle', () => {
    const size = 41;
    const field = Float64Array.from({ length: size * size }, (_, i) =>
      Math.hypot((i % size) - 20, Math.floor(i / size) - 20),
    );
    const segments = contour(field, size, 12);
    let length = 0;
    for (let i = 0; i < segments.length; i += 4) {
      const [x0, y0, x1, y1] = segments.slice(i, i + 4) as [number, number, number, number];
      for (const [x, y] of [
        [x0, y0],
        [x1, y1],
      ] as const)
        expect(Math.abs(Math.hypot(x - 20, y - 20) - 12)).toBeLessThan(0.03);
      length += Math.hypot(x1 - x0, y1 - y0);
    }
    expect(length / (2 * Math.PI * 12)).toBeCloseTo(1, 2);
  });

  it('joins the corners of a saddle that its middle belongs to', () => {
    // Low at the lower left and the upper right; the middle is low as well: the high corners are cut off, each by itself.
    expect(contour([0, 1, 0.7, 0], 2, 0.5)).toEqual([
      0.5,
      0,
      1,
      0.5,
      expect.closeTo(2 / 7),
      1,
      0,
      expect.closeTo(5 / 7),
    ]);
    // The middle is high: the low corners are cut off.
    expect(contour([0, 1, 1.5, 0], 2, 0.5)).toEqual([
      0.5,
      0,
      0,
      expect.closeTo(1 / 3),
      1,
      0.5,
      expect.closeTo(2 / 3),
      1,
    ]);
  });

  it('leaves out cells where nothing is known', () => {
    expect(contour([0, 1, Number.NaN, 1], 2, 0.5)).toEqual([]);
  });
});

describe('a growing curve', () => {
  it('keeps few points and the mean of what it was given', () => {
    const curve = growingCurve();
    for (let step = 1; step <= 10_000; step++) curve.add(step, step);
    expect(curve.steps.length).toBeGreaterThan(200);
    expect(curve.steps.length).toBeLessThanOrEqual(480);
    for (const [i, step] of curve.steps.entries()) {
      const first = (curve.steps[i - 1] ?? 0) + 1;
      expect(curve.values[i]).toBeCloseTo((first + step) / 2, 9);
    }
  });

  it('has no trace of what is not finite', () => {
    const curve = growingCurve();
    curve.add(1, Number.NaN);
    curve.add(2, Number.POSITIVE_INFINITY);
    curve.add(3, 5);
    expect([curve.steps, curve.values]).toEqual([[3], [5]]);
  });
});

describe('the plane', () => {
  it('goes to pixels and back, y upwards', () => {
    const plane = planeOf(
      [
        [-2, 2],
        [-1, 3],
      ],
      400,
      400,
    );
    expect([plane.x(-2), plane.y(-1), plane.x(1), plane.y(3)]).toEqual([0, 400, 300, 0]);
    expect(plane.at(300, 100)).toEqual([1, 2]);
  });

  it('has ticks at round numbers', () => {
    expect(ticks([-2.5, 2.5])).toEqual([-2, -1, 0, 1, 2]);
    expect(ticks([0.93, 1.21])).toEqual([0.95, 1, 1.05, 1.1, 1.15, 1.2]);
  });
});

describe('a link', () => {
  it('holds how the game is looked at beside its state', () => {
    const link = {
      state: defaultLabState('gaussians-1d'),
      options: {
        story: 'divergence',
        backdrop: 'densities',
        layers: ['samples', 'map'],
        pace: 'slow',
        averaged: true,
      },
    } as const;
    expect(parseLink(`#${formatLink(link)}`)).toEqual({ ...link, problems: [] });
  });

  it('is short where all is as usual, and says what it cannot read', () => {
    const state = defaultLabState();
    expect(formatLink({ state, options: usualOptions('ring8') })).not.toMatch(/story|picture|show|pace/);
    const { options, problems } = parseLink('#data=ring8&story=unknown&pace=slow');
    expect(options).toEqual({ ...usualOptions('ring8'), pace: 'slow' });
    expect(problems).toEqual([expect.stringMatching(/^story: unknown value unknown\. One of two-players/)]);
  });

  it('draws the map on the line, and not in the plane, unless it says otherwise', () => {
    const [line, plane] = [parseLink('#data=gaussians-1d'), parseLink('#data=ring8')];
    expect([line, plane].map(({ options }) => options.layers.includes('map'))).toEqual([true, false]);
    expect(formatLink(line)).not.toContain('show=');
    expect(formatLink({ ...line, options: plane.options })).toContain('show=');
  });

  it('can show nothing', () => {
    const options = { ...usualOptions('ring8'), layers: [] };
    expect(parseLink(formatLink({ state: defaultLabState(), options })).options.layers).toEqual([]);
  });
});
