import { type IncomingHttpHeaders, request } from 'node:http';
import { RunsFolder } from '../src/server/runs-folder.ts';
import { type ServedDashboard, type ServeOptions, serveDashboard } from '../src/server/serve-dashboard.ts';
import { commandLine } from './command-line.ts';

/** An answer as it came over the socket. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON. */
  json<T>(): T;
}

/** A request as no `fetch` would send it: with any headers, and a path that nothing has tidied up. */
export interface RawRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** A dashboard's server on a port of its own. */
export interface TestedDashboard {
  readonly served: ServedDashboard;
  ask(path: string, options?: RawRequest): Promise<Answer>;
  /** A POST of JSON, as the page sends it. */
  post(path: string, body: unknown): Promise<Answer>;
}

/** Serves the runs in a folder on any free port; close `served` afterwards. */
export async function serveRuns(runs: string, options: Partial<ServeOptions> = {}): Promise<TestedDashboard> {
  const served = await serveDashboard({
    folder: await RunsFolder.open(runs),
    host: '127.0.0.1',
    port: 0,
    program: commandLine() as readonly [string, ...string[]],
    ...options,
  });
  const ask: TestedDashboard['ask'] = (path, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: served.port, path, method, headers }, (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.on('end', () => {
          const text = Buffer.concat(pieces).toString('utf8');
          resolve({
            status: answer.statusCode!,
            headers: answer.headers,
            text,
            json: <T>() => JSON.parse(text) as T,
          });
        });
        answer.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const post: TestedDashboard['post'] = (path, body) =>
    ask(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: `http://127.0.0.1:${served.port}` },
      body: JSON.stringify(body),
    });
  return { served, ask, post };
}
