import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DataError } from '../../errors.ts';
import type { FiniteDataset } from '../dataset.ts';
import { fingerprint } from '../fingerprint.ts';
import { foldersOf } from './find-files.ts';
import type { LoadOptions } from './load-options.ts';
import { readFileIfAny } from './read-file.ts';
import { unpack } from './unpack.ts';

/** A file of a set that is never downloaded. */
export interface LocalFile {
  readonly name: string;
  /** SHA-256 (hex) of what the whole file holds, unpacked; absent where its authors' bytes are not known. */
  readonly sha256?: string;
  /** Whether the set can be loaded without it. Default false. */
  readonly optional?: boolean;
}

/** The unpacked bytes of a file and its path. */
export interface LocalBytes {
  readonly bytes: Uint8Array;
  readonly source: string;
}

/** What a local set becomes, and in what it falls short of what was published. */
export interface LocalParts extends Pick<FiniteDataset, 'train' | 'validation' | 'test'> {
  readonly notice?: string;
}

/** Images in files that their owner put there: sets that may not, or cannot, be downloaded. */
export interface LocalSet {
  readonly source: 'local';
  readonly name: string;
  /** One line for people. */
  readonly what: string;
  readonly exampleShape: readonly [channels: number, height: number, width: number];
  /** Examples of the set as published; absent where a file says how it is split. */
  readonly counts?: { readonly train: number; readonly validation: number; readonly test: number };
  readonly classes: readonly string[];
  /** Where the files may lie below a data folder, besides directly in it. */
  readonly folders: readonly string[];
  readonly files: readonly LocalFile[];
  /** Ways of splitting the set, addressed as `<name>:0` and so on; the name alone is fold 0. Default: one. */
  readonly folds?: number;
  /** Where people get the files. */
  readonly advice: string;
  /**
   * In what a file falls short of the published one, such as a cut; undefined where nothing is missing.
   *
   * @throws DataError where it is no such file or damaged
   */
  check(file: LocalBytes, name: string): string | undefined;
  /** @throws DataError where the files cannot be what they are called */
  decode(files: ReadonlyMap<string, LocalBytes>, fold: number): LocalParts;
}

/** A file of a local set on this machine, and whether it is what was published. */
export interface LocalFileState {
  readonly file: LocalFile;
  /** `cut`: usable, but with less in it than was published. */
  readonly state: 'intact' | 'cut' | 'damaged' | 'missing';
  readonly path?: string;
  /** What a damaged or cut file has wrong. */
  readonly fault?: string;
}

async function findLocal(
  set: LocalSet,
  { name }: LocalFile,
  options: LoadOptions,
): Promise<LocalBytes | undefined> {
  const { data, cache } = await foldersOf(options);
  const folders = [
    ...(data ? [...set.folders.map((folder) => join(data, folder)), data] : []),
    join(cache, set.name),
  ];
  for (const folder of folders)
    for (const source of [join(folder, name), join(folder, name.replace(/\.gz$/, ''))]) {
      const stored = await readFileIfAny(source);
      if (stored) return { bytes: await unpack(stored, source), source };
    }
  return undefined;
}

/**
 * Looks at every file of a local set, and reads it whole.
 *
 * @throws ConfigError if the data folder does not exist, DataError if a file cannot be read
 */
export async function inspectLocalSet(
  set: LocalSet,
  options: LoadOptions = {},
): Promise<readonly LocalFileState[]> {
  const states: LocalFileState[] = [];
  for (const file of set.files) {
    let found: LocalBytes | undefined;
    try {
      found = await findLocal(set, file, options);
      if (!found) {
        states.push({ file, state: 'missing' });
        continue;
      }
      const path = found.source;
      const shortfall = set.check(found, file.name);
      const fault = shortfall ?? alteration(file, found.bytes);
      const state = shortfall ? 'cut' : fault ? 'damaged' : 'intact';
      states.push({ file, state, path, ...(fault && { fault }) });
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      states.push({
        file,
        state: 'damaged',
        path: found?.source ?? join(set.name, file.name),
        fault: error.message,
      });
    }
  }
  return states;
}

/** In what a whole file differs from the published bytes. */
function alteration({ name, sha256 }: LocalFile, bytes: Uint8Array): string | undefined {
  if (sha256 === undefined) return undefined;
  const digest = createHash('sha256').update(bytes).digest('hex');
  return digest === sha256
    ? undefined
    : `must be ${name} with SHA-256 ${sha256}, got ${digest}. It was altered`;
}

/**
 * A set from files in the data folder or in the cache's folder of its name. Its files are taken for what they are called:
 * a cut one gives fewer examples and a notice; `zerosum data verify` compares them with what was published.
 *
 * @param fold - which of the set's folds
 * @throws DataError if a file that is needed is missing, or one is not what it is called; ConfigError if `dataDir` is no
 *   folder
 */
export async function loadLocalSet(
  set: LocalSet,
  fold: number,
  options: LoadOptions = {},
): Promise<FiniteDataset> {
  const files = new Map<string, LocalBytes>();
  for (const file of set.files) {
    const found = await findLocal(set, file, options);
    if (found) files.set(file.name, found);
    else if (!file.optional) {
      const { data, cache } = await foldersOf(options);
      const places = [
        ...(data ? set.folders.map((folder) => join(data, folder)) : []),
        join(cache, set.name),
      ];
      throw new DataError(
        `loadDataset: ${set.name} must have its file ${file.name} in ${places.join(' or ')}, got none. ${set.advice}, and name the folder above it by --data-dir or ZEROSUM_DATA`,
      );
    }
  }
  const { notice, ...parts } = set.decode(files, fold);
  if (notice !== undefined) options.onProgress?.({ kind: 'notice', message: `${set.name}: ${notice}` });
  const content = {
    kind: 'images' as const,
    name: fold === 0 ? set.name : `${set.name}:${fold}`,
    exampleShape: set.exampleShape,
    ...parts,
    classes: set.classes,
  };
  return { ...content, fingerprint: await fingerprint(content) };
}
