import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dataset, isDistribution, trainingCount } from '../../data/dataset.ts';
import { isImageFolder, isSetName, loadDataset } from '../../data/disk/load-dataset.ts';
import type { LoadEvent } from '../../data/disk/load-options.ts';
import { type Minibatches, minibatches } from '../../data/minibatches.ts';
import { ConfigError, DataError } from '../../errors.ts';
import type { Game } from '../../gan/game.ts';
import type { Tensors } from '../../graph/tensor.ts';
import { encodeGif } from '../../io/gif.ts';
import { decodePng, encodePng } from '../../io/png.ts';
import { openSession } from '../../runtime/node-session.ts';
import type { Session } from '../../runtime/session.ts';
import { buildGame } from '../build-game.ts';
import type { Config } from '../config.ts';
import { datasetFacts } from '../dataset-facts.ts';
import type { DiagnosisEvent } from '../diagnosis.ts';
import { exportGenerator } from '../export-generator.ts';
import { NonFiniteError } from '../non-finite.ts';
import {
  type ConfigRequest,
  forkConfig,
  type RequestedData,
  requestedData,
  resolveConfig,
  resumeConfig,
} from '../resolve-config.ts';
import { type TrainEvent, type TrainOptions, train } from '../trainer.ts';
import { writeCheckpoint } from './checkpoint-file.ts';
import { checkpointToResume, isMilestone, pruneCheckpoints } from './checkpoint-folder.ts';
import { DiagnosedLog } from './diagnosed-log.ts';
import { copyHistory, forkOrigin, requireSameVariables } from './fork-run.ts';
import { JsonLinesLog } from './json-lines.ts';
import { pretrainedStart } from './pretrained-start.ts';
import { type EvaluatedEvent, MeasuredCurve, type ProgressEvaluation } from './progress-evaluation.ts';
import { replaceFile } from './replace-file.ts';
import { createRun, cutRun, type OpenRun, type RunPaths, resumeRun, sheetName } from './run-folder.ts';
import { configHash, requireSameData, writeRecord } from './run-record.ts';
import { drawSheet, sheetSize } from './sample-sheet.ts';
import { provenance, readTrainedGenerator } from './trained-generator.ts';
import { versions } from './versions.ts';

/** What a run is asked for. */
export interface RunRequest extends ConfigRequest {
  /** A new or empty folder; with `resume`, the run to go on with. Default: `runs/<preset>-<n>`. */
  readonly out?: string | undefined;
  /** Go on with the run in `out` instead of starting one. */
  readonly resume?: boolean | undefined;
  /** Start from another run's checkpoint, with what the request changes of its settings. Default step: the newest. */
  readonly from?: { readonly run: string; readonly step?: number | undefined } | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Measures of the generator while it trains. Default: none. */
  readonly evaluation?: ProgressEvaluation | undefined;
  readonly onLoad?: ((event: LoadEvent) => void) | undefined;
}

/** What a run tells besides what its training tells. */
export type RunEvent =
  | TrainEvent
  | DiagnosisEvent
  | EvaluatedEvent
  /** The folder is open, nothing has run yet. */
  | {
      readonly type: 'opened';
      readonly paths: RunPaths;
      readonly config: Config;
      readonly game: Game;
      readonly dataset: Dataset;
      readonly session: Session;
      /** The step that it is to stop at. */
      readonly steps: number;
      /** The step of the checkpoint that the run goes on from. */
      readonly resumedFrom?: number;
    }
  /** A resumed run had reached its last step already: nothing is left to do. */
  | { readonly type: 'alreadyFinished'; readonly step: number; readonly paths: RunPaths }
  | {
      readonly type: 'saved';
      readonly what: 'checkpoint' | 'sheet' | 'animation' | 'generator';
      readonly step: number;
      readonly path: string;
    };

/**
 * Trains a game in a run folder, anew, on from its last checkpoint, or from another run's checkpoint: config, logs, sheets of samples and checkpoints are written as training goes on, so that
 * the run can be stopped at any moment and resumed to the same bits.
 *
 * @throws ConfigError, DataError or ExecutionError; the folder then holds everything up to its last checkpoint
 */
export async function* runTraining(request: RunRequest): AsyncGenerator<RunEvent, void, undefined> {
  if (request.from) {
    if (request.resume)
      throw new ConfigError('from: a run must be resumed or forked, got both. Leave --resume or --from out');
    yield* forked(request, request.from);
  } else if (request.resume) {
    if (request.out === undefined)
      throw new ConfigError('resume: the run must be named, got none. Give its folder with --out');
    const run = await resumeRun(request.out);
    yield* locked(run, () => resumed(run, request));
  } else {
    yield* started(request);
  }
}

async function* locked(
  run: OpenRun,
  events: () => AsyncGenerator<RunEvent>,
): AsyncGenerator<RunEvent, void, undefined> {
  try {
    yield* events();
  } finally {
    run.lock.release();
  }
}

