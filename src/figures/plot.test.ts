import * as Plot from '@observablehq/plot';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { decodePng } from '../io/png.ts';
import { panels } from './panels.ts';
import { plotSvg, powerOfTen } from './plot.ts';
import { svgToPng } from './svg-png.ts';

const points = [
  { x: 0, y: 1 / 3, kind: 'first & "best"' },
  { x: 1, y: 2, kind: 'second' },
];
const line = (options: Plot.PlotOptions = {}): string =>
  plotSvg({ marks: [Plot.line(points, { x: 'x', y: 'y' })], ...options });

/** How many pixels of a picture are darker than mid-grey, inside a rectangle. */
function darkPixels(
  png: Uint8Array,
  [left, top, right, bottom]: readonly [number, number, number, number],
): number {
  const { width, channels, data } = decodePng(png);
  let dark = 0;
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) if (data[(y * width + x) * channels]! < 128) dark++;
  return dark;
}

describe('plotSvg', () => {
  it('is one SVG of the stated size, with no style sheet that a renderer would have to know', () => {
    const svg = line({ width: 300, height: 200 });
    expect(svg).toMatch(
      /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="300" height="200" viewBox="0 0 300 200"/,
    );
    expect(svg).not.toMatch(/<style|var\(|currentColor|class=|undefined|NaN/);
    expect(svg).not.toMatch(/\d\.\d{4}/);
  });

  it('grows by its title, legend and caption, and escapes what they say', () => {
    const svg = plotSvg({
      width: 300,
      height: 200,
      title: 'a < b',
      caption: 'words '.repeat(30),
      color: { legend: true },
      marks: [Plot.dot(points, { x: 'x', y: 'y', stroke: 'kind' })],
    });
    const height = Number(/height="(\d+)"/.exec(svg)?.[1]);
    expect(height).toBeGreaterThan(260);
    expect(svg).toContain('aria-label="a &lt; b"');
    expect(svg).toContain('first &amp; &quot;best&quot;</text>');
    expect(svg.match(/words/g)).toHaveLength(30);
  });

  it('draws a strip with its ends for a scale of numbers', () => {
    const svg = plotSvg({
      color: { legend: true, label: 'density' },
      marks: [Plot.dot(points, { x: 'x', y: 'y', fill: 'y' })],
    });
    expect(svg).toContain('>0.333</text>');
    expect(svg).toContain('>2</text>');
    expect(svg).toContain('>density</text>');
  });
});

describe('svgToPng', () => {
  it('draws text without any font of the system', () => {
    const text = (words: string): Uint8Array =>
      svgToPng(
        `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="40" font-family="Nowhere Sans"><text x="5" y="25">${words}</text></svg>`,
      );
    expect(darkPixels(text(''), [0, 0, 200, 80])).toBe(0);
    const missing = darkPixels(text('\u{1F600}'), [0, 0, 200, 80]);
    for (const sign of ['W', 'λ', '∇', '≤', '→', '½']) {
      const dark = darkPixels(text(sign), [0, 0, 200, 80]);
      expect(dark).toBeGreaterThan(10);
      expect(dark).not.toBe(missing);
    }
  });

  it('is as wide as asked, twice the SVG where nothing is asked, and white where nothing is drawn', () => {
    const svg = line({ width: 300, height: 200 });
    expect(decodePng(svgToPng(svg))).toMatchObject({ width: 600, height: 400 });
    const small = decodePng(svgToPng(svg, { width: 150 }));
    expect(small).toMatchObject({ width: 150, height: 100 });
    expect([...small.data.subarray(0, 3)]).toEqual([255, 255, 255]);
  });

  it('refuses what it cannot draw', () => {
    expect(() => svgToPng('<svg', {})).toThrow('svgToPng: svg must be a whole SVG document, got "<svg"');
    expect(() => svgToPng(line(), { width: 0.5 })).toThrow(ConfigError);
  });
});

describe('panels', () => {
  it('puts plots in rows, each whole', () => {
    const panel = line({ width: 200, height: 100 });
    const svg = panels([panel, panel, panel], { columns: 2 });
    expect(svg).toContain('width="400" height="200"');
    const png = svgToPng(svg, { width: 400 });
    const drawn = (['first', 'second', 'third', 'none'] as const).map((_, i) =>
      darkPixels(png, [
        200 * (i % 2),
        100 * Math.floor(i / 2),
        200 * (i % 2) + 200,
        100 * Math.floor(i / 2) + 100,
      ]),
    );
    expect(drawn[0]).toBeGreaterThan(100);
    expect(drawn).toEqual([drawn[0], drawn[0], drawn[0], 0]);
  });

  it('refuses what is no panel', () => {
    expect(() => panels([])).toThrow(ConfigError);
    expect(() => panels(['<p>'])).toThrow(
      'panels: every panel must be an SVG with width and height, got "<p>"',
    );
    expect(() => panels([line()], { columns: 0 })).toThrow('columns must be a whole number from 1, got 0');
  });
});

it('draws a clipped curve that leaves the plot by far', () => {
  const wild = [
    { x: 0, y: 0 },
    { x: 1, y: 1e12 },
    { x: 2, y: -1e9 },
    { x: 3, y: 1 },
  ];
  const svg = plotSvg({
    width: 200,
    height: 100,
    y: { domain: [0, 1] },
    marks: [Plot.lineY(wild, { x: 'x', y: 'y', clip: true })],
  });
  expect(svg).not.toMatch(/[^#\w]-?\d{6}/);
  expect(decodePng(svgToPng(svg))).toMatchObject({ width: 400, height: 200 });
});

it('writes powers of ten, and nothing between them', () => {
  expect([1, 10, 1e-13, 1e6, 0.02].map(powerOfTen)).toEqual(['10⁰', '10¹', '10⁻¹³', '10⁶', '']);
});
