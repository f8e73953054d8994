import type { RunMetrics } from '../../../src/server/api.ts';
import { getJson, runPath } from '../api-client.ts';
import { revision } from '../connection.ts';
import { type Resource, useResource } from '../resource.ts';
import { runOf } from '../run-store.ts';

/** More than a chart has pixels would not be seen. */
const POINTS = 600;
/** Steps before the window that a smoothed curve still feels: seven half-lives, after which a value counts less than 1 %. */
const MEMORY = 7;

/** The metrics of some runs in the same stretch of steps, by their ids. */
export type RunsMetrics = Readonly<Record<string, RunMetrics>>;

/**
 * The metrics of runs, fetched anew as they grow.
 *
 * @param window - the steps to be seen; undefined: all
 * @param halfLife - of the smoothing, in steps: it makes the fetched stretch begin earlier than the one that is seen
 */
export function useMetrics(
  ids: readonly string[],
  window: readonly [number, number] | undefined,
  halfLife: number,
): Resource<RunsMetrics> {
  const version = `${revision.value} ${ids.map((id) => runOf(id)?.updatedAt)}`;
  const query = new URLSearchParams({ points: String(POINTS) });
  if (window) {
    query.set('from', String(Math.max(0, window[0] - MEMORY * halfLife)));
    query.set('to', String(window[1]));
  }
  return useResource(
    `${ids.join('\n')}\n${query}`,
    version,
    async () => {
      const all = ids.map(
        async (id) => [id, await getJson<RunMetrics>(runPath(id, `/metrics?${query}`))] as const,
      );
      return Object.fromEntries(await Promise.all(all));
    },
    { keep: true },
  );
}
