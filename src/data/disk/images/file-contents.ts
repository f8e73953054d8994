import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { concurrently } from './concurrently.ts';

/** What was known of a file when its content was last read. */
export interface KnownFile {
  /** Its size and its times of change, in nanoseconds. */
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

/** Files that are looked at in one go: some milliseconds of work. */
const AT_A_STRETCH = 512;

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
  const known = new Map<string, KnownFile>();
  const unreadable = new Map<string, string>();
  const changed: string[] = [];
  for (const [i, path] of paths.entries()) {
    // Waiting for each by itself would take ten times as long; in between others have their turn.
    if (i % AT_A_STRETCH === AT_A_STRETCH - 1) await new Promise<void>((resolve) => setImmediate(resolve));
    const file = before.get(path);
    const isKnown = file !== undefined && file.stamp === stampOf(join(folder, path))?.stamp;
    // In the order of the paths, whichever will be read first.
    known.set(path, isKnown ? file : UNKNOWN);
    if (isKnown) visited();
    else changed.push(path);
  }
  await concurrently(changed, AT_ONCE, async (path) => {
    const file = join(folder, path);
    try {
      const found = stampOf(file);
      const content = contentDigest(await readFile(file));
      // An empty stamp fits nothing: the file is read again next time.
      known.set(path, { stamp: found?.isSettled ? found.stamp : '', content });
    } catch (error) {
      known.delete(path);
      unreadable.set(path, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
    visited();
  });
  return { known, unreadable };
}

const UNKNOWN: KnownFile = { stamp: '', content: '' };

/** What changes when a file does, and whether its times lie far enough back to say so; undefined where there is none. */
function stampOf(file: string): { readonly stamp: string; readonly isSettled: boolean } | undefined {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (!found) return undefined;
  const { size, mtimeNs, ctimeNs } = found;
  const changed = Math.max(Number(mtimeNs), Number(ctimeNs)) / 1e6;
  return { stamp: `${size} ${mtimeNs} ${ctimeNs}`, isSettled: changed < Date.now() - SETTLED_MS };
}
