import { afterAll, describe, expect, it } from 'vitest';
import { barDataset, barImages } from '../../test/bar-images.ts';
import { datasetFromArray } from '../data/array-dataset.ts';
import type { FiniteDataset } from '../data/dataset.ts';
import { loadDataset } from '../data/disk/load-dataset.ts';
import { DataError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';
import { encodeSafetensors } from '../io/safetensors.ts';
import { LocalSession } from '../runtime/local-session.ts';
import { openNodeExecutor } from '../runtime/node.ts';
import type { Session } from '../runtime/session.ts';
import { type Classifier, type ClassifierOptions, trainClassifier } from './classifier.ts';
import { learnedFeatures } from './learned-features.ts';

let opened: Promise<Session> | undefined;
const session = (): Promise<Session> => {
  opened ??= openNodeExecutor({ device: 'cpu', threads: 2 }).then((executor) => new LocalSession(executor));
  return opened;
};
afterAll(async () => (await opened)?.release());

const train = async (dataset: FiniteDataset, options: Partial<ClassifierOptions> = {}) =>
  trainClassifier(dataset, { session: await session(), steps: 150, ...options });

/** The classifier of the bars, trained once for all who only read it. */
let ofBars: Promise<Classifier> | undefined;
const trainedOnBars = (): Promise<Classifier> => {
  ofBars ??= barDataset().then((dataset) => train(dataset));
  return ofBars;
};

const tensorOf = ({ count, examples }: FiniteDataset['test']): Tensor<'uint8'> => ({
  dtype: 'uint8',
  shape: [count, examples.length / count],
  data: examples as Tensor<'uint8'>['data'],
});

describe('a classifier', () => {
  it('learns the classes, and its features and probabilities are those that its accuracy was measured with', async () => {
    const dataset = await barDataset();
    const classifier = await trainedOnBars();
    expect(classifier.accuracy).toBeGreaterThan(0.95);
    expect(classifier).toMatchObject({
      dataset: 'bars',
      fingerprint: dataset.fingerprint,
      classes: ['low', 'high', 'left', 'right'],
      heldOut: { split: 'test', count: 400 },
    });
    const extractor = await learnedFeatures(classifier, { session: await session() });
    const { features, probabilities } = await extractor.extract(tensorOf(dataset.test));
    expect(features.shape).toEqual([400, extractor.dimension]);
    expect(probabilities!.shape).toEqual([400, 4]);
    let right = 0;
    for (const [i, label] of dataset.test.labels!.entries()) {
      const row = probabilities!.data.subarray(i * 4, i * 4 + 4);
      expect([row.reduce((sum, p) => sum + p)]).toBeAllClose([1], { rtol: 1e-5 });
      if (row.indexOf(Math.max(...row)) === label) right++;
    }
    expect(right / 400).toBe(classifier.accuracy);
    expect(extractor.protocol).toMatchObject({
      features: 'classifier of bars',
      accuracy: classifier.accuracy,
      heldOut: '400 of test',
    });
  });

  it('looks at colour images by convolutions, and tells classes by colour and place', async () => {
    const side = 16;
    const count = 400;
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 4);
    // A bright square, red or blue, above or below: no single pixel or channel tells all four classes.
    const pixels = Uint8Array.from({ length: count * 3 * side * side }, (_, at) => {
      const [example, within] = [Math.floor(at / (3 * side * side)), at % (3 * side * side)];
      const [channel, y, x] = [
        Math.floor(within / side ** 2),
        Math.floor(within / side) % side,
        within % side,
      ];
      const label = labels[example]!;
      const [top, left] = [(label & 1 ? 8 : 1) + (example % 5), 1 + (Math.floor(example / 5) % 9)];
      const inside = y >= top && y < top + 3 && x >= left && x < left + 3;
      return inside && channel === (label & 2 ? 2 : 0) ? 255 : 40;
    });
    const dataset = await datasetFromArray(
      { dtype: 'uint8', shape: [count, 3, side, side], data: pixels },
      { labels, name: 'squares' },
    );
    const classifier = await train(dataset, { steps: 60 });
    expect(Object.keys(classifier.variables).some((name) => name.includes('conv'))).toBe(true);
    expect(classifier.accuracy).toBeGreaterThan(0.9);
    const extractor = await learnedFeatures(classifier, { session: await session() });
    const { features } = await extractor.extract(tensorOf(dataset.train));
    expect(features.shape).toEqual([dataset.train.count, 128]);
  });

  it('looks at grey images by convolutions as well, unless they are smaller than 16 x 16', async () => {
    const parametersOf = async (side: number): Promise<readonly string[]> => {
      const data = Uint8Array.from({ length: 200 * side * side }, (_, i) => (i * 37) % 251);
      const labels = Uint8Array.from({ length: 200 }, (_, i) => i % 2);
      const dataset = await datasetFromArray(
        { dtype: 'uint8', shape: [200, 1, side, side], data },
        { labels },
      );
      return Object.keys((await train(dataset, { steps: 1 })).variables);
    };
    expect(await parametersOf(16)).toContainEqual(expect.stringContaining('conv'));
    expect(await parametersOf(15)).not.toContainEqual(expect.stringContaining('conv'));
  });

  it('puts images of one class near each other, of others far away, more than their pixels do', async () => {
    const dataset = await barDataset();
    const { labels, count } = dataset.test;
    const extractor = await learnedFeatures(await trainedOnBars(), { session: await session() });
    const { features } = await extractor.extract(tensorOf(dataset.test));
    /** Mean squared distance between images of different classes, divided by that between images of one. */
    const separation = (rows: ArrayLike<number>): number => {
      const d = rows.length / count;
      const [sums, counts] = [[0, 0] as [number, number], [0, 0] as [number, number]];
      for (let i = 0; i < count; i++)
        for (let j = 0; j < i; j++) {
          const alike = labels![i] === labels![j] ? 1 : 0;
          for (let k = 0; k < d; k++) sums[alike] += (rows[i * d + k]! - rows[j * d + k]!) ** 2;
          counts[alike]++;
        }
      return sums[0] / counts[0] / (sums[1] / counts[1]);
    };
    expect(separation(features.data) - 1).toBeGreaterThan(3 * (separation(dataset.test.examples) - 1));
  });

  it('is the same for the same seed, another for another', async () => {
    const dataset = await barDataset();
    const first = await train(dataset, { steps: 8 });
    const again = await train(dataset, { steps: 8 });
    const bytes = Buffer.from(encodeSafetensors(first.variables));
    expect(bytes.equals(encodeSafetensors(again.variables))).toBe(true);
    expect(again.accuracy).toBe(first.accuracy);
    const other = await train(dataset, { steps: 8, seed: 2 });
    expect(bytes.equals(encodeSafetensors(other.variables))).toBe(false);
  });

  it('holds back validation or training examples where there is no test split', async () => {
    const none = { count: 0, examples: new Uint8Array(0) };
    const validated = await train(await barDataset({ test: none }), { steps: 2 });
    expect(validated.heldOut).toEqual({ split: 'validation', count: 100 });
    const alone = await train(await barDataset({ test: none, validation: none }), { steps: 2 });
    expect(alone.heldOut).toEqual({ split: 'train', count: 200 });
  });

  it('takes labelled points', async () => {
    const data = Float32Array.from({ length: 2 * 600 }, (_, i) => Math.sin(i * 12.9898) * 1000);
    const labels = Uint8Array.from({ length: 600 }, (_, i) => (data[2 * i]! > data[2 * i + 1]! ? 1 : 0));
    const points = await datasetFromArray({ dtype: 'float32', shape: [600, 2], data }, { labels });
    const classifier = await train(points);
    expect(classifier.accuracy).toBeGreaterThan(0.9);
    expect(classifier.classes).toEqual(['0', '1']);
  });

  it('tells how far it is, and ends with the reason that it was aborted with', async () => {
    const dataset = await barDataset();
    const told: number[][] = [];
    const controller = new AbortController();
    const reason = new Error('enough');
    const aborted = train(dataset, {
      signal: controller.signal,
      onProgress: (step, steps) => {
        told.push([step, steps]);
        controller.abort(reason);
      },
    });
    await expect(aborted).rejects.toBe(reason);
    expect(told).toEqual([[4, 150]]);
  });
});

