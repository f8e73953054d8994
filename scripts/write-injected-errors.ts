import { readFileSync, writeFileSync } from 'node:fs';
import { loadDataset } from '../src/data/disk/load-dataset.ts';
import { DataError } from '../src/errors.ts';
import { evaluateImages } from '../src/evaluation/evaluate-images.ts';
import { imageMeasures } from '../src/evaluation/evaluation.ts';
import { loadClassifier } from '../src/learned/disk/load-classifier.ts';
import { learnedFeatures } from '../src/learned/learned-features.ts';
import { openSession } from '../src/runtime/node-session.ts';
import {
  injectErrors,
  injectedErrorsTable,
  injectionData,
  type MeasuredError,
  moved,
} from './injected-errors.ts';

// Writes the table of docs/measures.md: `npx tsx scripts/write-injected-errors.ts`, some minutes. Needs MNIST
// (ZEROSUM_DATA, or the cache); the classifier is trained where it is not in the cache.
const seed = 1;
const count = 5000;
const page = new URL('../docs/measures.md', import.meta.url);
const [opening, closing] = ['<!-- injected errors -->', '<!-- end of injected errors -->'];

const mnist = await loadDataset('mnist');
if ('draw' in mnist || mnist.kind !== 'images') throw new DataError('mnist must be a set of images');
const session = await openSession({ device: 'cpu' });
const tell = (what: string): boolean => process.stderr.write(`${what}\n`);
try {
  const classifier = await loadClassifier(mnist, { session, onNotice: tell });
  const data = injectionData(mnist);
  const remembered = new Map<string, unknown>();
  const rows: MeasuredError[] = [];
  for (const error of injectErrors(data, { count, seed })) {
    tell(`${error.name}:`);
    const measures = await evaluateImages(error.samples, data.dataset, {
      session,
      // Nobody asked for classes here.
      measures: new Set(imageMeasures.filter((measure) => measure !== 'classAccuracy')),
      openFeatures: () => learnedFeatures(classifier, { session }),
      seed,
      remember: async (name, compute) => {
        if (!remembered.has(name)) remembered.set(name, await compute());
        return remembered.get(name) as Awaited<ReturnType<typeof compute>>;
      },
      onProgress: (what) => tell(`  ${what}`),
    });
    rows.push({ error, measures });
    tell(`  moved: ${moved(rows[0]!.measures, measures).join(', ') || 'nothing'}`);
  }
  const text = readFileSync(page, 'utf8');
  const [before, after] = [text.indexOf(opening), text.indexOf(closing)];
  if (before < 0 || after < before)
    throw new DataError(`docs/measures.md must have ${opening} and ${closing}, in this order`);
  const facts = `Seed ${seed}; ${count} samples each, ${data.dataset.test.count} real images, ${data.dataset.train.count} training images; features and classes of a classifier that names ${(100 * classifier.accuracy).toFixed(1)} % of ${classifier.heldOut.count} held-out images.`;
  writeFileSync(
    page,
    `${text.slice(0, before + opening.length)}\n\n${injectedErrorsTable(rows)}\n\n${facts}\n\n${text.slice(after)}`,
  );
} finally {
  await session.release();
}
