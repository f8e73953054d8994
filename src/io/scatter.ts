import { ConfigError, ShapeError } from '../errors.ts';
import type { Image } from './image.ts';
import { overlay } from './overlay.ts';

/** A rectangle in the units of the data: what a picture shows. */
export interface Bounds {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

/** What a scatter shows beside its points. */
export interface ScatterOptions {
  /** Real data, float32 [M, 2], drawn in grey behind the points; default none. */
  readonly real?: Float32Array;
  /** Default: the square around `real` (around the points where there is none) with a tenth of its size on every side. */
  readonly bounds?: Bounds;
  /** Width and height of the picture in pixels; default 480. */
  readonly size?: number;
  /** Radius of a point in pixels; default 1.75. */
  readonly radius?: number;
}

/** Each point covers what is below it by this much: darker spots show where many lie. */
const opacity = 0.55;
/** Real points are drawn this much larger, so that a rim of grey shows where samples lie right on them. */
const realScale = 1.6;

/**
 * The square that `scatter` shows by default: around all finite points, with a tenth of its size on every side. Taken
 * from the data once, it keeps the frames of an animation still.
 *
 * @param points - float32 [N, 2]
 */
export function boundsOf(points: Float32Array): Bounds {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i + 1 < points.length; i += 2) {
    const x = points[i]!;
    const y = points[i + 1]!;
    if (!(Number.isFinite(x) && Number.isFinite(y))) continue;
    left = Math.min(left, x);
    right = Math.max(right, x);
    bottom = Math.min(bottom, y);
    top = Math.max(top, y);
  }
  if (left > right) return { left: -1, right: 1, bottom: -1, top: 1 };
  // A single point has no extent: one unit is then as good as any.
  const half = 0.6 * (Math.max(right - left, top - bottom) || 1);
  const x = (left + right) / 2;
  const y = (bottom + top) / 2;
  return { left: x - half, right: x + half, bottom: y - half, top: y + half };
}

/** How much of each pixel the points cover, float32 [size, size] in [0, 1]: discs with smooth edges. */
function coverage(points: Float32Array, size: number, bounds: Bounds, radius: number): Float32Array {
  const covered = new Float32Array(size * size);
  const perX = size / (bounds.right - bounds.left);
  const perY = size / (bounds.top - bounds.bottom);
  const reach = radius + 0.5;
  for (let i = 0; i < points.length; i += 2) {
    const centreX = (points[i]! - bounds.left) * perX;
    const centreY = (bounds.top - points[i + 1]!) * perY;
    // Also false where a coordinate is not finite.
    if (!(centreX > -reach && centreX < size + reach && centreY > -reach && centreY < size + reach)) continue;
    const lastX = Math.min(size - 1, Math.floor(centreX + reach));
    const lastY = Math.min(size - 1, Math.floor(centreY + reach));
    for (let y = Math.max(0, Math.floor(centreY - reach)); y <= lastY; y++)
      for (let x = Math.max(0, Math.floor(centreX - reach)); x <= lastX; x++) {
        const distance = Math.sqrt((x + 0.5 - centreX) ** 2 + (y + 0.5 - centreY) ** 2);
        // How much of the pixel this disc covers, as if its edge were straight there.
        const share = opacity * Math.min(1, Math.max(0, reach - distance));
        covered[y * size + x]! += share * (1 - covered[y * size + x]!);
      }
  }
  return covered;
}

/**
 * Points of the plane as a square picture, the second coordinate upwards: samples in blue over real data in grey. It has
 * at most 256 colours, so that an animated GIF shows it exactly.
 *
 * @param points - float32 [N, 2], in the units of the data; those outside the bounds, or not finite, are left out
 * @returns a picture of 3 channels
 * @throws ShapeError if `points` or `real` does not hold whole points
 * @throws ConfigError if size, radius or bounds are out of range
 */
export function scatter(points: Float32Array, options: ScatterOptions = {}): Image {
  const { real = new Float32Array(0), size = 480, radius = 1.75 } = options;
  const { bounds = boundsOf(real.length > 0 ? real : points) } = options;
  for (const [name, array] of Object.entries({ points, real }))
    if (array.length % 2 !== 0)
      throw new ShapeError(
        `scatter: ${name} must hold whole points of 2 numbers, got ${array.length} numbers`,
      );
  if (!(Number.isInteger(size) && size > 0))
    throw new ConfigError(`scatter: size must be a whole number of pixels from 1, got ${size}`);
  if (!(radius > 0 && Number.isFinite(radius)))
    throw new ConfigError(`scatter: radius must be a positive number of pixels, got ${radius}`);
  if (!(bounds.left < bounds.right && bounds.bottom < bounds.top))
    throw new ConfigError(
      `scatter: bounds must have left < right and bottom < top, got ${JSON.stringify(bounds)}`,
    );

  return overlay(
    coverage(real, size, bounds, radius * realScale),
    coverage(points, size, bounds, radius),
    size,
  );
}
