import type { Server } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { listen } from './listen.ts';
import { isLoopback } from './serve-dashboard.ts';
import { pageFolder, staticPages } from './static-pages.ts';

/** The port of a first lab. */
const FIRST_PORT = 7050;

/** Where a lab is served. */
export interface ServeLabOptions {
  readonly host: string;
  /** 0: any free one. Default: 7050, or the next free one. */
  readonly port?: number | undefined;
  /** Of the built page. Default: where the build puts it. */
  readonly folder?: string;
}

/** A lab that answers. */
export interface ServedLab {
  readonly url: string;
  /** Stops answering. Idempotent. */
  close(): Promise<void>;
}

/**
 * Serves the lab: a folder of files, and nothing that runs here.
 *
 * @throws ConfigError where the page was not built, or the address or port cannot be taken
 */
export async function serveLab({ host, port, folder }: ServeLabOptions): Promise<ServedLab> {
  const app = new Hono();
  const compressed = !isLoopback(host);
  app.use(await staticPages(folder ?? (await pageFolder('lab')), { compressed }));
  app.all('*', (context) => {
    const isRead = context.req.method === 'GET' || context.req.method === 'HEAD';
    return isRead
      ? context.text('Not found\n', 404)
      : context.text('Only GET and HEAD\n', 405, { Allow: 'GET, HEAD' });
  });
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false });
  const { origin } = await listen(server as Server, { caller: 'lab', host, port, firstPort: FIRST_PORT });
  let closing: Promise<void> | undefined;
  return {
    url: `${origin}/`,
    close: () => {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
      return closing;
    },
  };
}
