import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tensors } from '../src/graph/tensor.ts';
import { decodeNpy } from '../src/io/npy.ts';
import { decodePng } from '../src/io/png.ts';
import { exportGenerator } from '../src/train/export-generator.ts';
import { noBrowser, openPage } from './browser/open-page.ts';
import { tinyGame, trainedVariables } from './tiny-games.ts';

/** What the page has, in the words of a file without DOM types. */
interface Canvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): {
    getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
  };
}
declare const document: { querySelector(selector: 'canvas'): Canvas };

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

// The examples import zerosum by its name, as users do: that is the compiled package.
const notBuilt = !existsSync(path('../dist/index.js'));
if (notBuilt) console.warn('skipped: the examples need the compiled package. Run npm run build');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zerosum-examples-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs an example in a folder of its own, for a few steps; its standard output. */
function run(example: string, ...argv: string[]): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), path(`../examples/${example}`), ...argv],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let [output, errors] = ['', ''];
  child.stdout.on('data', (text) => (output += text));
  child.stderr.on('data', (text) => (errors += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`${example}: ${errors}`))));
  });
}

test('an example has at most 60 lines, a GAN on an array of your own at most 25', async () => {
  const names = await readdir(path('../examples'), { recursive: true });
  const sources = names.filter((name) => /\.(ts|js|html)$/.test(name));
  expect(sources.length).toBeGreaterThanOrEqual(6);
  for (const name of sources) {
    const lines = (await readFile(path(`../examples/${name}`), 'utf8')).trimEnd().split('\n').length;
    expect({ name, fits: lines <= (name.startsWith('02') ? 25 : 60) }).toEqual({ name, fits: true });
  }
});

describe.skipIf(notBuilt)('examples', () => {
  test('01-ring counts modes', async () => {
    const lines = (await run('01-ring.ts', '20')).trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^step 20: \d of 8 modes, \d+ % of samples on one$/);
  });

  test('02-your-own-array trains and keeps samples', async () => {
    expect(await run('02-your-own-array.ts', '20')).toMatch(/step 20$/);
    const { dtype, shape, data } = decodeNpy(await readFile(join(folder, 'samples.npy')));
    expect({ dtype, shape }).toEqual({ dtype: 'float32', shape: [100, 2] });
    expect(new Set(data as Float32Array).size).toBe(200);
  });

  test('03-autodiff computes both derivatives', async () => {
    const output = await run('03-autodiff.ts');
    const row = (name: string) =>
      new RegExp(`^${name} +(.*)$`, 'm').exec(output)![1]!.split(/ +/).map(Number);
    const [e, e2] = [Math.E, Math.E ** 2];
    expect(row('y')).toBeAllClose([e + 4 * e2], { rtol: 1e-6 });
    expect(row('slope')).toBeAllClose([0, 3 * e, 8 * e2], { rtol: 1e-6 });
    expect(row('curvature')).toBeAllClose([2, 7 * e, 14 * e2], { rtol: 1e-6 });
    const [, before, after] = /^(\d+) lines before simplification, (\d+) after$/m.exec(output)!;
    expect(Number(after)).toBeLessThan(Number(before));
  });

  test('04-a-custom-loss trains and exports', async () => {
    const output = await run('04-a-custom-loss.ts', '20');
    expect(output).toMatch(/^step 0\n -4\.0 [\s\S]*\nstep 20\n -4\.0 /);
    const session = await InferenceSession.create(join(folder, 'generator.onnx'));
    const { samples } = await session.run({ z: new Tensor('float32', new Float32Array(12), [3, 4]) });
    expect(samples!.dims).toEqual([3, 1]);
    await session.release();
  });

  test('06-invert finds z by three routes', async () => {
    const output = await run('06-invert.ts', '3');
    expect(output).toMatch(/^\d+ % of the variance of z is beyond the encoder$/m);
    const errors = ['encoder', 'searchFromEncoder', 'searchFromRandom'].map((route) =>
      Number(new RegExp(`^${route}: squared error of a pixel (0\\.\\d{4})$`, 'm').exec(output)?.[1]),
    );
    expect(errors[1]).toBeLessThanOrEqual(errors[0]!);
    const { width, height } = decodePng(await readFile(join(folder, 'inverted.png')));
    expect([width, height]).toEqual([2 * (12 * 29 + 1), 2 * (4 * 29 + 1)]);
  });

  test('07-inpaint completes six digits six times', async () => {
    const output = await run('07-inpaint.ts', '3');
    expect(Number(/^two draws differ by (0\.\d{3}) in a hidden pixel$/m.exec(output)?.[1])).toBeGreaterThan(
      0,
    );
    const { width, height } = decodePng(await readFile(join(folder, 'completed.png')));
    expect([width, height]).toEqual([2 * (8 * 29 + 1), 2 * (6 * 29 + 1)]);
  });

  test('08-few-labels compares five classifiers', async () => {
    const output = await run('08-few-labels.ts', '3');
    expect(output.match(/^.* \d+\.\d\d \+- \d+\.\d\d$/gm)).toHaveLength(5);
  });

  test('09-conditional draws each digit and says how many are what was asked for', async () => {
    const output = await run('09-conditional.ts', '20');
    const found = /^as asked: (\d\.\d{3}) \+- 0\.\d{3}, test images (\d\.\d{3})$/m.exec(output);
    // Twenty steps teach the classifier something, the generator little.
    expect(Number(found?.[2])).toBeGreaterThan(0.2);
    expect(Number(found?.[1])).toBeLessThan(Number(found?.[2]));
    const { width, height } = decodePng(await readFile(join(folder, 'digits-by-class.png')));
    expect([width, height]).toEqual([2 * (20 * 29 + 1), 2 * (10 * 29 + 1)]);
  });

  test('10-race says of each entrant whether it arrived', async () => {
    const lines = (await run('10-race.ts', '20')).trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^[^:]+: not there after 20 steps, \d+\.\d s$/);
  });
});

