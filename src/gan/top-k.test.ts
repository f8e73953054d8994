import { expect, it } from 'vitest';
import { runGraph } from '../../test/run-graph.ts';
import { float32 } from '../../test/tensors.ts';
import { input } from '../graph/value.ts';
import { topKWeights } from './top-k.ts';

it.each([
  [[3, -1, 2, 0.5], 1, [4, 0, 0, 0]],
  [[3, -1, 2, 0.5], 2, [2, 0, 2, 0]],
  [[3, -1, 2, 0.5], 3, [4 / 3, 0, 4 / 3, 4 / 3]],
  [[3, -1, 2, 0.5], 4, [1, 1, 1, 1]],
  // Of equals the earlier, never more than were asked for.
  [[1, 1, 1, 1], 2, [2, 2, 0, 0]],
  [[-5, 7, 7, 7], 2, [0, 2, 2, 0]],
])('the best of %j, %d of them', async (logits, count, weights) => {
  const found = topKWeights(input('logits', 'float32', [4, 1]), input('count', 'float32', []));
  const results = await runGraph({ found }, { logits: float32([4, 1], logits), count: float32([], [count]) });
  expect(results['found']!.shape).toEqual([4, 1]);
  expect(results['found']!.data).toBeAllClose(weights);
});
