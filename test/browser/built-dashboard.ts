import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MiddlewareHandler } from 'hono';
import { build } from 'vite';
import { staticPages } from '../../src/server/static-pages.ts';

/** The dashboard's page as `npm run build:pages` makes it, in a folder of its own. */
export interface BuiltDashboard {
  /** What a server answers with. */
  readonly page: MiddlewareHandler;
  remove(): Promise<void>;
}

/** Builds the dashboard's page from its source. */
export async function buildDashboard(): Promise<BuiltDashboard> {
  const folder = await mkdtemp(join(tmpdir(), 'zerosum-dashboard-'));
  const configFile = fileURLToPath(new URL('../../web/dashboard/vite.config.ts', import.meta.url));
  await build({
    configFile,
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true, minify: false, reportCompressedSize: false },
  });
  return { page: await staticPages(folder), remove: () => rm(folder, { recursive: true }) };
}