describe.skipIf(noBrowser)('05-web', () => {
  /** A generator whose samples are the given pixels, changed by z in the second digit after the point at most. */
  function exported(shape: readonly number[], pixels: readonly number[]): Uint8Array {
    const game = tinyGame({ shape, range: 'unit', output: [] });
    const variables = trainedVariables(game);
    const weight = variables['generator/dense2/weight']!;
    const faint = Float32Array.from(weight.data as Float32Array, (value) => value / 500);
    const changed: Tensors = {
      'generator/dense2/bias': { dtype: 'float32', shape: [pixels.length], data: Float32Array.from(pixels) },
      'generator/dense2/weight': { ...weight, data: faint },
    };
    return exportGenerator(game, { ...variables, ...changed });
  }

  /** The pixels of the page's canvas once they are others than `before`. */
  async function picture(page: Page, before: readonly number[] = []) {
    const read = () => {
      const canvas = document.querySelector('canvas');
      const { width, height } = canvas;
      return { width, height, data: [...canvas.getContext('2d').getImageData(0, 0, width, height).data] };
    };
    await page.waitForFunction(() => document.querySelector('canvas').width !== 300);
    await expect.poll(async () => (await page.evaluate(read)).data, { timeout: 20_000 }).not.toEqual(before);
    return page.evaluate(read);
  }

  test('draws 64 samples, other ones on every click, in grey and in colour', async () => {
    // Two rows of three pixels, all different: a picture that is turned or shifted shows.
    const grey = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7];
    const { page, errors, close } = await openPage(path('../examples/05-web/index.html'), {
      files: { 'generator.onnx': exported([1, 2, 3], grey) },
    });
    try {
      const first = await picture(page);
      expect({ width: first.width, height: first.height }).toEqual({ width: 24, height: 16 });
      const expected = Array.from({ length: 24 * 16 }, (_, at) => {
        const [x, y] = [at % 24, Math.floor(at / 24)];
        const level = 255 * grey[(y % 2) * 3 + (x % 3)]!;
        return [level, level, level, 255];
      }).flat();
      expect(first.data).toBeAllClose(expected, { rtol: 0, atol: 10 });
      await page.click('button');
      expect((await picture(page, first.data)).data).toBeAllClose(expected, { rtol: 0, atol: 10 });

      const colour = Buffer.from(exported([3, 1, 1], [0.2, 0.5, 0.8]));
      await page.route('**/generator.onnx', (route) => route.fulfill({ body: colour }));
      await page.reload();
      const { width, height, data } = await picture(page);
      expect({ width, height }).toEqual({ width: 8, height: 8 });
      const coloured = Array.from({ length: 64 }, () => [51, 127.5, 204, 255]).flat();
      expect(data).toBeAllClose(coloured, { rtol: 0, atol: 10 });
      expect(errors).toEqual([]);
    } finally {
      await close();
    }
  });
});
