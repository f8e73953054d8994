import { explainExecutionError } from '../graph/explain-error.ts';
import type { Tensor, Tensors } from '../graph/tensor.ts';
import { failedNode } from '../runtime/onnx-error.ts';
import type { Session } from '../runtime/session.ts';
import { feedBytes } from './feeder.ts';
import { ITERATIONS, type TrainingProgram } from './programs.ts';

/** One iteration's metrics by logged name, and its number (the first is 1). */
export type Metrics = Readonly<Record<string, number>> & { readonly step: number };

/** A chunk is about this long: short enough to stop soon, long enough that what a run costs does not count. */
const CHUNK_SECONDS = 0.5;
/** And its inputs take no more memory than this. */
const CHUNK_BYTES = 64 * 2 ** 20;
/** Iterations of a first chunk, before anything is known of their speed. */
export const FIRST_CHUNK = 4;

/** How many iterations of a program fit into the memory of a chunk: at least 1. */
export function iterationsThatFit({ feeds }: TrainingProgram): number {
  return Math.max(1, Math.floor(CHUNK_BYTES / Math.max(1, feedBytes(feeds))));
}

/** How many iterations the next chunk should have, where `count` of them took `seconds`: at least 1. */
export function nextChunkLength(count: number, seconds: number): number {
  return Math.max(1, Math.round((count * CHUNK_SECONDS) / seconds));
}

/** The input of a chunk that tells it how many iterations to run. */
export function iterationCount(count: number): Tensors {
  return { [ITERATIONS]: { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(count)) } };
}

/** Runs a program; a failure inside the graph is told with the node and the line that built it. */
export async function runExplained(
  session: Session,
  program: TrainingProgram,
  feeds: Tensors,
): Promise<Tensors> {
  try {
    return await session.run(program.name, feeds);
  } catch (error) {
    throw failedNode(error) === undefined ? error : explainExecutionError(error, program.graph);
  }
}

/**
 * The `metrics` output of a training program as one object an iteration.
 *
 * @param first - iterations before the first row
 */
export function rowsOf(names: readonly string[], { data }: Tensor<'float32'>, first: number): Metrics[] {
  return Array.from({ length: data.length / names.length }, (_, i) => {
    const values = names.map((name, column) => [name, data[i * names.length + column]!]);
    return { step: first + i + 1, ...Object.fromEntries(values) };
  });
}
