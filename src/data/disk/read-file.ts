import { readFile } from 'node:fs/promises';
import { DataError } from '../../errors.ts';

/**
 * The bytes of a file, or undefined where there is none.
 *
 * @throws DataError if there is something that cannot be read: a folder, a file without permission, a failing disk
 */
export async function readFileIfAny(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new DataError(`loadDataset: ${path} must be a file that can be read, got ${code}`, { cause });
  }
}
