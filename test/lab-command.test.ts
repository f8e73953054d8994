import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startZerosum } from './zerosum-process.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zerosum-lab-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('zerosum lab', () => {
  it('prints its address first, serves the page there and ends at a signal', async () => {
    const lab = startZerosum(folder, 'lab', '--port', '0', '--no-open');
    const url = await lab.line(() => true);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(page.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    const html = await page.text();
    expect(html).toContain('type="module"');
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
    const script = /src="\.\/([^"]+\.js)"/.exec(html)?.[1];
    expect((await fetch(new URL(script ?? 'none', url))).headers.get('content-type')).toMatch(/javascript/);

    const { port } = new URL(url);
    const { code, stderr } = await startZerosum(folder, 'lab', '--port', port, '--no-open').ended;
    expect(code).toBe(2);
    expect(stderr).toContain(
      `lab: 127.0.0.1:${port} must be free to listen on, got EADDRINUSE. Choose another with --port, or --port 0 for any`,
    );

    lab.child.kill('SIGTERM');
    expect((await lab.ended).code).toBe(0);
  });

  it('has help with examples', async () => {
    const { stdout, code } = await startZerosum(folder, 'lab', '--help').ended;
    expect(code).toBe(0);
    expect(stdout).toContain('$ zerosum lab --port 8080 --no-open');
  });
});
