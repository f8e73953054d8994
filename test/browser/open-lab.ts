import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { build } from 'vite';
import { serveLab } from '../../src/server/serve-lab.ts';
import { launchChromium, watchPage } from './open-page.ts';

/** The lab, built and served as `zerosum lab` serves it, in headless Chromium. */
export interface OpenedLab {
  readonly url: string;
  readonly folder: string;
  /** A page of its own, with what went wrong in it so far. */
  visit(
    fragment?: string,
    options?: BrowserContextOptions,
  ): Promise<{ readonly page: Page; readonly context: BrowserContext; readonly errors: readonly string[] }>;
  close(): Promise<void>;
}

/** Builds the page from source into a folder of its own. */
export async function openLab(): Promise<OpenedLab> {
  const folder = await mkdtemp(join(tmpdir(), 'zerosum-lab-'));
  await build({
    configFile: fileURLToPath(new URL('../../web/lab/vite.config.ts', import.meta.url)),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  });
  const served = await serveLab({ host: '127.0.0.1', port: 0, folder });
  const browser = await launchChromium();
  return {
    url: served.url,
    folder,
    async visit(fragment = '', options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      const page = await context.newPage();
      const errors = watchPage(page, new URL(served.url).origin);
      await page.goto(`${served.url}${fragment && `#${fragment}`}`);
      return { page, context, errors };
    },
    async close() {
      await browser.close();
      await served.close();
      await rm(folder, { recursive: true });
    },
  };
}
