import { copyFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ConfigError } from '../../errors.ts';
import { type Game, initialVariables } from '../../gan/game.ts';
import type { Tensors } from '../../graph/tensor.ts';
import { fileError, systemCode } from './file-error.ts';
import { cutRun, type RunPaths } from './run-folder.ts';
import type { RunRecord } from './run-record.ts';
import type { TrainedGenerator } from './trained-generator.ts';

/** What a fork's record says of where it comes from: names, so that folders can move. */
export function forkOrigin({ paths, step }: TrainedGenerator): NonNullable<RunRecord['forkedFrom']> {
  return { run: basename(paths.folder), step };
}

/**
 * @throws ConfigError unless a game's variables are those of a checkpoint, by name, type and shape: it could not go on from
 *   there otherwise
 */
export function requireSameVariables(game: Game, variables: Tensors, seed: number): void {
  const wanted = initialVariables(game, seed);
  const described = (tensors: Tensors, name: string) => {
    const tensor = tensors[name];
    return tensor ? `${tensor.dtype} [${tensor.shape.join(', ')}]` : 'none';
  };
  for (const name of new Set([...Object.keys(wanted), ...Object.keys(variables)])) {
    const [asked, saved] = [described(wanted, name), described(variables, name)];
    if (asked !== saved)
      throw new ConfigError(
        `fork: settings must keep the variables of the checkpoint, got ${asked} for ${name}, which is ${saved} there. Networks, optimisers and averages stay what they are; start a new run to change them`,
      );
  }
}

/**
 * Gives a new run what another one had up to a step: its logs and its sheets of samples. What is not there is left out.
 *
 * @throws DataError where something cannot be read or written
 */
export async function copyHistory(from: RunPaths, to: RunPaths, step: number): Promise<void> {
  const sheets = await readdir(from.samples).catch(() => []);
  const files = [
    ...(['metrics', 'timing', 'evaluations'] as const).map((log) => [from[log], to[log]] as const),
    ...sheets.map((name) => [join(from.samples, name), join(to.samples, name)] as const),
  ];
  for (const [source, copy] of files)
    await copyFile(source, copy).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw fileError(`fork: ${copy} must be a copy of ${source}`, error);
    });
  await cutRun(to, step);
}
