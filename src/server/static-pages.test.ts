import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedLab, serveLab } from './serve-lab.ts';
import { staticPages } from './static-pages.ts';

let root: string;
let served: ServedLab;

const page = '<!doctype html><title>page</title>';
const script = `export const text = '${'word '.repeat(200)}';`;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'zerosum-static-'));
  const folder = join(root, 'page');
  await mkdir(join(folder, 'assets'), { recursive: true });
  await writeFile(join(root, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'index.html'), page);
  await writeFile(join(folder, '.hidden'), 'hidden');
  await writeFile(join(folder, 'assets/entry-Ab3_x-9Z.js'), script);
  await writeFile(join(folder, 'assets/engine-12345678.wasm'), new Uint8Array([0, 97, 115, 109]));
  await writeFile(join(folder, 'offline.js'), '');
  await symlink(join(root, 'secret.txt'), join(folder, 'link.txt'));
  await symlink(root, join(folder, 'up'));
  served = await serveLab({ host: '127.0.0.1', port: 0, folder });
});
afterAll(async () => {
  await served.close();
  await rm(root, { recursive: true });
});

/** A request whose path is sent as it is written: `fetch` would settle its dots. */
function ask(path: string, method = 'GET'): Promise<{ status: number; body: string; headers: Headers }> {
  const { hostname, port } = new URL(served.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString(),
          headers: new Headers(response.headers as Record<string, string>),
        }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('staticPages', () => {
  it('serves the page with headers that isolate it and let no inline script run', async () => {
    const { status, body, headers } = await ask('/');
    expect(status).toBe(200);
    expect(body).toBe(page);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(headers.get('cache-control')).toBe('no-cache');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe-inline');
    expect(policy).not.toContain("'unsafe-eval'");
  });

  it('gives scripts and WebAssembly their types, and keeps hashed names for good', async () => {
    const entry = await ask('/assets/entry-Ab3_x-9Z.js');
    expect(entry.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(entry.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const engine = await ask('/assets/engine-12345678.wasm');
    expect(engine.headers.get('content-type')).toBe('application/wasm');
    expect(engine.headers.get('content-length')).toBe('4');
    expect((await ask('/offline.js')).headers.get('cache-control')).toBe('no-cache');
  });

  it('answers HEAD without a body and a known ETag with 304', async () => {
    const head = await ask('/index.html', 'HEAD');
    expect([head.status, head.body]).toEqual([200, '']);
    expect(head.headers.get('content-length')).toBe(String(page.length));
    const again = await fetch(served.url, { headers: { 'If-None-Match': head.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
  });

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '//etc/passwd',
    '/%00',
    '/%',
    '/link.txt',
    '/up/secret.txt',
    '/.hidden',
    '/assets',
  ])('does not answer %s', async (path) => {
    const { status, body } = await ask(path);
    expect(status).toBe(404);
    expect(body).not.toContain('secret');
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('takes no %s', async (method) => {
    const { status, headers } = await ask('/', method);
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('GET, HEAD');
  });

  it('compresses where asked to', async () => {
    const app = new Hono();
    app.use(await staticPages(join(root, 'page'), { compressed: true }));
    const headers = { 'Accept-Encoding': 'gzip, br' };
    const packed = await app.request('/assets/entry-Ab3_x-9Z.js', { headers });
    expect(packed.headers.get('content-encoding')).toBe('br');
    expect(packed.headers.get('vary')).toBe('Accept-Encoding');
    expect(brotliDecompressSync(Buffer.from(await packed.arrayBuffer())).toString()).toBe(script);
    const plain = await app.request('/assets/entry-Ab3_x-9Z.js');
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toBe(script);
  });

  it('says what to do where a port is taken', async () => {
    const { port } = new URL(served.url);
    const again = serveLab({ host: '127.0.0.1', port: Number(port), folder: join(root, 'page') });
    await expect(again).rejects.toThrow(
      /must be free to listen on, got EADDRINUSE. Choose another with --port/,
    );
  });
});
