import { expect, it } from 'vitest';
import { type ReferenceArray, readReference } from '../../test/tensors.ts';
import { datasetFromArray } from '../data/array-dataset.ts';
import { inSampleSpace } from './sample-space.ts';

const { scale, pixels, shown } = readReference<{
  readonly scale: number;
  readonly pixels: ReferenceArray;
  readonly shown: ReferenceArray;
}>('contrast');

const dataset = await datasetFromArray(
  { dtype: 'uint8', shape: pixels.shape, data: Uint8Array.from(pixels.data) },
  { labels: Uint8Array.of(3, 1, 0, 2) },
);

it('contrast-normalised data is what numpy computes, to the byte, with another fingerprint', async () => {
  const { train, fingerprint, exampleShape, test } = await inSampleSpace(dataset, { contrast: scale });
  expect([...train.examples]).toEqual(shown.data.map((value) => Math.round(255 * value)));
  expect(train.labels).toEqual(dataset.train.labels);
  expect(exampleShape).toEqual(dataset.exampleShape);
  expect(test.count).toBe(0);
  expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(fingerprint).not.toBe(dataset.fingerprint);
});

it('handles more images than are converted at a time', async () => {
  const copies = 600;
  const data = new Uint8Array(copies * pixels.data.length);
  for (let i = 0; i < copies; i++) data.set(pixels.data, i * pixels.data.length);
  const many = await datasetFromArray({
    dtype: 'uint8',
    shape: [copies * pixels.shape[0]!, ...pixels.shape.slice(1)],
    data,
  });
  const { train } = await inSampleSpace(many, { contrast: scale });
  const one = shown.data.map((value) => Math.round(255 * value));
  for (const at of [0, 249, 250, 599])
    expect([...train.examples.subarray(at * one.length, (at + 1) * one.length)]).toEqual(one);
});

it.each(['unit', 'symmetric', { mean: 0.5, deviation: 0.2 }] as const)(
  '%j leaves data as it is',
  async (range) => {
    expect(await inSampleSpace(dataset, range)).toBe(dataset);
  },
);
