import type { Minibatches } from '../data/minibatches.ts';
import { ConfigError, ExecutionError } from '../errors.ts';
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
import { fillFeeds } from './feeder.ts';
import { chunkProgram } from './programs.ts';

/** What `trainSteps` needs. */
export interface TrainStepsOptions {
  /** One iteration: a classifier's is one update on a minibatch and its labels. */
  readonly step: StepOf;
  /** Parameters, layer state and optimiser state by name, as they start. */
  readonly variables: Tensors;
  /** Where it runs. The variables are its state from the first event on: other programs may read them in between. */
  readonly session: Session;
  readonly minibatches: Minibatches;
  /** Iterations, a count of at least 1. */
  readonly steps: number;
  /** Of noise and masks: integer in [0, 2^32). */
  readonly seed: number;
  /** Chunks end at multiples of this, for whoever looks at the variables there. Default: wherever they end. */
  readonly every?: number;
  /** Ends after the chunk in progress. */
  readonly signal?: AbortSignal | undefined;
}

/** Told after every chunk. */
export interface StepsProgress {
  /** Iterations so far. */
  readonly step: number;
  /** Those of the chunk. */
  readonly rows: readonly Metrics[];
}

/** The program of `trainSteps` in its session; not `train`'s, so that both may share one. */
const PROGRAM = 'steps';

/**
 * Trains anything that is a step: many iterations a run, the next ones fed while it goes on. It has no checkpoints and
 * no samples, which is what `train` is for; whoever iterates may leave early, read the variables with
 * `session.readState`, or run programs of its own on them.
 *
 * The numbers depend on step, variables, data and seed alone, not on how iterations are grouped into chunks.
 *
 * @throws ConfigError where a count is not one; ExecutionError where ONNX Runtime fails, or a loss or metric stops being
 *   finite
 */
export async function* trainSteps(
  options: TrainStepsOptions,
): AsyncGenerator<StepsProgress, void, undefined> {
  const { variables, session, minibatches, steps, seed, every = steps, signal } = options;
  for (const [name, count] of Object.entries({ steps, every }))
    if (!(Number.isInteger(count) && count >= 1))
      throw new ConfigError(`trainSteps: ${name} must be a count of at least 1, got ${count}`);
  const program = chunkProgram(options.step, variables, { name: PROGRAM });
  const { name, model, carried } = program;
  await session.compile({ name, model, carried });
  await session.writeState(copies(variables));
  let length = FIRST_CHUNK;
  const plan = (first: number) => {
    const count = Math.min(steps - first, every - (first % every), length, iterationsThatFit(program));
    const feeds = fillFeeds(program.feeds, { seed, minibatches }, first, count);
    // A failure is told where the feeds are awaited, which may be never.
    feeds.catch(() => {});
    return { first, count, feeds };
  };
  let next = plan(0);
  for (let step = 0; step < steps && !signal?.aborted; ) {
    const { first, count, feeds } = next;
    const inputs = { ...(await feeds), ...iterationCount(count) };
    const start = performance.now();
    const running = runExplained(session, program, inputs);
    step = first + count;
    if (step < steps) next = plan(step);
    const outputs = await running;
    // A program's first run warms caches and memory up; it says little about the next.
    if (first > 0) length = nextChunkLength(count, (performance.now() - start) / 1000);
    const rows = rowsOf(program.metrics, outputs['metrics'] as Tensor<'float32'>, first);
    if ((outputs['finite'] as Tensor<'bool'>).data.includes(0)) throw nonFinite(rows);
    yield { step, rows };
  }
}

const copies = (variables: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(variables).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]),
  );

/** The loop ends with the iteration that was not finite: the last row tells which metric it was. */
function nonFinite(rows: readonly Metrics[]): ExecutionError {
  const { step, ...metrics } = rows.at(-1)!;
  const found = Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
  const got = found ? `${found[0]} = ${found[1]}` : 'a loss that is not';
  return new ExecutionError(
    `trainSteps: every loss and metric must stay finite, got ${got} at step ${step}. Lower the learning rate, or look for infinite numbers in the data`,
  );
}
