import type { Minibatches } from '../data/minibatches.ts';
import { fillBits, streamOf } from '../random/threefry.ts';

/**
 * Minibatches whose images are each moved by a random number of pixels, from `-most` to `most` in both directions: a
 * network without convolutions learns from it that a digit is the same wherever it stands. What comes in from outside
 * is 0.
 *
 * @param most - pixels, at least 0
 * @param seed - of the shifts, uint32; that of an example depends on seed, step, index and row alone
 */
export function shiftedMinibatches(batches: Minibatches, most: number, seed: number): Minibatches {
  const { batch, k, exampleShape } = batches;
  const [channels = 1, height = 1, width = 1] = exampleShape;
  const size = channels * height * width;
  const key = { seed, stream: streamOf('data/shift') };
  const bits = new Uint32Array(batch * 2);
  const shift = (word: number): number => (word % (2 * most + 1)) - most;
  return {
    ...batches,
    fill(step, index, out, offset = 0) {
      batches.fill(step, index, out, offset);
      fillBits(key, step * k + index, bits);
      for (let row = 0; row < batch; row++) {
        const image = out.subarray(offset + row * size, offset + (row + 1) * size);
        for (let c = 0; c < channels; c++)
          move(
            image.subarray(c * height * width, (c + 1) * height * width),
            width,
            shift(bits[2 * row]!),
            shift(bits[2 * row + 1]!),
          );
      }
    },
  };
}

/** Moves one plane of pixels in place, down by `dy` and right by `dx`. */
function move(plane: Uint8Array | Float32Array, width: number, dy: number, dx: number): void {
  const before = plane.slice();
  const height = before.length / width;
  plane.fill(0);
  const [from, to] = [Math.max(0, -dx), Math.min(width, width - dx)];
  for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++)
    plane.set(before.subarray(y * width + from, y * width + to), (y + dy) * width + from + dx);
}
