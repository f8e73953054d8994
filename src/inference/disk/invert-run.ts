import { basename, join } from 'node:path';
import { isDistribution } from '../../data/dataset.ts';
import type { LoadEvent } from '../../data/disk/load-options.ts';
import { ConfigError } from '../../errors.ts';
import { openRunData } from '../../evaluation/disk/run-data.ts';
import { asSamples } from '../../gan/example-format.ts';
import { elementCount, type Tensor } from '../../graph/tensor.ts';
import { encodeNpy } from '../../io/npy.ts';
import { encodePng } from '../../io/png.ts';
import { openSession } from '../../runtime/node-session.ts';
import { datasetFacts } from '../../train/dataset-facts.ts';
import { replaceFile } from '../../train/disk/replace-file.ts';
import { readTrainedGenerator, type TrainedGenerator } from '../../train/disk/trained-generator.ts';
import { versions } from '../../train/disk/versions.ts';
import { samplesAt } from '../../train/draw-samples.ts';
import { fixedGenerator } from '../fixed-generator.ts';
import { type Inversion, searchRecord, setResult } from '../inversion.ts';
import { type Reconstruction, type Route, randomLatents, reconstruct, routes } from '../reconstruction.ts';
import { type InvertedImages, inversionSheet } from './inversion-sheet.ts';
import { loadEncoder } from './load-encoder.ts';
import { readImages } from './read-images.ts';

/** What is to be inverted, and how. */
export interface InversionRequest {
  /** A run folder, or the name of one under `runs/`. */
  readonly run: string;
  /** Picture files. None: held-out images of the run's data, and samples of its generator, are measured. */
  readonly images?: readonly string[] | undefined;
  /** The sheet. Default: `inversion-step-N.png` in the run folder. */
  readonly out?: string | undefined;
  /** A .npy file for the latent vectors of picture files. Default: none is written. */
  readonly latents?: string | undefined;
  /** Images of each kind that are measured. Default 64. */
  readonly count?: number | undefined;
  /** Iterations of the encoder's training. Default 3,000. */
  readonly encoderSteps?: number | undefined;
  /** Iterations of each search. Default 300. */
  readonly searchSteps?: number | undefined;
  /** Of the encoder, the samples and the random starts. Default: the run's own. */
  readonly seed?: number | undefined;
  /** Step of the checkpoint. Default: the newest. */
  readonly checkpoint?: number | undefined;
  /** The weights as they are, not their moving average. */
  readonly rawWeights?: boolean | undefined;
  readonly dataDir?: string | undefined;
  /** Threads inside one operator. Default: all cores. */
  readonly threads?: number | undefined;
  readonly onProgress?: ((what: string, done: number, of: number) => void) | undefined;
  readonly onNotice?: ((message: string) => void) | undefined;
  readonly onLoad?: ((event: LoadEvent) => void) | undefined;
}

/** One picture file and how well each route draws it. */
export interface InvertedFile {
  readonly path: string;
  /** Mean squared difference of a pixel in [0, 1]. */
  readonly errors: Readonly<Record<Route, number>>;
}

/** What came of it: measures, or picture files with their errors. */
export interface InversionResult {
  readonly measured?: Inversion;
  readonly files?: readonly InvertedFile[];
  /** Where the sheet is, and where the latent vectors and the measures are, if they were written. */
  readonly sheet: string;
  readonly latents?: string;
  readonly json?: string;
}

const COUNT = 64;

/**
 * Inverts a trained generator: an encoder that was trained to name z, and a search by descent from its z and from random z.
 *
 * @throws ConfigError where the run draws no images, or flags contradict each other; DataError where a file or the data
 *   cannot be read; ExecutionError where training or the device fails
 */
