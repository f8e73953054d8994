import { createReadStream, type Stats } from 'node:fs';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import type { HonoRequest } from 'hono';

/** What a browser may take a file of a run for. Everything else is for saving. */
const types: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.jsonl': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.onnx': 'application/octet-stream',
};

/**
 * Runs are passed on from person to person: a page in one may be anybody's. `sandbox` makes it a stranger to this server, whose
 * requests are refused, and takes its scripts away; the reports that are written here need styles and embedded pictures only.
 */
const RUN_FILE_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'";

/**
 * A file of a run as an answer. It may be kept, but is asked for again each time: a resumed run draws its sheets anew.
 *
 * @param asked - the request: what the browser has of the file, and whether it wants its headers alone
 */
export function runFileResponse(
  path: string,
  stats: Stats,
  asked: Pick<HonoRequest, 'header' | 'method'>,
): Response {
  const tag = `W/"${stats.size.toString(36)}-${Math.round(stats.mtimeMs).toString(36)}"`;
  const headers = new Headers({
    'Content-Security-Policy': RUN_FILE_POLICY,
    'Cache-Control': 'private, no-cache',
    ETag: tag,
  });
  if (asked.header('If-None-Match') === tag) return new Response(null, { status: 304, headers });
  const type = types[extname(path).toLowerCase()];
  headers.set('Content-Type', type ?? 'application/octet-stream');
  headers.set('Content-Length', String(stats.size));
  if (type === undefined) headers.set('Content-Disposition', 'attachment');
  // Not more than was announced: a log grows while it is read.
  const stream =
    stats.size === 0 || asked.method === 'HEAD' ? undefined : createReadStream(path, { end: stats.size - 1 });
  return new Response(stream ? (Readable.toWeb(stream) as ReadableStream) : null, { headers });
}
