import { expect, it } from 'vitest';
import { inputsFor } from '../../test/play-step.ts';
import { runGraph } from '../../test/run-graph.ts';
import { float32 } from '../../test/tensors.ts';
import { ConfigError } from '../errors.ts';
import { weightClip } from './weight-clip.ts';

it('brings every value to the nearest within the limit, biases too', async () => {
  const parameters = { weight: float32([2, 2], [0.5, -0.25, 3, -7]), bias: float32([2], [1, -0.125]) };
  const clipped = weightClip(0.25)(inputsFor(parameters));
  const outputs = { 'next weight': clipped['weight']!, 'next bias': clipped['bias']! };
  const found = await runGraph(outputs, parameters);
  expect([...found['next weight']!.data]).toEqual([0.25, -0.25, 0.25, -0.25]);
  expect([...found['next bias']!.data]).toEqual([0.25, -0.125]);
});

it('takes positive limits', () => {
  for (const limit of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => weightClip(limit)).toThrow(
      new ConfigError(`weightClip: limit must be positive and finite, got ${limit}`),
    );
});
