import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LabDriver, labDriver } from './browser/lab-driver.ts';
import { type OpenedLab, openLab } from './browser/open-lab.ts';
import { noBrowser } from './browser/open-page.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds that keeps people out: violations of serious and critical impact, with the elements. */
async function violations(page: Page): Promise<readonly string[]> {
  const run = (options: string): Promise<unknown> =>
    page.evaluate(
      `axe.run(document, ${options}).then(({ violations }) =>
        violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html, failureSummary }) => html + ' ' + failureSummary).join(' | ')))`,
    );
  await page.evaluate(axeSource);
  const light = (await run("{ resultTypes: ['violations'] }")) as string[];
  await page.emulateMedia({ colorScheme: 'dark' });
  // What else axe looks at is the same in the dark.
  const dark = (await run("{ runOnly: ['color-contrast'] }")) as string[];
  await page.emulateMedia({ colorScheme: 'light' });
  return [...light, ...dark.map((found) => `dark: ${found}`)];
}

const names = [
  'two-players',
  'optimal-discriminator',
  'divergence',
  'saturation',
  'mode-collapse',
  'circles',
] as const;

describe.skipIf(noBrowser)('the stories of the lab', () => {
  let lab: OpenedLab;
  let drive: LabDriver;
  let errors: readonly string[] = [];

  beforeAll(async () => {
    lab = await openLab();
    const visit = await lab.visit();
    errors = visit.errors;
    drive = labDriver(visit.page);
    await drive.ready();
  });
  afterAll(() => lab?.close());

  const open = async (name: (typeof names)[number]): Promise<void> => {
    if ((await drive.id('all-stories').count()) > 0) await drive.id('all-stories').click();
    await drive.id(`story-${name}`).click();
    await drive.fragmentHas('story', name);
    await drive.until('it is shown', async () => (await drive.id('tasks').count()) > 0);
    if (name !== 'circles') await drive.ready();
    expect(await violations(drive.page), name).toEqual([]);
  };
  const answered = async (count: number): Promise<string> => {
    await drive.until(
      `${count} answers are there`,
      async () => (await drive.id('tasks').getAttribute('data-done')) === String(count),
    );
    return (await drive.page
      .locator('.task.done .answer')
      .nth(count - 1)
      .textContent())!;
  };
  const play = async (): Promise<void> => {
    if ((await drive.id('play').textContent()) === 'Play') await drive.id('play').click();
  };
  const pause = async (): Promise<void> => {
    if ((await drive.id('play').textContent()) === 'Pause') await drive.id('play').click();
  };

  test('two players: the samples move in the phase of G only', async () => {
    await open('two-players');
    for (const turn of ["G's turn", "D's turn"]) {
      await drive.id('phase').click();
      await drive.until(turn, async () => (await drive.id('phase').textContent())!.includes(turn));
    }
    expect(await answered(1)).toMatch(
      /In D's phase the green points moved by exactly 0.*In G's phase they moved by 0\.\d/,
    );
    await play();
    const text = await answered(2);
    expect(Number(/JSD is (\d\.\d+)/.exec(text)![1])).toBeLessThan(0.15);
    await drive.id('reset').click();
    await drive.ready();
    await drive.step();
    expect(await answered(3)).toMatch(
      /^At step 1 D says 0\.[45]\d of data and 0\.[45]\d of samples, and JSD is 0\.[3-6]/,
    );
  });

  test('the optimal discriminator: D comes to D*, and V to C(G)', async () => {
    await open('optimal-discriminator');
    await play();
    const text = await answered(1);
    const [, distance, value, c] =
      /within (\S+) of D\* on average\. V\(D, G\) = (\S+) .* C\(G\) = (-[\d.]+)/.exec(text)!;
    expect(Number(distance)).toBeLessThan(0.04);
    expect(Number(value)).toBeGreaterThan(Number(c) - 0.15);
    expect(Number(value)).toBeLessThan(Number(c) + 0.03);
    await pause();
    const handle = drive.id('gaussian-1');
    await handle.focus();
    await handle.press('Shift+ArrowRight');
    await answered(2);
  });

  test('the divergence: at most log 2, and C(G) down to -log 4', async () => {
    await open('divergence');
    for (const [name, key] of [
      ['gaussian-1', 'ArrowLeft'],
      ['gaussian-2', 'ArrowRight'],
    ] as const) {
      await drive.id(name).focus();
      for (let i = 0; i < 3; i++) await drive.page.keyboard.press(`Shift+${key}`);
    }
    const apart = Number(/JSD is (\S+) and/.exec(await answered(1))![1]);
    expect(apart).toBeGreaterThan(0.6);
    expect(apart).toBeLessThanOrEqual(0.6932);
    await play();
    const [, c, jsd] = /C\(G\) is (-[\d.]+), .* JSD of ([\d.]+)\./.exec(await answered(2))!;
    expect(Number(jsd)).toBeLessThan(0.06);
    expect(Number(c)).toBeCloseTo(2 * Number(jsd) - Math.log(4), 2);
    await pause();
  });

  test('saturation: 1.05 against 20, and a generator that stands still under minimax', async () => {
    await open('saturation');
    await drive.id('set-probability').fill('0.05');
    expect(await answered(1)).toBe(
      'Minimax 1.05, non-saturating 20: 19 times as steep, just where G needs it most.',
    );
    expect(await drive.id('slope-minimax').textContent()).toBe('-1.05');
    expect(await drive.id('slope-non-saturating').textContent()).toBe('-20.00');
    await play();
    const stuck = await answered(2);
    expect(Number(/D\(G\(z\)\) is (\S+) and/.exec(stuck)![1])).toBeLessThan(0.05);
    await drive.id('loss').selectOption('nonSaturating');
    await drive.fragmentHas('loss', 'nonSaturating');
    expect(Number(/JSD is (\S+) at/.exec(await answered(3))![1])).toBeLessThan(0.15);
    await pause();
  });

  test('mode collapse: few modes, and at least seven with R1', async () => {
    await open('mode-collapse');
    await play();
    expect(await answered(1)).toMatch(/: [0-3] of 8/);
    await drive.id('add-penalty').selectOption('r1');
    await drive.id('penalty-r1').fill('1');
    await drive.id('penalty-r1').press('Enter');
    await drive.fragmentHas('penalties', 'r1:1');
    expect(await answered(2)).toMatch(/[78] of 8 modes are covered, with r1 1/);
    await pause();
  });

  test('going in circles: which of nine methods arrive', async () => {
    await open('circles');
    expect(await drive.page.locator('.portrait').count()).toBe(9);
    for (const name of ['R1', 'consensus', 'GAN']) await drive.id(`guess-${name}`).check();
    await drive.id('step').click();
    expect(await drive.number('steps')).toBe(1);
    await drive.id('to-the-end').click();
    const text = await answered(1);
    // Right about R1, consensus, NSGAN, WGAN and WGAN-GP; wrong about GAN, R2, instance noise, NSGAN + R1.
    expect(text).toMatch(
      /^5 of 9 guesses were right\. These arrive: instance noise, consensus, R1, R2, NSGAN \+ R1\./,
    );
    const verdict = (name: string): Promise<string | null> => drive.id(`verdict-${name}`).textContent();
    expect(await verdict('GAN')).toBe('drifts out');
    expect(await verdict('WGAN')).toBe('circles');
    expect(await verdict('NSGAN')).toBe('ever slower');
    expect(await verdict('R1')).toBe('arrives');
    await drive.id('dirac-rate').selectOption('2');
    await answered(2);
    await drive.id('reset').click();
    await drive.id('play').click();
    await drive.until('the paths grow', async () => (await drive.number('steps')) > 3);
    await drive.id('play').click();
    expect(errors).toEqual([]);
  });

  test('axe finds nothing serious where no story is open', async () => {
    await drive.id('all-stories').click();
    for (const data of ['drawn', 'digits', 'images'] as const) {
      await drive.id(`data-${data}`).check({ force: true });
      expect(await violations(drive.page), data).toEqual([]);
    }
  });

  test('nothing moves by itself where less motion is asked for', async () => {
    const { page, context } = await lab.visit('story=circles', { reducedMotion: 'reduce' });
    await page.getByTestId('play').click();
    expect(await page.getByTestId('steps').textContent()).toBe('5000');
    await context.close();
  });
});
