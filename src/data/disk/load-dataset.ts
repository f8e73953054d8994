import { existsSync } from 'node:fs';
import { ConfigError } from '../../errors.ts';
import { oneOf } from '../../nearest-name.ts';
import type { Dataset } from '../dataset.ts';
import { loadArrayFile } from './array-file.ts';
import { loadGeneratedSet } from './generated-set.ts';
import type { LoadOptions } from './load-options.ts';
import { loadPublishedSet } from './published-set.ts';
import { type NamedSet, namedSets, plannedSets } from './registry.ts';

/** Whether someone who writes `text` means a path: it has a separator or an extension, or something is there. */
const looksLikePath = (text: string) => /[/\\]|\.\w+$|ubyte$/.test(text) || existsSync(text);

/**
 * The set with a name.
 *
 * @throws ConfigError with the names there are, and the nearest, if `name` is none of them
 */
export function namedSet(name: string): NamedSet {
  const set = namedSets.find((candidate) => candidate.name === name);
  if (set) return set;
  const instead = plannedSets.get(name);
  if (instead)
    throw new ConfigError(
      `loadDataset: data must be a set of this version, got ${name}, which is not in it yet. ${instead}`,
    );
  const names = namedSets.map((candidate) => candidate.name);
  throw new ConfigError(
    `loadDataset: unknown data set: ${name}. ${oneOf(name, names)} A file is given by its path, such as ./${name}.npy`,
  );
}

/**
 * The data set with a name (`digits`, `mnist`, `ring8`, ...), or in an IDX or .npy file. A name goes before a file in the
 * working folder that is called the same: write `./mnist` for that.
 *
 * Sets in files come from the data folder, else from the cache, else from their mirrors; see `LoadOptions`.
 *
 * @throws ConfigError if the name is unknown or the path is a folder
 * @throws DataError if a file is missing, truncated, corrupted, mislabelled, or cannot be downloaded
 */
export async function loadDataset(nameOrPath: string, options: LoadOptions = {}): Promise<Dataset> {
  const isName = namedSets.some(({ name }) => name === nameOrPath) || plannedSets.has(nameOrPath);
  if (!isName && looksLikePath(nameOrPath)) return loadArrayFile(nameOrPath);
  const set = namedSet(nameOrPath);
  switch (set.source) {
    case 'files':
      return loadPublishedSet(set, options);
    case 'code':
      return loadGeneratedSet(set, options);
    case 'density':
      return set.distribution;
  }
}
