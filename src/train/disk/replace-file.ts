import { open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileError, systemCode } from './file-error.ts';

/** Ends the name of a file that is still being written. A file without it is whole. */
export const temporarySuffix = '.tmp';

/** Makes the entries of a folder (a rename in it) survive a power cut, where the system can. */
async function syncFolder(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Windows does not open folders, and some network file systems do not sync them.
    if (!['EACCES', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM'].includes(systemCode(error) ?? '')) throw error;
  }
}

/**
 * Writes a file so that at every moment, through a kill or a power cut, its path holds the old content or the new
 * one, whole: a temporary file beside it, synced, renamed, the folder synced. One writer at a time.
 *
 * @param caller - the function that an error names
 * @param content - the whole of it, or pieces that are written as they come
 * @throws DataError where the disk is full or cannot be written, and what `content` throws while it is read; the old
 *   content is then untouched, the temporary gone
 */
export async function replaceFile(
  caller: string,
  path: string,
  content: Uint8Array | string | AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = path + temporarySuffix;
  try {
    const handle = await open(temporary, 'w');
    try {
      await writeFile(handle, content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    // Where even this fails the leftover is removed when the run is opened again.
    await rm(temporary, { force: true }).catch(() => undefined);
    if (systemCode(error) === undefined) throw error;
    throw fileError(`${caller}: ${path} must be written whole`, error);
  }
}

/** Removes what a killed writer left behind in a folder. Only for the one process that may write there. */
export async function removeTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.endsWith(temporarySuffix)) await rm(join(folder, name), { force: true });
}
