import { describe, expect, it } from 'vitest';
import { float32 } from '../../test/tensors.ts';
import { DataError, ShapeError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';
import { requirePixels, requireSamples, type SampleDemands, sampleNotices } from './sample-check.ts';

const three = float32([3, 2], [1, 2, 3, 4, 5, 6]);
const samples: SampleDemands = { name: 'samples' };

describe('requireSamples', () => {
  it('takes what is right, and says how much it is', () => {
    expect(requireSamples('frechet', three, { ...samples, least: 3, dimension: 2, varied: true })).toEqual({
      count: 3,
      dimension: 2,
    });
  });

  const wrong: [string, Tensor, SampleDemands, typeof ShapeError | typeof DataError, string][] = [
    [
      'another dtype',
      { dtype: 'uint8', shape: [1, 2], data: new Uint8Array(2) },
      samples,
      ShapeError,
      'frechet: samples must be float32, got uint8 [1, 2]',
    ],
    [
      'images that are not flat',
      float32([1, 1, 2, 2], [1, 2, 3, 4]),
      samples,
      ShapeError,
      'frechet: samples must be [n, d], one row per image, got [1, 1, 2, 2]. Flatten images to rows',
    ],
    [
      'data that does not fill its shape',
      float32([2, 2], [1, 2, 3]),
      samples,
      ShapeError,
      'frechet: samples of shape [2, 2] must hold 4 numbers, got 3',
    ],
    [
      'another dimension',
      three,
      { ...samples, dimension: 784 },
      ShapeError,
      'frechet: samples must have 784 numbers per row, as what they are compared with, got 2 ([3, 2])',
    ],
    [
      'too few',
      three,
      { ...samples, least: 4, leastFor: 'its 3 nearest neighbours' },
      DataError,
      'frechet: samples must be 4 or more, for its 3 nearest neighbours, got 3',
    ],
    ['none', float32([0, 2], []), samples, DataError, 'frechet: samples must be 1 or more, got 0'],
    [
      'NaN',
      float32([2, 2], [1, 2, 3, Number.NaN]),
      samples,
      DataError,
      'frechet: samples must be finite, got NaN at row 1, number 1 ([2, 2]), 1 such numbers in all',
    ],
    [
      'infinities that cancel nothing',
      float32([2, 2], [Number.POSITIVE_INFINITY, 2, 3, Number.NEGATIVE_INFINITY]),
      samples,
      DataError,
      'frechet: samples must be finite, got Infinity at row 0, number 0 ([2, 2]), 2 such numbers in all',
    ],
    [
      'one point as the data',
      float32([3, 2], [1, 2, 1, 2, 1, 2]),
      { name: 'real', varied: true },
      DataError,
      'frechet: real must differ from each other, got 3 equal rows. Nothing can be measured against one point',
    ],
  ];
  it.each(wrong)('refuses %s', (_, set, demands, error, message) => {
    expect(() => requireSamples('frechet', set, demands)).toThrow(new error(message));
  });

  it('takes equal samples, which are a finding and no mistake', () => {
    expect(requireSamples('frechet', float32([2, 2], [1, 2, 1, 2]), samples).count).toBe(2);
  });
});

describe('requirePixels', () => {
  it('takes [0, 1] with both ends', () => {
    expect(() => requirePixels('neighbours', 'samples', float32([1, 3], [0, 0.5, 1]))).not.toThrow();
  });

  it.each([
    [[0, 0, 128, 255], 'got 128 at row 1, number 0 ([2, 2]). Divide by 255, or give them as uint8'],
    [[0, -1, 0.5, 1], 'got -1 at row 0, number 1 ([2, 2]). Map [-1, 1] to [0, 1] by (x + 1) / 2'],
  ])('refuses %j', (data, message) => {
    expect(() => requirePixels('neighbours', 'samples', float32([2, 2], data))).toThrow(
      new DataError(`neighbours: pixels of samples must lie in [0, 1], ${message}`),
    );
  });
});

describe('sampleNotices', () => {
  it('is silent about samples that differ and show something', () => {
    expect(sampleNotices(float32([2, 4], [0, 1, 0, 1, 1, 0, 0, 1]))).toEqual([]);
    expect(sampleNotices(float32([1, 4], [0, 1, 0, 1]))).toEqual([]);
    // A point with equal coordinates is no flat picture.
    expect(sampleNotices(float32([2, 2], [1, 1, 2, 2]))).toEqual([]);
  });

  it('names a generator that gives one image', () => {
    expect(sampleNotices(float32([3, 4], [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]))).toEqual([
      'All 3 samples are equal: the generator gives one result whatever its input.',
    ]);
  });

  it('counts flat images', () => {
    expect(sampleNotices(float32([3, 4], [0, 0, 0, 0, 1, 2, 3, 4, 1, 1, 1, 1]))).toEqual([
      '2 of 3 samples are one flat shade and show nothing.',
    ]);
  });
});
