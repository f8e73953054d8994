import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FiniteDataset } from '../data/dataset.ts';
import { ring8 } from '../data/toy.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { FeatureExtractor } from '../learned/feature-extractor.ts';
import { fillUniform } from '../random/uniform.ts';
import { openSession } from '../runtime/node-session.ts';
import type { Session } from '../runtime/session.ts';
import { evaluateImages, imageRows } from './evaluate-images.ts';
import { evaluatePoints } from './evaluate-points.ts';
import { type Evaluation, imageMeasures, pointMeasures } from './evaluation.ts';
import { evaluationText } from './evaluation-text.ts';
import { givenSamples } from './given-samples.ts';
import { reportPage } from './report-page.ts';
import { verdict } from './verdict.ts';

const SIZE = 16;

/** Images of 4 x 4 pixels in two classes: bright above or bright below, with noise. */
function images(count: number, seed: number, classes: readonly number[] = [0, 1]): Tensor<'float32'> {
  const data = new Float32Array(count * SIZE);
  fillUniform({ seed, stream: 1 }, 0, data, 0, 0.4);
  for (let row = 0; row < count; row++) {
    const half = classes[row % classes.length]! * (SIZE / 2);
    for (let at = half; at < half + SIZE / 2; at++) data[row * SIZE + at]! += 0.5;
  }
  return { dtype: 'float32', shape: [count, SIZE], data };
}

function dataset(): FiniteDataset {
  const part = (count: number, seed: number) => ({
    count,
    examples: images(count, seed).data,
    labels: Uint8Array.from({ length: count }, (_, i) => i % 2),
  });
  const parts = { train: part(600, 11), validation: part(300, 12), test: part(300, 13) };
  return { kind: 'images', name: 'halves', exampleShape: [1, 4, 4], fingerprint: 'halves', ...parts };
}

/** Looks at the two halves: features and classes that need no training. */
const halves: FeatureExtractor = {
  name: 'halves',
  dimension: 2,
  classes: ['above', 'below'],
  protocol: { features: 'halves' },
  extract: async ({ shape, data }) => {
    const count = shape[0]!;
    const features = new Float32Array(count * 2);
    const probabilities = new Float32Array(count * 2);
    for (let row = 0; row < count; row++) {
      for (let at = 0; at < SIZE; at++)
        features[row * 2 + Math.floor(at / 8)]! += (data[row * SIZE + at] as number) / 8;
      const above = features[row * 2]! > features[row * 2 + 1]! ? 0.99 : 0.01;
      probabilities.set([above, 1 - above], row * 2);
    }
    return {
      features: { dtype: 'float32', shape: [count, 2], data: features },
      probabilities: { dtype: 'float32', shape: [count, 2], data: probabilities },
    };
  },
};

let session: Session;
beforeAll(async () => {
  session = await openSession({ device: 'cpu', threads: 1 });
});
afterAll(() => session.release());

/** @param asked - the class of each sample; by default the two in turn, as `images` draws them */
async function evaluate(
  samples: Tensor<'float32'>,
  asked = Uint8Array.from({ length: samples.shape[0]! }, (_, i) => i % 2),
): Promise<Evaluation> {
  const results = await evaluateImages(samples, dataset(), {
    session,
    measures: new Set(imageMeasures),
    asked,
    openFeatures: async () => halves,
    seed: 1,
  });
  const subject = { data: 'halves', samples: samples.shape[0]!, source: 'a test' };
  return { subject, notices: [], ...results };
}

const grades = (evaluation: Evaluation): Record<string, string> =>
  Object.fromEntries(verdict(evaluation).map(({ question, grade }) => [question, grade]));

