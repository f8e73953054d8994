import { describe, expect, it } from 'vitest';
import { compileGraph } from '../../test/run-graph.ts';
import { ConfigError } from '../errors.ts';
import { Feeds } from '../graph/feeds.ts';
import type { Tensor } from '../graph/tensor.ts';
import { drawFeed } from '../train/feeder.ts';
import { hiddenParts, knownPixels, randomMasks, requireHiddenPart } from './masks.ts';

describe('parts by name', () => {
  const rows = (part: (typeof hiddenParts)[number], height = 4, width = 4): string[] =>
    Array.from({ length: height }, (_, y) =>
      knownPixels(part, height, width, 1)
        .subarray(y * width, (y + 1) * width)
        .join(''),
    );

  it('are the halves and the middle', () => {
    expect(rows('right')).toEqual(['1100', '1100', '1100', '1100']);
    expect(rows('left')).toEqual(['0011', '0011', '0011', '0011']);
    expect(rows('top')).toEqual(['0000', '0000', '1111', '1111']);
    expect(rows('bottom')).toEqual(['1111', '1111', '0000', '0000']);
    expect(rows('centre')).toEqual(['1111', '1001', '1001', '1111']);
    expect(rows('bottom', 3, 2)).toEqual(['11', '11', '00']);
  });

  it('hide three quarters of all pixels at random, the same for the same seed', () => {
    const known = knownPixels('pixels', 100, 100, 1);
    const share = known.reduce((sum, value) => sum + value, 0) / known.length;
    expect(share).toBeGreaterThan(0.23);
    expect(share).toBeLessThan(0.27);
    expect(knownPixels('pixels', 100, 100, 1)).toEqual(known);
    expect(knownPixels('pixels', 100, 100, 2)).not.toEqual(known);
  });

  it('are these alone', () => {
    for (const part of hiddenParts) expect(requireHiddenPart(part)).toBe(part);
    expect(() => requireHiddenPart('rihgt')).toThrow(ConfigError);
    expect(() => requireHiddenPart('rihgt')).toThrow('Did you mean right?');
  });
});

describe('the masks of training', () => {
  const [BATCH, SIDE] = [600, 10];

  async function draw(): Promise<Float32Array[]> {
    const feeds = new Feeds();
    const graph = await compileGraph({ known: randomMasks(feeds, 'masks', BATCH, SIDE, SIDE) });
    const inputs: Record<string, Tensor> = {};
    for (const feed of feeds.list) {
      const data = new Float32Array(feed.shape.reduce((product, size) => product * size, 1));
      drawFeed(feed, 3, 0, data);
      inputs[feed.name] = { dtype: 'float32', shape: feed.shape, data };
    }
    const { known } = await graph.run(inputs);
    await graph.release();
    expect(known!.shape).toEqual([BATCH, 1, SIDE, SIDE]);
    const data = known!.data as Float32Array;
    return Array.from({ length: BATCH }, (_, i) => data.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE));
  }

  /** Whether the hidden pixels fill the smallest rectangle around them, and which that is. */
  function rectangle(mask: Float32Array): readonly [number, number, number, number] | undefined {
    const hidden = Array.from(mask.keys()).filter((i) => mask[i] === 0);
    const [ys, xs] = [hidden.map((i) => Math.floor(i / SIDE)), hidden.map((i) => i % SIDE)];
    const [top, bottom, left, right] = [Math.min(...ys), Math.max(...ys), Math.min(...xs), Math.max(...xs)];
    // One pixel alone is a rectangle too, but one of random pixels.
    const fills = hidden.length >= 4 && hidden.length === (bottom - top + 1) * (right - left + 1);
    return fills ? [top, bottom, left, right] : undefined;
  }

  it('are rectangles, halves and random pixels, a third each, of zeros and ones', async () => {
    const masks = await draw();
    for (const mask of masks) expect(mask.every((value) => value === 0 || value === 1)).toBe(true);
    const found = masks.map(rectangle);
    const isHalf = (sides: ReturnType<typeof rectangle>) =>
      ['0,4,0,9', '5,9,0,9', '0,9,0,4', '0,9,5,9'].indexOf(sides?.join() ?? '');
    const halves = found.filter((sides) => isHalf(sides) >= 0);
    const others = found.filter((sides) => sides && isHalf(sides) < 0) as [number, number, number, number][];
    // Three standard deviations of a third of 600 are 35; a rectangle is seldom half of the image by chance.
    for (const count of [halves.length, others.length, BATCH - halves.length - others.length])
      expect(Math.abs(count - BATCH / 3)).toBeLessThan(45);
    expect(new Set(halves.map(isHalf)).size).toBe(4);
    for (const [top, bottom, left, right] of others)
      for (const side of [bottom - top + 1, right - left + 1]) {
        expect(side).toBeGreaterThanOrEqual(2);
        expect(side).toBeLessThanOrEqual(10);
      }
    // Places differ, and so do the shares of random pixels, from almost none to almost all.
    expect(new Set(others.map((sides) => sides.join())).size).toBeGreaterThan(100);
    const shares = masks
      .filter((_, i) => !found[i])
      .map((mask) => mask.reduce((sum, value) => sum + value, 0) / mask.length)
      .sort((a, b) => a - b);
    expect(shares[Math.floor(shares.length * 0.1)]!).toBeLessThan(0.25);
    expect(shares[Math.floor(shares.length * 0.9)]!).toBeGreaterThan(0.75);
  });
});
