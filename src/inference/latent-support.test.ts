import { describe, expect, it } from 'vitest';
import { runGraph } from '../../test/run-graph.ts';
import { float32 } from '../../test/tensors.ts';
import { gaussian, type Latent, spherical, uniform } from '../gan/latent.ts';
import { constant, type Value } from '../graph/value.ts';
import { latentSupport } from './latent-support.ts';
import { randomLatents } from './reconstruction.ts';

const DIMENSION = 50;

async function apply(map: (z: Value) => Value, rows: readonly (readonly number[])[]): Promise<Float32Array> {
  const z = constant(float32([rows.length, rows[0]!.length], rows.flat()));
  return (await runGraph({ y: map(z) }))['y']!.data as Float32Array;
}

const norm = (row: ArrayLike<number>): number => Math.hypot(...Array.from(row));

describe.each([uniform, gaussian, spherical])('the support of the $name distribution', (latent: Latent) => {
  const support = latentSupport(latent, DIMENSION);

  it('holds every draw: projecting changes none', async () => {
    const { data } = randomLatents({ latent, latentDim: DIMENSION }, 200, 3);
    const rows = Array.from({ length: 200 }, (_, i) => [
      ...data.subarray(i * DIMENSION, (i + 1) * DIMENSION),
    ]);
    expect(await apply(support.project, rows)).toBeAllClose(data, { rtol: 1e-6, atol: 1e-7 });
  });

  it("has the scale of a draw's coordinates", () => {
    const { data } = randomLatents({ latent, latentDim: DIMENSION }, 2000, 4);
    const squares = data.reduce((sum, value) => sum + value * value, 0);
    expect(Math.sqrt(squares / data.length)).toBeCloseTo(support.scale, 2);
  });

  it('is reached from anywhere; 0 gives finite numbers', async () => {
    const rows = [
      Array.from({ length: DIMENSION }, (_, i) => (i % 2 ? 40 : -30)),
      new Array<number>(DIMENSION).fill(0),
    ];
    const projected = await apply(support.project, rows);
    expect(await apply(support.project, [[...projected.subarray(0, DIMENSION)]])).toBeAllClose(
      projected.subarray(0, DIMENSION),
      { rtol: 1e-6, atol: 1e-7 },
    );
    for (const value of [...projected, ...(await apply(support.squash, rows))])
      expect(Number.isFinite(value)).toBe(true);
  });
});

describe('projections', () => {
  it('clip to the box, scale into the ball and onto the sphere', async () => {
    const root = Math.sqrt(3);
    expect(await apply(latentSupport(uniform, 2).project, [[9, -0.5]])).toBeAllClose([root, -0.5], {
      rtol: 1e-6,
      atol: 0,
    });
    const outside = [300, 400];
    const inBall = await apply(latentSupport(gaussian, 2).project, [outside]);
    expect(inBall[0]! / inBall[1]!).toBeCloseTo(0.75, 6);
    expect(norm(inBall)).toBeCloseTo(Math.sqrt(1.5) + 3 * Math.SQRT1_2, 5);
    expect(await apply(latentSupport(spherical, 2).project, [outside])).toBeAllClose([0.6, 0.8], {
      rtol: 1e-6,
      atol: 0,
    });
  });

  it('know no other distributions', () => {
    const odd: Latent = { name: 'coins', description: '', recipe: { kind: 'bernoulli', probability: 0.5 } };
    expect(() => latentSupport(odd, 2)).toThrow(
      'latentSupport: the distribution of z must be uniform, normal or spherical, got coins (bernoulli)',
    );
  });
});
