import { expect, it } from 'vitest';
import { runGraph } from '../../test/run-graph.ts';
import { float32 } from '../../test/tensors.ts';
import { input } from '../graph/value.ts';
import { standardisationOf, standardise } from './standardisation.ts';

it('gives all pixels one mean and deviation, in [0, 1]', () => {
  const examples = Uint8Array.of(0, 255, 0, 255, 255, 255, 0, 0);
  expect(standardisationOf('images', { count: 2, examples })).toEqual({ mean: [0.5], deviation: [0.5] });
});

it('gives every coordinate of points its own, also far from 0 and where one never varies', () => {
  const examples = Float32Array.of(1e6 + 1, 4, 7, 1e6 + 3, -4, 7);
  const found = standardisationOf('points', { count: 2, examples })!;
  expect(found.mean).toBeAllClose([1e6 + 2, 0, 7]);
  expect(found.deviation).toBeAllClose([1, 4, 1]);
});

it('is none where nothing varies', () => {
  expect(standardisationOf('images', { count: 3, examples: new Uint8Array(6).fill(9) })).toBeUndefined();
  expect(
    standardisationOf('points', { count: 2, examples: Float32Array.of(0.1, 5, 0.1, 5) }),
  ).toBeUndefined();
});

it('is applied as (x - mean) / deviation', async () => {
  const x = input('x', 'float32', [2, 2]);
  const y = standardise(x, { mean: [1, 2], deviation: [2, 0.5] });
  const results = await runGraph({ y }, { x: float32([2, 2], [1, 2, 5, 3]) });
  expect(results['y']!.data).toBeAllClose([0, 0, 2, 2]);
});
