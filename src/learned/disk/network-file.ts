import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DataError } from '../../errors.ts';
import type { Tensors } from '../../graph/tensor.ts';
import { decodeSafetensors, encodeSafetensors } from '../../io/safetensors.ts';
import { fileError, systemCode } from '../../train/disk/file-error.ts';

/** A trained network: its parameters, and everything else that it is, as JSON holds it. */
export interface TrainedNetwork {
  readonly variables: Tensors;
}

const CHECKSUM = 'sha256';

/** SHA-256 of everything in the file but itself. */
function checksum(variables: Tensors, content: string, text: string): string {
  return createHash('sha256')
    .update(encodeSafetensors(variables, { [content]: text }))
    .digest('hex');
}

/**
 * Writes a trained network as a safetensors file, whole or not at all, whoever else writes there: parameters as tensors, the
 * rest as JSON in the metadata, with a checksum over both.
 *
 * @param content - what the file holds: `classifier`
 * @throws DataError where the file cannot be written
 */
export async function writeNetworkFile<T extends TrainedNetwork>(
  path: string,
  content: string,
  { variables, ...rest }: T,
): Promise<void> {
  const text = JSON.stringify(rest);
  const bytes = encodeSafetensors(variables, {
    [content]: text,
    [CHECKSUM]: checksum(variables, content, text),
  });
  const temporary = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fileError(`writeNetworkFile: ${path} must be written whole`, error);
  }
}

/**
 * Reads a trained network and proves it whole.
 *
 * @returns undefined where there is no such file
 * @throws DataError where it cannot be read, was cut or damaged, or is another kind of file
 */
export async function readNetworkFile<T extends TrainedNetwork>(
  path: string,
  content: string,
): Promise<T | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw fileError(`readNetworkFile: ${path} must be readable`, error);
  }
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { [content]: text, [CHECKSUM]: expected } = metadata;
  if (text === undefined || expected === undefined)
    throw new DataError(
      `readNetworkFile: ${path} must hold a trained ${content} with a checksum, got a file without`,
    );
  const found = checksum(tensors, content, text);
  if (found !== expected)
    throw new DataError(
      `readNetworkFile: ${path} must have the SHA-256 of its header, ${expected.slice(0, 12)}…, got ${found.slice(0, 12)}…. It was damaged`,
    );
  return { ...JSON.parse(text), variables: tensors } as T;
}
