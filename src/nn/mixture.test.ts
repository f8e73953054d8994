import { describe, expect, it } from 'vitest';
import { applyLayer } from '../../test/apply-layer.ts';
import { float32 } from '../../test/tensors.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import { fillNormal } from '../random/normal.ts';
import { fillSpherical } from '../random/spherical.ts';
import { fillUniform } from '../random/uniform.ts';
import { mixture } from './mixture.ts';

const key = { seed: 9, stream: 2 };
const mean = float32([3, 2], [1, 2, 3, 4, 5, 6]);
const deviation = float32([3, 2], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);

describe('mixture', () => {
  it('puts the noise at the mean of the component whose score is the largest, and learns both', async () => {
    // Components 2, 0 and again 2.
    const z = float32([3, 5], [-1, 0, 0.5, 10, 20, 3, -2, 1, 1, -1, 0, 0.1, 0.2, -2, 3]);
    const { y, dx, gradients } = await applyLayer(mixture({ components: 3 }), z, {
      parameters: { mean, deviation },
    });
    expect(y.shape).toEqual([3, 2]);
    expect(y.data).toBeAllClose([10, 18, 1.1, 1.8, 4, 7.8], { rtol: 1e-6, atol: 1e-6 });
    expect(gradients['mean']!.data).toBeAllClose([1, 1, 0, 0, 2, 2], { rtol: 0, atol: 0 });
    expect(gradients['deviation']!.data).toBeAllClose([1, -1, 0, 0, 8, 23], { rtol: 1e-6, atol: 0 });
    const ofNoise = [0.5, 0.6, 0.1, 0.2, 0.5, 0.6];
    const expected = [0, 1, 2].flatMap((row) => [0, 0, 0, ...ofNoise.slice(2 * row, 2 * row + 2)]);
    expect(dx.data).toBeAllClose(expected, { rtol: 1e-6, atol: 0 });
  });

  const rows = 20_000;
  const draws: [string, (out: Float32Array) => void][] = [
    ['normal', (out) => fillNormal(key, 0, out, 1)],
    ['uniform', (out) => fillUniform(key, 0, out, -1, 1)],
    ['spherical', (out) => fillSpherical(key, 0, out, 4)],
  ];
  it.each(draws)('draws all components equally often from %s coordinates', async (_, fill) => {
    const z = new Float32Array(rows * 4);
    fill(z);
    const numbers = float32([3, 1], [0, 1, 2]);
    const { y } = await applyLayer(mixture({ components: 3 }), float32([rows, 4], z), {
      parameters: { mean: numbers, deviation: float32([3, 1], [0, 0, 0]) },
    });
    const counts = [0, 1, 2].map((component) => y.data.filter((value) => value === component).length);
    expect(counts.reduce((a, b) => a + b)).toBe(rows);
    const deviationOfCount = Math.sqrt((rows * 2) / 9);
    for (const count of counts) expect(Math.abs(count - rows / 3)).toBeLessThan(4.5 * deviationOfCount);
  });

  it('starts from N(0, 1) and the given deviation', () => {
    const layer = mixture({ components: 4, deviation: 0.5 });
    const { parameters } = layer.init([7], () => key);
    expect(layer.parameterShapes([7])).toEqual({ mean: [4, 3], deviation: [4, 3] });
    expect(parameters['deviation']!.data).toEqual(new Float32Array(12).fill(0.5));
    const means = new Float32Array(12);
    fillNormal(key, 0, means, 1);
    expect(parameters['mean']!.data).toEqual(means);
  });

  it.each([
    [{ components: 1 }, 'components must be at least 2, got 1'],
    [{ components: 2.5 }, 'components must be a positive integer, got 2.5'],
    [{ components: 3, deviation: 0 }, 'deviation must be positive and finite, got 0'],
  ])('refuses %o', (options, message) => {
    expect(() => mixture(options)).toThrow(new ConfigError(`mixture: ${message}`));
  });

  it('refuses a z that leaves nothing for the noise', () => {
    expect(() => mixture({ components: 8 }).outputShape([8])).toThrow(
      new ShapeError(
        'mixture: z must have 8 coordinates for the components and at least one for the noise, got 8. Set latentDim: 10',
      ),
    );
  });
});
