import { mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConfigError, DataError } from '../../errors.ts';
import { nearestName, oneOf } from '../../nearest-name.ts';
import { fileError, systemCode } from './file-error.ts';
import { cutLog } from './json-lines.ts';
import { acquireLock, type Lock } from './lock.ts';
import { removeTemporaries, temporarySuffix } from './replace-file.ts';
import { type RunRecord, readRecord, writeRecord } from './run-record.ts';

/** Where the parts of a run lie. */
export interface RunPaths {
  readonly folder: string;
  readonly config: string;
  /** What was measured at each step, without a clock: equal runs have equal bytes here. */
  readonly metrics: string;
  /** How long it took. */
  readonly timing: string;
  /** What measures said of the generator along the way, where they were asked for. */
  readonly evaluations: string;
  readonly samples: string;
  readonly checkpoints: string;
  readonly generator: string;
  readonly progress: string;
}

const lockName = 'run.lock';

/** The paths of a run in `folder`. */
export function runPaths(folder: string): RunPaths {
  return {
    folder,
    config: join(folder, 'config.json'),
    metrics: join(folder, 'metrics.jsonl'),
    timing: join(folder, 'timing.jsonl'),
    evaluations: join(folder, 'evaluations.jsonl'),
    samples: join(folder, 'samples'),
    checkpoints: join(folder, 'checkpoints'),
    generator: join(folder, 'generator.onnx'),
    progress: join(folder, 'progress.gif'),
  };
}

/** The file name of the sheet of samples of a step. */
export function sheetName(step: number): string {
  return `step-${String(step).padStart(8, '0')}.png`;
}

/** A run that this process alone may write to, until it releases the lock. */
export interface OpenRun {
  readonly paths: RunPaths;
  readonly record: RunRecord;
  readonly lock: Lock;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return false;
    throw fileError(`run: ${path} must be readable`, error);
  }
}

/** The entries of a folder besides what is left when a process is killed before it has created its run. */
async function contentOf(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    throw fileError(`run: ${folder} must be a readable folder`, error);
  }
  const content: string[] = [];
  for (const name of names) {
    if (name === lockName || name.startsWith(`${lockName}.`) || name.endsWith(temporarySuffix)) continue;
    const isPart = name === 'samples' || name === 'checkpoints';
    if (isPart && (await contentOf(join(folder, name))).length === 0) continue;
    content.push(name);
  }
  return content;
}

/** The error for a folder that holds something, but no `config.json`. */
function noRun(folder: string, content: readonly string[]): DataError {
  const isPart = content.some((name) => ['checkpoints', 'samples', 'metrics.jsonl'].includes(name));
  const got = isPart
    ? 'a run without config.json'
    : `${content.length} entries that are no run, such as ${content[0]}`;
  const advice = isPart ? 'Restore its config.json, or choose another folder' : 'Choose another folder';
  return new DataError(`run: ${folder} must be a run or an empty folder, got ${got}. ${advice}`);
}

/** @throws unless a run may be created in the folder */
async function requireVacant(folder: string): Promise<void> {
  const content = await contentOf(folder);
  if (content.length === 0) return;
  if (!(await readRecord(folder))) throw noRun(folder, content);
  throw new ConfigError(
    `run: ${folder} must be a new or empty folder, got a run. Continue it with --resume, or choose another with --out`,
  );
}

/**
 * Makes a folder and those above it; false where it was there. Not Node's own `recursive`, which says ENOENT of a
 * read-only disk.
 */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST' && (await stat(path)).isDirectory()) return false;
    if (systemCode(error) !== 'ENOENT') throw error;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
  return true;
}

/** Makes `<root>/<preset>-<n>` with the first free n; of two processes that want the same n, one takes the next. */
async function makeNumbered(root: string, preset: string): Promise<string> {
  await makeFolder(root);
  for (let n = 1; ; n++) {
    const folder = join(root, `${preset}-${n}`);
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
  }
}

/** Takes back an unfinished `createRun`. Only what is empty goes: the folder may be another process's run by now. */
async function removeEmpty(folder: string): Promise<void> {
  for (const path of [join(folder, 'samples'), join(folder, 'checkpoints'), folder])
    await rmdir(path).catch(() => undefined);
}

async function removeLeftovers({ folder, samples, checkpoints }: RunPaths): Promise<void> {
  for (const path of [folder, samples, checkpoints]) await removeTemporaries(path);
}

/**
 * Creates a run folder and locks it. `config.json` is written last: where it is, the folder is complete.
 *
 * @param options.out - a new or empty folder. Default `<root>/<preset>-<n>` with the first free n
 * @param options.root - folder of the numbered runs. Default `runs`
 * @throws ConfigError where the folder already holds a run; DataError where it holds something else, is in use by
 *   another process, cannot be written or is full. What this call made is then gone again
 */
