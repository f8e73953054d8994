/**
 * How fast the lab is in headless Chromium: training steps a second of its default game while the page draws, frames a second
 * of the page and its longest gap, the time from an empty cache to the first button that can be pressed, and what is
 * transferred. Run on an otherwise idle machine, after npm run build:
 *
 *     npx tsx bench/lab.ts [seconds] [fragment]
 *
 * The targets: 400 steps and 60 frames a second on 2 cores, 3 seconds.
 */
import { chromium } from 'playwright-core';
import { serveLab } from '../src/server/serve-lab.ts';

/** The page's, inside `evaluate`. */
declare function requestAnimationFrame(callback: (now: number) => void): number;

const seconds = Number(process.argv[2] ?? 10);
const fragment = process.argv[3] ?? '';
const WARM_UP_MS = 4000;

const served = await serveLab({ host: '127.0.0.1', port: 0 });
const browser = await chromium.launch({
  executablePath: process.env['ZEROSUM_CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
const sizes = new Map<string, number>();
page.on('response', async (response) => {
  sizes.set(new URL(response.url()).pathname, (await response.body().catch(() => Buffer.of())).length);
});

const start = performance.now();
await page.goto(`${served.url}${fragment === '' ? '' : `#${fragment}`}`);
const play = page.locator('[data-testid="play"]:enabled');
await play.waitFor();
const firstInteraction = performance.now() - start;
await page.waitForTimeout(2000);
await play.click();
await page.waitForTimeout(WARM_UP_MS);

const steps = async (): Promise<number> =>
  Number(((await page.locator('[data-testid="steps"]').textContent()) ?? '').replace(/\D/g, ''));
const before = await steps();
const began = performance.now();
const gaps = await page.evaluate(async (milliseconds) => {
  const found: number[] = [];
  const end = performance.now() + milliseconds;
  let last = performance.now();
  while (last < end) {
    const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
    found.push(now - last);
    last = now;
  }
  return found;
}, seconds * 1000);
const took = (performance.now() - began) / 1000;
const made = (await steps()) - before;
const shown = await page.locator('[data-testid="steps-per-second"]').textContent();
await browser.close();
await served.close();

gaps.sort((a, b) => a - b);
const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`;
const engine = [...sizes].filter(([path]) => /ort|\.wasm$/.test(path));
const rest = [...sizes].filter(([path]) => !/ort|\.wasm$/.test(path));
const total = (list: readonly (readonly [string, number])[]): number =>
  list.reduce((sum, [, size]) => sum + size, 0);
process.stdout.write(
  `${[
    `steps a second        ${(made / took).toFixed(0)} (the page says ${shown})`,
    `frames a second       ${(gaps.length / took).toFixed(1)}, longest gap ${gaps.at(-1)!.toFixed(0)} ms, 99th percentile ${gaps[Math.floor(gaps.length * 0.99)]!.toFixed(0)} ms`,
    `first interaction     ${(firstInteraction / 1000).toFixed(2)} s`,
    `page, uncompressed    ${kilobytes(total(rest))}`,
    `ONNX Runtime          ${kilobytes(total(engine))}`,
  ].join('\n')}\n`,
);
