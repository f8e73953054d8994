import { expect, it } from 'vitest';
import { datasetFromArray } from '../data/array-dataset.ts';
import { type Minibatches, minibatches } from '../data/minibatches.ts';
import { shiftedMinibatches } from './shifted-minibatches.ts';

const [COUNT, CHANNELS, HEIGHT, WIDTH] = [40, 3, 5, 4];
const SIZE = CHANNELS * HEIGHT * WIDTH;

/** Images whose pixels are all different from 0. */
async function images(): Promise<Minibatches> {
  const data = Uint8Array.from({ length: COUNT * SIZE }, (_, i) => 1 + ((i * 37) % 250));
  const array = { dtype: 'uint8', shape: [COUNT, CHANNELS, HEIGHT, WIDTH], data };
  const labels = Uint8Array.from({ length: COUNT }, (_, i) => i % 7);
  return minibatches(await datasetFromArray(array, { labels }), { batch: 10, seed: 1 });
}

const filled = (batches: Minibatches, step: number): Uint8Array => {
  const out = new Uint8Array(10 * SIZE);
  batches.fill(step, 0, out);
  return out;
};

/** What an image becomes, pixel by pixel from where it came. */
function moved(image: Uint8Array, dy: number, dx: number): number[] {
  return Array.from(image, (_, i) => {
    const [c, y, x] = [Math.floor(i / (HEIGHT * WIDTH)), Math.floor(i / WIDTH) % HEIGHT, i % WIDTH];
    const [fromY, fromX] = [y - dy, x - dx];
    const inside = fromY >= 0 && fromY < HEIGHT && fromX >= 0 && fromX < WIDTH;
    return inside ? image[(c * HEIGHT + fromY) * WIDTH + fromX]! : 0;
  });
}

it('moves every image as a whole, by each shift in turn, all channels alike', async () => {
  const plain = await images();
  const shifted = shiftedMinibatches(plain, 2, 5);
  const seen = new Set<string>();
  for (let step = 0; step < 40; step++) {
    const [before, after] = [filled(plain, step), filled(shifted, step)];
    for (let row = 0; row < 10; row++) {
      const image = before.subarray(row * SIZE, (row + 1) * SIZE);
      const found = Array.from(after.subarray(row * SIZE, (row + 1) * SIZE)).join();
      const shifts = [-2, -1, 0, 1, 2].flatMap((dy) => [-2, -1, 0, 1, 2].map((dx) => [dy, dx] as const));
      const shift = shifts.find(([dy, dx]) => moved(image, dy, dx).join() === found);
      expect(shift, `step ${step} row ${row}`).toBeDefined();
      seen.add(String(shift));
    }
  }
  expect(seen.size).toBe(25);
});

it('depends on seed and step alone, and leaves labels and a shift of 0 as they are', async () => {
  const plain = await images();
  const shifted = shiftedMinibatches(plain, 2, 5);
  const third = filled(shifted, 3);
  filled(shifted, 0);
  expect(filled(shifted, 3)).toEqual(third);
  expect(filled(shiftedMinibatches(plain, 2, 6), 3)).not.toEqual(third);
  expect(filled(shiftedMinibatches(plain, 0, 5), 3)).toEqual(filled(plain, 3));
  const [expected, found] = [new Uint8Array(10), new Uint8Array(10)];
  plain.fillLabels(3, 0, expected);
  shifted.fillLabels(3, 0, found);
  expect(found).toEqual(expected);
});
