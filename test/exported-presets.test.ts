import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as native from 'onnxruntime-node';
import * as wasm from 'onnxruntime-web';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tensor } from '../src/graph/tensor.ts';
import { decodeNpy, encodeNpy } from '../src/io/npy.ts';
import { buildGame } from '../src/train/build-game.ts';
import { exportGenerator } from '../src/train/export-generator.ts';
import { presets } from '../src/train/presets.ts';
import { resolveConfig } from '../src/train/resolve-config.ts';
import { sheetLatent } from '../src/train/sheet-latent.ts';
import { trainedVariables } from './tiny-games.ts';

wasm.env.wasm.numThreads = 1;
/** Both packages as a user without zerosum calls them. */
const runtimes = { 'onnxruntime-node': native as unknown as typeof wasm, 'onnxruntime-web': wasm };

const python = '/usr/bin/python3';
const script = (name: string) => fileURLToPath(new URL(`../scripts/${name}`, import.meta.url));
const judged = existsSync(python) && spawnSync(python, ['-c', 'import onnx, torch']).status === 0;
if (!judged)
  console.log(`skipped: ${python} has no modules onnx and torch, which would judge exported generators`);

function runPython(name: string, ...args: string[]): Promise<{ code: number; stderr: string }> {
  return new Promise((resolve) => {
    execFile(python, [script(name), ...args], (error, _, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stderr }),
    );
  });
}

/** A preset's game with a sixteenth of its channels, as if trained. */
function narrowed(preset: string, exampleShape: readonly number[], classes?: number) {
  const layers = JSON.stringify(presets[preset]!.config.generator.layers)
    .replace(/"channels":(\d+)/g, (_, n) => `"channels":${Math.max(4, Number(n) / 16)}`)
    .replace(/"dense":1200/g, '"dense":32');
  return trained(preset, layers, exampleShape, classes);
}

/** A preset's game with a generator of other layers, as if trained. */
function trained(preset: string, layers: string, exampleShape: readonly number[], classes?: number) {
  const config = resolveConfig({ preset, set: [`generator.layers=${layers}`, 'latentDim=5'] });
  const size = exampleShape.reduce((product, side) => product * side, 1);
  const game = buildGame(config, {
    name: preset,
    kind: 'images',
    exampleShape,
    dtype: 'uint8',
    ...(classes === undefined ? {} : { classes }),
    meanPixels: () => new Float64Array(size).fill(0.4),
  });
  return { game, variables: trainedVariables(game) };
}

const CLASSES = 10;
const cases = {
  images: narrowed('images', [3, 32, 32]),
  r1: narrowed('r1', [3, 32, 32]),
  'r3gan-small': narrowed('r3gan-small', [3, 32, 32]),
  cgan: narrowed('cgan', [1, 28, 28], CLASSES),
  // 28 is no power of 2 times 4: the end is cropped.
  acgan: narrowed('acgan', [1, 28, 28], CLASSES),
  // Of the five coordinates of z, three choose a Gaussian.
  mixture: trained('digits', '[{"mixture":3},{"dense":16},"relu",{"dense":"data"},"sigmoid"]', [1, 8, 8]),
} as const;
const names = Object.keys(cases) as (keyof typeof cases)[];
const MOST = 64;

/** z, and where there are labels the class, of the first so many samples. */
function feedsOf(name: keyof typeof cases, count: number): Record<string, Tensor> {
  const { game } = cases[name];
  const z = sheetLatent(game, 11, count);
  const labels = BigInt64Array.from({ length: count }, (_, i) => BigInt((7 * i + 3) % CLASSES));
  return game.labels ? { z, labels: { dtype: 'int64', shape: [count], data: labels } } : { z };
}

async function runPlainly(runtime: keyof typeof runtimes, model: Uint8Array, feeds: Record<string, Tensor>) {
  const ort = runtimes[runtime];
  const session = await ort.InferenceSession.create(model);
  const fed = Object.entries(feeds).map(([name, { dtype, shape, data }]) => [
    name,
    new ort.Tensor(dtype as 'float32', data as Float32Array, shape),
  ]);
  const { samples } = await session.run(Object.fromEntries(fed));
  await session.release();
  const { type, dims, data } = samples!;
  return { type, dims, data: data as Float32Array };
}

/** float32 beside float64: a twentieth of what one byte of a pixel means. */
const tolerance = { rtol: 0, atol: 2e-4 };

describe.skipIf(!judged)('an exported generator', () => {
  let folder: string;
  const at = (file: string) => join(folder, file);
  const models = {} as Record<keyof typeof cases, Uint8Array>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zerosum-exported-'));
    for (const name of names) {
      models[name] = exportGenerator(cases[name].game, cases[name].variables);
      await writeFile(at(`${name}.onnx`), models[name]);
      for (const [input, tensor] of Object.entries(feedsOf(name, MOST)))
        await writeFile(at(`${name}.${input}.npy`), encodeNpy(tensor));
    }
    expect(await runPython('evaluate_export.py', folder)).toEqual({ code: 0, stderr: '' });
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true }));

  test.each(names)(
    'of %s: PyTorch and both runtimes agree, for 1, 7 and 64 samples',
    async (name) => {
      const { examples } = cases[name].game;
      const { shape, data } = decodeNpy(await readFile(at(`${name}.samples.npy`)));
      const pixels = data as Float64Array;
      const size = pixels.length / MOST;
      expect(shape).toEqual([MOST, ...examples.shape]);
      // Of many shades, all samples different: otherwise anything would agree.
      expect(new Set(pixels.map((value) => Math.round(1000 * value))).size).toBeGreaterThan(200);
      const sums = Array.from({ length: MOST }, (_, i) =>
        pixels.subarray(i * size, (i + 1) * size).reduce((sum, value) => sum + value),
      );
      expect(new Set(sums).size).toBe(MOST);
      for (const count of [1, 7, MOST])
        for (const runtime of Object.keys(runtimes) as (keyof typeof runtimes)[]) {
          const samples = await runPlainly(runtime, models[name], feedsOf(name, count));
          expect(samples).toMatchObject({ type: 'float32', dims: [count, ...examples.shape] });
          expect(samples.data).toBeAllClose(pixels.subarray(0, count * size), tolerance);
        }
    },
    30_000,
  );

  test.each(names)(
    'of preset %s passes the checker of the onnx package',
    async (name) => {
      expect(await runPython('check_export.py', at(`${name}.onnx`), '--json')).toEqual({
        code: 0,
        stderr: '',
      });
    },
    30_000,
  );

  test('as bytes for torch-fidelity passes it as well, and gives the same pixels', async () => {
    const bytes = exportGenerator(cases.images.game, cases.images.variables, { format: 'uint8' });
    await writeFile(at('bytes.uint8'), bytes);
    expect(await runPython('check_export.py', at('bytes.uint8'), '--json')).toEqual({
      code: 0,
      stderr: '',
    });
    const pixels = decodeNpy(await readFile(at('images.samples.npy'))).data as Float64Array;
    for (const count of [1, 7, MOST]) {
      const samples = await runPlainly('onnxruntime-node', bytes, feedsOf('images', count));
      expect(samples).toMatchObject({ type: 'uint8', dims: [count, 3, 32, 32] });
      const exact = Float64Array.from(pixels.subarray(0, samples.data.length), (value) => 255 * value);
      expect(samples.data).toBeAllClose(exact, { rtol: 0, atol: 0.5 + 255 * tolerance.atol });
    }
  }, 30_000);
});
