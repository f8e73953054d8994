import { join } from 'node:path';
import { isDistribution } from '../../data/dataset.ts';
import { loadDataset } from '../../data/disk/load-dataset.ts';
import { ConfigError } from '../../errors.ts';
import { neighbourFigure } from '../../eval/neighbour-figure.ts';
import { measureNeighbours, type TrainingNeighbours } from '../../eval/neighbours.ts';
import { drawAll } from '../../evaluation/disk/progress-evaluation.ts';
import { imageRows } from '../../evaluation/evaluate-images.ts';
import { withHeldOut } from '../../evaluation/held-out.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { encodePng } from '../../io/png.ts';
import { sheet } from '../../io/sheet.ts';
import { openSession } from '../../runtime/node-session.ts';
import { replaceFile } from '../../train/disk/replace-file.ts';
import { toBytes } from '../../train/disk/sample-sheet.ts';
import { readTrainedGenerator } from '../../train/disk/trained-generator.ts';
import { inSampleSpace } from '../../train/sample-space.ts';
import { makeFolder } from './figure-files.ts';
import { type ReproducedRun, reproducedRun, trainingSeconds } from './reproduced-run.ts';

/** A part of the paper's figure 2, and the preset that makes it here in minutes. */
export interface Figure2Part {
  readonly part: 'a' | 'b' | 'c' | 'd';
  readonly what: string;
  readonly preset: string;
  /** The released recipe at full size. */
  readonly released: string;
}

/** The four parts. */
export const figure2Parts: readonly Figure2Part[] = [
  { part: 'a', what: 'MNIST', preset: 'mnist', released: 'goodfellow2014-mnist' },
  {
    part: 'b',
    what: 'faces, a stand-in for the Toronto Face Database',
    preset: 'faces',
    released: 'goodfellow2014-tfd',
  },
  {
    part: 'c',
    what: 'CIFAR-10, fully connected networks',
    preset: 'cifar10',
    released: 'goodfellow2014-cifar',
  },
  {
    part: 'd',
    what: 'CIFAR-10, convolutional discriminator and deconvolutional generator',
    preset: 'images',
    released: 'goodfellow2014-cifar-conv',
  },
];

/** What `reproduceFigure2` needs. */
export interface Figure2Options
  extends Pick<ReproducedRun, 'stop' | 'dataDir' | 'threads' | 'signal' | 'onLoad' | 'log'> {
  readonly part: string;
  /** Default: the part's own. */
  readonly preset?: string | undefined;
  /** A run that is trained already, in the place of training one. */
  readonly run?: string | undefined;
  readonly out: string;
}

/** What was made and measured. */
export interface Figure2 {
  readonly part: string;
  readonly what: string;
  readonly preset: string;
  readonly data: string;
  readonly seed: number;
  readonly step: number;
  readonly seconds: number;
  readonly versions: Readonly<Record<string, string>>;
  /** Whether the samples are copies. */
  readonly neighbours: TrainingNeighbours;
  /** Numbers of the training images in the last column. */
  readonly nearest: readonly number[];
}

/** The paper's layout: 4 rows of 5 samples, and the neighbour of the fifth. */
const [ROWS, COLUMNS] = [4, 5];
const MEASURED = 2000;

/**
 * Figure 2: the first samples of a generator, none chosen, with the nearest training image at the end of each row, and the
 * test for copies. Writes `figure2<part>.png` with that column, `figure2<part>-samples.png` without it, and
 * `figure2<part>.json`.
 *
 * @throws ConfigError for an unknown part, and for a run that draws no images
 */
export async function reproduceFigure2(options: Figure2Options): Promise<Figure2> {
  const { out, log } = options;
  const part = figure2Parts.find((candidate) => candidate.part === options.part);
  if (!part)
    throw new ConfigError(`reproduce figure2: --part must be one of a, b, c, d, got ${options.part}`);
  const preset = options.preset ?? part.preset;
  await makeFolder('reproduce figure2', out);
  const folder = options.run ?? join(out, `run-${part.part}`);
  if (options.run === undefined) await reproducedRun({ ...options, folder, preset });
  const { game, variables, step, record, paths } = await readTrainedGenerator(folder);
  const loaded = await loadDataset(record.config.data, {
    ...(record.config.images ? { images: record.config.images } : {}),
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
    ...(options.onLoad ? { onProgress: options.onLoad } : {}),
  });
  if (isDistribution(loaded) || loaded.kind !== 'images')
    throw new ConfigError(`reproduce figure2: the run must draw images, got ${loaded.name}`);
  const dataset = await inSampleSpace(withHeldOut(loaded).dataset, game.examples.range);
  const session = await openSession({ device: 'cpu', threads: options.threads });
  try {
    log('nearest training images');
    const { seed } = record.config;
    const samples = await drawAll({ game, variables, session, seed, count: MEASURED });
    const training = imageRows(dataset.train);
    const figure = await neighbourFigure(session, samples, training, dataset.exampleShape, {
      rows: ROWS,
      columns: COLUMNS,
    });
    const neighbours = await measureNeighbours(session, {
      samples,
      training,
      heldOut: imageRows(dataset.test),
    });
    const result: Figure2 = {
      part: part.part,
      what: part.what,
      preset: record.config.preset,
      data: dataset.name,
      seed,
      step,
      seconds: await trainingSeconds(paths),
      versions: record.versions,
      neighbours,
      nearest: figure.nearest,
    };
    const path = join(out, `figure2${part.part}`);
    await replaceFile('reproduce figure2', `${path}.png`, encodePng(figure.image));
    await replaceFile(
      'reproduce figure2',
      `${path}-samples.png`,
      encodePng(samplesOnly(samples, dataset.exampleShape)),
    );
    await replaceFile('reproduce figure2', `${path}.json`, `${JSON.stringify(result, undefined, 2)}\n`);
    return result;
  } finally {
    await session.release();
  }
}

/** The generated columns alone: what may be shown where the training images may not. */
function samplesOnly({ data }: Tensor<'float32'>, shape: readonly number[]) {
  const [c, h, w] = shape as readonly [number, number, number];
  const count = ROWS * COLUMNS;
  return sheet(toBytes(data.slice(0, count * c * h * w)), [count, c, h, w], { columns: COLUMNS, scale: 2 });
}
