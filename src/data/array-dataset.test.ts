import { describe, expect, it } from 'vitest';
import { DataError } from '../errors.ts';
import { datasetFromArray, type NumericArray } from './array-dataset.ts';

const uint8 = (...shape: number[]): NumericArray => {
  const length = shape.reduce((product, size) => product * size, 1);
  return { dtype: 'uint8', shape, data: Uint8Array.from({ length }, (_, i) => i & 255) };
};
const float32 = (shape: number[], value: (i: number) => number): NumericArray => {
  const length = shape.reduce((product, size) => product * size, 1);
  return { dtype: 'float32', shape, data: Float32Array.from({ length }, (_, i) => value(i)) };
};

describe('datasetFromArray', () => {
  it('takes [n, h, w] and [n, c, h, w] as images, all of them for training', async () => {
    const grey = await datasetFromArray(uint8(5, 3, 4), {
      name: 'grey',
      labels: Uint8Array.of(0, 1, 0, 1, 2),
    });
    expect(grey).toMatchObject({
      kind: 'images',
      name: 'grey',
      exampleShape: [1, 3, 4],
      train: { count: 5, labels: Uint8Array.of(0, 1, 0, 1, 2) },
      validation: { count: 0 },
      test: { count: 0 },
    });
    expect(grey.train.examples).toEqual(uint8(5, 3, 4).data);
    const colour = await datasetFromArray(float32([2, 3, 4, 4], (i) => i / 96));
    expect(colour).toMatchObject({ kind: 'images', exampleShape: [3, 4, 4], train: { count: 2 } });
    expect(colour.train.labels).toBeUndefined();
  });

  it('takes floats [n, d] as points, in any range, float64 as float32', async () => {
    const data = Float64Array.of(-1e3, 0.1, 7, 1e3);
    const points = await datasetFromArray({ dtype: 'float64', shape: [2, 2], data });
    expect(points).toMatchObject({ kind: 'points', exampleShape: [2], train: { count: 2 } });
    expect(points.train.examples).toEqual(Float32Array.from(data));
  });

  it('has a fingerprint that follows content, shape and labels, and nothing else', async () => {
    const of = async (array: NumericArray, options = {}) =>
      (await datasetFromArray(array, options)).fingerprint;
    const first = await of(uint8(4, 2, 3), { name: 'a' });
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await of(uint8(4, 2, 3), { name: 'b', source: 'elsewhere' })).toBe(first);
    const altered = uint8(4, 2, 3);
    (altered.data as Uint8Array)[23]! ^= 1;
    const others = [
      await of(altered),
      await of(uint8(4, 3, 2)),
      await of(uint8(4, 2, 3), { labels: new Uint8Array(4) }),
      await of(uint8(4, 2, 3), { labels: Uint8Array.of(0, 0, 0, 1) }),
    ];
    expect(new Set([first, ...others]).size).toBe(5);
  });

  const zero = () => 0;
  it.each([
    [
      'one axis',
      uint8(9),
      'x must be images [n, h, w] or [n, c, h, w], or float points [n, d], got uint8 [9]. Reshape it',
    ],
    ['five axes', uint8(1, 1, 1, 1, 1), 'got uint8 [1, 1, 1, 1, 1]'],
    ['bytes [n, d]', uint8(4, 784), 'got uint8 [4, 784]. Reshape it'],
    ['no examples', uint8(0, 2, 2), 'x must hold at least one example, got [0, 2, 2]'],
    [
      'integers',
      { dtype: 'int64', shape: [1, 2, 2], data: new BigInt64Array(4) },
      'x must be uint8 (pixels 0..255) or float32, got int64. Convert it first',
    ],
    [
      'channels at the end',
      uint8(2, 32, 32, 3),
      'got [2, 32, 32, 3]. Move the channels to the front: transpose(0, 3, 1, 2)',
    ],
    [
      'two channels',
      uint8(2, 2, 8, 8),
      'x must have 1 (grey) or 3 (colour) channels in [n, c, h, w], got [2, 2, 8, 8]',
    ],
    [
      'NaN',
      float32([2, 2], (i) => (i === 3 ? Number.NaN : 0)),
      'x must hold finite numbers, got NaN at element 3',
    ],
    [
      'pixels to 1.5',
      float32([1, 2, 2], (i) => i / 2),
      'x must hold pixels in [0, 1] as float32, got 0 ... 1.5. Divide it by 255',
    ],
    ['pixels from -1', float32([1, 2, 2], (i) => (i - 3) / 3), 'got -1 ... 0. Map it by (x + 1) / 2'],
    ['standardised pixels', float32([1, 2, 2], (i) => i - 2), 'got -2 ... 1. Scale it'],
    ['empty points', float32([0, 2], zero), 'x must hold at least one example'],
  ] as const)('refuses %s', async (_, array, message) => {
    const refused = datasetFromArray(array as NumericArray, { name: 'x' });
    await expect(refused).rejects.toThrow(DataError);
    await expect(refused).rejects.toThrow(message);
  });

  it('refuses labels of another number', async () => {
    const refused = datasetFromArray(uint8(3, 2, 2), { name: 'x', labels: new Uint8Array(2) });
    await expect(refused).rejects.toThrow('x must have a label for each of 3 examples, got 2');
  });
});
