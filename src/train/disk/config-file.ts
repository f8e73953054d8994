import { readFile } from 'node:fs/promises';
import { ConfigError } from '../../errors.ts';
import { fileError } from './file-error.ts';

/**
 * The content of the file that `--config` names, for `resolveConfig` to check.
 *
 * @throws DataError where the file cannot be read; ConfigError where it is not JSON
 */
export async function readConfigFile(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError(`--config: ${path} must be a readable file`, error);
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(`--config: ${path} must hold JSON, got: ${(cause as Error).message}`, { cause });
  }
}
