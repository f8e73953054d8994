import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../../data/dataset.ts';
import { cacheFolder } from '../../data/disk/cache-folder.ts';
import { replaceFile } from '../../train/disk/replace-file.ts';

/** Raised when a measure changes what it computes: what older versions remembered is then not read. */
const version = 1;

/**
 * Remembers what depends on the data alone (baselines, what held-out images get) in the cache folder, as JSON. What cannot
 * be read is computed again, what cannot be written is not remembered: neither fails an evaluation.
 *
 * @param name - of the result; everything else that it depends on belongs into it
 */
export function remembered(
  { fingerprint }: Pick<Dataset, 'fingerprint'>,
  cacheDir: string = cacheFolder(),
): <T>(name: string, compute: () => Promise<T>) => Promise<T> {
  return async (name, compute) => {
    const key = createHash('sha256')
      .update(JSON.stringify([version, fingerprint, name]))
      .digest('hex');
    const folder = join(cacheDir, 'evaluations');
    const path = join(folder, `${key.slice(0, 32)}.json`);
    try {
      const kept = JSON.parse(await readFile(path, 'utf8')) as {
        name: string;
        result: Awaited<ReturnType<typeof compute>>;
      };
      if (kept.name === name) return kept.result;
    } catch {
      // None yet, or a damaged one: it is computed and written anew.
    }
    const result = await compute();
    try {
      await mkdir(folder, { recursive: true });
      await replaceFile('remembered', path, `${JSON.stringify({ name, result })}\n`);
    } catch {
      // A full or read-only cache costs time at the next evaluation, and nothing else.
    }
    return result;
  };
}
