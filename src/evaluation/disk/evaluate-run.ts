import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dataset, isDistribution } from '../../data/dataset.ts';
import type { LoadEvent } from '../../data/disk/load-options.ts';
import { isTableFile } from '../../data/disk/table-file.ts';
import { unpack } from '../../data/disk/unpack.ts';
import type { ImageReading } from '../../data/image-reading.ts';
import { givenRows } from '../../data/table/given-rows.ts';
import type { TableReading } from '../../data/table/infer-columns.ts';
import { ConfigError, DataError } from '../../errors.ts';
import { sampleNotices } from '../../eval/sample-check.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { decodeCsv } from '../../io/csv.ts';
import { decodeNpy } from '../../io/npy.ts';
import { loadClassifier } from '../../learned/disk/load-classifier.ts';
import { loadUserFeatures } from '../../learned/disk/load-user-features.ts';
import type { FeatureExtractor } from '../../learned/feature-extractor.ts';
import { learnedFeatures } from '../../learned/learned-features.ts';
import { openSession } from '../../runtime/node-session.ts';
import type { Session } from '../../runtime/session.ts';
import { discriminatorAt } from '../../train/discriminator-values.ts';
import { fileError } from '../../train/disk/file-error.ts';
import { replaceFile } from '../../train/disk/replace-file.ts';
import { readTrainedGenerator, type TrainedGenerator } from '../../train/disk/trained-generator.ts';
import { drawnClasses } from '../../train/draw-samples.ts';
import { chooseMeasures, hasClassesOf, requireMeasureNames } from '../choose-measures.ts';
import { evaluateImages } from '../evaluate-images.ts';
import { evaluatePoints } from '../evaluate-points.ts';
import type {
  Evaluation,
  EvaluationSubject,
  ImageMeasures,
  MeasureName,
  PointMeasures,
} from '../evaluation.ts';
import { givenSamples } from '../given-samples.ts';
import { drawAll } from './progress-evaluation.ts';
import { remembered } from './remembered.ts';
import { openRunData } from './run-data.ts';

/** What is to be evaluated. Either `run` or `samples` names where the samples come from. */
export interface EvaluationRequest {
  /** A run folder, or the name of one under `runs/`. */
  readonly run?: string | undefined;
  /** A .npy file of samples that any program made; for tables, a .csv file of rows. */
  readonly samples?: string | undefined;
  /** What they are measured against: a named set or a path. Default: the data of the run. */
  readonly data?: string | undefined;
  readonly dataDir?: string | undefined;
  /** How a folder of images is read. Default: as the run read its own, else so that images are like its samples. */
  readonly images?: Partial<ImageReading> | undefined;
  /** How the columns of a table are read. Default: as the run read them. */
  readonly table?: TableReading | undefined;
  /** Which measures. Default: all that the data allows. */
  readonly metrics?: readonly string[] | undefined;
  /** How many samples; default 10,000 as the paper takes, or as many as the file holds up to that. */
  readonly count?: number | undefined;
  /** Of the latent vectors and all random choices. Default: the run's own, or 1. */
  readonly seed?: number | undefined;
  /** Step of the checkpoint. Default: the newest. */
  readonly checkpoint?: number | undefined;
  /** The weights as they are, not their moving average. */
  readonly rawWeights?: boolean | undefined;
  /** An ONNX file that extracts features. Default: a classifier that is trained on the data. */
  readonly features?: string | undefined;
  /** Where the report goes. Default: `report.html` in the run folder; for a file of samples, none. */
  readonly report?: string | undefined;
  /** Threads inside one operator. Default: all cores. */
  readonly threads?: number | undefined;
  readonly onProgress?: ((what: string) => void) | undefined;
  readonly onNotice?: ((message: string) => void) | undefined;
  readonly onLoad?: ((event: LoadEvent) => void) | undefined;
}