describe('refuses', () => {
  const bars = barImages(200, 1);

  it.each([
    [
      { train: { count: 200, examples: bars.examples } },
      'trainClassifier: bars must have labels, got none. Give features from a network of your own, an ONNX file',
    ],
    [
      { train: { ...bars, labels: new Uint8Array(200).fill(3) } },
      'trainClassifier: bars must have labels of at least 2 classes, got only class 3 in 200 examples',
    ],
    [
      { train: { ...bars, labels: bars.labels.map((label) => label * 2) } },
      'trainClassifier: bars must have labels 0 ... 3, one for each of its classes, got 6',
    ],
    [{ train: barImages(99, 1) }, 'trainClassifier: bars must have at least 100 training examples, got 99'],
    [
      { train: { ...bars, examples: new Uint8Array(200 * 64).fill(128) } },
      'trainClassifier: bars must have different examples, got 200 that are all alike',
    ],
  ])('data that nothing can be learned from: %#', async (parts, message) => {
    await expect(train(await barDataset(parts))).rejects.toThrow(new DataError(message));
  });

  it('images that are not what it was trained on', async () => {
    const classifier = await trainedOnBars();
    const { extract } = await learnedFeatures(classifier, { session: await session() });
    const images = (shape: number[], at: Record<number, number> = {}): Tensor<'float32'> => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      for (const [i, value] of Object.entries(at)) data[Number(i)] = value;
      return { dtype: 'float32', shape, data };
    };
    await expect(extract(images([5, 1, 28, 28]))).rejects.toThrow(
      'learnedFeatures: images must be [N, 1, 8, 8], as the classifier of bars takes them, got [5, 1, 28, 28]',
    );
    await expect(extract(images([5, 1, 8, 8], { 70: Number.NaN }))).rejects.toThrow(
      new DataError('learnedFeatures: images must be finite numbers, got NaN at [1, 6]'),
    );
    await expect(extract(images([5, 1, 8, 8], { 64: 200 }))).rejects.toThrow(
      'learnedFeatures: images must be pixels in [0, 1], got 200 at [1, 0]. Divide those of 0 to 255 by 255',
    );
    await expect(extract(images([0, 1, 8, 8]))).rejects.toThrow(
      'learnedFeatures: images must be at least 1, got 0',
    );
    await expect(extract({ ...images([5, 1, 8, 8]), shape: [6, 1, 8, 8] })).rejects.toThrow(
      'learnedFeatures: images of shape [6, 1, 8, 8] must hold 384 numbers, got 320',
    );
    await expect(extract({ dtype: 'int32', shape: [5, 64], data: new Int32Array(320) })).rejects.toThrow(
      'learnedFeatures: images must be float32 or uint8 [N, 1, 8, 8], got int32 [5, 64]. Convert them',
    );
  });
});

const dataDir = process.env['ZEROSUM_DATA'] ?? '../shared/data';
const mnist = await loadDataset('mnist', { dataDir, mirrors: [] }).catch((error: Error) => error);
if (mnist instanceof Error) console.log(`skipped: a classifier of MNIST (${mnist.message})`);

it.skipIf(mnist instanceof Error)(
  'tells 94 of 100 MNIST digits after a tenth of its training',
  async () => {
    const { accuracy } = await train(mnist as FiniteDataset, { steps: 100 });
    expect(accuracy).toBeGreaterThan(0.94);
  },
  120_000,
);
