import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunDetail } from '../src/server/api.ts';
import { type BuiltDashboard, buildDashboard } from './browser/built-dashboard.ts';
import { launchChromium, noBrowser, watchPage } from './browser/open-page.ts';
import { serveRuns, type TestedDashboard } from './served-dashboard.ts';
import { trainRing } from './trained-run.ts';

/** Starting a process takes seconds on a busy machine. */
const PATIENT = { timeout: 30_000 };

describe.skipIf(noBrowser)('what the dashboard does', () => {
  let home: string;
  let runs: string;
  let built: BuiltDashboard;
  let tested: TestedDashboard;
  let browser: Browser;
  let page: Page;
  let errors: readonly string[];

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'dashboard-'));
    runs = join(home, 'runs');
    await trainRing(join(runs, 'first'));
    built = await buildDashboard();
    tested = await serveRuns(runs, { page: built.page });
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(20_000);
    errors = watchPage(page, new URL(tested.served.url).origin);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await tested?.served.close();
    await built?.remove();
    await rm(home, { recursive: true, force: true });
  });

  const open = (hash: string): Promise<unknown> => page.goto(`${tested.served.url}${hash}`);
  const at = (testId: string) => page.getByTestId(testId);
  const state = (): Promise<string | null> => page.locator('.run-title .state').textContent();
  const detail = async (id: string): Promise<RunDetail> => (await tested.ask(`/api/runs/${id}`)).json();
  const complaint = (field: string) => page.locator(`[data-field="${field}"]`).getByRole('alert');

  /** Opens the other settings and gives one of them a value. */
  const set = async (path: string, value: string): Promise<void> => {
    const control = page.locator(`[id="set-${path}"]`);
    if (!(await control.isVisible())) await at('other-settings').click();
    await control.fill(value);
    await control.blur();
  };

  it('shows the command of a form, and the complaint of the server at the field', async () => {
    await open('#/new');
    await page.getByLabel('Data', { exact: true }).selectOption('ring8');
    expect(await page.getByLabel('Preset', { exact: true }).inputValue()).toBe('ring8');
    await page.getByLabel('Name', { exact: true }).fill('second');
    await page.getByLabel('Steps', { exact: true }).fill('1000000');
    await page.getByLabel('Seed', { exact: true }).fill('7');
    await set('k', '2');
    await set('generator.layers', '["relu",{"dense":"data"}]');
    await set('penalties', '[{"r1":{"gamma":"much"}}]');
    expect(await at('command').textContent()).toBe(
      `npx zerosum train ring8 --preset ring8 --steps 1000000 --seed 7 --set k=2 --set 'generator.layers=["relu",{"dense":"data"}]' --set 'penalties=[{"r1":{"gamma":"much"}}]' --out ${join(runs, 'second')}`,
    );
    await at('start').click();
    expect(await complaint('set-penalties').textContent()).toMatch(/gamma.*"much"/);
    await page.getByLabel('Take back penalties').click();
    await page.getByLabel('Take back generator.layers').click();
    await page.getByLabel('Name', { exact: true }).fill('first');
    await at('start').click();
    expect(await complaint('name').textContent()).toContain('first');
    // Chromium writes every refused request to its console.
    expect(errors.every((error) => /status of 4\d\d/.test(error))).toBe(true);
    (errors as string[]).splice(0);
  });

  it('starts a run, follows it and stops it', PATIENT, async () => {
    await page.getByLabel('Name', { exact: true }).fill('second');
    await set('checkpointEvery', '100');
    await set('sampleEvery', '100');
    await set('threads', '1');
    await at('start').click();
    await page.waitForURL(/#\/run\/second\/training/);
    await expect.poll(state, PATIENT).toBe('running');
    await page.getByRole('img', { name: /^Losses: lossD/ }).waitFor();
    // The sample wall follows the training.
    await expect
      .poll(async () => Number((await at('sheet-step').textContent())?.replace(',', '')), PATIENT)
      .toBeGreaterThan(0);
    await at('stop').click();
    await expect.poll(state, PATIENT).toBe('stopped');
    const { config, checkpoints, summary } = await detail('second');
    expect(config).toMatchObject({ k: 2, seed: 7, steps: 1_000_000, checkpointEvery: 100 });
    expect(checkpoints.at(-1)).toBe(summary.step);
  });

  it('resumes it', PATIENT, async () => {
    const { summary } = await detail('second');
    const last = summary.step + 50;
    await at('resume').click();
    await at('resume-steps').fill(String(last));
    expect(await at('command').textContent()).toBe(
      `npx zerosum train --resume --out ${join(runs, 'second')} --steps ${last}`,
    );
    await at('resume-now').click();
    await expect.poll(state, PATIENT).toBe('finished');
    expect((await detail('second')).summary.step).toBe(last);
  });

  it('forks a checkpoint of another run', PATIENT, async () => {
    await open('#/run/first/training');
    await at('fork').click();
    await page.getByLabel('Checkpoint', { exact: true }).selectOption('2');
    await page.getByLabel('Steps', { exact: true }).fill('2');
    await page.getByLabel('Name', { exact: true }).fill('third');
    await at('start').click();
    expect(await complaint('steps').textContent()).toContain('2');
    (errors as string[]).splice(0);
    await page.getByLabel('Steps', { exact: true }).fill('5');
    expect(await at('command').textContent()).toBe(
      `npx zerosum train --from ${join(runs, 'first')} --checkpoint 2 --steps 5 --out ${join(runs, 'third')}`,
    );
    await at('start').click();
    await page.waitForURL(/#\/run\/third\/training/);
    await expect.poll(state, PATIENT).toBe('finished');
    await page.getByText('from first at step 2').waitFor();
    expect((await detail('third')).summary.step).toBe(5);
  });

  it('survives a restart of the server, and says meanwhile that it is stale', PATIENT, async () => {
    await open('#/runs');
    const { port } = tested.served;
    await expect.poll(() => at('connection').textContent()).toContain('Live');
    await tested.served.close();
    await expect.poll(() => at('connection').textContent()).toMatch(/Stale since .* trying again/);
    await page.getByRole('status').getByText('The connection to the server is lost').waitFor();
    expect(await at('run').count()).toBe(3);
    await trainRing(join(runs, 'fourth'));
    tested = await serveRuns(runs, { page: built.page, port });
    await at('connection').getByRole('button', { name: 'Try now' }).click();
    await expect.poll(() => at('connection').textContent()).toContain('Live');
    await expect.poll(() => at('run').count()).toBe(4);
    // A server that closes cuts what is on its way, the event stream or a picture.
    const cut = /api\/events|net::ERR_(?:CONNECTION|SOCKET|INCOMPLETE|EMPTY|CONTENT_LENGTH|ABORTED)/;
    expect(errors.filter((error) => !cut.test(error))).toEqual([]);
    (errors as string[]).splice(0);
  });

  it('survives a sleep', PATIENT, async () => {
    const sleeper = await browser.newPage();
    await sleeper.clock.install();
    await sleeper.goto(tested.served.url);
    await expect.poll(() => sleeper.getByTestId('connection').textContent()).toContain('Live');
    await sleeper.clock.fastForward(60_000);
    await sleeper.getByRole('status').getByText('Connected again').waitFor();
    expect(await sleeper.getByTestId('connection').textContent()).toContain('Live');
    await sleeper.close();
  });

  it('takes the token from the address once, and asks for it where it is another', PATIENT, async () => {
    const token = 'a-token-of-some-length';
    let guarded = await serveRuns(runs, { page: built.page, token });
    const { port } = guarded.served;
    const stranger = await browser.newContext();
    try {
      const other = await stranger.newPage();
      expect((await other.goto(`http://127.0.0.1:${port}/`))?.status()).toBe(401);
      await other.goto(guarded.served.url);
      await other.getByTestId('run').first().waitFor();
      expect(other.url()).not.toContain(token);
      await other.reload();
      await expect.poll(() => other.getByTestId('run').count()).toBe(4);
      await guarded.served.close();
      guarded = await serveRuns(runs, { page: built.page, token: `${token}-changed`, port });
      await other.getByText('The server wants its token').waitFor();
      expect(await other.getByTestId('connection').textContent()).toContain('Refused');
    } finally {
      await stranger.close();
      await guarded.served.close();
    }
  });

  it('made no console error and no failed request but those', () => {
    expect(errors).toEqual([]);
  });
});
