import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodePng } from '../src/io/png.ts';
import type { DiscriminatorHistogram, RunDetail, RunMetrics } from '../src/server/api.ts';
import { type BuiltDashboard, buildDashboard } from './browser/built-dashboard.ts';
import { launchChromium, noBrowser, watchPage } from './browser/open-page.ts';
import { collapse, trainRuns } from './dashboard-runs.ts';
import { serveRuns, type TestedDashboard } from './served-dashboard.ts';

describe.skipIf(noBrowser)('dashboard', () => {
  let home: string;
  let built: BuiltDashboard;
  let tested: TestedDashboard;
  let browser: Browser;
  let page: Page;
  let errors: readonly string[];

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'dashboard-'));
    built = await buildDashboard();
    const data = await trainRuns(home);
    tested = await serveRuns(join(home, 'runs'), { page: built.page, data });
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
    page.setDefaultTimeout(10_000);
    errors = watchPage(page, new URL(tested.served.url).origin);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await tested?.served.close();
    await built?.remove();
    await rm(home, { recursive: true, force: true });
  });

  /** Goes there as a link of the page does; the first time, as a link from elsewhere does. */
  const open = async (hash: string): Promise<void> => {
    await page.goto(`${tested.served.url}${hash}`);
  };
  const get = async <T>(path: string): Promise<T> => (await tested.ask(path)).json<T>();
  const at = (testId: string) => page.getByTestId(testId);

  describe('the list', () => {
    const names = (): Promise<string[]> => page.locator('.run-name strong').allTextContents();

    it('shows every run with its newest sheet, what is wrong and its best measure', async () => {
      await open('');
      await at('run').first().waitFor();
      expect((await names()).sort()).toEqual(['animals', 'pictures', 'ring', 'sick']);
      await page.waitForFunction(
        `[...document.querySelectorAll('img')].every((image) => image.complete && image.naturalWidth > 0)`,
      );
      // Logs are read after the list.
      await at('run').filter({ hasText: 'sick' }).getByText(collapse).waitFor();
      const ring = (await at('run').filter({ hasText: 'ring8 · seed' }).allTextContents()).join();
      expect(ring).toMatch(/modesCovered\s*7/);
      expect(ring).toContain('40 steps');
    });

    it('opens a run by a click anywhere on its row, but for the box that chooses it', async () => {
      const ring = at('run').filter({ has: page.getByText('ring', { exact: true }) });
      const { x, y } = (await ring.boundingBox())!;
      expect(await page.evaluate(`document.elementFromPoint(${x + 500}, ${y + 20}).className`)).toBe(
        'run-link',
      );
      await ring.getByRole('checkbox').check();
      await ring.getByRole('checkbox').uncheck();
    });

    it('is searched, filtered and sorted, and keeps that in its address', async () => {
      await at('search').fill('collapsed');
      await expect.poll(names).toEqual(['sick']);
      expect(page.url()).toContain('q=collapsed');
      await at('search').fill('');
      await at('sort').selectOption('measure:modesCovered');
      await expect.poll(async () => (await names())[0]).toBe('ring');
      await at('sort').selectOption('name');
      await expect.poll(names).toEqual(['animals', 'pictures', 'ring', 'sick']);
      await page.getByRole('button', { name: 'Reversed' }).click();
      await expect.poll(names).toEqual(['sick', 'ring', 'pictures', 'animals']);
      await page.getByRole('button', { name: /^finished/ }).click();
      expect(await names()).toHaveLength(4);
      await open('#/runs?q=ring8&state=stopped');
      await page.getByText('No run matches').waitFor();
    });

    it('opens two runs over one another', async () => {
      await open('');
      await page.getByLabel('Compare ring').check();
      await page.getByLabel('Compare sick').check();
      await at('compare').click();
      await page.locator('.charts[data-loaded="true"]').waitFor();
      expect(await at('chart').first().locator('.legend li').allTextContents()).toEqual([
        expect.stringMatching(/^ring /),
        expect.stringMatching(/^sick /),
      ]);
    });
  });

  describe('a run', () => {
    const titles = (): Promise<string[]> => at('chart').locator('h3').allTextContents();
    const lossD = (): Promise<string | null> => page.locator('.chart .value').first().textContent();

    it('shows the curves with the last values of the log', async () => {
      await open('#/run/ring/training');
      await page.locator('.charts[data-loaded="true"]').waitFor();
      expect(await titles()).toEqual(expect.arrayContaining(['Losses', 'What D says', 'Penalties']));
      const { series } = await get<RunMetrics>('/api/runs/ring/metrics');
      expect(Number(await lossD())).toBeCloseTo(series['lossD']!.mean.at(-1)!, 3);
      const label = await page.getByRole('img', { name: /^Losses: lossD from/ }).getAttribute('aria-label');
      expect(label).toContain('at step 40');
      // The curve is on the canvas, in the discriminator's blue.
      const blue = await page.evaluate<number>(`(() => {
        const canvas = document.querySelector('.chart canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        const isBlue = (value, i) => i % 4 === 2 && value > data[i - 2] + 60 && data[i + 1] > 200;
        return data.filter(isBlue).length;
      })()`);
      expect(blue).toBeGreaterThan(100);
    });

    it('smooths, takes logarithms, explains', async () => {
      const rough = await lossD();
      await at('smoothing').fill('3');
      await expect.poll(lossD).not.toBe(rough);
      expect(page.url()).toContain('smooth=30');
      await at('logarithmic').check();
      await at('explain').check();
      await page.getByText('What each player minimises, in nats').waitFor();
      expect(page.url()).toContain('log=1');
    });

    it('zooms by dragging, with finer rows from the server, and back', async () => {
      await open('#/run/ring/training');
      await page.locator('.charts[data-loaded="true"]').waitFor();
      const box = (await page.locator('.chart .u-over').first().boundingBox())!;
      const asked = page.waitForRequest(/metrics\?.*from=\d+&to=\d+/);
      await page.mouse.move(box.x + box.width * 0.25, box.y + 50);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 4 });
      await page.mouse.up();
      const { searchParams } = new URL((await asked).url());
      expect(Math.abs(Number(searchParams.get('from')) - 10)).toBeLessThanOrEqual(1);
      expect(Math.abs(Number(searchParams.get('to')) - 30)).toBeLessThanOrEqual(1);
      expect(await at('from').inputValue()).toBe(searchParams.get('from'));
      await at('zoom-out').click();
      await expect.poll(() => at('to').inputValue()).toBe('40');
      await at('from').fill('20');
      await at('from').press('Enter');
      await expect.poll(() => page.url()).toContain('from=20&to=40');
      await at('zoom-out').click();
    });

    it('lays another run over it and takes it off', async () => {
      await at('lay-over').selectOption('pictures');
      await expect.poll(titles).toContain('lossG');
      await page.getByLabel('Take pictures off').click();
      await expect.poll(titles).toContain('Losses');
    });

    it('goes through the samples by key, by play and by a click into a chart', async () => {
      const step = (): Promise<string | null> => at('sheet-step').textContent();
      expect(await step()).toBe('40');
      await at('sheet-slider').press('Home');
      await expect.poll(step).toBe('0');
      expect(page.url()).toContain('step=0');
      const source = await page.locator('.sample-wall img').getAttribute('src');
      expect(source).toContain('step-00000000.png');
      await at('play').click();
      await expect.poll(step).toBe('40');
      const box = (await page.locator('.chart .u-over').first().boundingBox())!;
      await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
      await page.mouse.click(box.x + box.width * 0.5, box.y + 40);
      await expect.poll(step).toBe('20');
    });

    it('shows what D says of real examples and of samples', async () => {
      const histogram = await get<DiscriminatorHistogram>('/api/runs/ring/histograms?step=20');
      const image = at('histogram').getByRole('img');
      await image.waitFor();
      await expect.poll(() => at('histogram').textContent()).toContain('checkpoint of step 20');
      expect(await image.getAttribute('aria-label')).toContain(
        String(Number(histogram.mean.fake.toPrecision(3))),
      );
    });

    it('tells the diagnosis, the config beside its preset, the evaluation and the files', async () => {
      await open('#/run/sick/config');
      await at('config-diff').waitFor();
      expect(await at('diagnosis').textContent()).toMatch(
        /Collapse since step 40.*every z gives the same sample.*Try R1/,
      );
      const { configDiff } = await get<RunDetail>('/api/runs/sick');
      const rows = await at('config-diff').locator('tbody th').allTextContents();
      expect(rows).toEqual(configDiff!.map(({ path }) => path));
      await open('#/run/ring/evaluation');
      await page
        .getByText('Are all modes there?')
        .or(page.getByText('Which parts of the data are missing?'))
        .waitFor();
      expect(await at('evaluation').textContent()).toContain('7 of 8');
      await open('#/run/pictures/evaluation');
      await page.getByText('Nobody has evaluated this run yet').waitFor();
      expect(await at('command').textContent()).toMatch(/^npx zerosum evaluate \S+\/runs\/pictures$/);
      await open('#/run/ring/files');
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'config.json' }).click(),
      ]);
      expect(JSON.parse(await readFile(await download.path(), 'utf8'))).toMatchObject({ preset: 'ring8' });
    });

    it('says so where there is no such run', async () => {
      await open('#/run/nobody/training');
      await page.getByText('There is no run nobody here.').waitFor();
    });
  });

  describe('the latent explorer', () => {
    /** The current sample's pixels, grey. */
    const pixels = async (): Promise<number[]> => {
      await page.locator('.current[aria-busy="false"]').waitFor();
      return page.evaluate<number[]>(`(() => {
        const canvas = document.querySelector('canvas[data-testid="picture"]');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return [...data.filter((_, i) => i % 4 === 0)];
      })()`);
    };

    it('draws the samples of the sheet from their z, to a grey level', async () => {
      const { sheets } = await get<RunDetail>('/api/runs/pictures');
      const sheet = decodePng(
        await readFile(
          join(home, 'runs', 'pictures', 'samples', sheets.at(-1)!.url.match(/step-\d+\.png/)![0]),
        ),
      );
      const scale = Math.round(56 / 8);
      const cell = (column: number, row: number): number[] =>
        Array.from({ length: 48 }, (_, i) => {
          const x = (column * 7 + 1 + (i % 6)) * scale;
          const y = (row * 9 + 1 + Math.floor(i / 6)) * scale;
          return sheet.data[(y * sheet.width + x) * sheet.channels]!;
        });
      await open('#/run/pictures/explorer?z=23');
      await at('picture').waitFor();
      await expect.poll(pixels).toHaveLength(48);
      expect(await pixels()).toBeAllClose(cell(3, 2), { atol: 1, rtol: 0 });
      // The same by a click on the wall.
      await open('#/run/pictures/training');
      const box = (await page.locator('.sample-wall img').boundingBox())!;
      await page.mouse.click(box.x + box.width * 0.75, box.y + box.height * 0.05);
      await at('picture').waitFor();
      expect(page.url()).toContain('z=7');
      await expect.poll(pixels).toHaveLength(48);
      expect(await pixels()).toBeAllClose(cell(7, 0), { atol: 1, rtol: 0 });
    });

    it('follows the pointer, the keys and the sliders', async () => {
      const first = await pixels();
      const box = (await at('pad').boundingBox())!;
      await page.mouse.move(box.x + 20, box.y + 20);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.9, box.y + box.height * 0.2, { steps: 3 });
      await page.mouse.up();
      await expect.poll(async () => Number(await at('u').inputValue())).toBeCloseTo(0.8, 1);
      await expect.poll(pixels).not.toEqual(first);
      const dragged = await pixels();
      await at('pad').press('ArrowDown');
      await expect.poll(async () => Number(await at('v').inputValue())).toBeCloseTo(0.55, 1);
      await expect.poll(pixels).not.toEqual(dragged);
      await at('plane').selectOption('coordinates');
      await at('z-4').fill('-3');
      await expect.poll(async () => Number(await at('z-4').inputValue())).toBe(-3);
      const before = await pixels();
      await at('another-z').click();
      await expect.poll(pixels).not.toEqual(before);
    });

    it('walks between kept points, and saves the sample as PNG, the walk as GIF', async () => {
      const kept = [await pixels()];
      await at('keep').click();
      await at('another-z').click();
      await expect.poll(pixels).not.toEqual(kept[0]);
      kept.push(await pixels());
      await at('keep').click();
      await at('path').press('End');
      await at('path').press('Home');
      await expect.poll(pixels).toEqual(kept[0]);
      await at('path').press('End');
      await expect.poll(pixels).toEqual(kept[1]);
      const saved = async (testId: string): Promise<Uint8Array> => {
        const [download] = await Promise.all([page.waitForEvent('download'), at(testId).click()]);
        return readFile(await download.path());
      };
      const png = decodePng(await saved('save-sample'));
      expect([png.width, png.height]).toEqual([6 * 32, 8 * 32]);
      expect([...png.data].filter((_, i) => i % 32 === 0 && Math.floor(i / 192) % 32 === 0)).toEqual(kept[1]);
      expect(decodePng(await saved('save-map')).width).toBe((9 * 7 + 1) * 3);
      const gif = Buffer.from(await saved('save-gif'));
      expect(gif.subarray(0, 6).toString('latin1')).toBe('GIF89a');
      expect([gif.readUInt16LE(6), gif.readUInt16LE(8)]).toEqual([6 * 14, 8 * 14]);
    });

    it('shows the nearest training image', async () => {
      await at('nearest').check();
      await at('nearest-found').waitFor();
      expect(await at('nearest-found').textContent()).toMatch(/number \d+.*distance [\d.]+/);
      await page.getByRole('img', { name: 'The nearest training example' }).waitFor();
    });

    it('takes the generator of an earlier checkpoint', async () => {
      const newest = await pixels();
      await at('checkpoint').selectOption('20');
      await expect.poll(pixels).not.toEqual(newest);
    });

    it('makes samples of the class that is asked for', async () => {
      await open('#/run/animals/explorer?z=2&label=1');
      await at('picture').waitFor();
      await expect.poll(pixels).toHaveLength(64);
      expect(await at('class').locator('option').allTextContents()).toEqual(['bird', 'cat', 'dog']);
      const cat = await pixels();
      await at('class').selectOption('dog');
      await expect.poll(pixels).not.toEqual(cat);
    });

    it('draws points over the plane', async () => {
      await open('#/run/ring/explorer');
      await page.getByText(/G\(z\) = \(-?[\d.e-]+, -?[\d.e-]+\)/).waitFor();
      await expect.poll(async () => new Set(await pixels()).size).toBeGreaterThan(5);
    });
  });

  describe('every view', () => {
    /** With what is there once a view is complete. */
    const views = [
      ['#/runs', '.run img'],
      ['#/run/sick/training?explain=1', '.charts[data-loaded="true"] .note'],
      ['#/run/pictures/explorer', '.current[aria-busy="false"]'],
      ['#/run/ring/evaluation', '.measure-table'],
      ['#/run/ring/config', '.diff'],
      ['#/run/ring/files', '.files'],
      ['#/new', '[data-testid="other-settings"]'],
    ] as const;

    it.each([
      { width: 1280, colorScheme: 'light' },
      { width: 360, colorScheme: 'dark' },
    ] as const)(
      'has no serious fault for axe, $width pixels wide, $colorScheme',
      async ({ width, colorScheme }) => {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme });
        for (const [view, complete] of views) {
          await open(view);
          await page.locator(complete).first().waitFor();
          if (view === '#/new') await at('other-settings').click();
          await page.evaluate(axe.source);
          const { violations } = await page.evaluate<AxeResults>('axe.run()');
          const faults = violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
          expect(faults, view).toEqual([]);
          const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
          expect(overflow, `${view} is wider than the window`).toBeLessThanOrEqual(0);
        }
      },
    );
  });

  it('made no console error and no failed request', () => {
    expect(errors).toEqual([]);
  });
});
