import type { Dataset } from '../data/dataset.ts';
import { type Minibatches, minibatches } from '../data/minibatches.ts';
import { ConfigError } from '../errors.ts';
import { duePenalties, type Game, initialVariables } from '../gan/game.ts';
import { gameStep } from '../gan/game-step.ts';
import type { StepOf } from '../gan/step.ts';
import type { Tensor, Tensors } from '../graph/tensor.ts';
import type { Session } from '../runtime/session.ts';
import {
  FIRST_CHUNK,
  iterationCount,
  iterationsThatFit,
  type Metrics,
  nextChunkLength,
  rowsOf,
  runExplained,
} from './chunk.ts';
import { classSheet } from './class-sheet.ts';
import { type FeedSources, fillFeeds } from './feeder.ts';
import { nonFiniteError } from './non-finite.ts';
import {
  chunkProgram,
  measuredProgram,
  sampleProgram,
  type TrainingProgram,
  type VariableTypes,
} from './programs.ts';
import { replayNonFinite } from './replay-non-finite.ts';
import { classFeeds } from './sample-classes.ts';
import { sheetLatent } from './sheet-latent.ts';
import { settleSamples } from './table-samples.ts';

export type { Metrics } from './chunk.ts';

/** What training tells as it goes on. */
export type TrainEvent =
  /** Before the first iteration. */
  | { readonly type: 'started'; readonly step: number; readonly steps: number }
  /** After every chunk: one row an iteration, and the wall-clock seconds that they took. */
  | { readonly type: 'metrics'; readonly rows: readonly Metrics[]; readonly seconds: number }
  /**
   * Samples from the same latent vectors every time, of all classes in turn where there are labels: float32
   * [n, ...example], pixels in [0, 1]. Of labelled images also `byClass`, a class a row as `classSheet` lays them out.
   */
  | {
      readonly type: 'samples';
      readonly step: number;
      readonly samples: Tensor<'float32'>;
      readonly byClass?: Tensor<'float32'>;
    }
  /** All variables after `step` iterations: what `resume` takes. */
  | { readonly type: 'checkpoint'; readonly step: number; readonly variables: Tensors }
  /** The last event. */
  | { readonly type: 'stopped'; readonly step: number; readonly reason: 'finished' | 'aborted' };

/** What is learned: a data set, or minibatches made of one for the game's batch and k, with the same seed. */
export type TrainingData =
  | { readonly dataset: Dataset; readonly minibatches?: never }
  | { readonly minibatches: Minibatches; readonly dataset?: never };

/** What `train` needs. */
export type TrainOptions = TrainSettings & TrainingData;

/** What `train` needs besides the data. */
export interface TrainSettings {
  readonly game: Game;
  /** Where it runs; `train` compiles its programs there and does not release it. */
  readonly session: Session;
  /** Of every random number: weights, data order, noise, masks. Integer in [0, 2^32). Default 1, as in the presets. */
  readonly seed?: number;
  /** The step to stop at, counted from the very first, not from the checkpoint that is resumed. */
  readonly steps: number;
  /** Where to go on: the variables of a checkpoint. Default: from the start. */
  readonly resume?: {
    readonly step: number;
    readonly variables: Tensors;
    /** The variables may be used up: their buffers move into the session instead of being copied. Default false. */
    readonly owned?: boolean;
  };
  /** Steps between checkpoints; one is always made at the last step. Default: only that. */
  readonly checkpointEvery?: number;
  /** Steps between further checkpoints, for whoever measures the generator at a cadence of its own. Default: none. */
  readonly evaluateEvery?: number;
  /** Steps between sheets of samples; one is made at the start and at the end as well. Default: only those. */
  readonly sampleEvery?: number;
  /** Samples of a sheet. Default 100. */
  readonly sheetSize?: number;
  /** Steps between the norms of the parameter gradients. Default 50. */
  readonly gradientNormsEvery?: number;
  /** Stops training after the chunk in progress, with a checkpoint. */
  readonly signal?: AbortSignal;
}

/** A stretch of iterations in one run, and its inputs, which are made while the stretch before runs. */
interface Chunk {
  readonly first: number;
  readonly count: number;
  readonly program: TrainingProgram;
  readonly measured: boolean;
  readonly feeds: Promise<Tensors>;
}