export async function invertRun(request: InversionRequest): Promise<InversionResult> {
  const { images: paths = [], onProgress } = request;
  if (request.latents !== undefined && paths.length === 0)
    throw new ConfigError('invert: --latents must come with picture files, got none');
  const trained = await readTrainedGenerator(request.run, { step: request.checkpoint });
  const { game, record, variables, step, paths: places } = trained;
  if (record.dataset.kind !== 'images')
    throw new ConfigError(`invert: the run must draw images, got ${record.dataset.name}, which are points`);
  const averaged = game.averageDecay !== undefined && !request.rawWeights;
  const generator = fixedGenerator(game, variables, averaged);
  const { seed = record.config.seed, searchSteps } = request;
  // What can be wrong with files is found before anything is trained.
  const given = paths.length > 0 ? await readImages('invert', paths, game.examples) : undefined;
  const data = given ? undefined : await heldOut(trained, request);
  const session = await openSession({ device: 'cpu', threads: request.threads });
  try {
    if (session.notice !== undefined) request.onNotice?.(session.notice);
    const encoder = await loadEncoder(generator, {
      session,
      folder: places.folder,
      step,
      averaged,
      seed,
      steps: request.encoderSteps,
      onNotice: request.onNotice,
      onProgress: (done, of) => onProgress?.('encoder', done, of),
    });
    const invert = async (images: Tensor<'float32'>) => ({
      images,
      found: await reconstruct(generator, encoder, images, { session, seed, searchSteps, onProgress }),
    });
    const sheet = request.out ?? join(places.folder, `inversion-step-${step}.png`);
    const show = (sets: readonly InvertedImages[]) =>
      replaceFile('invert', sheet, encodePng(inversionSheet(sets)));
    if (given) {
      const inverted = await invert(given);
      await show([inverted]);
      const { latents } = request;
      if (latents !== undefined)
        await replaceFile('invert', latents, encodeNpy(inverted.found.searchFromEncoder.latents));
      return { files: filesOf(paths, inverted.found), sheet, ...(latents === undefined ? {} : { latents }) };
    }
    const z = randomLatents(generator, data!.images.shape[0]!, seed, 'samples');
    const real = await invert(data!.images);
    const own = await invert(await samplesAt(game, variables, z, { session, averaged }));
    await show([real, own]);
    const { steps, latentError } = encoder;
    const measured: Inversion = {
      run: basename(places.folder),
      preset: record.config.preset,
      versions: await versions(),
      data: record.dataset.name,
      step,
      weights: averaged ? 'average' : 'last',
      seed,
      encoder: { steps, seed: encoder.seed, latentError },
      search: searchRecord(generator, searchSteps),
      heldOut: setResult(generator, real.images, real.found, data!.meanImage),
      samples: setResult(generator, own.images, own.found, data!.meanImage),
    };
    const json = join(places.folder, `inversion-step-${step}.json`);
    await replaceFile('invert', json, `${JSON.stringify(measured, undefined, 2)}\n`);
    return { measured, sheet, json };
  } finally {
    await session.release();
  }
}

function filesOf(
  paths: readonly string[],
  found: Readonly<Record<Route, Reconstruction>>,
): readonly InvertedFile[] {
  return paths.map((path, i) => ({
    path,
    errors: Object.fromEntries(routes.map((route) => [route, found[route].errors[i]!])) as Record<
      Route,
      number
    >,
  }));
}

/** The first held-out images of the run's data as samples come out, and the mean training image. */
async function heldOut(
  trained: TrainedGenerator,
  { count = COUNT, dataDir, onLoad, onNotice }: InversionRequest,
): Promise<{ readonly images: Tensor<'float32'>; readonly meanImage: Float64Array }> {
  const dataset = await openRunData('invert', { dataDir, onLoad, onNotice }, trained);
  if (isDistribution(dataset)) throw new ConfigError(`invert: data must be images, got ${dataset.name}`);
  const { test, exampleShape } = dataset;
  const n = Math.min(count, test.count);
  if (n < count) onNotice?.(`${dataset.name} has ${n} test images: all are taken`);
  const size = elementCount(exampleShape);
  // The data is in the samples' space already.
  const pixels = asSamples(test.examples.subarray(0, n * size), { range: 'unit', shape: exampleShape });
  return {
    images: { dtype: 'float32', shape: [n, ...exampleShape], data: pixels },
    meanImage: datasetFacts(dataset).meanPixels!(),
  };
}
