import { ConfigError, DataError } from '../../errors.ts';
import type { Game } from '../../gan/game.ts';
import type { Tensors } from '../../graph/tensor.ts';
import { buildGame } from '../build-game.ts';
import { checkpointName } from './checkpoint-file.ts';
import { checkpointSteps, latestCheckpoint } from './checkpoint-folder.ts';
import { type RunPaths, readRun } from './run-folder.ts';
import { configHash, type RunRecord } from './run-record.ts';
import { versions } from './versions.ts';

/** A run as a checkpoint left it: what sampling and exporting need. The data itself is not among it. */
export interface TrainedGenerator {
  readonly paths: RunPaths;
  readonly record: RunRecord;
  readonly game: Game;
  readonly step: number;
  /** All variables of the game, the average of the generator's weights among them where the game keeps one. */
  readonly variables: Tensors;
}

/** Which checkpoint of which run. */
export interface TrainedGeneratorOptions {
  /** Step of the checkpoint. Default: the newest. */
  readonly step?: number | undefined;
  /** Folder of the numbered runs. Default `runs`. */
  readonly root?: string | undefined;
}

/**
 * Reads a run's generator, also while the run goes on.
 *
 * @param run - a path, or a name under `root`
 * @throws ConfigError where there is no such run, or no checkpoint at the step; DataError where the run has no checkpoint
 *   yet or the one that was asked for is damaged: nothing is skipped in silence, the newest good one before it is offered
 */
export async function readTrainedGenerator(
  run: string,
  { step, root }: TrainedGeneratorOptions = {},
): Promise<TrainedGenerator> {
  const { paths, record } = await readRun(run, root);
  if (step !== undefined) await requireStep(paths, step);
  const { checkpoint, damaged } = await latestCheckpoint(paths.checkpoints, step);
  const [asked] = damaged;
  if (asked) {
    const offer = checkpoint
      ? `Take --checkpoint ${checkpoint.step}, which is good`
      : 'There is no good one before it';
    throw new DataError(`${asked.error.message}. ${offer}`, { cause: asked.error });
  }
  if (!checkpoint)
    throw new DataError(
      `run: ${paths.folder} must hold a checkpoint, got none yet. Train it with zerosum train --resume --out ${paths.folder}`,
    );
  return {
    paths,
    record,
    game: buildGame(record.config, record.dataset),
    step: checkpoint.step,
    variables: checkpoint.tensors,
  };
}

/** @throws ConfigError unless there is a checkpoint of the step, whole or not */
async function requireStep({ folder, checkpoints }: RunPaths, step: number): Promise<void> {
  const steps = await checkpointSteps(checkpoints);
  if (steps.includes(step)) return;
  const choices = steps.length === 0 ? 'It has none yet' : `It has those of steps ${steps.join(', ')}`;
  throw new ConfigError(`--checkpoint: ${folder} must hold ${checkpointName(step)}, got none. ${choices}`);
}

/** Where an exported generator comes from, for its metadata: no date, no path, so that equal runs give equal files. */
export async function provenance({
  record,
  step,
}: Pick<TrainedGenerator, 'record' | 'step'>): Promise<Readonly<Record<string, string>>> {
  const { config, dataset, forkedFrom } = record;
  const { zerosum } = await versions();
  return {
    zerosumVersion: zerosum!,
    preset: config.preset,
    data: dataset.name,
    dataFingerprint: dataset.fingerprint,
    configHash: configHash(config),
    seed: String(config.seed),
    step: String(step),
    ...(forkedFrom ? { forkedFrom: `${forkedFrom.run} at step ${forkedFrom.step}` } : {}),
  };
}