/** What came of it. */
export interface EvaluationResult {
  readonly evaluation: Evaluation;
  /** The report, where one was written. */
  readonly report?: string;
}

const SAMPLES = 10_000;

/**
 * Evaluates a run, or samples of any program: measures, verdict and report.
 *
 * @throws ConfigError where the request names nothing or too much, DataError and ShapeError where samples or data cannot be
 *   measured; nothing is written then
 */
export async function evaluateRun(request: EvaluationRequest): Promise<EvaluationResult> {
  requireOneSource(request);
  const asked = request.metrics && requireMeasureNames('--metrics', request.metrics);
  const generator =
    request.run === undefined
      ? undefined
      : await readTrainedGenerator(request.run, { step: request.checkpoint });
  const dataset = await openRunData('evaluate', request, generator);
  const measures = chooseMeasures('--metrics', asked, dataset, {
    features: request.features !== undefined,
    discriminator: generator !== undefined,
    labels:
      generator !== undefined && hasClassesOf(generator.game, dataset, generator.record.dataset.classNames),
  });
  if (!asked && dataset.kind === 'images' && !measures.has('frechet'))
    request.onNotice?.(
      `${dataset.name} has no labels to learn features from: measures on features are left out. Give an extractor with --features FILE.onnx`,
    );
  const seed = request.seed ?? generator?.record.config.seed ?? 1;
  const given = request.samples === undefined ? undefined : await readSamples(request.samples, dataset);
  const session = await openSession({ device: 'cpu', threads: request.threads });
  try {
    if (session.notice !== undefined) request.onNotice?.(session.notice);
    request.onProgress?.('samples');
    const { labels } = generator?.game ?? {};
    const asked = labels && drawnClasses(labels, seed, request.count ?? SAMPLES);
    const samples = given
      ? firstOf(given, request)
      : await drawFrom(generator!, session, seed, request, asked);
    const subject = subjectOf(request, generator, dataset, samples, seed);
    const results = await measure(samples, dataset, { session, seed, measures, request, generator, asked });
    const notices = [
      ...(dataset.kind === 'images' ? sampleNotices(samples) : []),
      ...spaceNotices(generator),
    ];
    const evaluation: Evaluation = { subject, notices, ...results };
    request.onProgress?.('report');
    // Its figures' library is half of what `evaluate` would load to say that an option is wrong.
    const { writeReport } = await import('./write-report.ts');
    const report = await writeReport({
      evaluation,
      samples,
      asked,
      dataset,
      session,
      generator,
      path: request.report,
    });
    if (generator)
      await replaceFile(
        'evaluate',
        join(generator.paths.folder, 'evaluation.json'),
        `${JSON.stringify(evaluation, undefined, 2)}\n`,
      );
    return { evaluation, ...(report === undefined ? {} : { report }) };
  } finally {
    await session.release();
  }
}

/** What has to be known before distances of this run are put beside those of others. */
function spaceNotices(generator: TrainedGenerator | undefined): readonly string[] {
  const range = generator?.game.examples.range;
  if (range === undefined || typeof range === 'string' || !('contrast' in range)) return [];
  return [
    'real images are contrast-normalised here, as the networks of this run see them: distances compare with those of runs of the same range only',
  ];
}

function requireOneSource({ run, samples, data, checkpoint, rawWeights }: EvaluationRequest): void {
  if ((run === undefined) === (samples === undefined))
    throw new ConfigError(
      `evaluate: either a run or --samples FILE must say what to evaluate, got ${run === undefined ? 'neither' : 'both'}`,
    );
  if (samples === undefined) return;
  if (data === undefined)
    throw new ConfigError(
      'evaluate: --samples must come with --data NAME|PATH, which says what to measure against, got none',
    );
  if (checkpoint !== undefined || rawWeights)
    throw new ConfigError(
      `evaluate: ${rawWeights ? '--raw-weights' : '--checkpoint'} must come with a run, got --samples`,
    );
}

