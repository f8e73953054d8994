import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as native from 'onnxruntime-node';
import * as wasm from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { decodeModel, nodesOf, typeText } from '../../test/decode-model.ts';
import { generateByHand, LATENT_DIM, tinyGame, trainedVariables } from '../../test/tiny-games.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import type { Game } from '../gan/game.ts';
import { gaussian, type Latent, spherical, uniform } from '../gan/latent.ts';
import { leakyRelu } from '../nn/activations.ts';
import { fillNormal } from '../random/normal.ts';
import { streamOf } from '../random/threefry.ts';
import { fillUniform } from '../random/uniform.ts';
import { LocalSession } from '../runtime/local-session.ts';
import { openNodeExecutor } from '../runtime/node.ts';
import { exportGenerator } from './export-generator.ts';
import { sampleProgram } from './programs.ts';

wasm.env.wasm.numThreads = 1;
/** Both packages as a user without zerosum calls them. */
const runtimes = {
  'onnxruntime-node': native as unknown as typeof wasm,
  'onnxruntime-web': wasm,
};

/** Runs a model with a plain ONNX Runtime. */
async function runPlainly(
  runtime: keyof typeof runtimes,
  model: Uint8Array,
  z: Float32Array,
): Promise<{ type: string; dims: readonly number[]; data: ArrayLike<number> }> {
  const ort = runtimes[runtime];
  const session = await ort.InferenceSession.create(model);
  const feed = new ort.Tensor('float32', z, [z.length / LATENT_DIM, LATENT_DIM]);
  const { samples } = await session.run({ z: feed });
  await session.release();
  return samples as unknown as { type: string; dims: readonly number[]; data: ArrayLike<number> };
}

const key = { seed: 5, stream: streamOf('test/z') };

function normals(rows: number): Float32Array<ArrayBuffer> {
  const z = new Float32Array(rows * LATENT_DIM);
  fillNormal(key, 0, z);
  return z;
}

function uniforms(rows: number): Float32Array<ArrayBuffer> {
  const z = new Float32Array(rows * LATENT_DIM);
  fillUniform(key, 0, z, 0, 1);
  return z;
}

const logistic = (value: number) => 1 / (1 + Math.exp(-value));

const images = tinyGame({ shape: [1, 6, 4], range: 'unit', averageDecay: 0.9 });
const variables = trainedVariables(images);

const metadataOf = (model: Uint8Array) =>
  Object.fromEntries(decodeModel(model).metadataProps.map(({ key, value }) => [key, value]));

