/**
 * Measures candidates for the preset `images` and keeps the results in docs/image-candidates.json, from which
 * scripts/write-image-presets.ts makes a table:
 *
 *     npx tsx scripts/measure-image-candidates.ts STEP RUN ...
 *
 * Of a run at a step: the kernel distance of 5,000 samples to its training images. Images with labels are seen by the
 * classifier of their own set, all others, in grey or in colour, by that of CIFAR-10.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type FiniteDataset, isDistribution } from '../src/data/dataset.ts';
import { loadDataset } from '../src/data/disk/load-dataset.ts';
import { DataError } from '../src/errors.ts';
import { kernelDistance } from '../src/eval/kernel-distance.ts';
import { drawAll } from '../src/evaluation/disk/progress-evaluation.ts';
import { openRunData } from '../src/evaluation/disk/run-data.ts';
import { elementCount, type Tensor } from '../src/graph/tensor.ts';
import { loadClassifier } from '../src/learned/disk/load-classifier.ts';
import type { FeatureExtractor } from '../src/learned/feature-extractor.ts';
import { learnedFeatures } from '../src/learned/learned-features.ts';
import { openSession } from '../src/runtime/node-session.ts';
import type { Session } from '../src/runtime/session.ts';
import type { Config } from '../src/train/config.ts';
import { readTrainedGenerator } from '../src/train/disk/trained-generator.ts';

/** A candidate at a step of its training. */
export interface MeasuredCandidate {
  /** What tells candidates apart, from the config of the run. */
  readonly candidate: string;
  readonly data: string;
  readonly step: number;
  readonly kernel: number;
  readonly standardError: number;
  readonly features: string;
}

const SAMPLES = 5000;
const file = fileURLToPath(new URL('../docs/image-candidates.json', import.meta.url));

/** The candidates that have been measured so far. */
export function measuredCandidates(): readonly MeasuredCandidate[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as MeasuredCandidate[]) : [];
}

/** What is varied, in words. All have the augmentation of the preset. */
function candidateName({ discriminator, loss, penalties, augment }: Config): string {
  const { optimiser, layers } = discriminator;
  if (optimiser.name !== 'adam' || augment !== 'color,translation,cutout')
    throw new DataError('candidate: must be trained by adam with color,translation,cutout');
  const { learningRate: rate, beta1 } = optimiser;
  const from = typeof rate === 'number' ? rate : Object.values(rate)[0]!.from;
  const text = JSON.stringify(layers);
  const widths = [...text.matchAll(/"channels":(\d+)/g)].map(([, width]) => width).join('-');
  const gentle = text.includes('spectralNorm') ? ['spectral norm'] : penalties.map(penaltyName);
  return [[loss.name, ...gentle].join(', '), `Adam ${from}, beta1 ${beta1}`, widths].join('; ');
}

function penaltyName(penalty: Config['penalties'][number]): string {
  const [[name, options]] = Object.entries(penalty) as [[string, object]];
  const settings = Object.entries(options).map(([key, value]) => `${key} ${value}`);
  return `${name} (${settings.join(', ')})`;
}

/** Features of images of another set: grey ones in three equal channels. */
async function extract(
  extractor: FeatureExtractor,
  { data, shape }: Tensor<'float32'> | Tensor<'uint8'>,
  colours: number,
): Promise<Tensor<'float32'>> {
  const images = Float32Array.from(data, data instanceof Uint8Array ? (x) => x / 255 : (x) => x);
  const [count, channels, height, width] = shape as [number, number, number, number];
  if (channels === colours)
    return (await extractor.extract({ dtype: 'float32', shape, data: images })).features;
  const plane = height * width;
  const wide = new Float32Array(count * colours * plane);
  for (let i = 0; i < count * colours; i++)
    wide.set(
      images.subarray(Math.floor(i / colours) * plane, (Math.floor(i / colours) + 1) * plane),
      i * plane,
    );
  const inColour = { dtype: 'float32', shape: [count, colours, height, width], data: wide } as const;
  return (await extractor.extract(inColour)).features;
}

async function measure(run: string, step: number, session: Session): Promise<MeasuredCandidate> {
  const generator = await readTrainedGenerator(run, { step });
  const { config } = generator.record;
  const dataset = (await openRunData('candidates', {}, generator)) as FiniteDataset;
  const labelled = dataset.train.labels ? dataset : await loadDataset('cifar10');
  if (isDistribution(labelled)) throw new DataError('candidates: cifar10 must be a set of images');
  const extractor = await learnedFeatures(await loadClassifier(labelled, { session }), { session });
  const colours = labelled.exampleShape[0]!;
  const { game, variables } = generator;
  const samples = await drawAll({ game, variables, session, seed: 1, count: SAMPLES });
  const count = Math.min(SAMPLES, dataset.train.count);
  const real = dataset.train.examples.subarray(0, count * elementCount(dataset.exampleShape));
  const shaped = (rows: number): number[] => [rows, ...dataset.exampleShape];
  const { value, standardError } = await kernelDistance(
    session,
    await extract(extractor, { dtype: 'uint8', shape: shaped(count), data: Uint8Array.from(real) }, colours),
    await extract(extractor, { ...samples, shape: shaped(SAMPLES) }, colours),
    { features: extractor.name },
  );
  return {
    candidate: candidateName(config),
    data: dataset.name,
    step,
    kernel: value,
    standardError,
    features: extractor.name,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [step, ...runs] = process.argv.slice(2);
  const results = new Map(measuredCandidates().map((old) => [keyOf(old), old]));
  const session = await openSession({ device: 'cpu' });
  try {
    for (const run of runs) {
      const result = await measure(run, Number(step), session);
      results.set(keyOf(result), result);
      console.error(
        `${run}: ${result.candidate}, ${result.data}: ${result.kernel} +- ${result.standardError}`,
      );
      writeFileSync(file, `${JSON.stringify([...results.values()], undefined, 2)}\n`);
    }
  } finally {
    await session.release();
  }
}

function keyOf({ candidate, data, step }: MeasuredCandidate): string {
  return `${data} ${step} ${candidate}`;
}
