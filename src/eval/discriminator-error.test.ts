import { describe, expect, it } from 'vitest';
import { gaussians1d } from '../data/toy.ts';
import { streamOf } from '../random/threefry.ts';
import { discriminatorError, type JudgedPoints } from './discriminator-error.ts';

/** One Gaussian N(0, 1), so that D* between it and a shifted copy is a sigmoid: `1 / (1 + exp(s x - s^2 / 2))`. */
const data = gaussians1d({ means: [0], deviations: [1] });
const N = 40_000;

function draws(stream: string, shift: number, judge: (x: number) => number): JudgedPoints {
  const values = new Float32Array(N);
  data.draw({ seed: 1, stream: streamOf(stream) }, 0, values);
  const moved = values.map((x) => x + shift);
  return {
    points: { dtype: 'float32', shape: [N, 1], data: moved },
    probabilities: moved.map(judge),
  };
}

describe('discriminatorError', () => {
  const shift = 1.5;
  const optimal = (x: number): number => 1 / (1 + Math.exp(shift * x - shift ** 2 / 2));
  const measured = (judge: (x: number) => number) =>
    discriminatorError(data, draws('real', 0, judge), draws('fake', shift, judge));

  it('is about 0 for the optimal discriminator, in closed form', () => {
    const { value, means } = measured(optimal);
    expect(value).toBeLessThan(0.08);
    expect(means.real + means.fake).toBeCloseTo(1, 1);
  });

  it('is the constant for a discriminator that says 1/2, and larger for one that errs', () => {
    const half = measured(() => 0.5);
    expect(half.value).toBeCloseTo(half.constant, 12);
    expect(half.value).toBeGreaterThan(0.2);
    expect(measured((x) => 1 - optimal(x)).value).toBeGreaterThan(half.value);
  });

  it('refuses points without a probability each', () => {
    const { points } = draws('real', 0, optimal);
    expect(() =>
      discriminatorError(data, { points, probabilities: new Float32Array(3) }, draws('fake', 1, optimal)),
    ).toThrow('discriminatorError: points must be [n, 1] with a probability each');
  });
});
