import { describe, expect, it } from 'vitest';
import { measuredSets, measuresReference } from '../../test/measured-sets.ts';
import { float32 } from '../../test/tensors.ts';
import { DataError, ShapeError } from '../errors.ts';
import { fillNormal } from '../random/normal.ts';
import { streamOf } from '../random/threefry.ts';
import { frechetBetweenGaussians, frechetDistance } from './frechet.ts';
import type { Moments } from './moments.ts';

const { seed, moments } = measuresReference;

/** A Gaussian with independent coordinates. */
const independent = (mean: readonly number[], deviations: readonly number[]): Moments => ({
  mean: Float64Array.from(mean),
  covariance: Float64Array.from({ length: mean.length ** 2 }, (_, at) =>
    at % (mean.length + 1) === 0 ? deviations[at / (mean.length + 1)]! ** 2 : 0,
  ),
});

function normals(count: number, dimension: number, stream: string) {
  const data = new Float32Array(count * dimension);
  fillNormal({ seed: 1, stream: streamOf(stream) }, 0, data);
  return float32([count, dimension], data);
}

describe('frechetBetweenGaussians', () => {
  it('is the sum of squared gaps of means and deviations where coordinates are independent', () => {
    const a = independent([0, 1, 2], [1, 2, 3]);
    const b = independent([1, 1, 0], [2, 2, 0.5]);
    expect(frechetBetweenGaussians(a, b)).toBeCloseTo(1 + 4 + 1 + 6.25, 12);
    expect(frechetBetweenGaussians(b, a)).toBeCloseTo(12.25, 12);
  });

  it('takes deviations of 0: points, and Gaussians without extent in a direction', () => {
    const flat = independent([0, 0, 0], [3, 0, 0]);
    expect(frechetBetweenGaussians(flat, flat)).toBeCloseTo(0, 12);
    expect(frechetBetweenGaussians(flat, independent([0, 0, 0], [0, 2, 0]))).toBeCloseTo(9 + 4, 12);
    expect(frechetBetweenGaussians(independent([3, 4], [0, 0]), independent([0, 0], [0, 0]))).toBe(25);
  });

  it("equals scipy's matrix root for full covariances", () => {
    const [a, b] = [moments.a, moments.b].map(({ mean, covariance }) => ({
      mean: Float64Array.from(mean.data),
      covariance: Float64Array.from(covariance.data),
    })) as [Moments, Moments];
    expect([frechetBetweenGaussians(a, b)]).toBeAllClose([moments.frechet], { rtol: 1e-10 });
    expect([frechetBetweenGaussians(b, a)]).toBeAllClose([moments.frechet], { rtol: 1e-10 });
  });

  it('refuses Gaussians of two dimensions', () => {
    expect(() => frechetBetweenGaussians(independent([0], [1]), independent([0, 0], [1, 1]))).toThrow(
      ShapeError,
    );
  });
});

describe('frechetDistance', () => {
  it.each(measuredSets)(
    'of $name is what scipy computes, at full and at half size',
    ({ real, fake, expected }) => {
      const { value, valueAtHalf, extrapolated } = frechetDistance(real, fake, { features: 'test', seed });
      expect([value, valueAtHalf]).toBeAllClose([expected.frechet, expected.frechetAtHalf], { rtol: 1e-6 });
      expect(extrapolated).toBe(2 * value - valueAtHalf);
    },
  );

  it.each(measuredSets.filter(({ real }) => real.shape[1]! < 100))(
    'of $name and itself is 0, whatever the rank',
    ({ real }) => {
      expect(frechetDistance(real, real, { features: 'test' }).value).toBeLessThan(1e-6);
    },
  );

  it('shows its bias: too high by about a constant over n, which the extrapolation takes off', () => {
    // Equal distributions, the truth is 0.
    const few = frechetDistance(normals(400, 16, 'a'), normals(400, 16, 'b'), { features: 'test' });
    const many = frechetDistance(normals(3200, 16, 'a'), normals(3200, 16, 'b'), { features: 'test' });
    expect([few.valueAtHalf / few.value]).toBeAllClose([2], { rtol: 0.15 });
    expect([few.value / many.value]).toBeAllClose([8], { rtol: 0.25 });
    expect(Math.abs(few.extrapolated)).toBeLessThan(few.value / 4);
  });

  it('has the standard error that draws of other samples show', () => {
    const draws = Array.from({ length: 200 }, (_, i) => {
      const [real, fake] = [normals(400, 4, `real ${i}`), normals(300, 4, `fake ${i}`)];
      const moved = { ...fake, data: fake.data.map((x, at) => 1.3 * x + (at % 4 === 0 ? 0.5 : 0)) };
      return frechetDistance(real, moved, { features: 'test' });
    });
    const mean = (of: (draw: (typeof draws)[number]) => number): number =>
      draws.reduce((sum, draw) => sum + of(draw), 0) / draws.length;
    const value = mean((draw) => draw.value);
    const variance = (200 / 199) * mean((draw) => (draw.value - value) ** 2);
    expect([mean((draw) => draw.standardError! ** 2) / variance]).toBeAllClose([1], { rtol: 0.25 });
  });

  it('has no standard error where groups would be single vectors', () => {
    const { standardError } = frechetDistance(normals(19, 2, 'a'), normals(50, 2, 'b'), { features: 'test' });
    expect(standardError).toBeUndefined();
  });

  it('says what it was measured on, and when the vectors are too few', () => {
    const result = frechetDistance(normals(9, 8, 'a'), normals(12, 8, 'b'), { features: 'pixels', seed: 3 });
    expect(result).toMatchObject({ real: 9, fake: 12, features: 'pixels' });
    expect(result.notice).toBeUndefined();
    expect(result.protocol).toEqual({
      real: 9,
      fake: 12,
      features: 'pixels',
      dimension: 8,
      covariance: 'divided by n - 1',
      halves: 2,
      seed: 3,
    });
    expect(frechetDistance(normals(8, 8, 'a'), normals(12, 8, 'b'), { features: 'pixels' }).notice).toBe(
      'The Fréchet distance has 8 vectors for 8 dimensions: more than 8 are needed for covariances of full rank, and it is much too high until then.',
    );
  });

  it('measures samples that are all equal, and refuses such data', () => {
    const equal = float32([5, 2], [1, 2, 1, 2, 1, 2, 1, 2, 1, 2]);
    const varied = float32([5, 2], [1, 2, 1, 4, 3, 2, 3, 4, 2, 3]);
    // The means are 1 and 1 apart, and the variance of 1 + 1 is all missing.
    expect(frechetDistance(varied, equal, { features: 'test' }).value).toBeCloseTo(2 + 2, 12);
    expect(() => frechetDistance(equal, varied, { features: 'test' })).toThrow(
      new DataError(
        'frechet: real must differ from each other, got 5 equal rows. Nothing can be measured against one point',
      ),
    );
  });

  it('refuses too few, and other features', () => {
    expect(() => frechetDistance(normals(3, 2, 'a'), normals(9, 2, 'b'), { features: 'test' })).toThrow(
      new DataError('frechet: real must be 4 or more, for a covariance of each half, got 3'),
    );
    expect(() => frechetDistance(normals(9, 2, 'a'), normals(9, 3, 'b'), { features: 'test' })).toThrow(
      ShapeError,
    );
  });
});