async function readSamples(path: string, dataset: Dataset): Promise<Tensor<'float32'>> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw fileError(`--samples: ${path} must be readable`, error);
  }
  if (isTableFile(path)) return givenSamples(await tableRows(bytes, path, dataset), dataset);
  try {
    return givenSamples(decodeNpy(bytes), dataset);
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

async function tableRows(bytes: Uint8Array, path: string, dataset: Dataset): Promise<Tensor<'float32'>> {
  if (isDistribution(dataset) || !dataset.table)
    throw new DataError(
      `evaluate: samples of ${dataset.name}, which is no table, must come in a .npy file, got rows`,
    );
  return { dtype: 'float32', ...givenRows(dataset.table, decodeCsv(await unpack(bytes, path), path), path) };
}

function firstOf(
  samples: Tensor<'float32'>,
  { count = SAMPLES, onNotice, samples: path }: EvaluationRequest,
) {
  const [given, dimension] = [samples.shape[0]!, samples.shape[1]!];
  if (given <= count) return samples;
  onNotice?.(`${path} holds ${given} samples: the first ${count} are measured. Take more with -n`);
  return {
    dtype: 'float32',
    shape: [count, dimension],
    data: samples.data.slice(0, count * dimension),
  } satisfies Tensor<'float32'>;
}

function drawFrom(
  { game, variables }: TrainedGenerator,
  session: Session,
  seed: number,
  { count = SAMPLES, rawWeights }: EvaluationRequest,
  classes: Uint8Array | undefined,
): Promise<Tensor<'float32'>> {
  const averaged = game.averageDecay !== undefined && !rawWeights;
  return drawAll({ game, variables, session, seed, count, averaged, classes });
}

function subjectOf(
  { run, samples: path, data, rawWeights }: EvaluationRequest,
  generator: TrainedGenerator | undefined,
  dataset: Dataset,
  samples: Tensor,
  seed: number,
): EvaluationSubject {
  const common = { data: data ?? dataset.name, samples: samples.shape[0]! };
  if (!generator) return { ...common, source: path! };
  const averaged = generator.game.averageDecay !== undefined && !rawWeights;
  return { ...common, source: run!, step: generator.step, weights: averaged ? 'average' : 'last', seed };
}

interface Work {
  readonly session: Session;
  readonly seed: number;
  readonly measures: ReadonlySet<MeasureName>;
  readonly request: EvaluationRequest;
  readonly generator: TrainedGenerator | undefined;
  /** The class of each sample, where the run learned classes. */
  readonly asked: Uint8Array | undefined;
}

function measure(
  samples: Tensor<'float32'>,
  dataset: Dataset,
  { session, seed, measures, request, generator, asked }: Work,
): Promise<ImageMeasures | PointMeasures> {
  const { onProgress, onNotice, features } = request;
  const told = onProgress ? { onProgress } : {};
  if (isDistribution(dataset) || dataset.kind === 'points')
    return evaluatePoints(samples, dataset, {
      session,
      seed,
      measures: measures as ReadonlySet<keyof PointMeasures>,
      ...(generator
        ? {
            discriminator: (points) => discriminatorAt(generator.game, generator.variables, points, session),
          }
        : {}),
      ...told,
    });
  const openFeatures = async (): Promise<FeatureExtractor> => {
    if (features !== undefined)
      return loadUserFeatures(features, { session, exampleShape: dataset.exampleShape });
    onProgress?.(`features: the classifier of ${dataset.name} (trained once, then kept)`);
    return learnedFeatures(await loadClassifier(dataset, { session, onNotice }), { session });
  };
  return evaluateImages(samples, dataset, {
    session,
    seed,
    measures: measures as ReadonlySet<keyof ImageMeasures>,
    asked,
    openFeatures,
    remember: remembered(dataset),
    // What was asked for by name must be measured; of the rest, what this data allows.
    ...(request.metrics === undefined && onNotice ? { onNotice } : {}),
    ...told,
  });
}
