import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeModel, typeText } from '../../test/decode-model.ts';
import { checkpointPath, trainImages, trainRing } from '../../test/trained-run.ts';
import { ConfigError, DataError } from '../errors.ts';
import { readTrainedGenerator } from '../train/disk/trained-generator.ts';
import { exportCommand } from './export-command.ts';

let folder: string;
let ring: string;
let images: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zerosum-export-'));
  [ring, images] = [join(folder, 'ring'), join(folder, 'images')];
  await trainRing(ring);
  await trainImages(images, 'latent=uniform');
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs `zerosum export ...` and returns what it wrote to standard output. */
async function exportRun(...argv: string[]): Promise<string> {
  const written: string[] = [];
  const stdout = { write: (text: string) => written.push(text) };
  const stderr = { write: () => true };
  await exportCommand({ stdout, stderr })
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parseAsync(argv, { from: 'user' });
  return written.join('');
}

const metadataOf = (model: Uint8Array) =>
  Object.fromEntries(decodeModel(model).metadataProps.map(({ key, value }) => [key, value]));

test('the file goes into the run folder and says where it comes from', async () => {
  const path = join(images, 'generator.onnx');
  const text = await exportRun(images);
  const model = await readFile(path);
  expect(text).toBe(`${path}: z [N, 5] -> float32, step 3, ${(model.length / 1e6).toFixed(1)} MB\n`);
  const { record } = await readTrainedGenerator(images);
  expect(metadataOf(model)).toEqual({
    zerosumVersion: record.versions['zerosum'],
    preset: 'digits',
    data: 'images',
    dataFingerprint: record.dataset.fingerprint,
    configHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    seed: '1',
    step: '3',
    latent: 'uniform',
    latentDescription: 'each coordinate independent and uniform on (-sqrt(3), sqrt(3))',
    latentDim: '5',
    exampleShape: '[1, 6, 4]',
    output: 'float32 [N, 1, 6, 4], pixels in [0, 1]',
    weights: 'average',
  });
});

test('the bytes depend on the run alone', async () => {
  const paths = ['a.onnx', 'b.onnx'].map((name) => join(folder, name));
  for (const path of paths) await exportRun(ring, '--out', path);
  const [a, b] = await Promise.all(paths.map((path) => readFile(path)));
  expect(a!.equals(b!)).toBe(true);
});

test('--checkpoint and --raw-weights choose the weights', async () => {
  const out = join(folder, 'early.onnx');
  const facts = JSON.parse(
    await exportRun(ring, '--out', out, '--checkpoint', '1', '--raw-weights', '--json'),
  );
  const model = await readFile(out);
  expect(facts).toEqual({ path: out, format: 'float', step: 1, latentDim: 5, bytes: model.length });
  expect(metadataOf(model)).toMatchObject({ step: '1', weights: 'last' });
  const { variables } = await readTrainedGenerator(ring, { step: 1 });
  const weight = decodeModel(model).graph.initializer.find(
    ({ name }) => name === 'generator/dense1/weight',
  )!.rawData;
  expect(Buffer.from(weight).equals(Buffer.from(variables['generator/dense1/weight']!.data.buffer))).toBe(
    true,
  );
});

test('--format uint8 gives bytes in three channels, in a file of its own', async () => {
  await exportRun(images, '--format', 'uint8');
  const model = await readFile(join(images, 'generator-uint8.onnx'));
  expect(decodeModel(model).graph.output.map(typeText)).toEqual(['samples: UINT8 [N, 3, 6, 4]']);
  expect(metadataOf(model)).toMatchObject({ latent: 'uniform_0_1' });
  const session = await InferenceSession.create(model);
  const z = new Tensor('float32', new Float32Array(2 * 5).fill(0.25), [2, 5]);
  const { samples } = await session.run({ z });
  await session.release();
  expect(samples).toMatchObject({ type: 'uint8', dims: [2, 3, 6, 4] });
});

test('bad input is named and writes nothing', async () => {
  const before = await readdir(folder);
  await expect(exportRun(ring, '--format', 'int8')).rejects.toThrow('Allowed choices are float, uint8');
  await expect(exportRun(ring, '--format', 'uint8')).rejects.toThrow(
    new ConfigError(
      'export: format uint8 must be used with images of 1 or 3 channels [C, H, W], got examples [2]. Use format float',
    ),
  );
  await expect(exportRun(join(folder, 'none'))).rejects.toThrow(ConfigError);
  await expect(exportRun(ring, '--out', join(folder, 'no', 'g.onnx'))).rejects.toThrow(
    /^export: .*g\.onnx must be written whole, got ENOENT/,
  );
  expect(await readdir(folder)).toEqual(before);
  const finished = await readFile(join(ring, 'generator.onnx'));
  const path = checkpointPath(ring, 3);
  const whole = await readFile(path);
  await writeFile(path, whole.subarray(0, whole.length - 1));
  await expect(exportRun(ring)).rejects.toThrow(DataError);
  await expect(exportRun(ring)).rejects.toThrow('Take --checkpoint 2, which is good');
  // The run's own generator.onnx, written when it finished, is as it was.
  expect(await readFile(join(ring, 'generator.onnx'))).toEqual(finished);
  await writeFile(path, whole);
});
