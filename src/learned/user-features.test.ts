import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, DataError, ExecutionError, ShapeError } from '../errors.ts';
import { add, cast, log, mul } from '../graph/functions/elementwise.ts';
import { sum } from '../graph/functions/reductions.ts';
import { concat, gather, reshape } from '../graph/functions/shaping.ts';
import { encodeModel } from '../graph/onnx/encode.ts';
import type { Shape } from '../graph/shapes.ts';
import type { DType, Tensor } from '../graph/tensor.ts';
import { constant, input, type Value } from '../graph/value.ts';
import { openSession } from '../runtime/node-session.ts';
import type { Session } from '../runtime/session.ts';
import { loadUserFeatures } from './disk/load-user-features.ts';
import type { FeatureExtractor } from './feature-extractor.ts';
import { userFeatures } from './user-features.ts';

let session: Session;
beforeAll(async () => {
  session = await openSession({ device: 'cpu', threads: 1 });
});
afterAll(() => session.release());

/** An ONNX file of one input. */
const modelOf = (
  build: (x: Value) => Record<string, Value>,
  shape: Shape = ['N', 1, 2, 2],
  dtype: DType = 'float32',
): Uint8Array => encodeModel({ name: 'features', outputs: build(input('x', dtype, shape)) }).bytes;

/** Features of an image: the sum of its pixels, and twice that. */
const brightness = (x: Value): Value => {
  const axes = x.shape.slice(1).map((_, i) => i + 1);
  const total = reshape(sum(cast(x, 'float32'), { axes }), [x.shape[0]!, 1]);
  return concat([total, mul(total, 2)], 1);
};

const extractor = (model: Uint8Array, name = 'mine.onnx'): Promise<FeatureExtractor> =>
  userFeatures({ model, name, exampleShape: [1, 2, 2], session });

/** Images whose pixels are multiples of 1/255: the same as bytes and as floats. */
const bytes = (count: number): Tensor<'uint8'> => ({
  dtype: 'uint8',
  shape: [count, 1, 2, 2],
  data: Uint8Array.from({ length: count * 4 }, (_, i) => (i * 73) % 256),
});
const floats = (count: number): Tensor<'float32'> => ({
  dtype: 'float32',
  shape: [count, 4],
  data: Float32Array.from(bytes(count).data, (value) => value / 255),
});
const expectedSums = (count: number): number[] =>
  Array.from({ length: count }, (_, i) =>
    floats(count)
      .data.subarray(4 * i, 4 * i + 4)
      .reduce((total, value) => total + value, 0),
  );

describe('takes a model that', () => {
  it.each<[string, Shape, DType, number]>([
    ['takes images, any number', ['N', 1, 2, 2], 'float32', 1],
    ['takes rows', ['N', 4], 'float32', 1],
    ['takes bytes', ['N', 1, 2, 2], 'uint8', 255],
    ['fixes its batch at 1', [1, 1, 2, 2], 'float32', 1],
    ['fixes its batch, which the last images do not fill', [64, 4], 'float32', 1],
    ['leaves height and width open', ['N', 1, 'H', 'W'], 'float32', 1],
  ])('%s', async (_, shape, dtype, scale) => {
    const { dimension, extract, name } = await extractor(
      modelOf((x) => ({ y: brightness(x) }), shape, dtype),
    );
    expect([name, dimension]).toEqual(['mine.onnx', 2]);
    const expected = expectedSums(130).flatMap((total) => [total * scale, 2 * total * scale]);
    for (const images of [bytes(130), floats(130)]) {
      const { features, probabilities } = await extract(images);
      expect(features.shape).toEqual([130, 2]);
      expect(features.data).toBeAllClose(expected, { rtol: 1e-5 });
      expect(probabilities).toBeUndefined();
    }
  });

  it('gives positions, which are flattened', async () => {
    const { dimension, extract } = await extractor(modelOf((x) => ({ y: add(x, 1) })));
    expect(dimension).toBe(4);
    const { features } = await extract(floats(3));
    expect(features.data).toBeAllClose(Array.from(floats(3).data, (value) => value + 1));
  });

  it('comes from a file; two of one name do not stand for each other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'zerosum-features-'));
    try {
      const path = join(folder, 'sums.onnx');
      const load = () => loadUserFeatures(path, { exampleShape: [1, 2, 2], session });
      await writeFile(
        path,
        modelOf((x) => ({ y: brightness(x) })),
      );
      const first = await load();
      await writeFile(
        path,
        modelOf((x) => ({ y: mul(brightness(x), 10) })),
      );
      const second = await load();
      expect(first.protocol['features']).toBe('sums.onnx');
      expect(first.protocol['sha256']).not.toBe(second.protocol['sha256']);
      const [one, ten] = [await first.extract(floats(2)), await second.extract(floats(2))];
      expect(ten.features.data).toBeAllClose(Array.from(one.features.data, (value) => value * 10));
    } finally {
      await rm(folder, { recursive: true });
    }
    await expect(
      loadUserFeatures(join(folder, 'none.onnx'), { exampleShape: [1, 2, 2], session }),
    ).rejects.toThrow(/none\.onnx must be an ONNX file that can be read, got ENOENT/);
  });
});

