import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { barDataset, barImages } from '../../../test/bar-images.ts';
import type { FiniteDataset } from '../../data/dataset.ts';
import { encodeSafetensors } from '../../io/safetensors.ts';
import { LocalSession } from '../../runtime/local-session.ts';
import { openNodeExecutor } from '../../runtime/node.ts';
import type { Session } from '../../runtime/session.ts';
import type { Classifier } from '../classifier.ts';
import { classifierPath, loadClassifier } from './load-classifier.ts';

const STEPS = 6;
let session: Session;
let dataset: FiniteDataset;
let cacheDir: string;

beforeAll(async () => {
  session = new LocalSession(await openNodeExecutor({ device: 'cpu', threads: 1 }));
  dataset = await barDataset();
});
afterAll(() => session.release());
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'zerosum-classifier-'));
});
afterEach(() => rm(cacheDir, { recursive: true, force: true }));

/** Loads, and tells what was said and whether anything was trained. */
async function load(
  of: FiniteDataset = dataset,
  folder: string = cacheDir,
): Promise<{ classifier: Classifier; notices: string[]; trained: boolean }> {
  const notices: string[] = [];
  let trained = false;
  const classifier = await loadClassifier(of, {
    session,
    steps: STEPS,
    cacheDir: folder,
    onNotice: (message) => notices.push(message),
    onProgress: () => {
      trained = true;
    },
  });
  return { classifier, notices, trained };
}

/** Equal to the bit; spelled out, since comparing a hundred thousand numbers one by one takes a second. */
function expectSame(found: Classifier, { variables, ...rest }: Classifier): void {
  const { variables: foundVariables, ...foundRest } = found;
  expect(foundRest).toEqual(rest);
  expect(Buffer.from(encodeSafetensors(foundVariables)).equals(encodeSafetensors(variables))).toBe(true);
}

const path = (): string => classifierPath(dataset, { steps: STEPS }, cacheDir);

describe('the classifier of a data set', () => {
  it('is trained once, said so, and then read: the same to the bit', async () => {
    const first = await load();
    expect(first.trained).toBe(true);
    expect(first.notices).toEqual([`training a classifier of bars once, to be kept in ${path()}`]);
    const second = await load();
    expectSame(second.classifier, first.classifier);
    expect([second.notices, second.trained]).toEqual([[], false]);
    expect(await readdir(join(cacheDir, 'classifiers'))).toHaveLength(1);
  });

  it('is another for other data, another seed, another length', async () => {
    await load();
    const other = await barDataset({ train: barImages(1200, 9) });
    expect((await load(other)).trained).toBe(true);
    const paths = [
      path(),
      classifierPath(other, { steps: STEPS }, cacheDir),
      classifierPath(dataset, { steps: STEPS, seed: 2 }, cacheDir),
      classifierPath(dataset, {}, cacheDir),
    ];
    expect(new Set(paths).size).toBe(4);
    // A path as a name stays inside the folder.
    const named = classifierPath({ ...dataset, name: '../../my digits.npy' }, {}, cacheDir);
    expect(named.startsWith(join(cacheDir, 'classifiers', 'my_digits.npy-'))).toBe(true);
  });

  it.each<[string, () => Promise<void>]>([
    ['cut', async () => truncate(path(), 5000)],
    ['empty', async () => truncate(path(), 0)],
    [
      'changed by one bit in a weight',
      async () => {
        const bytes = await readFile(path());
        bytes[bytes.length - 100]! ^= 1;
        await writeFile(path(), bytes);
      },
    ],
    [
      'changed in what it says of itself',
      async () => {
        const text = await readFile(path(), 'latin1');
        await writeFile(path(), text.replace('accuracy\\":0.', 'accuracy\\":1.'), 'latin1');
      },
    ],
  ])('is trained again where its file is %s, and the file replaced', async (_, damage) => {
    const { classifier } = await load();
    await damage();
    const again = await load();
    expectSame(again.classifier, classifier);
    expect(again.notices[0]).toMatch(/is damaged and its classifier is trained again: /);
    expect((await load()).trained).toBe(false);
  });

  it('is trained each time where the cache cannot be written, with a notice', async () => {
    const file = join(cacheDir, 'not-a-folder');
    await writeFile(file, '');
    const { classifier, notices } = await load(dataset, file);
    expect(classifier.variables['classifier/dense1/weight']!.shape).toEqual([64, 512]);
    expect(notices.at(-1)).toMatch(
      /^writeNetworkFile: .* must be written whole, got (ENOTDIR|EEXIST).*: the classifier will be trained again next time$/,
    );
  });
});
