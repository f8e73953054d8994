import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { serveRuns, type TestedDashboard } from '../../test/served-dashboard.ts';
import { trainRing } from '../../test/trained-run.ts';
import type { ApiError, RunList } from './api.ts';

const home = mkdtempSync(join(tmpdir(), 'attacks-'));
const runs = join(home, 'runs');
const secret = 'root:x:0:0';
let open: TestedDashboard;
let guarded: TestedDashboard;
const token = 'sixteen-letters-and-more';

beforeAll(async () => {
  mkdirSync(runs);
  await trainRing(join(runs, 'ring'));
  writeFileSync(join(home, 'secret.txt'), secret);
  mkdirSync(join(home, 'outside'));
  writeFileSync(join(home, 'outside', 'config.json'), secret);
  open = await serveRuns(runs);
  guarded = await serveRuns(runs, { token });
}, 60_000);

afterAll(async () => {
  await open?.served.close();
  await guarded?.served.close();
  rmSync(home, { recursive: true, force: true });
});

const reason = (answer: { json<T>(): T }) => answer.json<ApiError>().error;
const here = () => `127.0.0.1:${open.served.port}`;

describe('another site', () => {
  it.each([
    'attacker.example',
    'attacker.example:7070',
    'localhost.attacker.example',
    '127.0.0.1.attacker.example',
  ])('is not answered under a name that it has made point here: %j', async (host) => {
    const answer = await open.ask('/api/runs', { headers: { Host: host } });
    expect(answer.status).toBe(403);
    expect(reason(answer)).toMatch(/^host: must be an address or a name of this machine, got /);
  });

  it.each(['GET /api/runs HTTP/1.0\r\n', 'GET /api/runs HTTP/1.1\r\nHost: localhost@attacker.example\r\n'])(
    'is not answered without one, or under one that is two: %j',
    async (request) => {
      const answer = await new Promise<string>((resolve) => {
        const socket = connect(open.served.port, '127.0.0.1', () => socket.write(`${request}\r\n`));
        socket.once('data', (data) => {
          socket.destroy();
          resolve(data.toString());
        });
      });
      expect(answer).toMatch(/^HTTP\/1.1 4\d\d /);
      expect(answer).not.toContain('"runs"');
    },
  );

  it.each(['localhost', 'localhost.', '[::1]', '127.0.0.1'])('is not what %s is', async (name) => {
    const answer = await open.ask('/api/runs', { headers: { Host: `${name}:${open.served.port}` } });
    expect(answer.status).toBe(200);
  });

  it.each([
    { Origin: 'http://attacker.example' },
    { Origin: 'null' },
    // Another server on this machine: the same site, but not the same origin.
    { Origin: 'http://127.0.0.1:1' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' },
  ])('cannot start a training: %j', async (headers) => {
    const answer = await open.ask('/api/runs', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(headers as Record<string, string>) },
      body: JSON.stringify({ data: 'ring8', name: 'planted' }),
    });
    expect(answer.status).toBe(403);
    expect(reason(answer)).toMatch(/^origin: requests must come from the dashboard itself, got one from /);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain; application/json',
  ])('cannot start one by a form, which sends %s', async (type) => {
    const answer = await open.ask('/api/runs', {
      method: 'POST',
      headers: { 'Content-Type': type },
      body: '{"data":"ring8","name":"planted"}',
    });
    expect(answer.status).toBe(415);
    expect(reason(answer)).toBe(`content type: must be application/json, got ${type}`);
  });

  it('cannot start one by a body without a type', async () => {
    const answer = await open.ask('/api/runs', { method: 'POST', body: '{"data":"ring8","name":"planted"}' });
    expect(answer.status).toBe(415);
  });

  it('cannot read runs, list them, or listen', async () => {
    for (const path of [
      '/api/runs',
      '/api/runs/ring',
      '/api/runs/ring/files/config.json',
      '/api/events',
      '/api/form',
    ]) {
      const headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' };
      expect((await open.ask(path, { headers })).status).toBe(403);
    }
  });

  it('is not told that it may', async () => {
    const answer = await open.ask('/api/runs', {
      method: 'OPTIONS',
      headers: {
        Origin: 'http://attacker.example',
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-type',
      },
    });
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it.each(['PUT', 'DELETE', 'PATCH'])('nor anybody else may send %s', async (method) => {
    expect((await open.ask('/api/runs/ring', { method })).status).toBe(403);
  });

  it('may link to the page', async () => {
    const headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' };
    expect((await open.ask('/', { headers })).status).toBe(404);
  });
});

describe('a path', () => {
  beforeAll(() => {
    symlinkSync(join(home, 'outside'), join(runs, 'linked-run'));
    symlinkSync(join(home, 'secret.txt'), join(runs, 'ring', 'linked.txt'));
    symlinkSync(home, join(runs, 'ring', 'linked-folder'));
    mkdirSync(join(runs, 'hollow'));
    symlinkSync(join(home, 'secret.txt'), join(runs, 'hollow', 'config.json'));
  });

  it.each([
    '/api/runs/../secret.txt',
    '/api/runs/ring/files/../../../secret.txt',
    '/api/runs/ring/files/..%2f..%2f..%2fsecret.txt',
    '/api/runs/ring/files/%2e%2e/%2e%2e/%2e%2e/secret.txt',
    '/api/runs/ring/files/..%5c..%5csecret.txt',
    '/api/runs/ring/files/%252e%252e%252fsecret.txt',
    '/api/runs/ring/files//etc/passwd',
    '/api/runs/ring/files/%2fetc%2fpasswd',
    '/api/runs/ring/files/config.json%00.png',
    '/api/runs/ring/files/linked.txt',
    '/api/runs/ring/files/linked-folder/secret.txt',
    '/api/runs/ring/files/samples',
    '/api/runs/ring/files/.',
    '/api/runs/ring/files/run.lock',
    '/api/runs/ring%2f..%2f..%2foutside',
    '/api/runs/%2e%2e',
    '/api/runs/..',
    '/api/runs/%2fetc',
    '/api/runs/ring%00',
    '/api/runs/.zerosum',
    '/api/runs/linked-run',
    '/api/runs/linked-run/files/config.json',
    '/api/runs/hollow',
    '/api/runs/hollow/files/config.json',
    `/api/runs/${'a'.repeat(5000)}`,
    `/api/runs/ring/files/${'a/'.repeat(600)}b`,
    '/api/runs/%ff%fe',
  ])('does not lead out of the runs: %s', async (path) => {
    const answer = await open.ask(path);
    expect(answer.status).toBe(404);
    expect(answer.text).not.toContain(secret);
    expect(answer.text).not.toContain(home);
  });

  it('that leads out is no run of the list either', async () => {
    const { runs: listed, unreadable } = (await open.ask('/api/runs')).json<RunList>();
    expect(listed.map(({ id }) => id)).toEqual(['ring']);
    expect(unreadable).toEqual([]);
  });

  it('that is one works', async () => {
    const answer = await open.ask('/api/runs/ring/files/samples/step-00000003.png');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('image/png');
  });

  it.each(['stop', 'resume', 'fork', 'nearest'])('is checked by POST %s as well', async (what) => {
    for (const id of ['..%2foutside', '%2e%2e', 'linked-run', 'hollow', 'ring%00'])
      expect((await open.post(`/api/runs/${id}/${what}`, {})).status).toBe(404);
  });
});

describe('sizes and counts', () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    open.ask('/api/runs', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body,
    });

  it('bodies end at 256 kB, announced or not', async () => {
    const body = JSON.stringify({ data: 'ring8', name: 'x'.repeat(300_000) });
    for (const headers of [{}, { 'Transfer-Encoding': 'chunked' }] as Record<string, string>[]) {
      const answer = await post(body, headers);
      expect(answer.status).toBe(413);
      expect(reason(answer)).toMatch(/^body: must have at most 262144 bytes, got /);
    }
  });

  it.each(['{', '[]', '1', 'null', '"a"'])('a body is a JSON object, not %s', async (body) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(reason(answer)).toMatch(/^body: must be /);
  });

  it.each([
    ['k', { data: 'ring8', set: { k: 0 } }],
    ['generator.optimiser.learningRate', { data: 'ring8', set: { 'generator.optimiser.learningRate': -1 } }],
    ['name', { data: 'ring8', name: 'a/b' }],
    ['name', { data: 'ring8', name: 'ring' }],
    ['data', { data: '/etc' }],
    ['steps', { data: 'ring8', steps: 0 }],
  ])('a refusal names the part that is wrong: %s', async (field, body) => {
    const answer = await open.post('/api/runs', body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.json<ApiError>().field).toBe(field);
  });

  it.each(['0', '1', '4001', '-5', '1e3', '1.5', 'NaN', '99999999999999999'])(
    'points=%s is refused',
    async (points) => {
      const answer = await open.ask(`/api/runs/ring/metrics?points=${points}`);
      expect(answer.status).toBe(400);
      expect(reason(answer)).toMatch(/^points: must be a whole number from 2 to 4000, got /);
    },
  );

  it('so are more keys than any log has', async () => {
    expect((await open.ask(`/api/runs/ring/metrics?keys=${'a,'.repeat(100)}`)).status).toBe(400);
  });

  it('thirty-two pages can listen, and one more when one has gone', async () => {
    const listen = () =>
      new Promise<{ socket: ReturnType<typeof connect>; status: string }>((resolve) => {
        const socket = connect(open.served.port, '127.0.0.1', () =>
          socket.write(`GET /api/events HTTP/1.1\r\nHost: ${here()}\r\n\r\n`),
        );
        socket.once('data', (data) => resolve({ socket, status: data.toString().slice(9, 12) }));
      });
    const first = await Promise.all(Array.from({ length: 32 }, listen));
    expect(new Set(first.map(({ status }) => status))).toEqual(new Set(['200']));
    const more = await listen();
    expect(more.status).toBe('503');
    const [gone] = first;
    gone!.socket.destroy();
    await expect
      .poll(async () => {
        const again = await listen();
        again.socket.destroy();
        return again.status;
      })
      .toBe('200');
    for (const { socket } of [...first, more]) socket.destroy();
  });
});

