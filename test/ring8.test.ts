import { afterAll, beforeAll, expect, test } from 'vitest';
import { ring8 } from '../src/data/toy.ts';
import { modeCoverage } from '../src/eval/modes.ts';
import { openSession } from '../src/runtime/node-session.ts';
import type { Session } from '../src/runtime/session.ts';
import { buildGame } from '../src/train/build-game.ts';
import { datasetFacts } from '../src/train/dataset-facts.ts';
import { presets } from '../src/train/presets.ts';
import { resolveConfig } from '../src/train/resolve-config.ts';
import { tell } from './small-training.ts';

let session: Session;
beforeAll(async () => {
  session = await openSession({ device: 'cpu' });
});
afterAll(() => session.release());

/**
 * The preset in a third of its length: whatever it says, but for the horizons of its learning rates and the memory of its
 * average, which shrink with it.
 */
function shortened(steps: number) {
  const { steps: whole, ema } = presets['ring8']!.config;
  const horizon = (player: string) => `${player}.optimiser.learningRate.linear.steps=${steps}`;
  if (!ema || !('decay' in ema)) throw new Error('ring8 must have an average by its decay');
  const decay = 1 - ((1 - ema.decay) * whole!) / steps;
  return resolveConfig({
    preset: 'ring8',
    set: [horizon('generator'), horizon('discriminator'), `ema.decay=${decay}`],
  });
}

// Asserts that the recipe as a whole works: a wrong gradient, optimiser, penalty or average anywhere leaves modes out. A
// plain GAN of these networks reaches three to six of them. With the whole preset every seed of five reached all eight;
// here one may be missing, since engines round differently and a game is sensitive to that.
test('ring8 reaches at least seven of its eight modes, most samples within 3 deviations of one', async () => {
  const steps = 2500;
  const config = shortened(steps);
  const game = buildGame(config, datasetFacts(ring8));
  const told = await tell({ game, dataset: ring8, session, seed: config.seed, steps, sheetSize: 2500 });
  const { covered, total, highQualityFraction } = modeCoverage(told.sheets.get(steps)!, ring8.modes!);
  expect(total).toBe(8);
  expect(covered).toBeGreaterThanOrEqual(7);
  expect(highQualityFraction).toBeGreaterThan(0.5);
  // The discriminator is beaten, not broken: it answers one half, within a tenth.
  const late = told.rows.slice(-500);
  for (const name of ['D(x)', 'D(G(z))'])
    expect(late.reduce((sum, row) => sum + row[name]! / late.length, 0)).toBeCloseTo(0.5, 1);
});
