import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, extname, join, normalize } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';

const executablePath = process.env['ZEROSUM_CHROMIUM'] ?? '/usr/bin/chromium';

/** Why tests in a browser cannot run on this machine; undefined where they can. */
export const noBrowser: string | undefined = existsSync(executablePath)
  ? undefined
  : `skipped: no Chromium at ${executablePath}. Set ZEROSUM_CHROMIUM to the path of one`;
if (noBrowser) console.warn(noBrowser);

const chromiumArguments = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** How a page is served. */
export interface OpenPageOptions {
  /** Sends the two headers that give a page threads and SharedArrayBuffer. Default false, as most hosts. */
  readonly crossOriginIsolated?: boolean;
  /** Files that are served beside the bundle, by name. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** A page in headless Chromium. */
export interface OpenedPage {
  readonly page: Page;
  /** What went wrong in it so far: uncaught errors, console errors, failed requests, requests to other hosts. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

/**
 * Bundles a page with Vite, as a user's project would, serves it and opens it in Chromium.
 *
 * @param entryFile - absolute path of a TypeScript or JavaScript module, or of an HTML page. What a test is to call, the
 *   module assigns to `globalThis`, and the test calls it by `page.evaluate(() => globalThis.train())`.
 */
export async function openPage(
  entryFile: string,
  { crossOriginIsolated = false, files = {} }: OpenPageOptions = {},
): Promise<OpenedPage> {
  const folder = await mkdtemp(join(tmpdir(), 'zerosum-page-'));
  const path = await bundle(entryFile, folder);
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const server = await serve(folder, crossOriginIsolated);
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const browser = await launchChromium();
  const page = await browser.newPage();
  const errors = watchPage(page, origin);
  await page.goto(`${origin}${path}`);
  return {
    page,
    errors,
    async close() {
      await browser.close();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Starts headless Chromium. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath, args: chromiumArguments });
}

/** Bundles the page into a folder and returns the path to open. */
async function bundle(entryFile: string, folder: string): Promise<string> {
  await build({
    configFile: false,
    root: dirname(entryFile),
    logLevel: 'error',
    build: {
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 10_000,
      rolldownOptions: { input: entryFile, output: { entryFileNames: 'entry.js' } },
    },
    worker: { format: 'es' },
  });
  return extname(entryFile) === '.html' ? entryFile.slice(dirname(entryFile).length) : '/';
}

const emptyPage =
  '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="/entry.js"></script>';

const mimeTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
};

function serve(folder: string, crossOriginIsolated: boolean): Promise<Server> {
  const isolation = {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  };
  const server = createServer(async ({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const headers = crossOriginIsolated ? isolation : {};
    if (pathname === '/') {
      response.writeHead(200, { ...headers, 'Content-Type': mimeTypes['.html'] }).end(emptyPage);
      return;
    }
    try {
      const content = await readFile(join(folder, normalize(pathname)));
      const type = mimeTypes[extname(pathname)] ?? 'application/octet-stream';
      response.writeHead(200, { ...headers, 'Content-Type': type }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((resolve) => server.listen(0, 'localhost', () => resolve(server)));
}

/** What goes wrong in a page from now on: see `OpenedPage.errors`. */
export function watchPage(page: Page, origin: string): readonly string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    // Nobody waits any longer: whoever leaves or reloads a page ends what it was still loading.
    if (reason !== 'net::ERR_ABORTED') errors.push(`${request.url()}: ${reason}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(data|blob):/.test(url)) errors.push(`request to another host: ${url}`);
  });
  return errors;
}
