import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/**
 * The folder for downloads and generated sets: `ZEROSUM_CACHE` where set; else `zerosum` in `XDG_CACHE_HOME` where that
 * is an absolute path (relative ones are to be ignored), in `~/Library/Caches` on macOS, in `%LOCALAPPDATA%` on Windows,
 * in `~/.cache` elsewhere.
 *
 * @see https://specifications.freedesktop.org/basedir/latest/
 */
export function cacheFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: string = process.platform,
  home: string = homedir(),
): string {
  const { ZEROSUM_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = environment;
  if (ZEROSUM_CACHE) return resolve(ZEROSUM_CACHE);
  if (XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, 'zerosum');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'zerosum');
  if (platform === 'win32') return join(LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'zerosum');
  return join(home, '.cache', 'zerosum');
}