/**
 * Trains a game, telling what happens as it does: an async iterable of events that ends with `stopped`.
 *
 * The numbers depend on the game, the data, the seed and the step alone: not on how iterations are grouped into chunks,
 * on cadences, or on having been interrupted.
 *
 * @throws ConfigError where a count is not one or the data is not what the game was made for, ExecutionError where ONNX
 *   Runtime fails or a quantity stops being finite
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent, void, undefined> {
  requireCounts(options);
  const { game, steps, resume, seed = 1, signal } = options;
  const batches =
    options.minibatches ?? minibatches(options.dataset, { batch: game.batch, k: game.k ?? 1, seed });
  requireSameExamples(game, batches);
  const programs = await begun(options, { seed, minibatches: batches });
  let step = resume?.step ?? 0;
  yield { type: 'started', step, steps };
  if (step === 0) yield await programs.samples(step);
  let saved = resume?.step;
  let next: Chunk | undefined = step < steps ? programs.plan(step) : undefined;
  while (next && !signal?.aborted) {
    const chunk: Chunk = next;
    const feeds = await chunk.feeds;
    const start = performance.now();
    const running = programs.run(chunk, feeds);
    step = chunk.first + chunk.count;
    // The next chunk's inputs are made while this one runs: there, on another thread; here, on this one.
    next = step < steps ? programs.plan(step) : undefined;
    next?.feeds.catch(() => {});
    const rows = await running;
    yield { type: 'metrics', rows, seconds: (performance.now() - start) / 1000 };
    if (isDue(step, options.sampleEvery) || step === steps) yield await programs.samples(step);
    if (isDue(step, options.checkpointEvery) || isDue(step, options.evaluateEvery) || step === steps) {
      yield await programs.checkpoint(step);
      saved = step;
    }
  }
  if (saved !== step) yield await programs.checkpoint(step);
  yield { type: 'stopped', step, reason: step < steps ? 'aborted' : 'finished' };
}

const isDue = (step: number, every: number | undefined): boolean => every !== undefined && step % every === 0;

const copies = (variables: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(variables).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]),
  );

/** Writes the first variables into the session and keeps their types only: they may take gigabytes. */
async function begun(options: TrainSettings, sources: FeedSources): Promise<Programs> {
  const { game, session, resume } = options;
  const variables = !resume
    ? initialVariables(game, sources.seed)
    : resume.owned
      ? resume.variables
      : copies(resume.variables);
  const types = Object.entries(variables).map(
    ([name, { dtype, shape }]) => [name, { dtype, shape }] as const,
  );
  await session.writeState(variables);
  return new Programs(options, sources, Object.fromEntries(types));
}

/** The programs of steps with the same penalties. */
interface Variant {
  readonly chunk: TrainingProgram;
  readonly measured: TrainingProgram;
  /** Iterations that fill a chunk at the speed seen so far; a few to begin with. */
  chunkLength: number;
}

/** The compiled programs of a game in its session, and what running them takes. */
class Programs {
  readonly #options: TrainSettings;
  readonly #sources: FeedSources;
  /** Programs by the penalties that they compute: steps that skip a lazy one are another graph over the same variables. */
  readonly #variants: Map<string, Variant> = new Map();
  readonly #variables: VariableTypes;
  readonly #compiled: Set<string> = new Set();
  constructor(options: TrainSettings, sources: FeedSources, variables: VariableTypes) {
    this.#options = options;
    this.#sources = sources;
    this.#variables = variables;
  }

