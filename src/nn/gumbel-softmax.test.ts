import { describe, expect, it, test } from 'vitest';
import { runGraph } from '../../test/run-graph.ts';
import { float32 } from '../../test/tensors.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import { mul } from '../graph/functions/elementwise.ts';
import { sum } from '../graph/functions/reductions.ts';
import { grad } from '../graph/grad.ts';
import { input } from '../graph/value.ts';
import { fillUniform } from '../random/uniform.ts';
import { gumbelSoftmax } from './gumbel-softmax.ts';
import type { LayerContext } from './layer.ts';

const refuse = (): never => {
  throw new Error('a mask was asked for');
};
const training: LayerContext = {
  mode: 'train',
  bernoulli: refuse,
  uniform: (name, shape) => input(name, 'float32', shape),
};
const sampling: LayerContext = { mode: 'sample', bernoulli: refuse };
const none = { parameters: {}, state: {} };

// A number, three categories, a number, two categories.
const blocks = [
  { first: 1, size: 3 },
  { first: 5, size: 2 },
];
const x = [0.5, 1, -1, 0.2, -7, 0.3, 2.3];
const softmax = (logits: readonly number[]) => {
  const powers = logits.map(Math.exp);
  return powers.map((power) => power / powers.reduce((a, b) => a + b));
};

/** The layer at x by the definition, in float64. */
function expected(at: readonly number[], uniforms: readonly number[], temperature: number): number[] {
  const g = uniforms.map((u) => -Math.log(-Math.log(u)));
  const soft = (first: number, size: number, drawn: number) =>
    softmax(Array.from({ length: size }, (_, i) => (at[first + i]! + g[drawn + i]!) / temperature));
  return [at[0]!, ...soft(1, 3, 0), at[4]!, ...soft(5, 2, 3)];
}

describe('gumbelSoftmax', () => {
  const uniforms = [0.9, 0.4, 0.05, 0.7, 0.99];

  test.each([0.2, 0.7, 1])(
    'at temperature %d is its definition, and so is its gradient',
    async (temperature) => {
      const value = input('x', 'float32', [1, 7]);
      const { y } = gumbelSoftmax({ blocks, temperature }).apply(none, value, training);
      const weights = [1, -2, 0.5, 3, 0.25, -1, 2];
      const [dx] = grad(sum(mul(y, input('w', 'float32', [1, 7]))), [value]);
      const result = await runGraph(
        { y, dx: dx! },
        { x: float32([1, 7], x), w: float32([1, 7], weights), gumbel: float32([1, 5], uniforms) },
      );
      expect(result['y']!.data).toBeAllClose(expected(x, uniforms, temperature), { rtol: 1e-5, atol: 1e-6 });
      const h = 1e-5;
      const objective = (at: readonly number[]) =>
        expected(at, uniforms, temperature).reduce((total, value, i) => total + value * weights[i]!, 0);
      const differences = x.map((_, i) => {
        const moved = (step: number) => objective(x.map((value, j) => (i === j ? value + step : value)));
        return (moved(h) - moved(-h)) / (2 * h);
      });
      expect(result['dx']!.data).toBeAllClose(differences, { rtol: 1e-4, atol: 1e-5 });
    },
  );

  it('lets each category be the largest with its probability, at any temperature', async () => {
    const count = 20_000;
    const logits = [1, -1, 0.2];
    const value = input('x', 'float32', [count, 3]);
    const layer = gumbelSoftmax({ blocks: [{ first: 0, size: 3 }], temperature: 0.2 });
    let bounds: readonly number[] = [];
    const { y } = layer.apply(none, value, {
      ...training,
      uniform: (name, shape, low, high) => {
        bounds = [low, high];
        return input(name, 'float32', shape);
      },
    });
    const gumbel = float32([count, 3], new Float32Array(3 * count));
    fillUniform({ seed: 5, stream: 6 }, 0, gumbel.data, bounds[0]!, bounds[1]!);
    const rows = float32(
      [count, 3],
      Float32Array.from({ length: 3 * count }, (_, i) => logits[i % 3]!),
    );
    const { data } = (await runGraph({ y }, { x: rows, gumbel }))['y']!;
    const counts = [0, 0, 0];
    for (let row = 0; row < count; row++) {
      const values = [0, 1, 2].map((i) => Number(data[3 * row + i]));
      counts[values.indexOf(Math.max(...values))]!++;
    }
    // 4 standard errors of a share of 20,000 are 0.014 at most.
    for (const [i, share] of softmax(logits).entries())
      expect(Math.abs(counts[i]! / count - share)).toBeLessThan(0.014);
  });

  it('is finite at both ends of the numbers that it asks for', async () => {
    const { y } = gumbelSoftmax({ blocks }).apply(none, input('x', 'float32', [2, 7]), training);
    const ends = [2 ** -24, 1 - 2 ** -24];
    const gumbel = float32([2, 5], [...Array(5).fill(ends[0]), ...Array(5).fill(ends[1])]);
    const result = await runGraph({ y }, { x: float32([2, 7], [...x, ...x]), gumbel });
    expect(Array.from(result['y']!.data, Number).every(Number.isFinite)).toBe(true);
  });

  it('gives the probabilities when sampling, of any number of rows', async () => {
    const { y } = gumbelSoftmax({ blocks }).apply(none, input('x', 'float32', ['N', 7]), sampling);
    const result = await runGraph({ y }, { x: float32([1, 7], x) });
    const probabilities = [0.5, ...softmax([1, -1, 0.2]), -7, ...softmax([0.3, 2.3])];
    expect(result['y']!.data).toBeAllClose(probabilities, { rtol: 1e-5 });
  });

  it('leaves examples without categories as they are', () => {
    const value = input('x', 'float32', [4, 2]);
    expect(gumbelSoftmax({ blocks: [] }).apply(none, value, training).y).toBe(value);
  });

  it('refuses what does not fit', () => {
    expect(() => gumbelSoftmax({ blocks, temperature: 0 })).toThrow(ConfigError);
    const shapeOf = (first: number, size: number, shape: number[]) =>
      gumbelSoftmax({ blocks: [...blocks, { first, size }] }).outputShape(shape);
    expect(() => shapeOf(6, 2, [9])).toThrow(ShapeError);
    expect(() => shapeOf(7, 3, [9])).toThrow('blocks must lie in [0, 9), one after the other, got 3 from 7');
    expect(() => shapeOf(7, 2, [9, 1])).toThrow('x must be [N, d], got [N, 9, 1]');
    const value = input('x', 'float32', [4, 7]);
    expect(() => gumbelSoftmax({ blocks }).apply(none, value, { ...sampling, mode: 'train' })).toThrow(
      'must offer uniform numbers',
    );
  });
});
