import { basename, join } from 'node:path';
import { isDistribution } from '../../data/dataset.ts';
import type { LoadEvent } from '../../data/disk/load-options.ts';
import { ConfigError } from '../../errors.ts';
import { openRunData } from '../../evaluation/disk/run-data.ts';
import { openSession } from '../../runtime/node-session.ts';
import { replaceFile } from '../../train/disk/replace-file.ts';
import { readTrainedGenerator } from '../../train/disk/trained-generator.ts';
import { versions } from '../../train/disk/versions.ts';
import { discriminatorBody } from '../discriminator-body.ts';
import { type SemiSupervised, semiSupervised } from '../semi-supervised.ts';
import { fewLabelsFigure } from './few-labels-figure.ts';

/** Which discriminator, on which labels. */
export interface FeatureComparisonRequest {
  /** A run folder, or the name of one under `runs/`. */
  readonly run: string;
  /** How many labels; `all` for every training example's. Default 100, 1,000 and all. */
  readonly labels?: readonly (number | 'all')[] | undefined;
  /** How many seeds, 1 to so many. Default 5. */
  readonly seeds?: number | undefined;
  /** Labelled data to classify. Default: the data of the run. */
  readonly data?: string | undefined;
  readonly dataDir?: string | undefined;
  /** Step of the checkpoint. Default: the newest. */
  readonly checkpoint?: number | undefined;
  /** Where the JSON goes. Default: `features-step-N.json` in the run folder. */
  readonly out?: string | undefined;
  /** Threads inside one operator. Default: all cores. */
  readonly threads?: number | undefined;
  readonly onProgress?: ((what: string, done: number, of: number) => void) | undefined;
  readonly onNotice?: ((message: string) => void) | undefined;
  readonly onLoad?: ((event: LoadEvent) => void) | undefined;
}

/** What is kept of a comparison. */
export interface FeatureComparison extends SemiSupervised {
  /** Name of the run's folder. */
  readonly run: string;
  readonly preset: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly step: number;
  readonly seconds: number;
}

const LABELS = [100, 1000, 'all'] as const;
const SEEDS = 5;

/**
 * What the features of a run's discriminator are worth to a classifier with few labels.
 *
 * @returns the comparison, and the paths of the JSON file that holds it and of its figure
 * @throws ConfigError where D has no features of its own; DataError where the data has no labels or cannot be read;
 *   ExecutionError where training fails
 */
export async function compareFeatures(request: FeatureComparisonRequest): Promise<{
  readonly comparison: FeatureComparison;
  readonly path: string;
  readonly figure: string;
}> {
  const { run, labels = LABELS, seeds = SEEDS, data, dataDir, onLoad, onNotice, onProgress } = request;
  const trained = await readTrainedGenerator(run, { step: request.checkpoint });
  const { game, variables, step, paths, record } = trained;
  const body = discriminatorBody(game, variables);
  const dataset = await openRunData('features', { data, dataDir, asFed: true, onLoad, onNotice }, trained);
  if (isDistribution(dataset))
    throw new ConfigError(`features: data must have labels, got the density ${dataset.name}`);
  const session = await openSession({ device: 'cpu', threads: request.threads });
  try {
    if (session.notice !== undefined) onNotice?.(session.notice);
    const start = performance.now();
    const result = await semiSupervised(body, dataset, {
      session,
      labels,
      seeds: Array.from({ length: seeds }, (_, i) => i + 1),
      onProgress,
    });
    const seconds = Math.round((performance.now() - start) / 1000);
    const comparison: FeatureComparison = {
      run: basename(paths.folder),
      preset: record.config.preset,
      versions: await versions(),
      step,
      seconds,
      ...result,
    };
    const path = request.out ?? join(paths.folder, `features-step-${step}.json`);
    await replaceFile('features', path, `${JSON.stringify(comparison, undefined, 2)}\n`);
    const figure = path.replace(/(\.json)?$/, '.svg');
    await replaceFile('features', figure, fewLabelsFigure(comparison));
    return { comparison, path, figure };
  } finally {
    await session.release();
  }
}
