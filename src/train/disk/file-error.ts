import { DataError } from '../../errors.ts';

/** What the system's codes mean to somebody who does not know them. */
const meanings: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'disk quota exceeded',
  EFBIG: 'file too large',
  EIO: 'input/output error',
  EISDIR: 'a folder where a file should be',
  ENOENT: 'no such file or folder',
  ENOSPC: 'no space left on the disk',
  ENOTDIR: 'a file where a folder should be',
  EPERM: 'operation not permitted',
  EROFS: 'read-only file system',
};

/** The system's code of a failed file operation, such as `ENOSPC`; undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * `<must>, got ENOSPC (no space left on the disk). <advice>`, with the system's error as its cause.
 *
 * @param must - function, path and what had to hold: `writeCheckpoint: runs/a/... must be written whole`
 * @param advice - what to do, without a full stop
 */
export function fileError(must: string, error: unknown, advice?: string): DataError {
  const code = systemCode(error);
  const got = code === undefined ? String(error) : `${code} (${meanings[code] ?? 'see the cause'})`;
  return new DataError(`${must}, got ${got}${advice === undefined ? '' : `. ${advice}`}`, { cause: error });
}
