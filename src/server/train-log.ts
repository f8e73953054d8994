import { constants, lstatSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../errors.ts';
import { fileError } from '../train/disk/file-error.ts';
import { lastLines } from './log-tail.ts';

/** Where what trainings say is kept that were started from the page: a hidden folder beside the runs. */
const FOLDER = '.zerosum';

const pathOf = (root: string, id: string): string => join(root, FOLDER, `${id}.log`);

/**
 * Opens the file that a training's output goes to, emptied. Links are not followed: whoever has given somebody a folder of runs
 * could have any file emptied otherwise.
 *
 * @throws DataError where it cannot be written
 */
export function openTrainLog(root: string, id: string): number {
  const folder = join(root, FOLDER);
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW = 0 } = constants;
  try {
    mkdirSync(folder, { recursive: true });
    if (!lstatSync(folder).isDirectory())
      throw new DataError(`run: ${folder} must be a folder, got a link. Remove it`);
    return openSync(pathOf(root, id), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o644);
  } catch (error) {
    throw error instanceof DataError ? error : fileError(`run: ${folder} must be writable`, error);
  }
}

/**
 * The error that ended a training which was started from the page, as the command line printed it.
 *
 * @param since - milliseconds since 1970: an older error is of an earlier start. Default: any
 */
export function trainError(root: string, id: string, since = 0): string | undefined {
  const path = pathOf(root, id);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found?.isFile() || found.mtimeMs < since) return undefined;
  const errors = lastLines(path, found.size, 4096).filter((line) => /^(unexpected )?error: /.test(line));
  return errors.at(-1)?.replace(/^(unexpected )?error: /, '');
}
