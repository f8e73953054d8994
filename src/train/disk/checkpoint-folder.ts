import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../../errors.ts';
import { type Checkpoint, checkpointName, checkpointStep, readCheckpoint } from './checkpoint-file.ts';
import { fileError, systemCode } from './file-error.ts';

/** The steps of which a folder holds a checkpoint, ascending; none where there is no folder. */
export async function checkpointSteps(folder: string): Promise<number[]> {
  try {
    const steps = (await readdir(folder)).map(checkpointStep).filter((step) => step !== undefined);
    return steps.sort((a, b) => a - b);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError(`checkpointSteps: ${folder} must be a readable folder`, error);
  }
}

/** A checkpoint that cannot be used. */
export interface DamagedCheckpoint {
  readonly path: string;
  /** What `readCheckpoint` said. */
  readonly error: DataError;
}

/** The newest good checkpoint of a folder, and the damaged ones that are newer than it. */
export interface LatestCheckpoint {
  /** Absent where the folder holds no good checkpoint. */
  readonly checkpoint?: Checkpoint;
  /** Newest first. */
  readonly damaged: readonly DamagedCheckpoint[];
}

/**
 * Reads back from the newest checkpoint to the first one that is whole.
 *
 * @param upTo - the step to start at; later checkpoints are not looked at. Default: the newest
 */
export async function latestCheckpoint(
  folder: string,
  upTo: number = Number.POSITIVE_INFINITY,
): Promise<LatestCheckpoint> {
  const damaged: DamagedCheckpoint[] = [];
  for (const step of (await checkpointSteps(folder)).reverse()) {
    if (step > upTo) continue;
    const path = join(folder, checkpointName(step));
    try {
      return { checkpoint: await readCheckpoint(path), damaged };
    } catch (error) {
      // A file that cannot be read at all may well be good: that is no reason to go back to an older one.
      if (!(error instanceof DataError) || systemCode(error.cause) !== undefined) throw error;
      damaged.push({ path, error });
    }
  }
  return { damaged };
}

/**
 * The checkpoint from which a run goes on: the newest; undefined where there is none yet, so that the run starts at
 * step 0.
 *
 * @throws DataError where the newest is damaged. Nothing is skipped in silence: the message names the damaged files and
 *   offers the last good checkpoint.
 */
export async function checkpointToResume(folder: string): Promise<Checkpoint | undefined> {
  const { checkpoint, damaged } = await latestCheckpoint(folder);
  const [newest] = damaged;
  if (!newest) return checkpoint;
  const files = damaged.map(({ path }) => path).join(' and ');
  const offer = checkpoint
    ? `go on from ${checkpointName(checkpoint.step)}, which is good`
    : 'start again at step 0';
  throw new DataError(`${newest.error.message}. Delete ${files} to ${offer}`, { cause: newest.error });
}

/**
 * Whether a checkpoint is kept for good: those of `checkpointEvery` times a power of two, so that a run of any length
 * keeps its history at even distances on a logarithmic scale, and few of them.
 */
export function isMilestone(step: number, checkpointEvery: number): boolean {
  return Number.isInteger(Math.log2(step / checkpointEvery)) && step >= checkpointEvery;
}

/**
 * Deletes the checkpoints of a folder that are neither among the newest nor milestones.
 *
 * @param options.keepLast - how many of the newest to keep. Default 3: the newest, and two before it should it be damaged
 * @param options.isMilestone - default: no step is
 * @returns the paths that were deleted
 */
export async function pruneCheckpoints(
  folder: string,
  {
    keepLast = 3,
    isMilestone = () => false,
  }: { keepLast?: number; isMilestone?: (step: number) => boolean } = {},
): Promise<string[]> {
  const steps = await checkpointSteps(folder);
  const old = steps
    .slice(0, Math.max(0, steps.length - Math.max(1, keepLast)))
    .filter((step) => !isMilestone(step));
  const paths = old.map((step) => join(folder, checkpointName(step)));
  for (const path of paths) await rm(path, { force: true });
  return paths;
}
