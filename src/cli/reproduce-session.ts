import { type Check, shown } from '../reproduce/statement.ts';
import { openSession } from '../runtime/node-session.ts';
import type { Session } from '../runtime/session.ts';
import type { CommandStreams } from './load-progress.ts';

/**
 * Runs `work` on a session of one thread, which is released whatever happens: networks of the theory are so small that a
 * second thread only costs.
 */
export async function onOneThread<Result>(
  streams: CommandStreams,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const session = await openSession({ threads: 1 });
  if (session.notice !== undefined) streams.stderr.write(`${session.notice}\n`);
  try {
    return await work(session);
  } finally {
    await session.release();
  }
}

/** The checks that failed, a line each: what, the number, and what it must be. */
export function failedLines(checks: readonly Check[]): string[] {
  return checks
    .filter(({ passed }) => !passed)
    .map(
      ({ what, value, wanted }) =>
        `  failed: ${what} must be ${wanted}, got ${typeof value === 'number' ? shown(value, 6) : value}`,
    );
}
