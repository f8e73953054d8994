import type { ExampleSet, FiniteDataset } from '../data/dataset.ts';
import { ConfigError, DataError, ShapeError } from '../errors.ts';
import { classAccuracy } from '../eval/class-accuracy.ts';
import { classModes, predictedClasses } from '../eval/class-modes.ts';
import { densityCoverage } from '../eval/density-coverage.ts';
import { frechetDistance } from '../eval/frechet.ts';
import { inceptionScore } from '../eval/inception-score.ts';
import { pickRows } from '../eval/k-means.ts';
import { kernelDistance } from '../eval/kernel-distance.ts';
import { measureNeighbours } from '../eval/neighbours.ts';
import { parzenEstimate } from '../eval/parzen.ts';
import { parzenBaselines } from '../eval/parzen-baselines.ts';
import { precisionRecall } from '../eval/precision-recall.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { FeatureExtractor } from '../learned/feature-extractor.ts';
import { twoSampleTest } from '../learned/two-sample-test.ts';
import { permutation } from '../random/permutation.ts';
import { streamOf } from '../random/threefry.ts';
import type { Session } from '../runtime/session.ts';
import type { ImageMeasures } from './evaluation.ts';

/** What the measures of images need. */
export interface ImageEvaluationOptions {
  readonly session: Session;
  readonly measures: ReadonlySet<keyof ImageMeasures>;
  /** The class that each sample was asked to be of, uint8 [N]: `classAccuracy` needs them. Default: none. */
  readonly asked?: Uint8Array | undefined;
  /** Opened only where a measure needs features. */
  readonly openFeatures: () => Promise<FeatureExtractor>;
  /** Of every random choice: splits, subsets, the classifier's minibatches. Integer in [0, 2^32). */
  readonly seed: number;
  /** Keeps what depends on the data alone from one evaluation to the next. Default: nothing is kept. */
  readonly remember?: <T>(name: string, compute: () => Promise<T>) => Promise<T>;
  /**
   * Told of a measure that the data or the samples do not allow (too few, too much alike), which is then left out. Default:
   * such a measure fails the evaluation.
   */
  readonly onNotice?: (message: string) => void;
  /** Told before each piece of work. */
  readonly onProgress?: (what: string) => void;
}

const onFeatures = [
  'frechet',
  'kernel',
  'precision',
  'recall',
  'density',
  'coverage',
  'modes',
  'classAccuracy',
  'inceptionScore',
] as const;

/**
 * Measures samples against an image data set: against its test images where real ones are needed that the generator has
 * not seen, against its training images where copies are looked for. Beside each measure on features stands what the
 * validation images get in the samples' place.
 *
 * @param samples - float32 [N, d], pixels in [0, 1]
 * @throws DataError, ShapeError where a measure cannot be made of what was given; ExecutionError where the device fails
 */
export async function evaluateImages(
  samples: Tensor<'float32'>,
  dataset: FiniteDataset,
  options: ImageEvaluationOptions,
): Promise<ImageMeasures> {
  const { session, measures, seed, onProgress = () => {}, remember = (_, compute) => compute() } = options;
  const images = {
    train: imageRows(dataset.train),
    validation: imageRows(dataset.validation),
    test: imageRows(dataset.test),
  };
  const { onNotice } = options;
  let result: ImageMeasures = {};
  const attempt = async (name: string, work: () => Promise<ImageMeasures>): Promise<void> => {
    try {
      result = { ...result, ...(await work()) };
    } catch (error) {
      if (!onNotice || !(error instanceof DataError || error instanceof ShapeError)) throw error;
      onNotice(`${name} left out: ${error.message}`);
    }
  };
  if (measures.has('twoSample'))
    await attempt('two-sample test', () => measureTwoSample(samples, images, options));
  if (onFeatures.some((name) => measures.has(name)))
    await attempt('measures on features', () => measureFeatures(samples, images, dataset, options));
  if (measures.has('neighbours'))
    await attempt('nearest training images', async () => {
      onProgress('nearest training images');
      const inputs = { samples, training: images.train, heldOut: images.test };
      return { neighbours: await measureNeighbours(session, inputs) };
    });
  if (measures.has('parzen'))
    await attempt('Parzen window', async () => {
      onProgress('Parzen window');
      const estimate = await parzenEstimate(session, { samples, ...images });
      onProgress(
        'Parzen window: training images, k-means centroids and one Gaussian in the place of samples',
      );
      const count = samples.shape[0]!;
      const baselines = await remember(`parzen-baselines ${count} ${seed}`, () =>
        parzenBaselines(session, { ...images, count, seed }),
      );
      return { parzen: { ...estimate, baselines } };
    });
  return result;
}

type ImageParts = Readonly<Record<'train' | 'validation' | 'test', Tensor<'float32'>>>;

async function measureTwoSample(
  samples: Tensor<'float32'>,
  { train, test }: ImageParts,
  { session, seed, onProgress = () => {}, remember = (_, compute) => compute() }: ImageEvaluationOptions,
): Promise<ImageMeasures> {
  onProgress('two-sample test: a fresh discriminator learns to tell samples from test images');
  const given = { session, kind: 'images', split: 'test', seed } as const;
  const twoSample = await twoSampleTest(test, samples, given);
  const count = Math.min(samples.shape[0]!, train.shape[0]!);
  const realData = await remember(`two-sample ${count} ${seed}`, async () => {
    onProgress('two-sample test: the same with training images, which no generator can be asked to beat');
    const order = permutation({ seed, stream: streamOf('evaluate/twoSample') }, 0, train.shape[0]!);
    const { accuracy, jsd } = await twoSampleTest(test, pickRows(train, order.subarray(0, count)), given);
    return { accuracy, jsd };
  });
  return { twoSample: { ...twoSample, realData } };
}