  /** The programs of a step. */
  #variantOf(step: number): Variant {
    const { game } = this.#options;
    const due = duePenalties(game, step);
    const isWhole = due.length === (game.penalties ?? []).length;
    const suffix = isWhole ? '' : `/${['lazy', ...due.map(({ name }) => name)].join('+')}`;
    const known = this.#variants.get(suffix);
    if (known) return known;
    const stepOf: StepOf = (feeds) => gameStep(game, feeds, due);
    const made: Variant = {
      chunk: chunkProgram(stepOf, this.#variables, { name: `chunk${suffix}` }),
      measured: measuredProgram(stepOf, this.#variables, `measured${suffix}`),
      chunkLength: FIRST_CHUNK,
    };
    this.#variants.set(suffix, made);
    return made;
  }

  /**
   * The chunk that begins after `first` iterations: it ends where something is due or other penalties are, and a measured
   * step is one alone.
   */
  plan(first: number): Chunk {
    const { steps, checkpointEvery, evaluateEvery, sampleEvery, gradientNormsEvery = 50 } = this.#options;
    const untilDue = (every: number | undefined): number =>
      every === undefined ? Number.POSITIVE_INFINITY : every - (first % every);
    const untilMeasured = untilDue(gradientNormsEvery);
    const measured = untilMeasured === 1;
    const due = Math.min(...[checkpointEvery, evaluateEvery, sampleEvery].map(untilDue));
    const variant = this.#variantOf(first);
    const { chunk, chunkLength } = variant;
    const room = Math.min(steps - first, due, untilMeasured - 1, chunkLength, iterationsThatFit(chunk));
    let count = 1;
    while (!measured && count < room && this.#variantOf(first + count) === variant) count++;
    const program = measured ? variant.measured : chunk;
    return {
      first,
      count,
      program,
      measured,
      feeds: fillFeeds(program.feeds, this.#sources, first, measured ? undefined : count),
    };
  }

  async run({ first, count, program, measured }: Chunk, feeds: Tensors): Promise<readonly Metrics[]> {
    const isFirst = await this.#compile(program);
    const start = performance.now();
    const iterations = measured ? {} : iterationCount(count);
    const outputs = await runExplained(this.#options.session, program, { ...feeds, ...iterations });
    const seconds = (performance.now() - start) / 1000;
    // A program's first run warms caches and memory up; it says little about the next.
    if (!measured && !isFirst) this.#variantOf(first).chunkLength = nextChunkLength(count, seconds);
    if ((outputs['finite'] as Tensor<'bool'>).data.includes(0)) {
      const { session, game } = this.#options;
      // Within a chunk all steps have the same penalties.
      const variant = this.#variantOf(first).measured;
      await this.#compile(variant);
      throw await replayNonFinite({
        game,
        session,
        measured: variant,
        sources: this.#sources,
        first,
        count,
      });
    }
    return rowsOf(program.metrics, outputs['metrics'] as Tensor<'float32'>, first);
  }

  async samples(step: number): Promise<TrainEvent> {
    const { game, session, sheetSize = 100 } = this.#options;
    const averaged = game.averageDecay !== undefined;
    await this.#compileOnce('sample', () => sampleProgram(game, this.#variables, averaged));
    const { seed } = this.#sources;
    const classes = classFeeds(game, 'inTurn', { seed, count: sheetSize });
    const outputs = await session.run('sample', { z: sheetLatent(game, seed, sheetSize), ...classes });
    const samples = settleSamples(game, outputs['samples'] as Tensor<'float32'>, seed, 'sheet/categories');
    if (!game.labels || game.examples.range === 'data') return { type: 'samples', step, samples };
    const { z, classes: rows } = classSheet(game, seed);
    const labels = classFeeds(game, rows, { seed, count: rows.length });
    const { samples: byClass } = await session.run('sample', { z, ...labels });
    return { type: 'samples', step, samples, byClass: byClass as Tensor<'float32'> };
  }

  async checkpoint(step: number): Promise<TrainEvent> {
    const variables = await this.#options.session.readState();
    // A quantity that became infinite in the very last update shows in no loss yet: it must not become a checkpoint.
    const error = nonFiniteError(step, { step }, variables, this.#options.game);
    if (error) throw error;
    return { type: 'checkpoint', step, variables };
  }

  #compile(program: TrainingProgram): Promise<boolean> {
    return this.#compileOnce(program.name, () => program);
  }

  async #compileOnce(name: string, program: () => Parameters<Session['compile']>[0]): Promise<boolean> {
    if (this.#compiled.has(name)) return false;
    // A session may live behind a message channel, which carries bytes and names but not a feed's functions.
    const { model, carried } = program();
    await this.#options.session.compile({ name, model, carried });
    this.#compiled.add(name);
    return true;
  }
}

function requireCounts({
  steps,
  resume,
  checkpointEvery,
  evaluateEvery,
  sampleEvery,
  gradientNormsEvery,
  sheetSize,
}: TrainSettings): void {
  const counts = { steps, checkpointEvery, evaluateEvery, sampleEvery, gradientNormsEvery, sheetSize };
  for (const [name, count] of Object.entries(counts)) {
    if (count === undefined || (Number.isInteger(count) && count >= 1)) continue;
    throw new ConfigError(`train: ${name} must be a count of at least 1, got ${count}`);
  }
  if (resume && resume.step > steps) {
    throw new ConfigError(
      `train: steps must not lie before the checkpoint at step ${resume.step}, got ${steps}`,
    );
  }
}

/** A game built for other examples would read other bytes than those that are fed. */
function requireSameExamples({ examples, batch, k = 1 }: Game, batches: Minibatches): void {
  const described = (count: number, dtype: string, shape: readonly number[]): string =>
    `${count} ${dtype} examples of shape [${shape.join(', ')}] in a step`;
  const wanted = described(batch * k, examples.dtype, examples.shape);
  const got = described(batches.batch * batches.k, batches.dtype, batches.exampleShape);
  if (got !== wanted)
    throw new ConfigError(`train: the data must be ${wanted}, as the game takes, got ${got}`);
}
