import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { concurrently } from './concurrently.ts';

/** What was known of a file when its content was last read. */
export interface KnownFile {
  /** Its size and its times of change, as `stampOf` writes them. */
  readonly stamp: string;
  /** SHA-256 (hex) of its bytes. */
  readonly content: string;
}

/** The contents of files, found by reading them, or known since they were last read. */
export interface FileContents {
  /** By path; files that could not be read are absent. */
  readonly known: ReadonlyMap<string, KnownFile>;
  /** Why files could not be read, by path. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/** Files that are read at the same time. */
const AT_ONCE = 16;

/**
 * Nothing may have been written so shortly before a file was read: file systems keep times in steps of up to 2 seconds (FAT),
 * within which a second write would not show.
 */
const SETTLED_MS = 2000;

/** SHA-256 (hex). */
export function contentDigest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * The SHA-256 of the content of each file. A file whose size and times of change are those in `before` is not read again: of
 * these no program can set the change time of the inode, so that even a file that was replaced by one of the same size and
 * date is noticed.
 *
 * @param folder - what `paths` are below
 * @param visited - told after each file
 */
export async function readContents(
  folder: string,
  paths: readonly string[],
  before: ReadonlyMap<string, KnownFile>,
  visited: () => void,
): Promise<FileContents> {
  const found = new Map<string, KnownFile>();
  const unreadable = new Map<string, string>();
  await concurrently(paths, AT_ONCE, async (path) => {
    try {
      const file = join(folder, path);
      const { size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
      const stamp = `${size} ${mtimeNs} ${ctimeNs}`;
      const known = before.get(path);
      if (known?.stamp === stamp) {
        found.set(path, known);
      } else {
        const changed = Math.max(Number(mtimeNs), Number(ctimeNs)) / 1e6;
        const isSettled = changed < Date.now() - SETTLED_MS;
        // An empty stamp fits nothing: the file is read again next time.
        found.set(path, { stamp: isSettled ? stamp : '', content: contentDigest(await readFile(file)) });
      }
    } catch (error) {
      unreadable.set(path, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
    visited();
  });
  // In the order of the paths, whichever was read first.
  return {
    known: new Map(paths.flatMap((path) => (found.has(path) ? [[path, found.get(path)!]] : []))),
    unreadable,
  };
}
