import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { DataError } from '../../errors.ts';
import { claimPartial, type Partial } from './partial.ts';

/** What to download and what it must turn out to be. */
export interface DownloadRequest {
  /** The same file on several servers, in the order to try them. */
  readonly urls: readonly string[];
  readonly destination: string;
  readonly sizeBytes: number;
  /** SHA-256 (hex) of the whole file. */
  readonly sha256: string;
  /** Bytes that are here so far, those of an earlier attempt included. */
  readonly onProgress?: (receivedBytes: number, url: string) => void;
  /** Why a server is being left for the next. */
  readonly onFailure?: (url: string, reason: string) => void;
  readonly signal?: AbortSignal;
  /** A server that sends nothing for this long is given up; default 30,000. */
  readonly stallTimeoutMs?: number;
}

/** SHA-256 (hex) of a file's bytes. */
async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
    hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** Ends the turns of two servers that keep undoing each other's work: one cuts, the other restarts. */
const maximumAttempts = 100;

/**
 * Downloads one file, all or nothing: `destination` appears by a rename once size and SHA-256 are right.
 *
 * What a cut connection leaves is kept and continued by HTTP Range, by the next attempt or the next server: the checksum
 * pins the content, so what one mirror began another may finish. Servers take turns until each has failed in a row
 * without bringing a byte. Two processes may load the same file at once: each does its own work and both end right.
 *
 * @throws DataError that names every server and why it failed; what the file system or `signal` throws, as it is
 */
export async function download(request: DownloadRequest): Promise<void> {
  const { urls, destination, signal, onFailure } = request;
  const partial = await claimPartial(destination);
  const reasons = new Map<string, string>();
  try {
    let fruitless = 0;
    for (let attempt = 0; fruitless < urls.length && attempt < maximumAttempts; attempt++) {
      const url = urls[attempt % urls.length]!;
      const before = await partial.sizeBytes();
      const reason = (await transfer(url, partial, request)) ?? (await wrongContent(partial, request));
      if (reason === undefined) return await rename(partial.bytes, destination);
      signal?.throwIfAborted();
      reasons.set(url, reason);
      onFailure?.(url, reason);
      // Bytes from before that turned out wrong say nothing against this server: it gets another turn, from the start.
      const after = await partial.sizeBytes();
      fruitless = after > before || (before > 0 && after === 0) ? 0 : fruitless + 1;
    }
  } finally {
    await partial.release();
  }
  const tried = [...reasons].map(([url, reason]) => `${url} (${reason})`).join(', ');
  throw new DataError(`download: ${destination} must come from one of ${urls.length} servers, got ${tried}`);
}

/** Says what is wrong with a finished transfer, if anything, and discards wrong bytes. */
async function wrongContent(
  partial: Partial,
  { sizeBytes, sha256 }: DownloadRequest,
): Promise<string | undefined> {
  const size = await partial.sizeBytes();
  if (size < sizeBytes) return `ended at byte ${size} of ${sizeBytes}`;
  const found = await sha256OfFile(partial.bytes);
  if (found === sha256) return undefined;
  await partial.discard();
  return `sent other content: SHA-256 ${found} instead of ${sha256}`;
}

/** Adds to `partial` what `url` sends. Returns why the server failed, if it did; errors of the file system are thrown. */
async function transfer(
  url: string,
  partial: Partial,
  request: DownloadRequest,
): Promise<string | undefined> {
  const { sizeBytes, onProgress, signal, stallTimeoutMs = 30_000 } = request;
  const offset = await partial.sizeBytes();
  if (offset === sizeBytes) return undefined;

  const connection = new AbortController();
  const stalled = new Error(`sent nothing for ${stallTimeoutMs / 1000} s`);
  const timer = setTimeout(() => connection.abort(stalled), stallTimeoutMs);
  try {
    const headers = await rangeHeaders(url, offset, partial);
    const abort = signal ? AbortSignal.any([signal, connection.signal]) : connection.signal;
    const response = await fetch(url, { headers, signal: abort }).catch(reasonOf);
    if (typeof response === 'string') return response;
    const start = startOf(response, offset, sizeBytes);
    if (typeof start === 'string') {
      // A server that cannot go on from here is asked for the whole file the next time.
      if (offset > 0 && (response.status === 206 || response.status === 416)) await partial.discard();
      return start;
    }
    const etag = response.headers.get('etag');
    await partial.writeSource({ url, ...(etag && { etag }) });
    return await append(response, start, partial.bytes, sizeBytes, (received) => {
      timer.refresh();
      onProgress?.(received, url);
    });
  } finally {
    clearTimeout(timer);
    connection.abort();
  }
}

/** Writes the body of `response` behind byte `start` of a file. Returns why the body ended early, if it did. */
async function append(
  response: Response,
  start: number,
  path: string,
  sizeBytes: number,
  onReceived: (receivedBytes: number) => void,
): Promise<string | undefined> {
  const reader = response.body?.getReader();
  if (!reader) return 'sent an empty answer';
  const file = await open(path, start === 0 ? 'w' : 'a');
  try {
    for (let received = start; ; ) {
      const chunk = await reader.read().catch(reasonOf);
      if (typeof chunk === 'string') return `cut at byte ${received} of ${sizeBytes}: ${chunk}`;
      if (chunk.done) break;
      received += chunk.value.length;
      if (received > sizeBytes) {
        await file.truncate(0);
        return `sent more than the ${sizeBytes} bytes of the file`;
      }
      await file.writeFile(chunk.value);
      onReceived(received);
    }
    await file.sync();
    return undefined;
  } finally {
    await file.close();
  }
}

/** Asks for the rest of a file; of the same version, where this server named the version before. */
async function rangeHeaders(url: string, offset: number, partial: Partial): Promise<Record<string, string>> {
  // Servers are asked not to compress on the way: `fetch` would unpack, and the checksum is that of the file.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (offset === 0) return headers;
  headers['range'] = `bytes=${offset}-`;
  const source = await partial.readSource();
  // A weak tag (W/"...") does not promise equal bytes, and If-Range may not carry one.
  if (source?.url === url && source.etag?.startsWith('"')) headers['if-range'] = source.etag;
  return headers;
}

/** Where in the file the body of `response` starts, or why it cannot be used. */
function startOf(response: Response, offset: number, sizeBytes: number): number | string {
  const encoding = response.headers.get('content-encoding');
  if (response.status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
    if (!range || Number(range[1]) !== offset) return `sent a range that does not start at byte ${offset}`;
    if (range[2] !== '*' && Number(range[2]) !== sizeBytes)
      return `has ${range[2]} bytes instead of ${sizeBytes}`;
    return offset;
  }
  if (response.status !== 200) return `HTTP ${response.status}`;
  if (encoding && encoding !== 'identity') return `sends the file encoded again (${encoding})`;
  const length = response.headers.get('content-length');
  return length !== null && Number(length) !== sizeBytes ? `has ${length} bytes instead of ${sizeBytes}` : 0;
}

/** The short reason in an error of `fetch`: its cause's code where there is one (ENOTFOUND, ECONNRESET). */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}
