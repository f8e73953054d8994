import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines } from './log-tail.ts';

/** Where what trainings say is kept that were started from the page: a hidden folder beside the runs. */
const FOLDER = '.zerosum';

/** The file that a training's output goes to. */
export function trainLogPath(root: string, id: string): string {
  return join(root, FOLDER, `${id}.log`);
}

/** Makes the folder of those files. */
export function makeTrainLogFolder(root: string): void {
  mkdirSync(join(root, FOLDER), { recursive: true });
}

/**
 * The error that ended a training which was started from the page, as the command line printed it.
 *
 * @param since - milliseconds since 1970: an older error is of an earlier start. Default: any
 */
export function trainError(root: string, id: string, since = 0): string | undefined {
  const path = trainLogPath(root, id);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found?.isFile() || found.mtimeMs < since) return undefined;
  const errors = lastLines(path, found.size, 4096).filter((line) => /^(unexpected )?error: /.test(line));
  return errors.at(-1)?.replace(/^(unexpected )?error: /, '');
}
