import { Hono } from 'hono';
import type { RunList, RunSummary } from './api.ts';
import type { MetricsStore } from './metrics-store.ts';
import { nameList, wholeNumber } from './request-parameters.ts';
import type { RunCatalogue } from './run-catalogue.ts';
import { runDetail } from './run-detail.ts';
import { runFileResponse } from './run-file-response.ts';

const MOST_POINTS = 4000;
const DEFAULT_POINTS = 800;
const MOST_KEYS = 64;

/** What reading runs takes. */
export interface RunRoutes {
  readonly server: string;
  readonly catalogue: RunCatalogue;
  readonly metrics: MetricsStore;
  /** Runs whose process prepares and that have no folder yet. */
  readonly starting: () => readonly RunSummary[];
  /** Why a run's data may not be opened here; undefined where it may. */
  readonly dataRefused: (data: string) => string | undefined;
}

/** Looking at runs: nothing here changes anything. */
export function runRoutes({ server, catalogue, metrics, starting, dataRefused }: RunRoutes): Hono {
  const { folder } = catalogue;
  return new Hono()
    .get('/', async (context) => {
      const { runs, unreadable } = await catalogue.list();
      const list: RunList = {
        runs: [...starting(), ...runs.map(({ summary }) => summary)],
        unreadable,
        now: Date.now(),
        server,
      };
      return context.json(list);
    })
    .get('/:id', async (context) => {
      const run = await catalogue.findScanned(context.req.param('id'));
      return context.json(runDetail(run, dataRefused(run.record.config.data)));
    })
    .get('/:id/metrics', async (context) => {
      const { path, files } = await catalogue.find(context.req.param('id'));
      const step = { least: 0, most: Number.MAX_SAFE_INTEGER };
      const query = {
        keys: nameList(context, 'keys', MOST_KEYS),
        points: wholeNumber(context, 'points', { least: 2, most: MOST_POINTS }) ?? DEFAULT_POINTS,
        from: wholeNumber(context, 'from', step),
        to: wholeNumber(context, 'to', step),
      };
      // A link in the log's place is no log.
      if (!files['metrics.jsonl']) return context.json({ steps: [], width: 1, series: {}, keys: [] });
      return context.json(await metrics.query(`${path}/metrics.jsonl`, query));
    })
    .get('/:id/files/:path{.+}', async (context) => {
      const { id, path } = context.req.param();
      const found = await folder.fileOf(id, path);
      return runFileResponse(found.path, found.stats, context.req);
    });
}
