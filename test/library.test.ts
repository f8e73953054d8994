import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import * as node from '../src/index.ts';
import * as web from '../src/web.ts';
import { noBrowser, openPage } from './browser/open-page.ts';
import type {} from './browser/ring-page.ts';
import { type RingTraining, trainRing } from './browser/train-ring.ts';

test('zerosum/web has what zerosum has, but for what needs Node', () => {
  const [inNode, inWeb] = [new Set(Object.keys(node)), new Set(Object.keys(web))];
  const only = (these: Set<string>, those: Set<string>) =>
    [...these].filter((name) => !those.has(name)).sort();
  expect(only(inWeb, inNode)).toEqual(['openWebSession']);
  expect(only(inNode, inWeb)).toEqual([
    'evaluateRun',
    'loadClassifier',
    'loadDataset',
    'loadUserFeatures',
    'openSession',
    'progressEvaluation',
    'readTrainedGenerator',
    'runTraining',
  ]);
});

/** Metrics agree within 1e-5; samples, which add up what twenty updates differ by, within 1e-4. */
function expectSame(actual: RingTraining, expected: RingTraining): void {
  expect(actual.metrics).toHaveLength(20 * 6);
  expect(actual.metrics).toBeAllClose(expected.metrics, { rtol: 1e-5, atol: 1e-6 });
  expect(actual.samples).toBeAllClose(expected.samples, { rtol: 1e-4, atol: 1e-5 });
  expect(actual.bytes).toBe(expected.bytes);
}

let native: RingTraining;
beforeAll(async () => {
  native = await trainRing(await node.openSession({ device: 'cpu', threads: 1 }));
});

test('twenty steps on WebAssembly in Node give the numbers of the native build', async () => {
  const wasm = await trainRing(await node.openSession({ device: 'wasm' }));
  expect([wasm.device, native.device]).toEqual(['wasm', 'cpu']);
  expectSame(wasm, native);
});

describe.skipIf(noBrowser)('a page', () => {
  test("trains ring8 in a Worker of Chromium to Node's numbers", async () => {
    const entry = fileURLToPath(new URL('./browser/ring-page.ts', import.meta.url));
    const { page, errors, close } = await openPage(entry);
    try {
      const training = await page.evaluate(() => globalThis.trainRingInPage());
      expect(training.device).toBe('wasm');
      expectSame(training, native);
      expect(errors).toEqual([]);
    } finally {
      await close();
    }
  });
});

describe('a game that is described wrongly', () => {
  const { defineGame, dense, ring8, train } = node;
  const generator = { layers: [dense({ units: 2 })] };
  const discriminator = { layers: [dense({ units: 1 })] };

  test.each([
    [
      { generator, discriminator, latentDim: 2.5 },
      'defineGame: latentDim must be a positive integer, got 2.5',
    ],
    [
      { generator: { layers: [dense({ units: 3 })] }, discriminator },
      'game: the generator must produce 2 values, the size of an example [2], got 3',
    ],
    [
      { generator, discriminator: { layers: [dense({ units: 2 })] } },
      'game: the discriminator must end in 1 logit, got 2',
    ],
    [
      { generator, discriminator, updateOrder: 'simultaneous', k: 2 },
      'game: simultaneous updates share one minibatch, so k must be 1, got 2',
    ],
  ] as const)('%# is refused where it is described', (options, message) => {
    expect(() => defineGame(ring8, options)).toThrow(message);
  });

  test('is refused on other data before anything runs', async () => {
    const game = defineGame(ring8, { generator, discriminator });
    const images = await node.datasetFromArray({
      dtype: 'uint8',
      shape: [64, 2, 2],
      data: new Uint8Array(256),
    });
    const session = {} as node.Session;
    await expect(train({ game, dataset: images, session, steps: 1 }).next()).rejects.toThrow(
      'train: the data must be 64 float32 examples of shape [2] in a step, as the game takes, got 64 uint8 examples of shape [1, 2, 2] in a step',
    );
    const halves = { game, dataset: ring8, session };
    await expect(train({ ...halves, steps: 1.5 }).next()).rejects.toThrow(
      'train: steps must be a count of at least 1, got 1.5',
    );
  });

  test('wants images flattened for dense layers', async () => {
    const dataset = await node.datasetFromArray({
      dtype: 'uint8',
      shape: [1, 2, 2],
      data: new Uint8Array(4),
    });
    const four = { layers: [dense({ units: 4 })] };
    expect(() => defineGame(dataset, { generator: four, discriminator })).toThrow(
      'discriminator/dense1: dense: an example must be a vector [features], got [1, 2, 2]. Put flatten() before it',
    );
  });
});
