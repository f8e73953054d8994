import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { randomToken, requireToken } from './access-token.ts';
import { type Dashboard, type DashboardOptions, dashboard } from './dashboard-app.ts';
import { listen } from './listen.ts';

/** Connections at a time: 32 pages with six each. */
const MOST_CONNECTIONS = 192;

/** The port of a first dashboard. */
const FIRST_PORT = 7070;

/** Where a dashboard is served, and with what. */
export interface ServeOptions extends Omit<DashboardOptions, 'token'> {
  /** 0: any free one. Default: 7070, or the next free one. */
  readonly port?: number | undefined;
  /** Default: none on this machine's own addresses, a random one on others. */
  readonly token?: string | undefined;
}

/** A dashboard that answers. */
export interface ServedDashboard {
  /** The address of the page, with the token where one is demanded. */
  readonly url: string;
  readonly port: number;
  readonly dashboard: Dashboard;
  /** Stops answering and frees everything; trainings go on. Idempotent. */
  close(): Promise<void>;
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Serves a dashboard.
 *
 * @throws ConfigError where the address or the port cannot be taken, or the token is too short
 */
export async function serveDashboard({
  port,
  token: given,
  ...options
}: ServeOptions): Promise<ServedDashboard> {
  const { host } = options;
  const token = given === undefined ? (isLoopback(host) ? undefined : randomToken()) : requireToken(given);
  const shown = dashboard({ ...options, token });
  const server = createAdaptorServer({ fetch: shown.app.fetch, overrideGlobalObjects: false }) as Server;
  server.maxConnections = MOST_CONNECTIONS;
  const { port: bound, origin } = await listen(server, {
    caller: 'watch',
    host,
    port,
    firstPort: FIRST_PORT,
  });
  let closing: Promise<void> | undefined;
  return {
    url: `${origin}/${token === undefined ? '' : `?token=${token}`}`,
    port: bound,
    dashboard: shown,
    close: () => {
      closing ??= (async () => {
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        // Event streams never end by themselves.
        server.closeAllConnections();
        await closed;
        await shown.close();
      })();
      return closing;
    },
  };
}
