import { describe, expect, it } from 'vitest';
import { float32 } from '../../test/tensors.ts';
import { momentsOf } from './moments.ts';

describe('momentsOf', () => {
  it('has the mean and the covariance over n - 1', () => {
    const { mean, covariance } = momentsOf(float32([3, 2], [1, 10, 2, 30, 3, 20]));
    expect(mean).toEqual(Float64Array.of(2, 20));
    expect(covariance).toEqual(Float64Array.of(1, 5, 5, 100));
  });

  it('keeps its digits far from 0', () => {
    const { covariance } = momentsOf(float32([5, 1], [16384, 16385, 16386, 16387, 16388]));
    expect(covariance[0]).toBe(2.5);
  });
});