describe('the float format', () => {
  const model = exportGenerator(images, variables, {
    metadata: { seed: '7', step: '300', latent: 'not for the caller to say' },
  });

  test.each([
    ['onnxruntime-node', 1],
    ['onnxruntime-node', 7],
    ['onnxruntime-node', 64],
    ['onnxruntime-web', 1],
    ['onnxruntime-web', 7],
    ['onnxruntime-web', 64],
  ] as const)('gives the averaged generator its pixels under plain %s, N = %i', async (runtime, rows) => {
    const z = normals(rows);
    const { type, dims, data } = await runPlainly(runtime, model, z);
    expect({ type, dims }).toEqual({ type: 'float32', dims: [rows, 1, 6, 4] });
    const byHand = generateByHand(variables, z, 'average/').map(logistic);
    expect(data).toBeAllClose(byHand, { rtol: 0, atol: 1e-6 });
  });

  test('gives the same pixels as the sheets of a training run', async () => {
    const session = new LocalSession(await openNodeExecutor({ device: 'cpu', threads: 1 }));
    await session.compile(sampleProgram(images, variables, true));
    await session.writeState(variables);
    const z = normals(7);
    const feed = { dtype: 'float32', shape: [7, LATENT_DIM], data: z.slice() } as const;
    const { samples } = await session.run('sample', { z: feed });
    await session.release();
    const { data } = await runPlainly('onnxruntime-node', model, z);
    expect(data).toBeAllClose(samples!.data, { rtol: 0, atol: 1e-5 });
  });

  test('has the last weights where they are asked for, and where there is no average', async () => {
    const z = normals(3);
    const last = generateByHand(variables, z).map(logistic);
    const raw = exportGenerator(images, variables, { averaged: false });
    expect((await runPlainly('onnxruntime-node', raw, z)).data).toBeAllClose(last, { rtol: 0, atol: 1e-6 });
    expect(metadataOf(raw)).toMatchObject({ weights: 'last' });
    const plain = tinyGame({ shape: [1, 6, 4], range: 'unit' });
    const { data } = await runPlainly('onnxruntime-node', exportGenerator(plain, variables), z);
    expect(data).toBeAllClose(last, { rtol: 0, atol: 1e-6 });
    expect(() => exportGenerator(plain, variables, { averaged: true })).toThrow(
      new ConfigError('export: the averaged weights must be there, got a game without averageDecay'),
    );
  });

  test('brings the range of tanh to [0, 1], and cuts what a network without an end leaves over', async () => {
    const z = normals(7);
    const symmetric = tinyGame({ shape: [3, 2, 2], range: 'symmetric' });
    const weights = trainedVariables(symmetric);
    const { data } = await runPlainly('onnxruntime-node', exportGenerator(symmetric, weights), z);
    const raw = generateByHand(weights, z);
    expect(data).toBeAllClose(
      raw.map((value) => (Math.tanh(value) + 1) / 2),
      { rtol: 0, atol: 1e-6 },
    );
    const open = tinyGame({ shape: [3, 2, 2], range: 'unit', output: [leakyRelu(1)] });
    const cut = await runPlainly('onnxruntime-node', exportGenerator(open, weights), z);
    expect(Math.min(...raw)).toBeLessThan(0);
    expect(Math.max(...raw)).toBeGreaterThan(1);
    expect(cut.data).toBeAllClose(
      raw.map((value) => Math.min(Math.max(value, 0), 1)),
      { rtol: 0, atol: 1e-6 },
    );
  });

  test("leaves points in the data's units", async () => {
    const points = tinyGame({ shape: [2], range: 'data' });
    const weights = trainedVariables(points);
    const z = normals(64);
    const exported = exportGenerator(points, weights);
    const { dims, data } = await runPlainly('onnxruntime-node', exported, z);
    expect(dims).toEqual([64, 2]);
    expect(data).toBeAllClose(generateByHand(weights, z), { rtol: 1e-5, atol: 1e-6 });
    expect(metadataOf(exported)).toMatchObject({
      exampleShape: '[2]',
      output: "float32 [N, 2], points in the data's units",
    });
  });

  test('is one input, one output, named weights and nothing of the discriminator', () => {
    const { graph, metadataProps } = decodeModel(model);
    expect(graph.input.map(typeText)).toEqual(['z: FLOAT [N, 5]']);
    expect(graph.output.map(typeText)).toEqual(['samples: FLOAT [N, 1, 6, 4]']);
    const weights = graph.initializer.filter(({ name }) => !name.startsWith('constant/'));
    expect(weights.map(({ name, dims }) => `${name} [${dims.join(', ')}]`).sort()).toEqual([
      'generator/dense1/bias [12]',
      'generator/dense1/weight [5, 12]',
      'generator/dense2/bias [24]',
      'generator/dense2/weight [12, 24]',
    ]);
    expect(nodesOf(graph).map(({ name }) => name)).toEqual([
      'generator/dense1/Gemm',
      'generator/relu1/Relu',
      'generator/dense2/Gemm',
      'generator/sigmoid1/Sigmoid',
      'samples/Reshape',
      'samples/Clip',
    ]);
    expect(Object.fromEntries(metadataProps.map((entry) => [entry.key, entry.value]))).toEqual({
      seed: '7',
      step: '300',
      latent: 'gaussian',
      latentDescription: 'each coordinate independent and standard normal',
      latentDim: '5',
      exampleShape: '[1, 6, 4]',
      output: 'float32 [N, 1, 6, 4], pixels in [0, 1]',
      weights: 'average',
    });
  });

  test('is the same file every time', () => {
    expect(exportGenerator(images, variables)).toEqual(exportGenerator(images, variables));
  });

  test('names a weight that is missing', () => {
    const { 'average/generator/dense2/bias': _, ...rest } = variables;
    expect(() => exportGenerator(images, rest)).toThrow(
      new ShapeError('generator/dense2/bias: must be [24], got none'),
    );
  });
});

