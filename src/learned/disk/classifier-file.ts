import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DataError } from '../../errors.ts';
import type { Tensors } from '../../graph/tensor.ts';
import { decodeSafetensors, encodeSafetensors } from '../../io/safetensors.ts';
import { fileError, systemCode } from '../../train/disk/file-error.ts';
import type { Classifier } from '../classifier.ts';

const CONTENT = 'classifier';
const CHECKSUM = 'sha256';

/** SHA-256 of everything in the file but itself. */
function checksum(variables: Tensors, content: string): string {
  return createHash('sha256')
    .update(encodeSafetensors(variables, { [CONTENT]: content }))
    .digest('hex');
}

/**
 * Writes a classifier as a safetensors file, whole or not at all, whoever else writes there: parameters as tensors, the
 * rest as JSON in the metadata, with a checksum over both.
 *
 * @throws DataError where the file cannot be written
 */
export async function writeClassifier(path: string, { variables, ...rest }: Classifier): Promise<void> {
  const content = JSON.stringify(rest);
  const bytes = encodeSafetensors(variables, {
    [CONTENT]: content,
    [CHECKSUM]: checksum(variables, content),
  });
  const temporary = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fileError(`writeClassifier: ${path} must be written whole`, error);
  }
}

/**
 * Reads a classifier and proves it whole.
 *
 * @returns undefined where there is no such file
 * @throws DataError where it cannot be read, was cut or damaged, or is another kind of file
 */
export async function readClassifier(path: string): Promise<Classifier | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw fileError(`readClassifier: ${path} must be readable`, error);
  }
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { [CONTENT]: content, [CHECKSUM]: expected } = metadata;
  if (content === undefined || expected === undefined)
    throw new DataError(`readClassifier: ${path} must be a classifier with a checksum, got a file without`);
  const found = checksum(tensors, content);
  if (found !== expected)
    throw new DataError(
      `readClassifier: ${path} must have the SHA-256 of its header, ${expected.slice(0, 12)}…, got ${found.slice(0, 12)}…. It was damaged`,
    );
  return { ...(JSON.parse(content) as Omit<Classifier, 'variables'>), variables: tensors };
}
