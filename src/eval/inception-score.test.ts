import { describe, expect, it } from 'vitest';
import { measuresReference } from '../../test/measured-sets.ts';
import { float32 } from '../../test/tensors.ts';
import { ConfigError, DataError } from '../errors.ts';
import { inceptionScore } from './inception-score.ts';

const { seed, inceptionScore: reference } = measuresReference;
const probabilities = float32(reference.probabilities.shape, reference.probabilities.data);
const named = { classifier: 'test' };
/** One row for each label: certain of it. */
const certain = (classes: number, labels: readonly number[]) =>
  float32(
    [labels.length, classes],
    labels.flatMap((label) => Array.from({ length: classes }, (_, c) => (c === label ? 1 : 0))),
  );

describe('inceptionScore', () => {
  it('is what scipy computes, over all and over random splits', () => {
    expect(inceptionScore(probabilities, { ...named, splits: 1 }).value).toBeCloseTo(reference.whole, 6);
    for (const [splits, { value, standardError }] of Object.entries(reference.splits)) {
      const found = inceptionScore(probabilities, { ...named, splits: Number(splits), seed });
      expect([found.value, found.standardError]).toBeAllClose([value, standardError], { rtol: 1e-6 });
    }
  });

  it('is the number of classes for certain and balanced ones, 1 for one class or none known', () => {
    expect(inceptionScore(certain(4, [0, 1, 2, 3]), { ...named, splits: 1 })).toMatchObject({
      value: expect.closeTo(4, 12),
      standardError: 0,
    });
    expect(inceptionScore(certain(4, [2, 2, 2, 2]), { ...named, splits: 2 }).value).toBe(1);
    const unsure = float32([4, 4], new Array<number>(16).fill(0.25));
    expect(inceptionScore(unsure, { ...named, splits: 2 }).value).toBeCloseTo(1, 12);
  });

  it('does not mind the order of the samples', () => {
    // 400 samples class after class: consecutive splits would hold one class each, and score 1.
    const sorted = Array.from({ length: 400 }, (_, i) => Math.floor(i / 40));
    expect(inceptionScore(certain(10, sorted), named).value).toBeGreaterThan(8.5);
    // And class by turns: every tenth sample is of one class.
    const turns = Array.from({ length: 400 }, (_, i) => i % 10);
    expect(inceptionScore(certain(10, turns), named).value).toBeGreaterThan(8.5);
  });

  it('says what it was measured on', () => {
    expect(inceptionScore(probabilities, { ...named, splits: 3, seed: 5 }).protocol).toEqual({
      fake: 45,
      classes: 5,
      classifier: 'test',
      splits: 3,
      seed: 5,
    });
  });

  it('refuses logits, a single class, too few samples, splits that are none', () => {
    expect(() => inceptionScore(float32([2, 2], [0.5, 0.5, 3, -2]), { ...named, splits: 1 })).toThrow(
      new DataError(
        'inceptionScore: class probabilities must be at least 0 and add up to 1, got a sum of 1 and a least of -2 in row 1. Apply softmax to logits',
      ),
    );
    expect(() => inceptionScore(float32([2, 1], [1, 1]), { ...named, splits: 1 })).toThrow(
      'class probabilities must be those of 2 classes or more, got 1',
    );
    expect(() => inceptionScore(certain(2, [0, 1, 0]), named)).toThrow(
      new DataError(
        'inceptionScore: class probabilities must be 20 or more, for 2 in each of 10 splits, got 3',
      ),
    );
    expect(() => inceptionScore(probabilities, { ...named, splits: 0 })).toThrow(ConfigError);
  });
});
