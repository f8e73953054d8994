import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measuredSets } from '../../test/measured-sets.ts';
import { float32 } from '../../test/tensors.ts';
import { DataError } from '../errors.ts';
import { fillNormal } from '../random/normal.ts';
import { streamOf } from '../random/threefry.ts';
import { openSession } from '../runtime/node-session.ts';
import type { Session } from '../runtime/session.ts';
import { kernelDistance } from './kernel-distance.ts';

let session: Session;
beforeAll(async () => {
  session = await openSession({ device: 'cpu', threads: 1 });
});
afterAll(() => session.release());

const named = { features: 'test' };

function normals(step: number, count: number, name: string) {
  const data = new Float32Array(count * 3);
  fillNormal({ seed: 1, stream: streamOf(name) }, step, data);
  return float32([count, 3], data);
}

describe('kernelDistance', () => {
  it.each(measuredSets)('of $name is what numpy computes, its error by leaving each out', async (sets) => {
    const { real, fake, expected } = sets;
    const { value, standardError } = await kernelDistance(session, real, fake, named);
    expect([value, standardError]).toBeAllClose([expected.kernel, expected.kernelError], {
      rtol: 1e-5,
      atol: 1e-7,
    });
  });

  it('is by hand (x y + 1)^3 over all pairs', async () => {
    // Real -1, 0, 1: pairs of others 1, 0, 1. Fake 0, 1, 2: pairs 1, 1, 27. Cross: 1 0 -1, 1 1 1, 1 8 27.
    const real = float32([3, 1], [-1, 0, 1]);
    const fake = float32([3, 1], [0, 1, 2]);
    const { value, protocol } = await kernelDistance(session, real, fake, named);
    expect(value).toBeCloseTo(2 / 3 + 29 / 3 - (2 * 39) / 9, 6);
    expect(protocol).toEqual({
      real: 3,
      fake: 3,
      features: 'test',
      dimension: 1,
      kernel: '(x.y / d + 1)^3',
      estimator: 'unbiased, all pairs; error by jackknife',
    });
  });

  it('is 0 on average for equal distributions, with an error bar that is not too small', async () => {
    const found = [];
    for (let step = 0; step < 60; step++)
      found.push(await kernelDistance(session, normals(step, 60, 'real'), normals(step, 60, 'fake'), named));
    const average = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const mean = average(found.map(({ value }) => value));
    const spread = Math.sqrt(average(found.map(({ value }) => (value - mean) ** 2)));
    const error = Math.sqrt(average(found.map(({ standardError }) => standardError ** 2)));
    expect(Math.abs(mean)).toBeLessThan((3 * spread) / Math.sqrt(found.length));
    // 0.76 in the reference script's 300 draws.
    expect(spread / error).toBeGreaterThan(0.5);
    expect(spread / error).toBeLessThan(1.05);
  });

  it('refuses too few vectors and numbers that are none', async () => {
    const two = float32([2, 1], [0, 1]);
    const three = float32([3, 1], [0, 1, 2]);
    await expect(kernelDistance(session, two, three, named)).rejects.toThrow(
      new DataError('kernelDistance: real must be 3 or more, for an estimate without one of them, got 2'),
    );
    await expect(kernelDistance(session, three, float32([3, 1], [0, Number.NaN, 1]), named)).rejects.toThrow(
      'kernelDistance: samples must be finite, got NaN at row 1, number 0',
    );
  });
});