export async function createRun(
  record: RunRecord,
  { out, root = 'runs' }: { readonly out?: string | undefined; readonly root?: string | undefined } = {},
): Promise<OpenRun> {
  let folder: string;
  let isOurs = true;
  try {
    folder = out ?? (await makeNumbered(root, record.config.preset));
    if (out !== undefined) isOurs = await makeFolder(out);
  } catch (error) {
    const isFile = ['EEXIST', 'ENOTDIR'].includes(systemCode(error) ?? '');
    const advice = isFile
      ? 'A file has that name: choose another with --out'
      : 'Choose another folder with --out';
    throw fileError(`run: ${out ?? root} must be a folder that can be written`, error, advice);
  }
  await requireVacant(folder);
  let lock: Lock | undefined;
  try {
    lock = await acquireLock(join(folder, lockName), folder);
    // Another process may have come and gone since the first look.
    await requireVacant(folder);
    const paths = runPaths(folder);
    await makeFolder(paths.samples);
    await makeFolder(paths.checkpoints);
    await removeLeftovers(paths);
    await writeRecord(folder, record);
    return { paths, record, lock };
  } catch (error) {
    lock?.release();
    if (isOurs) await removeEmpty(folder);
    throw error instanceof DataError || error instanceof ConfigError
      ? error
      : fileError(`run: ${folder} must be a folder that can be written`, error);
  }
}

/** Names of the runs under `root`, sorted; none where there is no such folder. */
async function runNames(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}

/**
 * The folder that RUN means: a path, or a name under `root`. Of the two the one that holds a run goes first.
 *
 * @param root - folder of the numbered runs. Default `runs`
 * @throws ConfigError with the nearest name where there is neither
 */
export async function findRun(run: string, root = 'runs'): Promise<string> {
  const candidates = [run, join(root, run)];
  for (const folder of candidates) if (await exists(join(folder, 'config.json'))) return folder;
  for (const folder of candidates) if (await exists(folder)) return folder;
  const names = /[\\/]/.test(run) ? [] : await runNames(root);
  if (names.length === 0)
    throw new ConfigError(`run: ${run} must be the folder of a run, got no such folder`);
  const nearest = nearestName(run, names);
  // A long list would hide the suggestion.
  const choices = names.length <= 12 ? oneOf(run, names) : nearest ? `Did you mean ${nearest}?` : '';
  throw new ConfigError(`run: unknown run: ${run} (under ${root}). ${choices}`.trimEnd());
}

/**
 * The record and the paths of a run, for reading only: no lock, so a run can be looked at while it trains.
 *
 * @throws ConfigError where there is no such run; DataError where the folder is no run, cut, or of another version
 */
export async function readRun(run: string, root?: string): Promise<Omit<OpenRun, 'lock'>> {
  const folder = await findRun(run, root);
  const record = await readRecord(folder);
  if (record) return { paths: runPaths(folder), record };
  const content = await contentOf(folder);
  if (content.length > 0) throw noRun(folder, content);
  throw new DataError(`run: ${folder} must be a run, got an empty folder. Start one there without --resume`);
}

/**
 * Opens a run to continue it: takes its lock (one left by a killed process is taken over) and removes the temporary
 * files that such a process left.
 *
 * @throws as `readRun`; DataError where a living process holds the run or the folder cannot be written
 */
export async function resumeRun(run: string, root?: string): Promise<OpenRun> {
  const { paths } = await readRun(run, root);
  const lock = await acquireLock(join(paths.folder, lockName), paths.folder);
  try {
    await makeFolder(paths.samples);
    await makeFolder(paths.checkpoints);
    await removeLeftovers(paths);
    // Read again: the process that held the lock before may have changed it.
    return { ...(await readRun(paths.folder)), lock };
  } catch (error) {
    lock.release();
    throw error instanceof DataError ? error : fileError(`run: ${paths.folder} must be writable`, error);
  }
}

/**
 * Takes a run back to a step: cuts the logs after it and deletes later sheets of samples, so that the resumed run
 * leaves the same files as one that was never stopped. The checkpoints stay.
 *
 * @param step - the step of the checkpoint from which the run goes on; undefined to start at step 0
 */
export async function cutRun(paths: RunPaths, step: number | undefined): Promise<void> {
  await cutLog(paths.metrics, step);
  await cutLog(paths.timing, step);
  await cutLog(paths.evaluations, step);
  for (const name of await readdir(paths.samples)) {
    const digits = /^step-(\d{8,})\.png$/.exec(basename(name))?.[1];
    if (digits !== undefined && (step === undefined || Number(digits) > step))
      await rm(join(paths.samples, name));
  }
}
