import type { FiniteDataset } from '../../data/dataset.ts';
import {
  CLASSIFIER_RECIPE,
  type Classifier,
  type ClassifierOptions,
  DEFAULT_CLASSIFIER_SEED,
  trainClassifier,
} from '../classifier.ts';
import { cachedNetworkPath, loadNetwork } from './load-network.ts';

/** What `loadClassifier` needs besides the data. */
export interface LoadClassifierOptions extends ClassifierOptions {
  /** Default `cacheFolder()`. */
  readonly cacheDir?: string | undefined;
  /** One line for people: that a classifier is trained, that a file was damaged, that the cache cannot be written. */
  readonly onNotice?: ((message: string) => void) | undefined;
}

/** The file that the classifier of a data set is kept in. */
export function classifierPath(
  dataset: Pick<FiniteDataset, 'name' | 'fingerprint'>,
  { seed = DEFAULT_CLASSIFIER_SEED, steps }: Pick<ClassifierOptions, 'seed' | 'steps'> = {},
  cacheDir?: string,
): string {
  const given = steps === undefined ? '' : `-steps${steps}`;
  return cachedNetworkPath(
    'classifiers',
    dataset,
    `recipe${CLASSIFIER_RECIPE}-seed${seed}${given}`,
    cacheDir,
  );
}

/**
 * The classifier of a data set: from the cache, else trained (`trainClassifier`) and put there, as `loadNetwork` says. A
 * file counts only for the fingerprint of the data that it was trained on.
 *
 * @throws as `trainClassifier`
 */
export function loadClassifier(
  dataset: FiniteDataset,
  { cacheDir, onNotice, ...options }: LoadClassifierOptions,
): Promise<Classifier> {
  return loadNetwork({
    path: classifierPath(dataset, options, cacheDir),
    content: 'classifier',
    of: dataset.name,
    isFor: ({ fingerprint }) => fingerprint === dataset.fingerprint,
    train: () => trainClassifier(dataset, options),
    onNotice,
  });
}
