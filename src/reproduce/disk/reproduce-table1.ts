import { join } from 'node:path';
import { type FiniteDataset, isDistribution } from '../../data/dataset.ts';
import { loadDataset } from '../../data/disk/load-dataset.ts';
import { ConfigError } from '../../errors.ts';
import { type ParzenEstimate, parzenEstimate } from '../../eval/parzen.ts';
import { type ParzenBaselines, parzenBaselines } from '../../eval/parzen-baselines.ts';
import { drawAll } from '../../evaluation/disk/progress-evaluation.ts';
import { remembered } from '../../evaluation/disk/remembered.ts';
import { imageRows } from '../../evaluation/evaluate-images.ts';
import { openSession } from '../../runtime/node-session.ts';
import type { Session } from '../../runtime/session.ts';
import { readLog } from '../../train/disk/json-lines.ts';
import type { EvaluatedGenerator, ProgressEvaluation } from '../../train/disk/progress-evaluation.ts';
import { replaceFile } from '../../train/disk/replace-file.ts';
import { readTrainedGenerator } from '../../train/disk/trained-generator.ts';
import { presets } from '../../train/presets.ts';
import { inSampleSpace } from '../../train/sample-space.ts';
import { type Table1, type Table1Point, table1Figure } from '../table1.ts';
import { makeFolder, writeFigures } from './figure-files.ts';
import { type ReproducedRun, reproducedRun, trainingSeconds } from './reproduced-run.ts';

/** What `reproduceTable1` needs. */
export interface Table1Options
  extends Pick<ReproducedRun, 'stop' | 'dataDir' | 'threads' | 'signal' | 'onLoad' | 'log'> {
  /** `mnist`, `tfd` or `faces`, the stand-in for it. */
  readonly data: string;
  /** Default: the released recipe for the data. */
  readonly preset?: string | undefined;
  /** Folder of the run and the results. */
  readonly out: string;
  /** Steps between two points of the curve. Default: 20 over the whole training. */
  readonly evaluateEvery?: number | undefined;
  /** Samples of an estimate. Default 10,000, as in the paper. */
  readonly samples?: number | undefined;
}

const SAMPLES = 10_000;
/** Of the average that watches the generator without changing its training. */
const AVERAGE_DECAY = 0.9995;

/** The released recipe behind each column of the table. */
const released: Readonly<Record<string, string>> = {
  mnist: 'goodfellow2014-mnist',
  tfd: 'goodfellow2014-tfd',
  faces: 'goodfellow2014-tfd',
};

/**
 * Table 1: trains by a recipe and measures the Parzen log-likelihood of the test data along the way and at the end, of the
 * generator as it is and of the moving average of its weights. Stopped, the same call goes on.
 *
 * @returns what is written to `table1.json`, beside `table1.svg` and `table1.png`
 * @throws ConfigError for data without a column in the table; ExecutionError where it is stopped
 */
export async function reproduceTable1(options: Table1Options): Promise<Table1> {
  const { data, out, log } = options;
  const preset = options.preset ?? released[data];
  if (preset === undefined || !presets[preset])
    throw new ConfigError(
      preset === undefined
        ? `reproduce table1: --data must be one of ${Object.keys(released).join(', ')}, got ${data}`
        : `reproduce table1: --preset must be one of ${Object.keys(presets).join(', ')}, got ${preset}`,
    );
  await makeFolder('reproduce table1', out);
  const folder = join(out, 'run');
  const { stop = {} } = options;
  // An average that the recipe has itself stays; one that it lacks only watches.
  const set = presets[preset].config.ema ? [] : [`ema.decay=${AVERAGE_DECAY}`];
  await reproducedRun({
    ...options,
    folder,
    preset,
    set,
    stop,
    evaluation: parzenCurve(
      options.evaluateEvery ?? (await defaultCadence(options, preset)),
      options.samples,
    ),
  });
  const generator = await readTrainedGenerator(folder);
  const loaded = await openImages(generator.record.config.data, options);
  const dataset = await inSampleSpace(loaded, generator.game.examples.range);
  const session = await openSession({ device: 'cpu', threads: options.threads });
  try {
    log('Parzen window of the last generator, and of real images in its place');
    const { game, variables, step, record, paths } = generator;
    const { seed, batch, k } = record.config;
    const stepsPerEpoch = Math.floor(dataset.train.count / (batch * k));
    const measured = { game, variables, dataset, session, seed };
    const result: Table1 = {
      data: dataset.name,
      preset,
      seed,
      step,
      epochs:
        record.config.batch > 0 ? (step * record.config.batch * record.config.k) / dataset.train.count : 0,
      seconds: await trainingSeconds(paths),
      versions: record.versions,
      last: await estimate(measured, false, options.samples),
      averaged: await estimate(measured, true, options.samples),
      baselines: await baselines(dataset, session, seed, options.samples),
      curve: (await readLog(paths.evaluations)) as unknown as Table1Point[],
      stepsPerEpoch,
    };
    await replaceFile(
      'reproduce table1',
      join(out, 'table1.json'),
      `${JSON.stringify(result, undefined, 2)}\n`,
    );
    await writeFigures('reproduce table1', out, [table1Figure(result)]);
    return result;
  } finally {
    await session.release();
  }
}

async function openImages(data: string, { dataDir, onLoad }: Table1Options): Promise<FiniteDataset> {
  const dataset = await loadDataset(data, {
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(onLoad ? { onProgress: onLoad } : {}),
  });
  if (isDistribution(dataset) || dataset.kind !== 'images')
    throw new ConfigError(`reproduce table1: the data must be images, got ${dataset.name}`);
  return dataset;
}

async function defaultCadence(options: Table1Options, preset: string): Promise<number> {
  const { steps, epochs, batch, k } = presets[preset]!.config;
  const { count } = (await openImages(options.data, options)).train;
  const perEpoch = Math.floor(count / (batch * k));
  const last = options.stop?.steps ?? steps ?? (options.stop?.epochs ?? epochs!) * perEpoch;
  return Math.max(1, Math.round(last / 20));
}

/** The curve over the training: the estimate of the generator as it is and of its average. */
function parzenCurve(every: number, count: number = SAMPLES): ProgressEvaluation {
  return {
    every,
    check: () => undefined,
    isBetter: (_, value, than) => value > than,
    async measure(generator) {
      const last = await estimate(generator, false, count);
      const averaged = await estimate(generator, true, count);
      return {
        parzen: last.logLikelihood,
        parzenFine: last.fine.logLikelihood,
        averaged: averaged.logLikelihood,
        averagedFine: averaged.fine.logLikelihood,
      };
    },
  };
}

async function estimate(
  generator: EvaluatedGenerator,
  averaged: boolean,
  count: number = SAMPLES,
): Promise<ParzenEstimate> {
  const dataset = generator.dataset as FiniteDataset;
  const samples = await drawAll({ ...generator, count, averaged });
  return parzenEstimate(generator.session, {
    samples,
    validation: imageRows(dataset.validation),
    test: imageRows(dataset.test),
  });
}

function baselines(
  dataset: FiniteDataset,
  session: Session,
  seed: number,
  samples: number = SAMPLES,
): Promise<ParzenBaselines> {
  const count = Math.min(samples, dataset.train.count);
  return remembered(dataset)(`parzen-baselines ${count} ${seed}`, () =>
    parzenBaselines(session, {
      train: imageRows(dataset.train),
      validation: imageRows(dataset.validation),
      test: imageRows(dataset.test),
      count,
      seed,
    }),
  );
}