describe('every answer', () => {
  test.each(['/api/runs', '/api/runs/nothing', '/nothing', '/api/form'])(
    '%s allows nothing',
    async (path) => {
      const { headers } = await open.ask(path);
      expect(headers).toMatchObject({
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      });
    },
  );

  test('a refusal, too', async () => {
    const { headers, status } = await open.ask('/api/runs', { headers: { Host: 'attacker.example' } });
    expect(status).toBe(403);
    expect(headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'");
  });

  test('a page of a run is a stranger here, without scripts', async () => {
    writeFileSync(join(runs, 'ring', 'report.html'), '<script>fetch("/api/runs")</script>');
    const { headers, status } = await open.ask('/api/runs/ring/files/report.html');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'; /);
    expect(headers['content-security-policy']).not.toMatch(/script|allow-/);
    // What such a page would send.
    const sent = await open.ask('/api/runs', { headers: { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' } });
    expect(sent.status).toBe(403);
  });

  test('a file of a kind that no page shows is for saving', async () => {
    writeFileSync(
      join(runs, 'ring', 'picture.svg'),
      '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    );
    const { headers } = await open.ask('/api/runs/ring/files/picture.svg');
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(headers['content-disposition']).toBe('attachment');
  });
});

describe('a token', () => {
  const ask = (headers: Record<string, string>, path = '/api/runs') => guarded.ask(path, { headers });

  it.each([
    {},
    { Authorization: 'Bearer wrong-but-long-enough' },
    { Authorization: `Basic ${token}` },
    { Authorization: `Bearer ${token}x` },
    { Cookie: `zerosum=${token}` },
    { Cookie: `zerosum-1=${token}` },
  ])('is demanded: %j', async (headers) => {
    const answer = await ask(headers as Record<string, string>);
    expect(answer.status).toBe(401);
    expect(reason(answer)).toMatch(/^token: must be the one that this server was started with, /);
    expect(answer.text).not.toContain(token);
  });

  it('is demanded of everything: pages, files, events, addresses that are none, and what changes something', async () => {
    for (const path of ['/', '/api/events', '/api/form', '/api/runs/ring/files/config.json', '/nothing'])
      expect((await ask({}, path)).status).toBe(401);
    expect((await guarded.post('/api/runs', { data: 'ring8' })).status).toBe(401);
    expect((await ask({}, `/api/runs?token=${token}`)).status).toBe(401);
    expect((await ask({}, '/?token=wrong-but-long-enough')).status).toBe(401);
  });

  it('opens with a header', async () => {
    expect((await ask({ Authorization: `Bearer ${token}` })).status).toBe(200);
  });

  it('opens with the address that is printed, which becomes a cookie that no script reads', async () => {
    expect(guarded.served.url).toBe(`http://127.0.0.1:${guarded.served.port}/?token=${token}`);
    const entered = await ask({}, `/?token=${token}`);
    expect(entered.status).toBe(303);
    expect(entered.headers.location).toBe('/');
    const [cookie] = entered.headers['set-cookie']!;
    expect(cookie).toBe(`zerosum-${guarded.served.port}=${token}; Path=/; HttpOnly; SameSite=Lax`);
    expect((await ask({ Cookie: cookie!.split(';')[0]! })).status).toBe(200);
  });

  it('opens for nobody from another site', async () => {
    const cookie = { Cookie: `zerosum-${guarded.served.port}=${token}` };
    expect((await ask({ ...cookie, Origin: 'http://attacker.example' })).status).toBe(403);
    expect((await ask({ ...cookie, Host: 'attacker.example' })).status).toBe(403);
  });

  it('is random where other machines can reach the server, and none is given', async () => {
    const wide = await serveRuns(runs, { host: '0.0.0.0' });
    try {
      expect(wide.served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/);
      expect((await wide.ask('/api/runs')).status).toBe(401);
    } finally {
      await wide.served.close();
    }
  });

  it.each(['short', 'with spaces and more of them', 'sixteen-letters;and=more'])(
    '%j is refused',
    async (bad) => {
      await expect(serveRuns(runs, { token: bad })).rejects.toThrow('--token: must be 16 to 200 letters');
    },
  );
});
