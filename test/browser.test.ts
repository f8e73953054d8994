import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openSession } from '../src/runtime/node-session.ts';
import { noBrowser, type OpenPageOptions, openPage } from './browser/open-page.ts';
import type { PageTraining } from './browser/train-in-page.ts';
import { chunkFeeds, chunkProgram, initialState } from './runtime/descent.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

async function trainInPage(entry: string, options: OpenPageOptions, threads?: number): Promise<PageTraining> {
  const { page, errors, close } = await openPage(path(entry), options);
  try {
    const training = await page.evaluate((count) => globalThis.train(count), threads);
    expect(errors).toEqual([]);
    return training;
  } finally {
    await close();
  }
}

/** The same training in Node. */
async function trainInNode(device: 'cpu' | 'wasm'): Promise<{ losses: number[]; weight: number[] }> {
  const session = await openSession({ device, threads: 1 });
  await session.compile(chunkProgram());
  await session.writeState(initialState());
  const losses: number[] = [];
  for (const chunk of [0, 1]) {
    const results = await session.run('chunk', chunkFeeds(chunk));
    losses.push(...[...results['losses']!.data].map(Number));
  }
  const { weight } = await session.readState();
  await session.release();
  return { losses, weight: [...weight!.data].map(Number) };
}

describe.skipIf(noBrowser)('a Worker in Chromium', () => {
  test("trains a Loop to Node's numbers, on any host", async () => {
    const { device, threads, notice, losses, weight, error } = await trainInPage(
      './browser/session-page.ts',
      {},
    );
    expect({ device, threads, notice }).toEqual({ device: 'wasm', threads: 1, notice: undefined });
    expect({ losses, weight }).toEqual(await trainInNode('wasm'));
    const native = await trainInNode('cpu');
    expect(losses).toBeAllClose(native.losses, { rtol: 1e-5 });
    expect(weight).toBeAllClose(native.weight, { rtol: 1e-5 });
    expect(error).toBe(
      'ExecutionError: run: xs of program chunk must be fed as float32 [5, 8, 3], got nothing',
    );
  });

  test('takes threads where the page is cross-origin isolated, and says so where it is not', async () => {
    const isolated = await trainInPage('./browser/session-page.ts', { crossOriginIsolated: true }, 2);
    expect(isolated).toMatchObject({ threads: 2 });
    expect(isolated.losses).toBeAllClose((await trainInNode('cpu')).losses, { rtol: 1e-5 });
    const { threads, notice } = await trainInPage('./browser/session-page.ts', {}, 2);
    expect(threads).toBe(1);
    expect(notice).toMatch(
      /^wasm runs with 1 thread, not 2: the page is not cross-origin isolated\. Serve it with/,
    );
  });

  test.skipIf(!existsSync(path('../dist/runtime/web-session.js')))(
    'is found by a bundler in the compiled package as well (npm run build)',
    async () => {
      const { losses } = await trainInPage('./browser/compiled-session-page.js', {});
      expect(losses).toBeAllClose((await trainInNode('cpu')).losses, { rtol: 1e-5 });
    },
  );
});
