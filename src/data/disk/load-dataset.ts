import { existsSync, statSync } from 'node:fs';
import { ConfigError } from '../../errors.ts';
import { oneOf } from '../../nearest-name.ts';
import type { Dataset, FiniteDataset } from '../dataset.ts';
import { loadArrayFile } from './array-file.ts';
import { loadGeneratedSet } from './generated-set.ts';
import { isImageName } from './images/image-files.ts';
import { folderAdvice, loadImageFolder, skippedNotices } from './images/image-folder.ts';
import type { LoadOptions } from './load-options.ts';
import { loadLocalSet } from './local-set.ts';
import { loadPublishedSet } from './published-set.ts';
import { type NamedSet, namedSets } from './registry.ts';
import { isTableFile, loadTableFile } from './table-file.ts';

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
      `loadDataset: unknown data set: ${name}. ${oneOf(name, names)} A file or a folder of images is given by its path, such as ./${name}`,
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

/** Whether `nameOrPath` is a folder of images: it is no name, and there is a folder. */
export function isImageFolder(nameOrPath: string): boolean {
  if (isSetName(nameOrPath)) return false;
  return existsSync(nameOrPath) && statSync(nameOrPath).isDirectory();
}

/** Whether `nameOrPath` names a set, with a fold or without. */
export function isSetName(nameOrPath: string): boolean {
  const { name } = foldOf(nameOrPath);
  return namedSets.some((candidate) => candidate.name === name);
}

/** @throws ConfigError where a folder of images was meant: `images` says how to read one, or an image out of one is named */
function requireNoFolder(nameOrPath: string, { images }: LoadOptions): void {
  const isImage = isImageName(nameOrPath) && existsSync(nameOrPath);
  if (isImage)
    throw new ConfigError(
      `loadDataset: data must be a folder of images, got one image (${nameOrPath}). Name the folder that it lies in`,
    );
  if (images === undefined) return;
  const folder =
    isSetName(nameOrPath) && existsSync(nameOrPath) ? `. The folder of that name is ./${nameOrPath}` : '';
  throw new ConfigError(
    `loadDataset: --size and the other settings of images must be used with a folder of images, got ${nameOrPath}, whose examples have a size of their own${folder}`,
  );
}

/** @throws ConfigError where a table was meant: `table` says how to read one */
function requireNoTable(nameOrPath: string, { table }: LoadOptions): void {
  if (table === undefined) return;
  const keys = Object.keys(table).join(', ') || 'table';
  throw new ConfigError(
    `loadDataset: ${keys} must be used with a table in a .csv or .tsv file, got ${nameOrPath}, which has no named columns`,
  );
}

/** Names of sets that hold examples, not a density to draw from. */
type ImageSetName = 'digits' | 'mnist' | 'fashion-mnist' | 'cifar10' | 'tfd' | 'faces';

/**
 * The data set with a name (`digits`, `mnist`, `ring8`, ...), in an IDX, .npy or CSV file, or in a folder of images. A
 * name goes before a file or folder in the working folder that is called the same: write `./mnist` for that. Sets with folds
 * take one after a colon: `faces:3`.
 *
 * Published sets come from the data folder, else from the cache, else from their mirrors; local ones are never
 * downloaded. A folder's images are decoded once and read from the cache: see `ImageReading`. See `LoadOptions`.
 *
 * @throws ConfigError if the name is unknown, a folder holds no images, or `images` is given for anything but a folder,
 *   `table` for anything but a CSV file
 * @throws DataError if a file is missing, truncated, corrupted, mislabelled, or cannot be downloaded, or a folder's images
 *   cannot be read or are all alike
 */
export async function loadDataset(name: ImageSetName, options?: LoadOptions): Promise<FiniteDataset>;
export async function loadDataset(nameOrPath: string, options?: LoadOptions): Promise<Dataset>;
export async function loadDataset(nameOrPath: string, options: LoadOptions = {}): Promise<Dataset> {
  // Who says how images are to be read means a folder, be it that none is there.
  const means = options.images !== undefined && !isSetName(nameOrPath) && !existsSync(nameOrPath);
  if (means || isImageFolder(nameOrPath)) {
    requireNoTable(nameOrPath, options);
    const { dataset, report } = await loadImageFolder(nameOrPath, options);
    for (const message of [...skippedNotices(report), ...folderAdvice(report)])
      options.onProgress?.({ kind: 'notice', message });
    return dataset;
  }
  requireNoFolder(nameOrPath, options);
  if (isTableFile(nameOrPath)) return loadTableFile(nameOrPath, options);
  requireNoTable(nameOrPath, options);
  if (!isSetName(nameOrPath) && looksLikePath(nameOrPath)) return loadArrayFile(nameOrPath);
  const { fold } = foldOf(nameOrPath);
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
