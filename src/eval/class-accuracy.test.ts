import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barDataset } from '../../test/bar-images.ts';
import type { FiniteDataset } from '../data/dataset.ts';
import { DataError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';
import { type Classifier, trainClassifier } from '../learned/classifier.ts';
import { learnedFeatures } from '../learned/learned-features.ts';
import { permutation } from '../random/permutation.ts';
import { LocalSession } from '../runtime/local-session.ts';
import { openNodeExecutor } from '../runtime/node.ts';
import type { Session } from '../runtime/session.ts';
import { classAccuracy } from './class-accuracy.ts';
import { predictedClasses } from './class-modes.ts';

const test = { predicted: [0, 1, 2, 0], labels: [0, 1, 2, 2] };
const given = { test, classifier: 'a classifier', classes: ['a', 'b', 'c'] };

describe('classAccuracy', () => {
  it('is the share that is named as asked, in all and by class, beside that of test images', () => {
    const { standardError, ...rest } = classAccuracy(
      { predicted: [0, 0, 2, 2, 1], labels: [0, 2, 2, 2, 0] },
      given,
    );
    expect(rest).toEqual({
      value: 3 / 5,
      testImages: 3 / 4,
      byClass: [
        { label: 0, name: 'a', value: 1 / 2, samples: 2 },
        { label: 2, name: 'c', value: 2 / 3, samples: 3 },
      ],
      protocol: { samples: 5, testImages: 4, classes: 3, classifier: 'a classifier' },
    });
    // Their interval for 3 of 5: 0.5566 +- 1.96 sqrt(0.5566 x 0.4434 / 8.8415).
    expect([2 * 1.959964 * standardError]).toBeAllClose([0.88401 - 0.22909], { rtol: 1e-4 });
  });

  it('has an error where all or none are right, which shrinks with their number', () => {
    const all = (n: number) => {
      const labels = new Uint8Array(n);
      return classAccuracy({ predicted: labels, labels }, given);
    };
    expect(all(100)).toMatchObject({ value: 1 });
    expect(all(100).standardError).toBeGreaterThan(0.01);
    expect(all(10_000).standardError).toBeLessThan(0.0003);
  });

  it('refuses what cannot be counted', () => {
    expect(() => classAccuracy({ predicted: [], labels: [] }, given)).toThrow(
      new DataError('classAccuracy: samples must be one or more with a label each, got 0 with 0 labels'),
    );
    expect(() => classAccuracy({ predicted: [1, 1], labels: [1] }, given)).toThrow('got 2 with 1 labels');
    expect(() => classAccuracy({ predicted: [1, 1], labels: [1, 3] }, given)).toThrow(
      'labels of samples must be from 0 to 2, got 3 at 1',
    );
  });
});

describe('by a learned classifier', () => {
  let session: Session;
  let dataset: FiniteDataset;
  let classifier: Classifier;
  let predicted: Uint32Array;
  beforeAll(async () => {
    session = new LocalSession(await openNodeExecutor({ device: 'cpu', threads: 1 }));
    dataset = await barDataset();
    classifier = await trainClassifier(dataset, { session, steps: 60 });
    const extractor = await learnedFeatures(classifier, { session });
    const { count, examples } = dataset.test;
    const images = {
      dtype: 'uint8',
      shape: [count, examples.length / count],
      data: examples,
    } as Tensor<'uint8'>;
    predicted = predictedClasses((await extractor.extract(images)).probabilities!);
  }, 60_000);
  afterAll(() => session.release());

  it("real test images of the class asked for get the classifier's own accuracy, shuffled ones 1 / classes", () => {
    const labels = dataset.test.labels!;
    const real = {
      test: { predicted, labels },
      classifier: 'that of the bars',
      classes: classifier.classes,
    };
    const asked = classAccuracy({ predicted, labels }, real);
    expect(asked.value).toBe(classifier.accuracy);
    expect(asked.testImages).toBe(classifier.accuracy);
    expect(asked.value).toBeGreaterThan(0.7);
    const order = permutation({ seed: 3, stream: 5 }, 0, labels.length);
    const shuffled = classAccuracy(
      { predicted, labels: Uint8Array.from(order, (index) => labels[index]!) },
      real,
    );
    expect(Math.abs(shuffled.value - 1 / 4)).toBeLessThan(4 * shuffled.standardError);
  });
});
