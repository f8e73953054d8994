import { ConfigError } from '../errors.ts';
import type { Image } from './image.ts';
import { overlay } from './overlay.ts';

/** What a histogram shows beside its samples. */
export interface HistogramOptions {
  /** Real data, float32 [M], drawn as grey bars behind; default none. */
  readonly real?: Float32Array;
  /** Ends of the axis; default: those of `real` (of the values where there is none) and a tenth of their distance. */
  readonly bounds?: readonly [left: number, right: number];
  /** Bars along the axis; default 60. */
  readonly bins?: number;
  /** Width and height of the picture in pixels; default 480. */
  readonly size?: number;
}

/** Blue bars let the grey behind them shine through. */
const opacity = 0.55;
/** Share of the picture's height that the highest bar takes. */
const fullHeight = 0.92;

function extentOf(values: Float32Array): readonly [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [-1, 1];
  const least = finite.reduce((a, b) => Math.min(a, b));
  const greatest = finite.reduce((a, b) => Math.max(a, b));
  const margin = 0.1 * (greatest - least || 1);
  return [least - margin, greatest + margin];
}

/** Share of all values in each bin; values outside the bounds, or not finite, are in none. */
function shares(values: Float32Array, [left, right]: readonly [number, number], bins: number): Float64Array {
  const counts = new Float64Array(bins);
  for (const value of values)
    if (value >= left && value < right) counts[Math.floor(((value - left) / (right - left)) * bins)]!++;
  return counts.map((count) => count / Math.max(1, values.length));
}

function bars(heights: Float64Array, size: number, cover: number): Float32Array {
  const covered = new Float32Array(size * size);
  for (let x = 0; x < size; x++) {
    const height = heights[Math.floor((x / size) * heights.length)]! * size;
    for (let y = 0; y < size; y++) {
      // The topmost pixel of a bar is covered in part.
      const share = Math.min(1, Math.max(0, height - (size - 1 - y)));
      covered[y * size + x] = cover * share;
    }
  }
  return covered;
}

/**
 * Numbers as bars: samples in blue over real data in grey, both as shares of their own count, so that sets of different
 * size compare. The highest bar fills the picture.
 *
 * @param values - float32 [N]; those outside the bounds, or not finite, lower the bars of the others
 * @returns a picture of 3 channels and at most 256 colours
 * @throws ConfigError if size, bins or bounds are out of range
 */
export function histogram(values: Float32Array, options: HistogramOptions = {}): Image {
  const { real = new Float32Array(0), bins = 60, size = 480 } = options;
  const { bounds = extentOf(real.length > 0 ? real : values) } = options;
  for (const [name, value] of Object.entries({ bins, size }))
    if (!(Number.isInteger(value) && value > 0))
      throw new ConfigError(`histogram: ${name} must be a whole number from 1, got ${value}`);
  if (!(bounds[0] < bounds[1]))
    throw new ConfigError(`histogram: bounds must ascend, got [${bounds.join(', ')}]`);

  const realShares = shares(real, bounds, bins);
  const valueShares = shares(values, bounds, bins);
  const highest = Math.max(...realShares, ...valueShares) || 1;
  const heights = (of: Float64Array) => of.map((share) => (fullHeight * share) / highest);
  return overlay(bars(heights(realShares), size, 1), bars(heights(valueShares), size, opacity), size);
}