describe('the uint8 format', () => {
  const unitNorm = (z: Float32Array) =>
    z.map((value, at) => {
      const row = z.subarray(at - (at % LATENT_DIM), at - (at % LATENT_DIM) + LATENT_DIM);
      return value / Math.hypot(...row);
    });
  const shifted: Latent = {
    name: 'shifted',
    description: 'uniform on (-2, 5)',
    recipe: { kind: 'uniform', low: -2, high: 5 },
  };
  const wide: Latent = {
    name: 'wide',
    description: 'of deviation 3',
    recipe: { kind: 'normal', standardDeviation: 3 },
  };

  test.each([
    [gaussian, 'normal', normals, (z: Float32Array) => z],
    [wide, 'normal', normals, (z: Float32Array) => z.map((value) => 3 * value)],
    [spherical, 'normal', normals, unitNorm],
    [uniform, 'uniform_0_1', uniforms, (z: Float32Array) => z.map((value) => Math.sqrt(3) * (2 * value - 1))],
    [shifted, 'uniform_0_1', uniforms, (z: Float32Array) => z.map((value) => 7 * value - 2)],
  ] as const)('maps what torch-fidelity draws to the latent $name', async (latent, drawn, draw, toLatent) => {
    const game: Game = { ...images, latent };
    const model = exportGenerator(game, variables, { format: 'uint8' });
    const z = draw(64);
    const byHand = generateByHand(variables, Float32Array.from(toLatent(z)), 'average/').map(logistic);
    for (const runtime of Object.keys(runtimes) as (keyof typeof runtimes)[]) {
      const { type, dims, data } = await runPlainly(runtime, model, z);
      expect({ type, dims }).toEqual({ type: 'uint8', dims: [64, 3, 6, 4] });
      expectRounded(data, byHand, 24, 3);
    }
    const { graph } = decodeModel(model);
    expect(graph.input.map(typeText)).toEqual(['z: FLOAT [N, 5]']);
    expect(graph.output.map(typeText)).toEqual(['samples: UINT8 [N, 3, 6, 4]']);
    expect(metadataOf(model)).toMatchObject({
      latent: drawn,
      output: 'uint8 [N, 3, 6, 4], pixels 0 to 255, grey in all three channels',
      rounding: 'floor(255 x + 0.5) of the pixel x in [0, 1]',
    });
  });

  /** `bytes` [n, copies, size] must be floor(255 x + 0.5) of `pixels` [n, size]; at a tie of 1e-4 either neighbour. */
  function expectRounded(bytes: ArrayLike<number>, pixels: Float64Array, size: number, copies: number): void {
    expect(bytes.length).toBe(pixels.length * copies);
    const wrong = Array.from(bytes).flatMap((byte, at) => {
      const row = Math.floor(at / (size * copies));
      const exact = 255 * pixels[row * size + (at % size)]! + 0.5;
      return byte > exact + 1e-4 || byte < exact - 1 - 1e-4 ? [`[${at}] ${byte} of ${exact - 0.5}`] : [];
    });
    expect(wrong).toEqual([]);
  }

  test('leaves colours as they are', async () => {
    const colour = tinyGame({ shape: [3, 2, 2], range: 'symmetric' });
    const weights = trainedVariables(colour);
    const z = normals(7);
    const model = exportGenerator(colour, weights, { format: 'uint8' });
    const { dims, data } = await runPlainly('onnxruntime-node', model, z);
    expect(dims).toEqual([7, 3, 2, 2]);
    const pixels = generateByHand(weights, z).map((value) => (Math.tanh(value) + 1) / 2);
    expectRounded(data, pixels, 12, 1);
    expect(metadataOf(model)['output']).toBe('uint8 [N, 3, 2, 2], pixels 0 to 255');
  });

  test('reaches 0 and 255, and is finite for z = 0', async () => {
    const game = {
      ...tinyGame({ shape: [1, 1, 2], range: 'unit', output: [leakyRelu(1)] }),
      latent: spherical,
    };
    const weights = { ...trainedVariables(game) };
    const bias = { dtype: 'float32', shape: [2], data: Float32Array.of(-9, 9) } as const;
    const model = exportGenerator(game, { ...weights, 'generator/dense2/bias': bias }, { format: 'uint8' });
    const { data } = await runPlainly('onnxruntime-node', model, new Float32Array(LATENT_DIM));
    expect([...Array.from(data)]).toEqual([0, 255, 0, 255, 0, 255]);
  });

  test('is refused for points and for latents that nothing standard can be mapped to', () => {
    const points = tinyGame({ shape: [2], range: 'data' });
    expect(() => exportGenerator(points, trainedVariables(points), { format: 'uint8' })).toThrow(
      new ConfigError(
        'export: format uint8 must be used with images of 1 or 3 channels [C, H, W], got examples [2]. Use format float',
      ),
    );
    const bits: Latent = {
      name: 'bits',
      description: 'fair coins',
      recipe: { kind: 'bernoulli', probability: 0.5 },
    };
    expect(() => exportGenerator({ ...images, latent: bits }, variables, { format: 'uint8' })).toThrow(
      'must have a latent distribution made from normal or uniform numbers, got bits (bernoulli)',
    );
  });
});

const python = '/usr/bin/python3';
const checker = fileURLToPath(new URL('../../scripts/check_export.py', import.meta.url));

/** The checker's exit code, and what it said. */
function check(path: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(python, [checker, path, '--json'], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

test.skipIf(!existsSync(python))('both formats pass the checker of the onnx package', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'zerosum-export-'));
  try {
    const colour = tinyGame({ shape: [3, 2, 2], range: 'symmetric', latent: spherical });
    const models = {
      float: exportGenerator(images, variables),
      uint8: exportGenerator(colour, trainedVariables(colour), { format: 'uint8' }),
    };
    for (const [format, model] of Object.entries(models)) {
      const path = join(folder, `${format}.onnx`);
      await writeFile(path, model);
      const { code, stdout, stderr } = await check(path);
      if (code === 3) {
        console.warn(`skipped: ${stderr.trim()}`);
        return context.skip(stderr.trim());
      }
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout).metadata).toEqual(metadataOf(model));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
