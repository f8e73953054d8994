import { existsSync } from 'node:fs';
import { ConfigError } from '../../errors.ts';
import { oneOf } from '../../nearest-name.ts';
import type { Dataset } from '../dataset.ts';
import { loadArrayFile } from './array-file.ts';
import { loadGeneratedSet } from './generated-set.ts';
import type { LoadOptions } from './load-options.ts';
import { loadLocalSet } from './local-set.ts';
import { loadPublishedSet } from './published-set.ts';
import { type NamedSet, namedSets } from './registry.ts';

/** Whether someone who writes `text` means a path: it has a separator or an extension, or something is there. */
const looksLikePath = (text: string) => /[/\\]|\.\w+$|ubyte$/.test(text) || existsSync(text);

/** `tfd` and 3 for `tfd:3`; a name without a number is fold 0. */
function foldOf(text: string): { readonly name: string; readonly fold: number } {
  const [, name, fold] = /^([\w-]+):(\d+)$/.exec(text) ?? [];
  return name === undefined ? { name: text, fold: 0 } : { name, fold: Number(fold) };
}

/**
 * The set with a name, or with a name and a fold (`faces:3`).
 *
 * @throws ConfigError with the names there are, and the nearest, if `nameAndFold` is none of them; with the folds, where
 *   the set does not have that one
 */
export function namedSet(nameAndFold: string): NamedSet {
  const { name, fold } = foldOf(nameAndFold);
  const set = namedSets.find((candidate) => candidate.name === name);
  if (!set) {
    const names = namedSets.map((candidate) => candidate.name);
    throw new ConfigError(
      `loadDataset: unknown data set: ${name}. ${oneOf(name, names)} A file is given by its path, such as ./${name}.npy`,
    );
  }
  const folds = set.source === 'local' ? (set.folds ?? 1) : 1;
  if (fold >= folds) {
    const choices = folds === 1 ? `Write ${name}` : `Write ${name}:0 to ${name}:${folds - 1}`;
    const has = folds === 1 ? `which has none` : `which has ${folds}`;
    throw new ConfigError(
      `loadDataset: data must name a fold of ${name}, ${has}, got ${nameAndFold}. ${choices}`,
    );
  }
  return set;
}

/**
 * The data set with a name (`digits`, `mnist`, `ring8`, ...), or in an IDX or .npy file. A name goes before a file in the
 * working folder that is called the same: write `./mnist` for that. Sets with folds take one after a colon: `faces:3`.
 *
 * Published sets come from the data folder, else from the cache, else from their mirrors; local ones are never
 * downloaded. See `LoadOptions`.
 *
 * @throws ConfigError if the name is unknown or the path is a folder
 * @throws DataError if a file is missing, truncated, corrupted, mislabelled, or cannot be downloaded
 */
export async function loadDataset(nameOrPath: string, options: LoadOptions = {}): Promise<Dataset> {
  const { name, fold } = foldOf(nameOrPath);
  const isName = namedSets.some((candidate) => candidate.name === name);
  if (!isName && looksLikePath(nameOrPath)) return loadArrayFile(nameOrPath);
  const set = namedSet(nameOrPath);
  switch (set.source) {
    case 'files':
      return loadPublishedSet(set, options);
    case 'local':
      return loadLocalSet(set, fold, options);
    case 'code':
      return loadGeneratedSet(set, options);
    case 'density':
      return set.distribution;
  }
}