async function* started(asked: RunRequest): AsyncGenerator<RunEvent, void, undefined> {
  const { data, preset } = requestedData(asked);
  // How a folder is read is part of the config, the usual way too: a later version may have another.
  const isFolder = data !== undefined && isImageFolder(data);
  const request = isFolder ? { ...asked, flags: { images: {}, ...asked.flags } } : asked;
  const mustLook = data !== undefined && preset === undefined && !isSetName(data);
  const looked = mustLook ? await open({ ...requestedData(request), data }, request) : undefined;
  const config = resolveConfig(request, looked);
  const prepared = await prepare(config, request, looked);
  try {
    const { dataset } = prepared;
    const { meanPixels: _, ...facts } = datasetFacts(dataset);
    const record = {
      config,
      dataset: {
        ...facts,
        fingerprint: dataset.fingerprint,
        ...(isDistribution(dataset) ? {} : { trainingExamples: trainingCount(dataset) }),
      },
      versions: await versions(),
    };
    const initial = await pretrainedStart(config, prepared.game);
    const run = await createRun(record, { out: request.out });
    yield* locked(run, () => execute(run, config, prepared, request, initial));
  } finally {
    await prepared.session.release();
  }
}

async function* forked(
  request: RunRequest,
  { run: name, step }: NonNullable<RunRequest['from']>,
): AsyncGenerator<RunEvent, void, undefined> {
  const source = await readTrainedGenerator(name, { step });
  const { record, variables, paths } = source;
  const config = forkConfig(record.config, request);
  const prepared = await prepare(config, request);
  try {
    requireSameData(record, prepared.dataset);
    requireSameVariables(prepared.game, variables, config.seed);
    if (source.step >= prepared.steps)
      throw new ConfigError(
        `from: steps must lie behind the checkpoint at step ${source.step}, got ${prepared.steps}. Give a later --steps`,
      );
    const forkedFrom = forkOrigin(source);
    const own = { ...record, config, versions: await versions(), forkedFrom };
    const run = await createRun(own, { out: request.out });
    yield* locked(run, async function* () {
      await copyHistory(paths, run.paths, source.step);
      const metadata = { config: configHash(config), data: record.dataset.fingerprint };
      await writeCheckpoint(run.paths.checkpoints, source.step, variables, metadata);
      yield* execute(run, config, prepared, request, { step: source.step, variables, owned: true });
    });
  } finally {
    await prepared.session.release();
  }
}

async function* resumed(run: OpenRun, request: RunRequest): AsyncGenerator<RunEvent, void, undefined> {
  const { paths, record } = run;
  const config = resumeConfig(record.config, request);
  const checkpoint = await checkpointToResume(paths.checkpoints);
  if (record.forkedFrom && !checkpoint)
    throw new DataError(
      `resume: ${paths.folder} must hold the checkpoint that it was forked from, got none: it was cut short. Delete it and fork ${record.forkedFrom.run} again`,
    );
  const prepared = await prepare(config, request);
  try {
    requireSameData(record, prepared.dataset);
    const from = checkpoint?.step ?? 0;
    if (checkpoint && from >= prepared.steps) {
      yield { type: 'alreadyFinished', step: from, paths };
      return;
    }
    await writeRecord(paths.folder, { ...record, config });
    await cutRun(paths, checkpoint?.step);
    const resume = checkpoint
      ? { step: from, variables: checkpoint.tensors, owned: true }
      : await pretrainedStart(config, prepared.game);
    yield* execute(run, config, prepared, request, resume);
  } finally {
    await prepared.session.release();
  }
}

interface Prepared {
  readonly dataset: Dataset;
  readonly game: Game;
  readonly batches: Minibatches;
  readonly steps: number;
  readonly session: Session;
}

function open(
  { data, dataDir, images, table }: RequestedData & { readonly data: string },
  { onLoad, signal }: RunRequest,
): Promise<Dataset> {
  return loadDataset(data, {
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(images ? { images } : {}),
    ...(table ? { table } : {}),
    ...(onLoad ? { onProgress: onLoad } : {}),
    ...(signal ? { signal } : {}),
  });
}

/**
 * Everything that can refuse before a folder is touched; the session starts while the data loads.
 *
 * @param looked - the data, where it is open already
 */
async function prepare(config: Config, request: RunRequest, looked?: Dataset): Promise<Prepared> {
  const opening = openSession({
    device: config.device,
    ...(config.threads === undefined ? {} : { threads: config.threads }),
  });
  try {
    const dataset = looked ?? (await open(config, request));
    const game = buildGame(config, datasetFacts(dataset));
    request.evaluation?.check(dataset, game);
    const batches = minibatches(dataset, { batch: config.batch, k: config.k, seed: config.seed });
    return { dataset, game, batches, steps: stepsOf(config, batches), session: await opening };
  } catch (error) {
    await opening.then(
      (session) => session.release(),
      () => undefined,
    );
    throw error;
  }
}

