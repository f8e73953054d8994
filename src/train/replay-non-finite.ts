import { ExecutionError } from '../errors.ts';
import type { Game } from '../gan/game.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Session } from '../runtime/session.ts';
import { rowsOf } from './chunk.ts';
import { type FeedSources, fillFeeds } from './feeder.ts';
import { nonFiniteError } from './non-finite.ts';
import type { TrainingProgram } from './programs.ts';

/** A chunk in which something was not finite. */
export interface FailedChunk {
  readonly game: Game;
  /** The chunk was its last run. */
  readonly session: Session;
  /** One iteration of the chunk's step, compiled. */
  readonly measured: TrainingProgram;
  readonly sources: FeedSources;
  /** Iterations before the chunk, and in it. */
  readonly first: number;
  readonly count: number;
}

/**
 * Replays a chunk one iteration at a time until a quantity is not finite, and returns the error that says which and when.
 * The session is then left where that iteration left it.
 */
export async function replayNonFinite(chunk: FailedChunk): Promise<ExecutionError> {
  const { game, session, measured, sources, first, count } = chunk;
  await session.rollback();
  for (let step = first; step < first + count; step++) {
    const outputs = await session.run(measured.name, await fillFeeds(measured.feeds, sources, step));
    const [row] = rowsOf(measured.metrics, outputs['metrics'] as Tensor<'float32'>, step);
    const error = nonFiniteError(step + 1, row!, await session.readState(), game);
    if (error) return error;
  }
  return new ExecutionError(
    `train: every quantity must stay finite, got one that is not between steps ${first + 1} and ${first + count}, which their replay one by one does not show. Lower the learning rate`,
  );
}
