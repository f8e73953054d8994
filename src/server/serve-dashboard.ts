import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { ConfigError } from '../errors.ts';
import { systemCode } from '../train/disk/file-error.ts';
import { randomToken, requireToken } from './access-token.ts';
import { type Dashboard, type DashboardOptions, dashboard } from './dashboard-app.ts';

/** Connections at a time: 32 pages with six each. */
const MOST_CONNECTIONS = 192;

/** The port of a first dashboard; where it is taken and none was asked for, the next free one after it. */
const FIRST_PORT = 7070;
const PORTS_TRIED = 20;

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
  const server = createAdaptorServer({ fetch: shown.app.fetch, overrideGlobalObjects: false });
  if ('maxConnections' in server) server.maxConnections = MOST_CONNECTIONS;
  try {
    await listen(server, host, port);
  } catch (error) {
    await shown.close();
    throw error;
  }
  const bound = (server.address() as AddressInfo).port;
  // A name or an address that a browser can be given; "all addresses" is none.
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${name}:${bound}/${token === undefined ? '' : `?token=${token}`}`,
    port: bound,
    dashboard: shown,
    close: () => {
      closing ??= (async () => {
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        // Event streams never end by themselves.
        if ('closeAllConnections' in server) server.closeAllConnections();
        await closed;
        await shown.close();
      })();
      return closing;
    },
  };
}

type Server = ReturnType<typeof createAdaptorServer>;

async function listen(server: Server, host: string, asked: number | undefined): Promise<void> {
  const last = (asked ?? FIRST_PORT + PORTS_TRIED) + (asked === undefined ? 0 : 1);
  for (let port = asked ?? FIRST_PORT; port < last; port++) {
    try {
      await listenOnce(server, host, port);
      return;
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EADDRINUSE' && asked === undefined && port + 1 < last) continue;
      throw new ConfigError(
        `watch: ${host}:${port} must be free to listen on, got ${code}. ${advice(code)}`,
        {
          cause: error,
        },
      );
    }
  }
}

function advice(code: string | undefined): string {
  if (code === 'EADDRINUSE') return 'Choose another with --port, or --port 0 for any';
  if (code === 'EACCES') return 'Choose a port above 1023 with --port';
  return 'Choose an address of this machine with --host';
}

function listenOnce(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
