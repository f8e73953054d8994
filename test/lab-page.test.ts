import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encode } from 'fast-png';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type LabDriver, labDriver } from './browser/lab-driver.ts';
import { type OpenedLab, openLab } from './browser/open-lab.ts';
import { noBrowser } from './browser/open-page.ts';

describe.skipIf(noBrowser)('the lab', () => {
  let lab: OpenedLab;
  let errors: readonly string[] = [];
  let drive: LabDriver;

  beforeAll(async () => {
    lab = await openLab();
    const visit = await lab.visit();
    errors = visit.errors;
    drive = labDriver(visit.page);
    await drive.ready();
  });
  afterEach(() => expect(errors).toEqual([]));
  afterAll(() => lab?.close());

  test('starts paused, at step 0, with plain numbers', async () => {
    expect(await drive.number('steps')).toBe(0);
    await drive.page.waitForTimeout(200);
    expect(await drive.number('steps')).toBe(0);
    expect(await drive.id('play').textContent()).toBe('Play');
    for (const name of ['steps', 'steps-per-second', 'jsd', 'value', 'c-of-g', 'modes'])
      expect(await drive.id(name).textContent(), name).toMatch(/^-?\d+(\.\d+)?(e-\d+)?$/);
    expect(await drive.number('c-of-g')).toBeCloseTo(2 * (await drive.number('jsd')) - Math.log(4), 2);
    expect(await drive.id('seed').inputValue()).toBe('1');
  });

  test('makes one phase at a time and says whose turn it is', async () => {
    expect(await drive.id('phase').textContent()).toContain("D's turn");
    await drive.id('phase').click();
    await drive.until('it is G', async () => /G's turn/.test((await drive.id('phase').textContent())!));
    expect(await drive.number('steps')).toBe(0);
    await drive.id('phase').click();
    await drive.until('it is D', async () => /D's turn/.test((await drive.id('phase').textContent())!));
    expect(await drive.number('steps')).toBe(1);
  });

  test('steps, plays, pauses, goes slowly and back to the start; the fragment follows', async () => {
    expect(await drive.step()).toBe(2);
    await drive.id('play').click();
    await drive.until('it plays', async () => (await drive.number('steps')) > 30);
    expect(await drive.id('play').textContent()).toBe('Pause');
    await drive.id('play').click();
    await drive.page.waitForTimeout(300);
    const paused = await drive.number('steps');
    await drive.fragmentHas('step', String(paused));
    expect(await drive.number('steps')).toBe(paused);
    expect(await drive.number('steps-per-second')).toBeGreaterThan(0);

    await drive.id('speed').selectOption('slow');
    await drive.id('play').click();
    await drive.until('a phase is made', async () =>
      /G's turn/.test((await drive.id('phase').textContent())!),
    );
    await drive.id('play').click();
    await drive.id('speed').selectOption('full');
    await drive.id('reset').click();
    await drive.fragmentHas('step', '0');
    expect(await drive.number('steps')).toBe(0);
  });

  test('a link brings anyone to the same step with the same numbers', async () => {
    for (let i = 0; i < 3; i++) await drive.step();
    await drive.fragmentHas('step', '3');
    await drive.until('all is measured', async () =>
      /step 3:/.test((await drive.page.textContent('.method'))!),
    );
    const shown = async ({ id }: LabDriver): Promise<(string | null)[]> =>
      Promise.all(['jsd', 'value', 'c-of-g', 'd-real', 'd-fake'].map((name) => id(name).textContent()));
    const other = await lab.visit(new URL(drive.page.url()).hash.slice(1));
    const theirs = labDriver(other.page);
    await theirs.ready();
    await theirs.until('all is measured', async () =>
      /step 3:/.test((await other.page.textContent('.method'))!),
    );
    expect(await shown(theirs)).toEqual(await shown(drive));
    expect(other.errors).toEqual([]);
    await other.context.close();
  });

  test('another seed is another game', async () => {
    const before = await drive.id('value').textContent();
    await drive.id('seed').fill('7');
    await drive.id('seed').press('Enter');
    await drive.fragmentHas('seed', '7');
    await drive.until('the game is new', async () => (await drive.number('steps')) === 0);
    await drive.until('V is another', async () => (await drive.id('value').textContent()) !== before);
  });

  test('a data set is an entry in the history', async () => {
    await drive.id('data-grid25').check({ force: true });
    await drive.fragmentHas('data', 'grid25');
    await drive.page.goBack();
    await drive.fragmentHas('data', 'ring8');
    await drive.until('it is opened', () => drive.id('data-ring8').isChecked());
    await drive.page.goForward();
    await drive.fragmentHas('data', 'grid25');
  });

  test('every control of the rules is in the link', async () => {
    await drive.id('data-gaussians-2d').check({ force: true });
    await drive.fragmentHas('data', 'gaussians-2d');
    const typed: readonly (readonly [testId: string, value: string, key: string])[] = [
      ['generator-depth', '1', 'g.depth'],
      ['generator-width', '8', 'g.width'],
      ['discriminator-depth', '2', 'd.depth'],
      ['discriminator-width', '16', 'd.width'],
      ['latent-dimension', '3', 'latent.dimension'],
      ['k', '2', 'k'],
      ['batch', '32', 'batch'],
    ];
    for (const [testId, value, key] of typed) {
      await drive.id(testId).fill(value);
      await drive.id(testId).press('Enter');
      await drive.fragmentHas(key, value);
    }
    const chosen: readonly (readonly [testId: string, value: string, key: string])[] = [
      ['generator-activation', 'tanh', 'g.activation'],
      ['discriminator-activation', 'maxout', 'd.activation'],
      ['generator-optimiser', 'sgd', 'g.optimiser'],
      ['discriminator-optimiser', 'rmsprop', 'd.optimiser'],
      ['generator-rate', '0.01', 'g.rate'],
      ['latent', 'uniform', 'latent'],
      ['loss', 'hinge', 'loss'],
      ['order', 'simultaneous', 'order'],
    ];
    for (const [testId, value, key] of chosen) {
      await drive.id(testId).selectOption(value);
      await drive.fragmentHas(key, value);
    }
    // Both at once takes one update of D.
    expect(drive.fragment('k')).toBe('1');
    await drive.id('add-penalty').selectOption('r2');
    await drive.fragmentHas('penalties', 'r1:0.1,r2:0.1');
    await drive.id('penalty-r2').fill('0.5');
    await drive.id('penalty-r2').press('Enter');
    await drive.fragmentHas('penalties', 'r1:0.1,r2:0.5');
    await drive.id('remove-r1').click();
    await drive.fragmentHas('penalties', 'r2:0.5');
    await drive.id('add-gaussian').click();
    await drive.until('there are four', async () => drive.fragment('gaussians')?.split(',').length === 4);
    await drive.ready();
    await drive.step();
  });

  test('a number out of range is refused, and said to be wrong', async () => {
    await drive.id('generator-depth').fill('99');
    await drive.id('generator-depth').press('Enter');
    await drive.until(
      'it is wrong',
      async () => (await drive.id('generator-depth').getAttribute('aria-invalid')) === 'true',
    );
    expect(drive.fragment('g.depth')).toBe('1');
  });

  test('Gaussians are dragged with the mouse and moved with the keys', async () => {
    const before = drive.fragment('gaussians');
    const handle = drive.id('gaussian-1');
    const box = (await handle.boundingBox())!;
    await drive.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await drive.page.mouse.down();
    await drive.page.mouse.move(box.x + 60, box.y - 40, { steps: 4 });
    await drive.page.mouse.up();
    await drive.until('it moved', async () => drive.fragment('gaussians') !== before);
    const [x, y] = drive.fragment('gaussians')!.split(',')[0]!.split(':').map(Number);
    const [oldX, oldY] = before!.split(',')[0]!.split(':').map(Number);
    expect(x!).toBeGreaterThan(oldX!);
    expect(y!).toBeGreaterThan(oldY!);
    await drive.ready();
    await handle.focus();
    await handle.press('ArrowLeft');
    await handle.press('ArrowLeft');
    await handle.press('+');
    await drive.until('it went left', async () => {
      const [now] = drive.fragment('gaussians')!.split(',')[0]!.split(':').map(Number);
      return Math.abs(now! - (x! - 0.2)) < 1e-6;
    });
  });

  test('the line shows Figure 1, and its layers can be switched', async () => {
    await drive.id('data-gaussians-1d').check({ force: true });
    await drive.fragmentHas('data', 'gaussians-1d');
    await drive.ready();
    const picture = (): Promise<string> =>
      drive.page.evaluate(`document.querySelector('.picture canvas').toDataURL()`);
    const before = await picture();
    expect(drive.fragment('show')).toBeNull();
    await drive.id('layer-map').uncheck();
    await drive.until('it is gone', async () => (await picture()) !== before);
    await drive.until('the link says so', async () => /^(?!.*map).+/.test(drive.fragment('show') ?? ''));
    expect(await drive.page.getByLabel('Gaussian 1').count()).toBe(1);
    expect(await drive.number('jsd')).toBeGreaterThan(0);
  });

  test('data are drawn by hand, with the mouse and with the keys', async () => {
    await drive.id('data-drawn').check({ force: true });
    await drive.fragmentHas('data', 'drawn');
    await drive.ready();
    await drive.id('clear-drawing').click();
    await drive.until('one point is left', async () => drive.fragment('points')?.length === 4);
    const box = (await drive.id('drawing-pad').boundingBox())!;
    await drive.page.mouse.move(box.x + 60, box.y + 100);
    await drive.page.mouse.down();
    await drive.page.mouse.move(box.x + 260, box.y + 100, { steps: 12 });
    await drive.page.mouse.up();
    await drive.until('a stroke is there', async () => drive.fragment('points')!.length > 4 * 8);
    const { length } = drive.fragment('points')!;
    await drive.id('drawing-pad').focus();
    await drive.page.keyboard.press('ArrowRight');
    await drive.page.keyboard.press('Space');
    await drive.until('a point is there', async () => drive.fragment('points')!.length === length + 4);
  });

  test("the visitor's images are learned in the tab", async () => {
    await drive.id('data-images').check({ force: true });
    const picture = (shade: number): Buffer =>
      Buffer.from(encode({ width: 20, height: 12, channels: 3, data: new Uint8Array(720).fill(shade) }));
    const files = Array.from({ length: 20 }, (_, i) => ({
      name: `${i}.png`,
      mimeType: 'image/png',
      buffer: picture(10 * i),
    }));
    await drive
      .id('image-files')
      .setInputFiles([
        ...files,
        { name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('no image') },
      ]);
    await drive.until('they are read', async () =>
      /20 images of 28 × 28\. 1 files are no images, such as notes\.png/.test(
        (await drive.id('drop').textContent())!,
      ),
    );
    await drive.fragmentHas('batch', '20');
    await drive.until(
      'there are two sheets',
      async () => (await drive.page.locator('.sheets canvas').count()) === 2,
    );
    await drive.step();
    // What has no meaning for images is not there.
    expect(await drive.id('jsd').count()).toBe(0);
  });

  test('the generator and the config are downloaded', async () => {
    await drive.id('data-ring8').check({ force: true });
    await drive.ready();
    await drive.step();
    const download = drive.page.waitForEvent('download');
    await drive.id('download-onnx').click();
    const file = await download;
    expect(file.suggestedFilename()).toBe('ring8-seed7-step1.onnx');
    const session = await InferenceSession.create(readFileSync(await file.path()));
    const z = new Tensor('float32', new Float32Array(6), [3, 2]);
    const { [session.outputNames[0]!]: samples } = await session.run({ [session.inputNames[0]!]: z });
    expect(samples!.dims).toEqual([3, 2]);

    const config = drive.page.waitForEvent('download');
    await drive.id('download-config').click();
    const { data, seed } = JSON.parse(readFileSync(await (await config).path(), 'utf8'));
    expect({ data, seed }).toEqual({ data: 'ring8', seed: 7 });
  });

  test('works by keyboard: skip link, play, and what numbers mean', async () => {
    await drive.page.reload();
    await drive.ready();
    await drive.page.keyboard.press('Tab');
    expect(await drive.page.locator(':focus').textContent()).toBe('Skip to the game');
    await drive.page.keyboard.press('Enter');
    await drive.page.keyboard.press('Space');
    await drive.until('it plays', async () => (await drive.number('steps')) > 2);
    await drive.page.keyboard.press('Space');
    const name = drive.page.locator('[data-part="jsd"] .name');
    await name.focus();
    const meaning = drive.page.locator('[data-part="jsd"] [role="tooltip"]');
    expect(await meaning.isVisible()).toBe(true);
    expect(await name.getAttribute('aria-describedby')).toBe(await meaning.getAttribute('id'));
    await drive.page.keyboard.press('Escape');
    expect(await meaning.isVisible()).toBe(false);
    expect(await drive.page.locator('[role="status"][aria-live="polite"]').first().textContent()).toMatch(
      /^Paused\. Step \d+/,
    );
  });

  test('what of a link is not understood is said, and the rest stands', async () => {
    const { page, context, errors: theirs } = await lab.visit('data=ring8&loss=nosaturating&seed=4');
    const bad = labDriver(page);
    await bad.ready();
    expect(await page.locator('[role="alert"]').textContent()).toContain(
      'unknown value nosaturating. One of nonSaturating',
    );
    expect(await bad.id('seed').inputValue()).toBe('4');
    expect(theirs).toEqual([]);
    await context.close();
  });

  test('says that it runs on one thread', async () => {
    expect(await drive.page.locator('.foot').textContent()).toMatch(/one thread/);
  });

  test('works without a network after the first visit', async () => {
    const { page, context, errors: theirs } = await lab.visit();
    await labDriver(page).ready();
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    await context.setOffline(true);
    await page.reload();
    const offline = labDriver(page);
    await offline.ready();
    expect(await offline.step()).toBe(1);
    expect(theirs).toEqual([]);
    await context.close();
  });

  test('fits a phone: nothing is wider than the screen', async () => {
    const { page, context } = await lab.visit('', { viewport: { width: 360, height: 740 }, hasTouch: true });
    await labDriver(page).ready();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    const play = (await page.getByTestId('play').boundingBox())!;
    expect(play.y + play.height).toBeLessThan(740);
    await context.close();
  });

  test.each([
    { what: 'the page', files: /^(index|icon|service-worker)/, budget: 50_000 },
    { what: 'its worker', files: /^worker/, budget: 130_000 },
    { what: "ONNX Runtime's loader", files: /^ort\.wasm.*\.js$/, budget: 30_000 },
  ])('$what takes at most $budget bytes on the wire, compressed by gzip', ({ files, budget }) => {
    const sizes = readdirSync(lab.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && files.test(entry.name))
      .map(({ parentPath, name }) => gzipSync(readFileSync(join(parentPath, name))).length);
    expect(sizes.length).toBeGreaterThan(0);
    expect(sizes.reduce((sum, bytes) => sum + bytes)).toBeLessThan(budget);
  });

  test('consists of nothing else but ONNX Runtime compiled to WebAssembly', () => {
    const others = readdirSync(lab.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/^(index|icon|service-worker|worker|ort\.wasm)/.test(entry.name))
      .map(({ name }) => name.replace(/-[\w-]{8}\./, '.'));
    expect(others).toEqual(['ort-wasm-simd-threaded.wasm']);
  });
});
