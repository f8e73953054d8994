import { fillNormal } from '../../random/normal.ts';
import { streamOf } from '../../random/threefry.ts';

/** Side of the square of noise, in dots; a power of 2. */
export const noiseSide = 64;

/** Number of values. */
export const noiseLength: number = noiseSide * noiseSide;

/**
 * 4096 standard normals that all digits share: the grain of the paper as a square that is repeated over the page, the
 * shaking and the pressure of hands as a tape that is read from any place. Fresh numbers for each digit would cost more
 * time than the drawing, and nobody could tell.
 */
export function makeNoise(): Float32Array {
  const values = new Float32Array(noiseLength);
  fillNormal({ seed: 0, stream: streamOf('digits/noise') }, 0, values);
  return values;
}

/** The tape's value at place `start + i / spacing`, on straight lines between its values. */
export function readTape(noise: Float32Array, start: number, i: number, spacing: number): number {
  const whole = Math.floor(i / spacing);
  const rest = i / spacing - whole;
  const here = noise[(start + whole) & (noiseLength - 1)]!;
  const next = noise[(start + whole + 1) & (noiseLength - 1)]!;
  return here + rest * (next - here);
}
