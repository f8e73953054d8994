import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { MiddlewareHandler } from 'hono';
import { ConfigError } from '../errors.ts';

const compress = promisify(brotliCompress);

/** Types of the files that a built page has; others are served as bytes. */
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.onnx': 'application/octet-stream',
  '.txt': 'text/plain; charset=utf-8',
};

/** What is worth compressing: the rest is compressed already. */
const compressible: ReadonlySet<string> = new Set(['.html', '.js', '.mjs', '.css', '.json', '.wasm', '.svg']);

/**
 * What a page may do: run the scripts and the WebAssembly of its own folder, start workers from it, show images that it made,
 * and talk to nobody else. COOP and COEP isolate it from other sites, without which browsers give it no second thread.
 */
const pageHeaders = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
} as const;

/** Names that the bundler made from the content: what they hold never changes. */
const HASHED = /^\/assets\/.*-[\w-]{8}\.\w+$/;

interface StaticFile {
  readonly path: string;
  readonly size: number;
  readonly etag: string;
  readonly type: string;
  readonly cacheControl: string;
}

/** How a folder is served. */
export interface StaticPagesOptions {
  /** Sends scripts, styles and WebAssembly compressed to browsers that take it. Pays off between machines. Default false. */
  readonly compressed?: boolean;
}

/**
 * The folder of a built page, beside the compiled code or, run from source, in `dist`.
 *
 * @throws ConfigError where it was not built
 */
export async function pageFolder(page: 'lab' | 'dashboard'): Promise<string> {
  const candidates = [`../web/${page}`, `../../dist/web/${page}`].map((relative) =>
    fileURLToPath(new URL(relative, import.meta.url)),
  );
  for (const folder of candidates)
    if (await stat(join(folder, 'index.html')).catch(() => undefined)) return folder;
  throw new ConfigError(
    `${page}: the page must have been built, got no index.html in ${candidates.at(-1)}. Run npm run build`,
  );
}

/**
 * Answers GET and HEAD with the files of a folder as they are when this is called; `/` is its `index.html`. What is asked for
 * is looked up in the list of its files, so nothing outside of the folder can be reached, nor a link in it followed. Other
 * requests go on to the next handler.
 */
export async function staticPages(
  folder: string,
  { compressed = false }: StaticPagesOptions = {},
): Promise<MiddlewareHandler> {
  const files = await filesOf(folder);
  const packed = new Map<StaticFile, Promise<Uint8Array<ArrayBuffer>>>();
  return async ({ req, body, header }, next) => {
    const file = req.method === 'GET' || req.method === 'HEAD' ? files.get(pathOf(req.url)) : undefined;
    if (!file) {
      await next();
      return undefined;
    }
    for (const [name, value] of Object.entries(pageHeaders)) header(name, value);
    header('Content-Type', file.type);
    header('Cache-Control', file.cacheControl);
    header('ETag', file.etag);
    if (compressed) header('Vary', 'Accept-Encoding');
    if (req.header('If-None-Match')?.includes(file.etag)) return body(null, 304);
    const takesBrotli = /\bbr\b/.test(req.header('Accept-Encoding') ?? '');
    if (compressed && takesBrotli && compressible.has(extname(file.path))) {
      const bytes = packed.get(file) ?? brotli(file);
      packed.set(file, bytes);
      const content = await bytes;
      header('Content-Encoding', 'br');
      header('Content-Length', String(content.length));
      return req.method === 'HEAD' ? body(null) : body(content);
    }
    header('Content-Length', String(file.size));
    if (req.method === 'HEAD') return body(null);
    return body(Readable.toWeb(createReadStream(file.path)) as ReadableStream);
  };
}

/** The path that a request names, decoded; one that cannot be decoded names nothing. */
function pathOf(url: string): string {
  const { pathname } = new URL(url);
  try {
    return decodeURIComponent(pathname);
  } catch {
    return '';
  }
}

/** Every file below a folder by its path in a URL; links and hidden files are no files of a page. */
async function filesOf(folder: string): Promise<ReadonlyMap<string, StaticFile>> {
  const files = new Map<string, StaticFile>();
  const visit = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const name = `${below}/${entry.name}`;
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory()) await visit(name);
      else if (entry.isFile()) files.set(name, await describe(folder, name));
    }
  };
  await visit('');
  const index = files.get('/index.html');
  if (index) files.set('/', index);
  return files;
}

async function describe(folder: string, name: string): Promise<StaticFile> {
  const path = join(folder, name);
  const { size, mtimeMs } = await stat(path);
  return {
    path,
    size,
    etag: `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`,
    type: types[extname(path)] ?? 'application/octet-stream',
    cacheControl: HASHED.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
}

/** Quality 5 packs ONNX Runtime's 14 MB in half a second, to about what 9 does in five. */
async function brotli({ path, size }: StaticFile): Promise<Uint8Array<ArrayBuffer>> {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
  const content = await readFile(path);
  return Uint8Array.from(
    await compress(content, { params: { [BROTLI_PARAM_QUALITY]: 5, [BROTLI_PARAM_SIZE_HINT]: size } }),
  );
}
