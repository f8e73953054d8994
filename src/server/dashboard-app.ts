import { randomUUID } from 'node:crypto';
import { Hono, type MiddlewareHandler } from 'hono';
import { ConfigError, DataError, ExecutionError, ShapeError } from '../errors.ts';
import { analysisRoutes } from './analysis-routes.ts';
import { answerHeaders } from './answer-headers.ts';
import type { ApiError } from './api.ts';
import { eventRoutes } from './event-routes.ts';
import { MetricsStore } from './metrics-store.ts';
import { Refusal, type RefusalStatus } from './refusal.ts';
import { requestGuard } from './request-guard.ts';
import { RunAnalysis } from './run-analysis.ts';
import { RunCatalogue } from './run-catalogue.ts';
import { DataAccess } from './run-data-access.ts';
import { RunEvents } from './run-events.ts';
import { runRoutes } from './run-routes.ts';
import type { RunsFolder } from './runs-folder.ts';
import { TrainingLauncher } from './training-launcher.ts';
import { formRoutes, trainingRoutes } from './training-routes.ts';

/** What a dashboard is served with. */
export interface DashboardOptions {
  readonly folder: RunsFolder;
  /** As it is bound. */
  readonly host: string;
  /** Absent: whoever reaches the server may use it. */
  readonly token?: string | undefined;
  /** Folders and files of the user's own that trainings may be started on. Default: none. */
  readonly data?: readonly string[] | undefined;
  /** Program and arguments that stand for `zerosum`. */
  readonly program: readonly [string, ...string[]];
  /** Answers with the files of the page. Absent: only the API is there. */
  readonly page?: MiddlewareHandler | undefined;
  /** Stops the training of the process that started this server. Absent: none did. */
  readonly stopParent?: (() => void) | undefined;
  /** Told of what nobody foresaw; the answer says no more than that it happened. */
  readonly onError?: ((error: Error) => void) | undefined;
}

/** The dashboard's server, without the socket. */
export interface Dashboard {
  readonly app: Hono;
  /** Trainings that were started here and go on, by name. */
  readonly running: readonly string[];
  /** Frees what it holds; trainings go on. */
  close(): Promise<void>;
}

/** Puts the dashboard's server together. @throws ConfigError where a folder of `data` is not there */
export function dashboard(options: DashboardOptions): Dashboard {
  const { folder, host, token, program, stopParent, onError } = options;
  const server = randomUUID();
  const access = new DataAccess(options.data);
  const catalogue = new RunCatalogue(folder);
  const metrics = new MetricsStore();
  const analysis = new RunAnalysis(folder, access);
  const launcher = new TrainingLauncher({
    catalogue,
    program,
    stopParent,
    onChange: (id) => void events.touch(id),
  });
  const starting = () => launcher.starting();
  const events: RunEvents = new RunEvents(server, catalogue, starting);
  const app = new Hono();
  app.onError((error, context) => {
    const status = statusOf(error);
    if (status === 500) onError?.(error);
    const sentence =
      status === 500 ? 'server: something failed that nobody foresaw; it goes on' : error.message;
    const field = status === 500 ? undefined : fieldOf(sentence);
    const answer: ApiError = { error: sentence, ...(field === undefined ? {} : { field }) };
    return context.json(answer, status);
  });
  app.notFound((context) =>
    context.json(
      { error: `address: must be one of this server, got ${context.req.path}` } satisfies ApiError,
      404,
    ),
  );
  app.use(answerHeaders());
  app.use(requestGuard({ host, token }));
  app.route('/api/events', eventRoutes(events));
  app.route('/api/form', formRoutes(access, folder));
  app.route('/api/runs', analysisRoutes(catalogue, analysis));
  app.route('/api/runs', trainingRoutes({ catalogue, launcher, access }));
  app.route(
    '/api/runs',
    runRoutes({ server, catalogue, metrics, starting, dataRefused: (data) => access.refusal(data) }),
  );
  if (options.page) app.use(options.page);
  return {
    app,
    get running() {
      return launcher.running;
    },
    close: () => analysis.close(),
  };
}

/** The status of an error: the library's own classes say whose fault it is. */
function statusOf(error: Error): RefusalStatus | 500 {
  if (error instanceof Refusal) return error.status;
  if (error instanceof ConfigError) return 400;
  const isOurs = error instanceof DataError || error instanceof ExecutionError || error instanceof ShapeError;
  return isOurs ? 409 : 500;
}

/** The part of a request that a sentence is about: `config: k must be ...`, `name: must be free, ...`. */
function fieldOf(sentence: string): string | undefined {
  const [, subject, path] = /^(\w+): (?:([\w.[\]]+) must )?/.exec(sentence) ?? [];
  if (subject === 'config' || subject === 'request' || subject === 'fork') return path;
  return ['data', 'preset', 'name', 'steps', 'sample'].find((name) => name === subject);
}