describe('evaluateImages', () => {
  it('finds nothing wrong with fresh real images, by every measure, each with its protocol', async () => {
    const samples = images(300, 14);
    const evaluation = await evaluate(samples);
    expect(Object.keys(evaluation)).toEqual(expect.arrayContaining([...imageMeasures]));
    for (const name of imageMeasures) expect(evaluation[name]).toHaveProperty('protocol');
    expect(evaluation.modes).toMatchObject({ present: 2, missing: [], histogram: [150, 150] });
    expect(evaluation.frechet).toMatchObject({ real: 300, fake: 300, features: 'halves' });
    expect(evaluation.neighbours!.medianDistanceRatio).toBeCloseTo(1, 1);
    expect(Math.abs(evaluation.twoSample!.accuracy - 0.5)).toBeLessThan(
      4 * evaluation.twoSample!.standardError,
    );
    expect(grades(evaluation)).toEqual({
      'Do samples look like the data?': 'good',
      'Are samples of the class that is asked for?': 'good',
      'Which parts of the data are missing?': 'good',
      'Did it copy?': 'good',
    });
    // What was passed in is still there: a session in a worker takes buffers over.
    expect(samples.data).toHaveLength(300 * SIZE);
  });

  it('sees a class that is missing', async () => {
    const evaluation = await evaluate(images(300, 15, [0]));
    expect(evaluation.modes).toMatchObject({ present: 1, missing: [1] });
    expect(grades(evaluation)['Which parts of the data are missing?']).not.toBe('good');
    expect(evaluation.recall!.value).toBeLessThan(0.8 * evaluation.recall!.heldOut!);
  });

  it('sees that a class is not obeyed', async () => {
    const obeyed = (await evaluate(images(300, 14))).classAccuracy!;
    expect(obeyed).toMatchObject({ value: 1, testImages: 1, protocol: { samples: 300, testImages: 300 } });
    const one = await evaluate(images(300, 15, [0]));
    expect(one.classAccuracy).toMatchObject({
      value: 0.5,
      byClass: [
        { label: 0, name: '0', value: 1, samples: 150 },
        { label: 1, name: '1', value: 0, samples: 150 },
      ],
    });
    expect(grades(one)['Are samples of the class that is asked for?']).toBe('partly');
    expect(evaluationText(one).replace(/\s+/g, ' ')).toContain(
      'That is guessing: the class changes nothing.',
    );
    const swapped = await evaluate(
      images(300, 14),
      Uint8Array.from({ length: 300 }, (_, i) => (i + 1) % 2),
    );
    expect(swapped.classAccuracy!.value).toBe(0);
    expect(grades(swapped)['Are samples of the class that is asked for?']).toBe('bad');
  });

  it('sees copies', async () => {
    const copies = imageRows(dataset().train);
    const evaluation = await evaluate({
      dtype: 'float32',
      shape: [300, SIZE],
      data: copies.data.slice(0, 300 * SIZE),
    });
    expect(evaluation.neighbours).toMatchObject({ nearDuplicates: 300, medianDistanceRatio: 0 });
    expect(grades(evaluation)['Did it copy?']).toBe('bad');
  });

  it('sees noise', async () => {
    const data = new Float32Array(300 * SIZE);
    fillUniform({ seed: 16, stream: 1 }, 0, data, 0, 1);
    const evaluation = await evaluate({ dtype: 'float32', shape: [300, SIZE], data });
    expect(grades(evaluation)['Do samples look like the data?']).toBe('bad');
    expect(evaluation.twoSample!.jsd).toBeGreaterThan(0.3);
  });

  it('is told as text and as a page with every value', async () => {
    const evaluation = await evaluate(images(300, 14));
    const text = evaluationText(evaluation);
    const page = reportPage({ title: 'A <test> & more', evaluation, figures: [], settings: { seed: '1' } });
    for (const part of [
      evaluation.parzen!.logLikelihood.toFixed(1),
      evaluation.frechet!.value.toFixed(3),
      'class accuracy',
    ]) {
      expect(text).toContain(part);
      expect(page).toContain(part);
    }
    expect(page).toContain('<h1>A &lt;test&gt; &amp; more</h1>');
    expect(page).not.toMatch(/<script|https?:\/\//);
  });
});

describe('evaluatePoints', () => {
  const draw = (n: number, spread: number): Tensor<'float32'> => {
    const data = new Float32Array(2 * n);
    ring8.draw({ seed: 5, stream: 9 }, 0, data);
    return { dtype: 'float32', shape: [n, 2], data: data.map((value) => value * spread) };
  };

  it('scores real draws as real draws, and others worse', async () => {
    const needMore = ['columns', 'associations', 'discriminator'];
    const measures = new Set(pointMeasures.filter((name) => !needMore.includes(name)));
    const options = { session, measures, seed: 1 };
    const real = await evaluatePoints(draw(2000, 1), ring8, options);
    expect(real.modesCovered).toMatchObject({ value: 8, total: 8 });
    expect(real.jsd!.value).toBeCloseTo(real.jsd!.realData, 1);
    expect(real.highQualityFraction!.value).toBeCloseTo(1 - Math.exp(-4.5), 1);
    const shrunk = await evaluatePoints(draw(2000, 0.9), ring8, options);
    expect(shrunk.jsd!.value).toBeGreaterThan(real.jsd!.value + 0.1);
    expect(shrunk.highQualityFraction!.value).toBeLessThan(0.5);
    expect(shrunk.twoSample!.accuracy).toBeGreaterThan(0.8);
  }, 60_000);
});

describe('givenSamples', () => {
  const bytes = (shape: number[]): Tensor<'uint8'> => ({
    dtype: 'uint8',
    shape,
    data: new Uint8Array(shape.reduce((a, b) => a * b, 1)).fill(51),
  });

  it('takes bytes and floats in any shape of as many numbers', () => {
    const set = dataset();
    const rows = givenSamples(bytes([120, 4, 4]), set);
    expect(rows.shape).toEqual([120, SIZE]);
    expect(rows.data[0]).toBeCloseTo(0.2, 6);
    const doubles: Tensor<'float64'> = {
      dtype: 'float64',
      shape: [120, SIZE],
      data: new Float64Array(120 * SIZE).fill(0.5),
    };
    expect(givenSamples(doubles, set).data[7]).toBe(0.5);
  });

  it.each([
    [
      bytes([120, 5, 5]),
      'samples must be [N, 1, 4, 4] (16 numbers an example) to be measured against halves, got uint8 [120, 5, 5]',
    ],
    [bytes([99, 16]), 'samples must be 100 or more for any measure to mean something, got 99'],
    [
      { dtype: 'float32', shape: [120, 16], data: new Float32Array(1920).fill(Number.NaN) } as const,
      'got NaN',
    ],
    [
      { dtype: 'float32', shape: [120, 16], data: new Float32Array(1920).fill(7) } as const,
      'pixels of samples must lie in [0, 1], got 7',
    ],
    [
      { dtype: 'int64', shape: [120, 16], data: new BigInt64Array(1920) } as const,
      'samples must be uint8, float32 or float64, got int64 [120, 16]',
    ],
  ])('refuses what cannot be measured: %#', (array, message) => {
    const set = dataset();
    expect(() => givenSamples(array as Tensor, set)).toThrow(message);
  });
});
