import { describe, expect, it } from 'vitest';
import { datasetFromArray } from '../data/array-dataset.ts';
import type { Dataset } from '../data/dataset.ts';
import { minibatches } from '../data/minibatches.ts';
import { grid25 } from '../data/toy.ts';
import type { ExampleFormat } from '../gan/example-format.ts';
import type { Tensor } from '../graph/tensor.ts';
import { sheetSpread } from './sheet-spread.ts';

const points: ExampleFormat = { shape: [2], dtype: 'float32', range: 'data' };
const pixels: ExampleFormat = { shape: [1, 2, 2], dtype: 'uint8', range: 'unit' };

const sheetOf = (shape: readonly number[], data: Float32Array<ArrayBuffer>): Tensor<'float32'> => ({
  dtype: 'float32',
  shape,
  data,
});

/** Fresh draws from a density. */
function drawn(count: number, stream: number): Tensor<'float32'> {
  const data = new Float32Array(2 * count);
  grid25.draw({ seed: 9, stream }, 0, data);
  return sheetOf([count, 2], data);
}

async function images(count: number, pixel: (i: number) => number): Promise<Dataset> {
  const data = Uint8Array.from({ length: 4 * count }, (_, i) => pixel(i));
  return datasetFromArray({ dtype: 'uint8', shape: [count, 2, 2], data });
}

const scattered = (i: number): number => (Math.imul(i + 1, 2654435761) >>> 16) & 255;

describe('sheetSpread', () => {
  it('finds fresh draws from the data as varied as the data, and other things not', () => {
    const spreadOf = sheetSpread({ examples: points }, minibatches(grid25, { batch: 32, seed: 1 }));
    const same = spreadOf(drawn(2500, 1))!;
    // 500 points: their mean distance has a deviation of about 2 %.
    expect(same.diversity).toBeGreaterThan(0.94);
    expect(same.diversity).toBeLessThan(1.06);
    expect(Math.abs(same.energyDistance)).toBeLessThan(0.01);
    const narrow = drawn(2500, 1);
    for (let i = 0; i < narrow.data.length; i++) narrow.data[i]! *= 0.5;
    expect(spreadOf(narrow)!.diversity).toBeCloseTo(same.diversity / 2, 6);
  });

  it('does not depend on how often it is asked or when', () => {
    const spread = () => sheetSpread({ examples: points }, minibatches(grid25, { batch: 48, k: 2, seed: 3 }));
    const spreadOf = spread();
    const first = spreadOf(drawn(600, 4));
    spreadOf(drawn(600, 5));
    expect(spreadOf(drawn(600, 4))).toEqual(first);
    expect(spread()(drawn(600, 4))).toEqual(first);
  });

  it('compares in the space of samples: pixels in [0, 1], whatever the networks see', async () => {
    const dataset = await images(40, scattered);
    const batches = () => minibatches(dataset, { batch: 20, seed: 1 });
    const all = Float32Array.from({ length: 160 }, (_, i) => scattered(i) / 255);
    for (const range of ['unit', 'symmetric'] as const) {
      const spread = sheetSpread({ examples: { ...pixels, range } }, batches())(sheetOf([40, 1, 2, 2], all))!;
      // The data itself, in another order.
      expect(spread.diversity).toBeCloseTo(1, 6);
      expect(spread.duplicates).toBe(0);
    }
  });

  it('is silent where too few examples, or only equal ones, say nothing', async () => {
    const few = minibatches(await images(19, scattered), { batch: 5, seed: 1 });
    const sheet = sheetOf([40, 1, 2, 2], new Float32Array(160));
    expect(sheetSpread({ examples: pixels }, few)(sheet)).toBeUndefined();
    const enough = minibatches(await images(40, scattered), { batch: 5, seed: 1 });
    expect(sheetSpread({ examples: pixels }, enough)(sheetOf([19, 1, 2, 2], new Float32Array(76)))).toBe(
      undefined,
    );
    const equal = minibatches(await images(40, () => 7), { batch: 5, seed: 1 });
    expect(sheetSpread({ examples: pixels }, equal)(sheet)).toBeUndefined();
    expect(sheetSpread({ examples: pixels }, enough)(sheet)).toMatchObject({ diversity: 0, duplicates: 1 });
  });
});
