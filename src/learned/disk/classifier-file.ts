import type { Classifier } from '../classifier.ts';
import { readNetworkFile, writeNetworkFile } from './network-file.ts';

const content = 'classifier';

/**
 * Writes a classifier as a file with a checksum, whole or not at all.
 *
 * @throws as `writeNetworkFile`
 */
export function writeClassifier(path: string, classifier: Classifier): Promise<void> {
  return writeNetworkFile(path, classifier, { caller: 'writeClassifier', content });
}

/**
 * Reads a classifier and proves it whole.
 *
 * @returns undefined where there is no such file
 * @throws as `readNetworkFile`
 */
export function readClassifier(path: string): Promise<Classifier | undefined> {
  return readNetworkFile<Classifier>(path, { caller: 'readClassifier', content });
}
