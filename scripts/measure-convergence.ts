import { grid25, ring8 } from '../src/data/toy.ts';
import { ExecutionError } from '../src/errors.ts';
import { modeCoverage } from '../src/eval/modes.ts';
import { openSession } from '../src/runtime/node-session.ts';
import { buildGame } from '../src/train/build-game.ts';
import { datasetFacts } from '../src/train/dataset-facts.ts';
import { drawSamples } from '../src/train/draw-samples.ts';
import { resolveConfig } from '../src/train/resolve-config.ts';
import { train } from '../src/train/trainer.ts';
import { type Objective, type PointSet, stepsOf } from './convergence-objectives.ts';

/** What a training reached. */
export interface Reached {
  readonly covered: number;
  readonly highQualityFraction: number;
}

/** One training: what its last weights make, and their moving average. Absent where a number stopped being finite. */
export interface Convergence {
  readonly seed: number;
  readonly steps: number;
  readonly last?: Reached;
  readonly average?: Reached;
}

const SAMPLES = 10_000;
const sets = { ring8, grid25 };

/**
 * Trains an objective on a set of points with the networks of its preset, and counts modes among 10,000 samples.
 *
 * @param steps - default: the objective's own length
 */
export async function measureConvergence(
  objective: Objective,
  set: PointSet,
  seed: number,
  steps: number = stepsOf(objective, set),
): Promise<Convergence> {
  const dataset = sets[set];
  const config = resolveConfig({
    preset: set,
    set: [...objective.settings(steps), `ema={"decay":${1 - 8 / steps}}`],
  });
  const game = buildGame(config, datasetFacts(dataset));
  const session = await openSession({ device: 'cpu', threads: 1 });
  try {
    for await (const event of train({ game, dataset, session, seed, steps })) {
      if (event.type !== 'checkpoint' || event.step < steps) continue;
      const reached = async (averaged: boolean): Promise<Reached> => {
        const drawn: number[] = [];
        const options = { session, count: SAMPLES, seed, averaged };
        for await (const { data } of drawSamples(game, event.variables, options)) drawn.push(...data);
        const { covered, highQualityFraction } = modeCoverage(Float32Array.from(drawn), dataset.modes!);
        return { covered, highQualityFraction };
      };
      return { seed, steps, last: await reached(false), average: await reached(true) };
    }
  } catch (error) {
    if (!(error instanceof ExecutionError)) throw error;
  } finally {
    await session.release();
  }
  return { seed, steps };
}
