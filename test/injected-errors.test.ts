import { beforeAll, describe, expect, it } from 'vitest';
import {
  injectErrors,
  injectedErrorsTable,
  injectionData,
  type MeasuredError,
  moved,
} from '../scripts/injected-errors.ts';
import type { ExampleSet, FiniteDataset } from '../src/data/dataset.ts';
import { drawDigits } from '../src/data/digits/digits.ts';
import { evaluateImages } from '../src/evaluation/evaluate-images.ts';
import type { ImageMeasures } from '../src/evaluation/evaluation.ts';
import { trainClassifier } from '../src/learned/classifier.ts';
import { learnedFeatures } from '../src/learned/learned-features.ts';
import { openSession } from '../src/runtime/node-session.ts';
import { hasMnist, mnistBytes, mnistLabels } from './measured-sets.ts';

// The table of docs/measures.md in small: real digits as samples, with one kind of error at a time.

const count = 500;

const drawn = (first: number, size: number): ExampleSet => ({
  count: size,
  ...drawDigits({ first, count: size }),
});
const mnist = (part: 'train' | 't10k', from: number, size: number): ExampleSet => ({
  count: size,
  examples: mnistBytes(part, from, from + size),
  labels: mnistLabels(part, from, from + size),
});

/** A few thousand digits: MNIST's where they are here, else the embedded ones. */
const digits: FiniteDataset = {
  kind: 'images',
  name: 'a few digits',
  exampleShape: [1, 28, 28],
  train: hasMnist ? mnist('train', 0, 4000) : drawn(0, 4000),
  validation: hasMnist ? mnist('train', 50_000, 1300) : drawn(4000, 1300),
  test: hasMnist ? mnist('t10k', 0, 1200) : drawn(5300, 1200),
  fingerprint: 'a few digits',
};

/** Of the classifier: so few as are copied it would know by heart, and copies would look better than other digits. */
const others: ExampleSet = hasMnist ? mnist('train', 10_000, 4000) : drawn(10_000, 4000);

describe('errors put into real digits', () => {
  let rows: readonly MeasuredError[];
  const measuresOf = (name: string): ImageMeasures => rows.find(({ error }) => error.name === name)!.measures;
  const movedBy = (name: string): string[] => moved(measuresOf('none'), measuresOf(name));

  beforeAll(async () => {
    const session = await openSession({ device: 'cpu' });
    // Enough to tell the classes of either set apart.
    const steps = hasMnist ? 200 : 400;
    const classifier = await trainClassifier({ ...digits, train: others }, { session, steps });
    const extractor = await learnedFeatures(classifier, { session });
    const data = injectionData(digits);
    const measured: MeasuredError[] = [];
    for (const error of injectErrors(data, { count, seed: 1 })) {
      const measures = await evaluateImages(error.samples, data.dataset, {
        session,
        measures: new Set([
          'modes',
          'recall',
          'coverage',
          'precision',
          'density',
          'neighbours',
          'frechet',
          'kernel',
          'inceptionScore',
        ]),
        openFeatures: async () => extractor,
        seed: 1,
      });
      measured.push({ error, measures });
    }
    rows = measured;
    await session.release();
  }, 120_000);

  it('removed classes: modes, recall and coverage fall, precision stays', () => {
    expect(measuresOf('none').modes).toMatchObject({ present: 10, missing: [] });
    expect(measuresOf('classes removed').modes).toMatchObject({ present: 5, missing: [5, 6, 7, 8, 9] });
    const changed = movedBy('classes removed');
    expect(changed).toEqual(
      expect.arrayContaining(['classes present', 'recall', 'coverage', 'Fréchet distance']),
    );
    for (const title of ['precision', 'near duplicates, %', 'median distance ratio'])
      expect(changed).not.toContain(title);
    expect(measuresOf('classes removed').recall!.value).toBeLessThan(measuresOf('none').recall!.value - 0.2);
    expect(measuresOf('classes removed').coverage!.value).toBeLessThan(
      measuresOf('none').coverage!.value - 0.3,
    );
  });

  it('blur: the distances between distributions rise and variety falls, all classes stay, nothing is a copy', () => {
    const changed = movedBy('blurred');
    expect(changed).toEqual(expect.arrayContaining(['recall', 'Fréchet distance', 'kernel distance']));
    for (const title of ['classes present', 'near duplicates, %', 'median distance ratio'])
      expect(changed).not.toContain(title);
    expect(measuresOf('blurred').recall!.value).toBeLessThan(measuresOf('none').recall!.value - 0.2);
  });

  it('copies: only the measures of copying move, all the way', () => {
    expect(movedBy('copied')).toEqual(['near duplicates, %', 'median distance ratio']);
    expect(measuresOf('copied').neighbours).toMatchObject({ nearDuplicates: count, medianDistanceRatio: 0 });
    expect(measuresOf('none').neighbours!.nearDuplicates).toBe(0);
  });

  it('are a table with what moved in bold', () => {
    const table = injectedErrorsTable(rows).split('\n');
    expect(table[0]).toMatch(
      /^\| measure +\| real images +\| only classes 0 to 4 +\| blurred +\| training images/,
    );
    const cells = table.find((line) => line.startsWith('| classes present'))!.split(/ *\| */);
    expect(cells).toEqual(['', 'classes present', '10', '**5**', '10', '10', '']);
  });
});
