import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataError } from '../../errors.ts';
import { type DownloadRequest, download } from './download.ts';

const content = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 8));
const sha256 = createHash('sha256').update(content).digest('hex');

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let folder: string;
let destination: string;
let servers: Server[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zerosum-download-'));
  destination = join(folder, 'set', 'file.gz');
  servers = [];
});

afterEach(async () => {
  for (const server of servers) server.closeAllConnections();
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  await rm(folder, { recursive: true });
});

let waiting: { bytes: number; resolve: () => void }[] = [];

/** Resolves when a download has `bytes` bytes: what is cut sooner may be lost on the way, and the test with it. */
const received = (bytes: number) => new Promise<void>((resolve) => waiting.push({ bytes, resolve }));

/** Starts a server on loopback and returns the file's URL there; `seen` collects the requests' headers. */
async function serve(handler: Handler, seen: IncomingMessage['headers'][] = []): Promise<string> {
  const server = createServer((request, response) => {
    seen.push(request.headers);
    handler(request, response);
  });
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.gz`;
}

/** Serves `bytes` with Range and If-Range, and cuts the connection after `cutAfter` bytes of each answer. */
function file(bytes: Buffer, { etag = '"v1"', ranges = true, cutAfter = Infinity } = {}): Handler {
  return (request, response) => {
    const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const condition = request.headers['if-range'];
    const start = ranges && from && (condition === undefined || condition === etag) ? Number(from[1]) : 0;
    if (start > 0) response.setHeader('content-range', `bytes ${start}-${bytes.length - 1}/${bytes.length}`);
    response.writeHead(start > 0 ? 206 : 200, { etag, 'content-length': bytes.length - start });
    const body = bytes.subarray(start);
    if (body.length <= cutAfter) response.end(body);
    else {
      response.write(body.subarray(0, cutAfter));
      void received(start + cutAfter).then(() => response.destroy());
    }
  };
}

const status =
  (code: number): Handler =>
  (_, response) => {
    response.writeHead(code);
    response.end('sorry');
  };

function fetching(urls: readonly string[], options: Partial<DownloadRequest> = {}): Promise<void> {
  return download({
    ...{ urls, destination, sizeBytes: content.length, sha256 },
    ...options,
    onProgress(bytes, url) {
      for (const waiter of waiting) if (waiter.bytes <= bytes) waiter.resolve();
      waiting = waiting.filter((waiter) => waiter.bytes > bytes);
      options.onProgress?.(bytes, url);
    },
  });
}

/** Whether the file in place is right; equality of long buffers takes vitest a second. */
const isInPlace = async () => (await readFile(destination)).equals(content);

/** What lies beside the destination: nothing of a download that ended well. */
const beside = () => readdir(join(folder, 'set'));

describe('download', () => {
  it('puts the file in place and reports the bytes on the way', async () => {
    const reported: number[] = [];
    await fetching([await serve(file(content))], { onProgress: (bytes) => reported.push(bytes) });
    expect(await isInPlace()).toBe(true);
    expect(reported.at(-1)).toBe(content.length);
    expect(reported).toEqual([...reported].sort((a, b) => a - b));
    expect(await beside()).toEqual(['file.gz']);
  });

  it('goes on where a cut connection ended', async () => {
    const seen: IncomingMessage['headers'][] = [];
    const failures: string[] = [];
    const url = await serve(file(content, { cutAfter: 120_000 }), seen);
    await fetching([url], { onFailure: (_, reason) => failures.push(reason) });
    expect(await isInPlace()).toBe(true);
    expect(seen.map(({ range }) => range)).toEqual([undefined, 'bytes=120000-', 'bytes=240000-']);
    expect(seen.map((headers) => headers['if-range'])).toEqual([undefined, '"v1"', '"v1"']);
    expect(failures[0]).toMatch(/^cut at byte 120000 of 300000: /);
    expect(await beside()).toEqual(['file.gz']);
  });

  it('goes on at the second server, without the tag of the first', async () => {
    const seen: IncomingMessage['headers'][] = [];
    let answers = 0;
    const first = await serve((request, response) => {
      if (answers++ === 0) file(content, { cutAfter: 120_000 })(request, response);
      else status(500)(request, response);
    });
    const second = await serve(file(content, { etag: '"other"' }), seen);
    await fetching([first, second]);
    expect(await isInPlace()).toBe(true);
    expect(seen.map((headers) => [headers.range, headers['if-range']])).toEqual([
      ['bytes=120000-', undefined],
    ]);
  });

  it('goes on in a later call', async () => {
    let url = await serve(file(content, { ranges: false, cutAfter: 120_000 }));
    await expect(fetching([url])).rejects.toThrow(DataError);
    expect(await beside()).toEqual(['file.gz.part']);
    const seen: IncomingMessage['headers'][] = [];
    url = await serve(file(content), seen);
    await fetching([url]);
    expect(seen.map(({ range }) => range)).toEqual(['bytes=120000-']);
    expect(await isInPlace()).toBe(true);
    expect(await beside()).toEqual(['file.gz']);
  });

  it('takes over what a killed process left, but not what a living one holds', async () => {
    const dead = join(folder, 'set', 'file.gz.part-999999999-1');
    const living = join(folder, 'set', `file.gz.part-${process.ppid}-1`);
    for (const part of [dead, living]) {
      await mkdir(part, { recursive: true });
      await writeFile(join(part, 'bytes'), content.subarray(0, 50_000));
    }
    const seen: IncomingMessage['headers'][] = [];
    await fetching([await serve(file(content), seen)]);
    expect(seen.map(({ range }) => range)).toEqual(['bytes=50000-']);
    expect((await beside()).sort()).toEqual(['file.gz', `file.gz.part-${process.ppid}-1`]);
  });

  it('starts again where the file changed on the server', async () => {
    const old = Buffer.alloc(content.length, 1);
    let answers = 0;
    const seen: IncomingMessage['headers'][] = [];
    const url = await serve((request, response) => {
      const [bytes, options] = answers++ === 0 ? [old, { etag: '"old"', cutAfter: 50_000 }] : [content, {}];
      file(bytes, options)(request, response);
    }, seen);
    await fetching([url]);
    expect(seen[1]).toMatchObject({ range: 'bytes=50000-', 'if-range': '"old"' });
    expect(await isInPlace()).toBe(true);
  });

  it('starts again where bytes from before turn out wrong', async () => {
    await mkdir(`${destination}.part`, { recursive: true });
    await writeFile(join(`${destination}.part`, 'bytes'), Buffer.alloc(1000, 1));
    await fetching([await serve(file(content))]);
    expect(await isInPlace()).toBe(true);
  });

  it('downloads from a server without Range, from the start', async () => {
    await mkdir(`${destination}.part`, { recursive: true });
    await writeFile(join(`${destination}.part`, 'bytes'), content.subarray(0, 1000));
    await fetching([await serve(file(content, { ranges: false }))]);
    expect(await isInPlace()).toBe(true);
  });

  it.each([
    ['404', status(404), 'HTTP 404'],
    ['416', status(416), 'HTTP 416'],
    ['other content', file(Buffer.alloc(content.length)), 'sent other content: SHA-256 886715e4'],
    ['a page instead', file(Buffer.from('<html>log in</html>')), 'has 19 bytes instead of 300000'],
    [
      'a shorter file, length unknown',
      ((_, response) => response.end(content.subarray(0, 9))) as Handler,
      'has 9 bytes',
    ],
    [
      'a longer file, length unknown',
      ((_, response) => {
        response.write(content);
        setImmediate(() => response.end('more'));
      }) as Handler,
      'sent more than the 300000 bytes of the file',
    ],
    [
      'a range not asked for',
      ((_, response) => {
        response.writeHead(206, { 'content-range': 'bytes 5-9/300000' });
        response.end('12345');
      }) as Handler,
      'sent a range that does not start at byte 0',
    ],
    [
      'a body encoded again',
      ((_, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end();
      }) as Handler,
      'sends the file encoded again (gzip)',
    ],
    ['a connection that closes', ((request) => request.socket.destroy()) as Handler, 'UND_ERR_SOCKET'],
    ['silence', (() => {}) as Handler, 'sent nothing for 0.5 s'],
  ] as const)('%s on the first server: falls to the second', async (_, handler, reason) => {
    const failures: string[] = [];
    const urls = [await serve(handler), await serve(file(content))];
    // Short only where it is waited for: a busy machine must not count as a silent server.
    const stallTimeoutMs = reason.startsWith('sent nothing') ? 500 : 30_000;
    await fetching(urls, { stallTimeoutMs, onFailure: (url, why) => failures.push(url, why) });
    expect(failures).toEqual([urls[0], expect.stringContaining(reason)]);
    expect(await isInPlace()).toBe(true);
    expect(await beside()).toEqual(['file.gz']);
  });

  it('names every server and its reason where none delivers, and leaves nothing', async () => {
    const urls = [
      await serve(status(404)),
      await serve(file(Buffer.alloc(content.length))),
      'http://127.0.0.1:1/file.gz',
    ];
    const [first, second, third] = urls;
    const failing = fetching(urls);
    await expect(failing).rejects.toThrow(DataError);
    await expect(failing).rejects.toThrow(
      new RegExp(
        `^download: .*file.gz must come from one of 3 servers, got ${first} \\(HTTP 404\\), ${second} \\(sent other content: .*\\), ${third} \\(.*\\)$`,
      ),
    );
    expect(await beside()).toEqual([]);
  });

  it('gives up on servers that cut and restart for ever', async () => {
    const cut = await serve(file(content, { ranges: false, cutAfter: 1000 }));
    await expect(fetching([cut, cut])).rejects.toThrow('cut at byte 1000 of 300000');
  });

  it('serves two at once', async () => {
    const url = await serve(file(content));
    await Promise.all([fetching([url]), fetching([url])]);
    expect(await isInPlace()).toBe(true);
    expect(await beside()).toEqual(['file.gz']);
  });

  it('stops at the signal and keeps what came', async () => {
    const abort = new AbortController();
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 1000));
    });
    const stopped = fetching([url], {
      signal: abort.signal,
      onProgress: () => abort.abort(new Error('enough')),
    });
    await expect(stopped).rejects.toThrow('enough');
    expect((await readFile(join(`${destination}.part`, 'bytes'))).length).toBe(1000);
  });

  it('does not blame a server for a folder that cannot be written', async () => {
    await writeFile(join(folder, 'set'), 'a file where the folder should be');
    const failures: string[] = [];
    const failing = fetching([await serve(file(content))], {
      onFailure: (_, reason) => failures.push(reason),
    });
    await expect(failing).rejects.toThrow(/EEXIST|ENOTDIR/);
    expect(failures).toEqual([]);
  });
});
