import { join } from 'node:path';
import { cacheFolder } from '../../data/disk/cache-folder.ts';
import { DataError } from '../../errors.ts';
import { readNetworkFile, type TrainedNetwork, writeNetworkFile } from './network-file.ts';

/** A network that is trained once and kept in a file. */
export interface KeptNetwork<T extends TrainedNetwork> {
  readonly path: string;
  /** What it is called: `classifier`. */
  readonly content: string;
  /** What it is of: `mnist`, `step 1000`. */
  readonly of: string;
  /** Whether what a file holds was trained for this, whatever the file's name says. */
  isFor(stored: T): boolean;
  train(): Promise<T>;
  /** One line for people: that it is trained, that a file was damaged, that it cannot be written. */
  readonly onNotice?: ((message: string) => void) | undefined;
}

/** The file in the cache for a network that was trained on a data set: its name says all that decides its content. */
export function cachedNetworkPath(
  folder: string,
  { name, fingerprint }: { readonly name: string; readonly fingerprint: string },
  rest: string,
  cacheDir: string = cacheFolder(),
): string {
  // The name is for people only; it may be a path.
  const readable = name.replace(/^.*[\\/]/, '').replace(/[^\w.-]/g, '_');
  return join(cacheDir, folder, `${readable}-${fingerprint.slice(0, 16)}-${rest}.safetensors`);
}

/**
 * A network from its file, else trained and put there. A damaged file, and one of something else, is replaced; where the
 * file cannot be written, a notice says so and the network is trained each time.
 *
 * @throws as `train`
 */
export async function loadNetwork<T extends TrainedNetwork>({
  path,
  content,
  of,
  isFor,
  train,
  onNotice,
}: KeptNetwork<T>): Promise<T> {
  try {
    const stored = await readNetworkFile<T>(path, content);
    if (stored && isFor(stored)) return stored;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    onNotice?.(`${path} is damaged and its ${content} is trained again: ${error.message}`);
  }
  const article = /^[aeiou]/.test(content) ? 'an' : 'a';
  onNotice?.(`training ${article} ${content} of ${of} once, to be kept in ${path}`);
  const network = await train();
  try {
    await writeNetworkFile(path, content, network);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    onNotice?.(`${error.message}: the ${content} will be trained again next time`);
  }
  return network;
}
