import { datasetFromArray } from '../src/data/array-dataset.ts';
import type { FiniteDataset } from '../src/data/dataset.ts';

const IMAGES = 10_000;

/** Pictures of MNIST's size, four fifths of them black as there: a data set that every machine has. */
export function pictures(): Promise<FiniteDataset> {
  const pixels = new Uint8Array(IMAGES * 28 * 28);
  let state = 2014;
  for (let i = 0; i < pixels.length; i++) {
    // A linear congruential generator: what the pictures show does not matter.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    if (state >>> 24 < 51) pixels[i] = state >>> 16;
  }
  return datasetFromArray({ dtype: 'uint8', shape: [IMAGES, 28, 28], data: pixels }, { name: 'pictures' });
}
