import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, DataError } from '../../errors.ts';
import { decodeIdx } from '../idx.ts';
import { cacheFolder } from './cache-folder.ts';
import type { LoadOptions } from './load-options.ts';
import { type FileRole, type PublishedFile, type PublishedSet, publishedSets } from './published-files.ts';
import { readFileIfAny } from './read-file.ts';
import { unpack } from './unpack.ts';

/** A file of a published set on this machine: its unpacked content, or what is wrong with it. */
type FoundFile = { readonly path: string; readonly inCache: boolean } & (
  | { readonly content: Uint8Array }
  | { readonly fault: DataError }
);

/** The folders that are searched. */
export interface Folders {
  readonly data: string | undefined;
  readonly cache: string;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/**
 * The data folder that `options`, else the environment, names, and the cache.
 *
 * @throws ConfigError if that data folder does not exist
 */
export async function foldersOf({ dataDir, cacheDir = cacheFolder() }: LoadOptions): Promise<Folders> {
  const data = dataDir ?? process.env['ZEROSUM_DATA'];
  if (!data) return { data: undefined, cache: cacheDir };
  const found = await stat(data).catch(() => undefined);
  if (found?.isDirectory()) return { data, cache: cacheDir };
  const name = dataDir === undefined ? 'ZEROSUM_DATA' : '--data-dir';
  const what = found ? 'a file' : 'which does not exist';
  throw new ConfigError(`loadDataset: ${name} must name a folder, got ${data} (${what})`);
}

/** Where a file of a set may lie, in the order of search. */
function places(set: PublishedSet, file: PublishedFile, { data, cache }: Folders) {
  const folders = [
    ...(data ? [{ folder: join(data, set.name) }, { folder: data, isShared: true }] : []),
    { folder: join(cache, set.name), inCache: true },
  ];
  const names = [file.name, file.name.replace(/\.gz$/, '')];
  return folders.flatMap(({ folder, inCache = false, isShared = false }) =>
    names.map((name) => ({ path: join(folder, name), inCache, isShared })),
  );
}

/** The published file that has this SHA-256, compressed or not. */
function knownAs(digest: string): { set: PublishedSet; file: PublishedFile } | undefined {
  for (const set of publishedSets)
    for (const file of Object.values(set.files))
      if (digest === file.sha256 || digest === file.contentSha256) return { set, file };
  return undefined;
}

/** The content of `bytes` if they are what was published, plain or in gzip; throws a DataError that says why not. */
async function publishedContent(
  bytes: Uint8Array,
  digest: string,
  path: string,
  set: PublishedSet,
  file: PublishedFile,
): Promise<Uint8Array> {
  if (digest === file.contentSha256) return bytes;
  const wanted = `${path} must be ${set.name}'s ${file.name}`;
  const other = digest === file.sha256 ? undefined : knownAs(digest);
  if (other) throw new DataError(`loadDataset: ${wanted}, got ${other.set.name}'s ${other.file.name}`);
  const content = await unpack(bytes, path);
  if (digest === file.sha256 || sha256(content) === file.contentSha256) return content;
  // Says at which byte, where the data is cut or no IDX at all.
  decodeIdx(content, path);
  throw new DataError(
    `loadDataset: ${wanted} with SHA-256 ${file.sha256}, got ${digest} (${bytes.length} bytes; published: ${file.sizeBytes}). It was altered: copy or fetch it again`,
  );
}

/** Looks for one file of a set, in the data folder first. Undefined where it is on neither place. */
async function findFile(
  set: PublishedSet,
  file: PublishedFile,
  folders: Folders,
): Promise<FoundFile | undefined> {
  for (const { path, inCache, isShared } of places(set, file, folders)) {
    const bytes = await readFileIfAny(path);
    if (!bytes) continue;
    const digest = sha256(bytes);
    // Sets share file names: a folder with mnist's files directly in it says nothing about fashion-mnist.
    const known = isShared ? knownAs(digest) : undefined;
    if (known && known.set !== set) continue;
    try {
      return { path, inCache, content: await publishedContent(bytes, digest, path, set, file) };
    } catch (fault) {
      if (fault instanceof DataError) return { path, inCache, fault };
      throw fault;
    }
  }
  return undefined;
}

/** A file of a published set and where it is on this machine, if it is. */
export interface FileState {
  readonly file: PublishedFile;
  readonly found: FoundFile | undefined;
}

/**
 * Looks for the files of a published set in the data folder, then in the cache, and checks each against its SHA-256.
 *
 * @throws ConfigError if the data folder does not exist, DataError if a file cannot be read
 */
export async function findFiles(
  set: PublishedSet,
  options: LoadOptions = {},
): Promise<Record<FileRole, FileState>> {
  const folders = await foldersOf(options);
  const states = Object.entries(set.files).map(
    async ([role, file]) => [role, { file, found: await findFile(set, file, folders) }] as const,
  );
  return Object.fromEntries(await Promise.all(states)) as Record<FileRole, FileState>;
}
