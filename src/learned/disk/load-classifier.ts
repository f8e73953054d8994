import { join } from 'node:path';
import type { FiniteDataset } from '../../data/dataset.ts';
import { cacheFolder } from '../../data/disk/cache-folder.ts';
import { DataError } from '../../errors.ts';
import {
  CLASSIFIER_RECIPE,
  type Classifier,
  type ClassifierOptions,
  DEFAULT_CLASSIFIER_SEED,
  trainClassifier,
} from '../classifier.ts';
import { readClassifier, writeClassifier } from './classifier-file.ts';

/** What `loadClassifier` needs besides the data. */
export interface LoadClassifierOptions extends ClassifierOptions {
  /** Default `cacheFolder()`. */
  readonly cacheDir?: string | undefined;
  /** One line for people: that a classifier is trained, that a file was damaged, that the cache cannot be written. */
  readonly onNotice?: ((message: string) => void) | undefined;
}

/** The file that the classifier of a data set is kept in: its name says all that decides its content. */
export function classifierPath(
  { name, fingerprint }: Pick<FiniteDataset, 'name' | 'fingerprint'>,
  { seed = DEFAULT_CLASSIFIER_SEED, steps }: Pick<ClassifierOptions, 'seed' | 'steps'> = {},
  cacheDir: string = cacheFolder(),
): string {
  const given = steps === undefined ? '' : `-steps${steps}`;
  // The name is for people only; it may be a path.
  const readable = name.replace(/^.*[\\/]/, '').replace(/[^\w.-]/g, '_');
  const file = `${readable}-${fingerprint.slice(0, 16)}-recipe${CLASSIFIER_RECIPE}-seed${seed}${given}.safetensors`;
  return join(cacheDir, 'classifiers', file);
}

/**
 * The classifier of a data set: from the cache, else trained (`trainClassifier`) and put there. A file counts only for the
 * fingerprint of the data that it was trained on. A damaged file is replaced; where the cache cannot be written, a notice
 * says so and the classifier is trained each time.
 *
 * @throws as `trainClassifier`
 */
export async function loadClassifier(
  dataset: FiniteDataset,
  { cacheDir, onNotice, ...options }: LoadClassifierOptions,
): Promise<Classifier> {
  const path = classifierPath(dataset, options, cacheDir);
  try {
    const cached = await readClassifier(path);
    if (cached?.fingerprint === dataset.fingerprint) return cached;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    onNotice?.(`${path} is damaged and its classifier is trained again: ${error.message}`);
  }
  onNotice?.(`training a classifier of ${dataset.name} once, to be kept in ${path}`);
  const classifier = await trainClassifier(dataset, options);
  try {
    await writeClassifier(path, classifier);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    onNotice?.(`${error.message}: the classifier will be trained again next time`);
  }
  return classifier;
}
