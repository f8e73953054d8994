import { describe, expect, it } from 'vitest';
import { runGraph } from '../../../test/run-graph.ts';
import { float32 } from '../../../test/tensors.ts';
import { input } from '../../graph/value.ts';
import { adjustProbability } from './adaptive-probability.ts';

async function adjusted(p: number, logits: readonly number[], target = 0.6, largest = 1): Promise<number> {
  const next = adjustProbability(input('p', 'float32', []), input('logits', 'float32', [logits.length, 1]), {
    batch: logits.length,
    target,
    speed: 1000,
    largest,
  });
  const fed = { p: float32([], [p]), logits: float32([logits.length, 1], logits) };
  return Number((await runGraph({ next }, fed))['next']!.data[0]);
}

describe('adjustProbability', () => {
  const sure = [9, 1, 0.1, 3];
  const unsure = [5, 1, -0.1, 2];

  it('moves by batch / speed, up where more than (1 + target) / 2 of the real examples are called real', async () => {
    expect(await adjusted(0.3, sure)).toBeCloseTo(0.304, 6);
    // r = (3 - 1) / 4 = .5, below .6 however large the logits are.
    expect(await adjusted(0.3, unsure)).toBeCloseTo(0.296, 6);
    expect(await adjusted(0.3, unsure, 0.4)).toBeCloseTo(0.304, 6);
    expect(await adjusted(0.3, unsure, 0.5)).toBeCloseTo(0.3, 6);
  });

  it('goes from 0 to 1 in as many real examples as speed says', async () => {
    let p = 0;
    for (let seen = 0; seen < 1000; seen += 100) p = await adjusted(p, new Array(100).fill(2));
    expect(p).toBeCloseTo(1, 5);
  });

  it('stays within 0 and the largest', async () => {
    expect(await adjusted(0, unsure)).toBe(0);
    expect(await adjusted(1, sure)).toBe(1);
    expect(await adjusted(0.299, sure, 0.6, 0.3)).toBe(Math.fround(0.3));
  });
});