function stepsOf({ steps, epochs, data }: Config, { stepsPerEpoch }: Minibatches): number {
  if (steps !== undefined) return steps;
  if (stepsPerEpoch === undefined) {
    throw new ConfigError(
      `epochs: must be given as steps for ${data}, which is drawn without end, got ${epochs} epochs`,
    );
  }
  return epochs! * stepsPerEpoch;
}

async function* execute(
  run: OpenRun,
  config: Config,
  { dataset, game, batches, steps, session }: Prepared,
  { signal, evaluation }: RunRequest,
  resume?: TrainOptions['resume'],
): AsyncGenerator<RunEvent, void, undefined> {
  const { paths } = run;
  const from = resume && resume.step > 0 ? { resumedFrom: resume.step } : {};
  yield { type: 'opened', paths, config, game, dataset, session, steps, ...from };
  const metrics = await DiagnosedLog.open(paths.metrics, game, batches, config);
  const timing = await JsonLinesLog.open(paths.timing);
  const curve = evaluation && (await MeasuredCurve.open(paths.evaluations, evaluation));
  const flush = (options?: { durable: boolean }) =>
    Promise.all([metrics.flush(options), timing.flush(options), curve?.log.flush(options)]);
  const metadata = { config: configHash(config), data: dataset.fingerprint };
  try {
    const events = train({
      game,
      minibatches: batches,
      session,
      seed: config.seed,
      steps,
      checkpointEvery: config.checkpointEvery,
      sampleEvery: config.sampleEvery,
      gradientNormsEvery: config.gradientNormsEvery,
      sheetSize: sheetSize(dataset),
      ...(evaluation ? { evaluateEvery: evaluation.every } : {}),
      ...(signal ? { signal } : {}),
      ...(resume ? { resume } : {}),
    });
    for await (const event of events) {
      let found: readonly DiagnosisEvent[] = [];
      if (event.type === 'metrics') {
        found = metrics.steps(event.rows);
        timing.append({
          step: event.rows.at(-1)!.step,
          iterations: event.rows.length,
          seconds: event.seconds,
        });
        await flush();
      }
      if (event.type === 'samples') found = metrics.sheet(event.step, event.samples);
      yield event;
      yield* found;
      if (event.type === 'samples') {
        const path = join(paths.samples, sheetName(event.step));
        await replaceFile('samples', path, encodePng(drawSheet(event.byClass ?? event.samples, dataset)));
        yield { type: 'saved', what: 'sheet', step: event.step, path };
      } else if (event.type === 'checkpoint') {
        // The last checkpoint comes last: where it is, everything else is.
        if (event.step === steps) yield* complete(run, game, event);
        if (curve?.isDue(event.step, steps)) {
          const { variables } = event;
          yield await curve.measure(event.step, { game, variables, dataset, session, seed: config.seed });
        }
        // The logs before it: a resumed run relies on having every line up to its checkpoint.
        await flush({ durable: true });
        const path = await writeCheckpoint(paths.checkpoints, event.step, event.variables, metadata);
        await pruneCheckpoints(paths.checkpoints, {
          isMilestone: (step) => isMilestone(step, config.checkpointEvery) || step === curve?.bestStep,
        });
        yield { type: 'saved', what: 'checkpoint', step: event.step, path };
      }
    }
  } catch (error) {
    if (error instanceof NonFiniteError) yield* metrics.failure(error);
    throw error;
  } finally {
    await Promise.allSettled([metrics.close(), timing.close(), curve?.log.close()]);
  }
}

/** Writes what a run has when it reaches its last step: how the samples changed, and the generator by itself. */
async function* complete(
  { paths, record }: OpenRun,
  game: Game,
  { step, variables }: { readonly step: number; readonly variables: Tensors },
): AsyncGenerator<RunEvent, void, undefined> {
  await animate(paths);
  yield { type: 'saved', what: 'animation', step, path: paths.progress };
  const metadata = await provenance({ record, step });
  await replaceFile('export', paths.generator, exportGenerator(game, variables, { metadata }));
  yield { type: 'saved', what: 'generator', step, path: paths.generator };
}

/** Frames of an animation: more make a file that nobody loads. */
const FRAMES = 48;
const FRAME_MS = 120;

/** Joins the run's sheets into `progress.gif`, evenly thinned where there are many. */
async function animate({ samples, progress }: RunPaths): Promise<void> {
  const names = (await readdir(samples)).filter((name) => name.endsWith('.png')).sort();
  const stride = Math.max(1, Math.ceil(names.length / FRAMES));
  const chosen = names.filter((_, i) => (names.length - 1 - i) % stride === 0);
  const frames = await Promise.all(
    chosen.map(async (name) => decodePng(await readFile(join(samples, name)))),
  );
  if (frames.length > 0) await replaceFile('progress', progress, encodeGif(frames, FRAME_MS));
}