async function measureFeatures(
  samples: Tensor<'float32'>,
  images: ImageParts,
  { test, classes }: FiniteDataset,
  {
    session,
    measures,
    asked,
    openFeatures,
    seed,
    onProgress = () => {},
    remember = (_, compute) => compute(),
  }: ImageEvaluationOptions,
): Promise<ImageMeasures> {
  const has = (...names: (keyof ImageMeasures)[]) => names.some((name) => measures.has(name));
  const extractor = await openFeatures();
  onProgress(`features: ${extractor.name}`);
  const real = await extractor.extract(images.test);
  const fake = await extractor.extract(samples);
  const heldOut = await extractor.extract(images.validation);
  const named = { features: extractor.name };
  const count = samples.shape[0]!;
  // Held-out images in the samples' place, as many as there are samples: most of these measures depend on the number.
  const heldOutFeatures = firstRows(heldOut.features, count);
  const reference = <T>(measure: string, compute: () => Promise<T>): Promise<T> =>
    remember(`${measure} ${heldOutFeatures.shape[0]} ${seed} ${JSON.stringify(extractor.protocol)}`, compute);
  const result: { -readonly [K in keyof ImageMeasures]: ImageMeasures[K] } = {};
  if (has('frechet')) {
    onProgress('Fréchet distance');
    const held = await reference('frechet', async () =>
      frechetDistance(real.features, heldOutFeatures, { ...named, seed }),
    );
    result.frechet = {
      ...frechetDistance(real.features, fake.features, { ...named, seed }),
      heldOut: held.value,
    };
  }
  if (has('kernel')) {
    onProgress('kernel distance');
    const held = await reference('kernel', () =>
      kernelDistance(session, real.features, heldOutFeatures, named),
    );
    result.kernel = {
      ...(await kernelDistance(session, real.features, fake.features, named)),
      heldOut: held.value,
    };
  }
  if (has('precision', 'recall')) {
    onProgress('precision and recall');
    const held = await reference('precision-recall', () =>
      precisionRecall(session, real.features, heldOutFeatures, named),
    );
    const { precision, recall } = await precisionRecall(session, real.features, fake.features, named);
    if (has('precision')) result.precision = { ...precision, heldOut: held.precision.value };
    if (has('recall')) result.recall = { ...recall, heldOut: held.recall.value };
  }
  if (has('density', 'coverage')) {
    onProgress('density and coverage');
    const held = await reference('density-coverage', () =>
      densityCoverage(session, real.features, heldOutFeatures, named),
    );
    const { density, coverage } = await densityCoverage(session, real.features, fake.features, named);
    if (has('density')) result.density = { ...density, heldOut: held.density.value };
    if (has('coverage')) result.coverage = { ...coverage, heldOut: held.coverage.value };
  }
  if (
    has('modes', 'classAccuracy', 'inceptionScore') &&
    !(fake.probabilities && real.probabilities && heldOut.probabilities)
  )
    throw new ConfigError(
      `evaluate: modes, classAccuracy and inceptionScore must have features with class probabilities, got ${extractor.name}. Leave --features out, or these measures`,
    );
  if (has('modes')) {
    if (!test.labels) throw new DataError('evaluate: modes must have labels in the test images, got none');
    result.modes = classModes(predictedClasses(fake.probabilities!), test.labels, {
      classifier: extractor.name,
      ...(classes ? { classes } : {}),
    });
  }
  if (has('classAccuracy')) {
    if (!asked)
      throw new ConfigError(
        'evaluate: classAccuracy must have samples of a run that learned classes, got samples that no class was asked of',
      );
    if (!test.labels)
      throw new DataError('evaluate: classAccuracy must have labels in the test images, got none');
    result.classAccuracy = classAccuracy(
      { predicted: predictedClasses(fake.probabilities!), labels: asked },
      {
        test: { predicted: predictedClasses(real.probabilities!), labels: test.labels },
        classifier: extractor.name,
        classes:
          classes ?? Array.from({ length: real.probabilities!.shape[1]! }, (_, label) => String(label)),
      },
    );
  }
  if (has('inceptionScore')) {
    const classifier = extractor.name;
    const held = await reference('inception', async () =>
      inceptionScore(firstRows(heldOut.probabilities!, count), { classifier, seed }),
    );
    result.inceptionScore = {
      ...inceptionScore(fake.probabilities!, { classifier, seed }),
      heldOut: held.value,
    };
  }
  return result;
}

/** Stored images as rows of pixels in [0, 1], float32 [N, d]. */
export function imageRows({ count, examples }: ExampleSet): Tensor<'float32'> {
  const data = new Float32Array(examples.length);
  if (examples instanceof Uint8Array) for (let i = 0; i < data.length; i++) data[i] = examples[i]! / 255;
  else data.set(examples);
  return { dtype: 'float32', shape: [count, examples.length / count], data };
}

function firstRows(rows: Tensor<'float32'>, most: number): Tensor<'float32'> {
  const [count, dimension] = [Math.min(most, rows.shape[0]!), rows.shape[1]!];
  return { dtype: 'float32', shape: [count, dimension], data: rows.data.slice(0, count * dimension) };
}
