import { DataError } from '../../errors.ts';
import type { ExampleSet } from '../dataset.ts';
import { decodeIdxImages, decodeIdxLabels, decodeLabelledImages, type LabelledImages } from '../idx.ts';
import type { LocalBytes, LocalFile, LocalSet } from './local-set.ts';

const imagesFile: LocalFile = {
  name: 'fer2013-48x48-images-idx3-ubyte.gz',
  sha256: '17c46fd7b0bf5956316bb259b54b3b41a8c8fe0523b60dff1324c797a3f8b528',
};
const labelsFile: LocalFile = {
  name: 'fer2013-48x48-labels-idx1-ubyte.gz',
  sha256: '12fef4bd89d8b50003b57016414752d1f136fc0aec34908ddd1ac8652267142d',
};

const classes = [
  'neutral',
  'happiness',
  'surprise',
  'sadness',
  'anger',
  'disgust',
  'fear',
  'contempt',
] as const;

const folds = 5;
const count = 2000;

/** Of each ten faces in a row, the fold's two are for testing and the one after them for validation: 70, 10, 20 %, as in TFD. */
function part(
  { pixels, labels }: LabelledImages,
  fold: number,
  role: 'train' | 'validation' | 'test',
): ExampleSet {
  const roleOf = (row: number) => {
    const place = (row - 2 * fold + 10) % 10;
    return place < 2 ? 'test' : place === 2 ? 'validation' : 'train';
  };
  const rows = Array.from(labels.keys()).filter((row) => roleOf(row) === role);
  const size = 48 * 48;
  const examples = new Uint8Array(rows.length * size);
  for (const [i, row] of rows.entries())
    examples.set(pixels.subarray(row * size, (row + 1) * size), i * size);
  return { count: rows.length, examples, labels: Uint8Array.from(rows, (row) => labels[row]!) };
}

function decode(images: LocalBytes, labels: LocalBytes): LabelledImages {
  const decoded = decodeLabelledImages(images, labels, classes.length);
  if (decoded.width === 48 && decoded.height === 48) return decoded;
  throw new DataError(
    `loadDataset: ${images.source} must hold faces of 48 x 48 pixels, got ${decoded.height} x ${decoded.width}`,
  );
}

/** Faces from the web in the size of TFD, which cannot be had: a stand-in, on which no published figure was measured. */
export const faces: LocalSet = {
  source: 'local',
  name: 'faces',
  what: 'faces of FER2013, a stand-in for tfd (Goodfellow et al. 2013)',
  exampleShape: [1, 48, 48],
  counts: { train: 1400, validation: 200, test: 400 },
  classes,
  folders: ['faces'],
  files: [imagesFile, labelsFile],
  folds,
  advice: `Save 48 x 48 grey faces and their expressions (0 ... 7) as IDX files of these names in a folder faces`,
  check: ({ bytes, source }, name) => {
    // Each file by itself; that they belong together is for loading to say.
    const isImages = name === imagesFile.name;
    const decoded = isImages
      ? decodeIdxImages(bytes, source).count
      : decodeIdxLabels(bytes, source, classes.length).length;
    return decoded === count
      ? undefined
      : `must hold ${count} ${isImages ? 'faces' : 'labels'}, got ${decoded}`;
  },
  decode: (files, fold) => {
    const all = decode(files.get(imagesFile.name)!, files.get(labelsFile.name)!);
    return {
      train: part(all, fold, 'train'),
      validation: part(all, fold, 'validation'),
      test: part(all, fold, 'test'),
      notice:
        'this is a stand-in: faces of FER2013, not aligned. Figures on it are not comparable with those on TFD',
    };
  },
};
