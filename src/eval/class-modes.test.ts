import { describe, expect, it } from 'vitest';
import { float32 } from '../../test/tensors.ts';
import { DataError } from '../errors.ts';
import { classModes, predictedClasses } from './class-modes.ts';

const named = { classifier: 'test' };
/** `counts[c]` times the class c. */
const labelled = (...counts: number[]) => counts.flatMap((count, c) => new Array<number>(count).fill(c));

describe('classModes', () => {
  it('counts the classes that samples reach, and names those that they miss', () => {
    const data = labelled(100, 100, 200, 0, 100);
    // Shares of the data .2 .2 .4 0 .2; a tenth of .2 is 20 of 1,000 samples, which is enough, and 19 are too few.
    const found = classModes(labelled(20, 19, 900, 61, 0), data, named);
    expect(found).toEqual({
      present: 2,
      missing: [1, 4],
      histogram: [20, 19, 900, 61, 0],
      dataShares: [0.2, 0.2, 0.4, 0, 0.2],
      totalVariation: expect.closeTo(0.561, 12),
      notices: [],
      protocol: {
        fake: 1000,
        real: 500,
        classes: 4,
        classifier: 'test',
        missing: 'under 10 % of the share in the data',
      },
    });
  });

  it('has nothing missing where samples are spread as the data is', () => {
    const data = labelled(30, 20, 50);
    expect(classModes(labelled(300, 200, 500), data, named)).toMatchObject({
      present: 3,
      missing: [],
      totalVariation: 0,
    });
  });

  it('says when all samples are of one class, by its name', () => {
    const data = labelled(50, 50, 50);
    expect(classModes(labelled(0, 80), data, { ...named, classes: ['cat', 'dog', 'owl'] })).toMatchObject({
      present: 1,
      missing: [0, 2],
      histogram: [0, 80, 0],
      notices: ['All 80 samples are of class dog.'],
    });
  });

  it('says which classes are too rare for so few samples', () => {
    const data = labelled(97, 3);
    expect(classModes(labelled(300), data, named)).toMatchObject({
      missing: [1],
      notices: [
        'All 300 samples are of class 0.',
        '300 samples are too few to say that a class is missing for 1: fewer than 10 of each are expected.',
      ],
    });
  });

  it.each([
    [[], [0, 1], 'classModes: samples must be 1 or more, got 0'],
    [
      [0],
      [3, 3],
      'classModes: labels of the data must name 2 classes or more, got only class 3 in 2 examples. Classes cannot be missing from such data',
    ],
    [[0], [], 'got none in 0 examples'],
    [[0, Number.NaN], [0, 1], 'classModes: classes of samples must be whole numbers from 0, got NaN at 1'],
    [[0], [0, -1], 'classModes: classes of data must be whole numbers from 0, got -1 at 1'],
  ])('refuses samples %j of data %j', (samples, data, message) => {
    expect(() => classModes(samples, data, named)).toThrow(DataError);
    expect(() => classModes(samples, data, named)).toThrow(message);
  });
});

describe('predictedClasses', () => {
  it('takes the most probable class, of equals the first', () => {
    const rows = float32([3, 3], [0.1, 0.2, 0.7, 0.4, 0.4, 0.2, 1, 0, 0]);
    expect([...predictedClasses(rows)]).toEqual([2, 0, 0]);
  });
});