describe('refuses', () => {
  const refused: readonly [string, () => Uint8Array, Error][] = [
    [
      'images of another shape, naming both',
      () => modelOf((x) => ({ y: brightness(x) }), ['N', 3, 32, 32]),
      new ShapeError(
        'userFeatures: input x of mine.onnx takes [N, 3, 32, 32], but the images are [N, 1, 2, 2]. Export the model for [N, 1, 2, 2], with the resizing or the channels that it needs inside',
      ),
    ],
    [
      'another number of numbers in a row',
      () => modelOf((x) => ({ y: brightness(x) }), ['N', 784]),
      new ShapeError(
        'userFeatures: input x of mine.onnx takes [N, 784], but the images are [N, 1, 2, 2]. Export the model for [N, 1, 2, 2], with the resizing or the channels that it needs inside',
      ),
    ],
    [
      'another type of input',
      () => modelOf((x) => ({ y: brightness(x) }), ['N', 4], 'float64'),
      new ConfigError(
        'userFeatures: input x of mine.onnx must be float32 in [0, 1] or uint8 0 to 255, got float64. Put a Cast in front of the model',
      ),
    ],
    [
      'two inputs',
      () => modelOf((x) => ({ y: add(x, input('t', 'float32', [1])) })),
      new ConfigError(
        'userFeatures: mine.onnx must have one input, the images, got x float32 [N, 1, 2, 2] and t float32 [1]',
      ),
    ],
    [
      'two outputs',
      () => modelOf((x) => ({ features: brightness(x), pixels: add(x, 1) })),
      new ConfigError(
        'userFeatures: mine.onnx must have one output, the features, got features float32 [N, 2] and pixels float32 [N, 1, 2, 2]. Export the model with the features alone',
      ),
    ],
    [
      'another type of output',
      () => modelOf((x) => ({ y: cast(brightness(x), 'float64') })),
      new ConfigError('userFeatures: output y of mine.onnx must be float32 [N, d], got y float64 [N, 2]'),
    ],
    [
      'one number for all images',
      () => modelOf((x) => ({ y: reshape(sum(x), [1, 1]) }), [2, 4]),
      new ConfigError(
        'userFeatures: output y of mine.onnx must be one row for each image, [2, d], got [1, 1]',
      ),
    ],
  ];
  it.each(refused)('%s', async (_, model, error) => {
    await expect(extractor(model())).rejects.toThrow(error);
  });

  it('what is no ONNX file, and a model that fails on such images', async () => {
    await expect(extractor(Uint8Array.of(8, 8, 255, 255))).rejects.toThrow(ExecutionError);
    const sixth = constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(5n) });
    const model = modelOf((x) => ({ y: gather(x, sixth, 3) }), ['N', 'C', 'H', 'W']);
    const three = userFeatures({ model, name: 'four.onnx', exampleShape: [1, 3, 3], session });
    await expect(three).rejects.toThrow(
      /^userFeatures: four\.onnx must take images \[N, 1, 3, 3\], got an error on the first: run: .*\. Export it for images of this shape$/s,
    );
  });

  it('NaN in images, and features that are not finite', async () => {
    const { extract } = await extractor(modelOf((x) => ({ y: log(brightness(x)) })));
    const images = floats(3);
    images.data.fill(0, 4, 8);
    await expect(extract(images)).rejects.toThrow(
      new DataError(
        'userFeatures: features of mine.onnx must be finite, got -Infinity for image 1, feature 0',
      ),
    );
    images.data[9] = Number.NaN;
    await expect(extract(images)).rejects.toThrow(
      'userFeatures: images must be finite numbers, got NaN at [2, 1]',
    );
    await expect(extract({ ...floats(4), shape: [2, 8] })).rejects.toThrow(
      'userFeatures: images must be [N, 1, 2, 2], as mine.onnx takes them, got [2, 8]',
    );
  });
});
