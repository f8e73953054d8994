import { join } from 'node:path';
import { type LockHolder, lockHolder } from '../train/disk/lock.ts';
import type { RunRecord } from '../train/disk/run-record.ts';
import type { RunState } from './api.ts';

/** A process of another machine that has written nothing for so long cannot be told from a dead one. */
const SILENT_MS = 2 * 60 * 1000;

/** What decides the state of a run. */
export interface RunSigns {
  readonly holder: LockHolder | undefined;
  readonly updatedAt: number;
  readonly now: number;
  /** Of the newest checkpoint; 0 without one. */
  readonly checkpoint: number;
  /** Where it is to stop, where that is known. */
  readonly steps: number | undefined;
  /** Whether it has once been at its end: `progress.gif` is there. */
  readonly wasFinished: boolean;
  /** What ended it, where somebody has said so. */
  readonly error: string | undefined;
}

/** The state of a run, and why it failed where it did. */
export function runState({ holder, updatedAt, now, checkpoint, steps, wasFinished, error }: RunSigns): {
  readonly state: RunState;
  readonly failure?: string;
} {
  if (holder?.is === 'known' || holder?.is === 'likely') return { state: 'running' };
  if (holder?.is === 'elsewhere') return { state: now - updatedAt < SILENT_MS ? 'running' : 'unknown' };
  const finished = steps === undefined ? wasFinished : checkpoint >= steps;
  if (finished) return { state: 'finished' };
  if (error !== undefined) return { state: 'failed', failure: error };
  if (holder?.is === 'dead')
    return {
      state: 'failed',
      failure: `its process (${holder.pid}) ended without a word: killed, or the machine went down. It can be resumed from step ${checkpoint}`,
    };
  return { state: 'stopped' };
}

/** Who holds the lock of the run in `folder`. */
export function runHolder(folder: string): LockHolder | undefined {
  return lockHolder(join(folder, 'run.lock'));
}

/** Where a run is to stop, in steps; undefined where its data has not been counted. */
export function stepsOfRun({ config, dataset }: RunRecord): number | undefined {
  const { steps, epochs, batch, k } = config;
  if (steps !== undefined) return steps;
  const { trainingExamples } = dataset;
  return trainingExamples === undefined ? undefined : epochs! * Math.floor(trainingExamples / (k * batch));
}
