import { extname } from 'node:path';
import { type FiniteDataset, isDistribution } from '../../data/dataset.ts';
import type { LoadEvent } from '../../data/disk/load-options.ts';
import { ConfigError } from '../../errors.ts';
import { openRunData } from '../../evaluation/disk/run-data.ts';
import { asSamples } from '../../gan/example-format.ts';
import { elementCount, type Tensor } from '../../graph/tensor.ts';
import { readImages } from '../../inference/disk/read-images.ts';
import { encodePng } from '../../io/png.ts';
import { loadClassifier } from '../../learned/disk/load-classifier.ts';
import { learnedFeatures } from '../../learned/learned-features.ts';
import { openSession } from '../../runtime/node-session.ts';
import type { Session } from '../../runtime/session.ts';
import { replaceFile } from '../../train/disk/replace-file.ts';
import { versions } from '../../train/disk/versions.ts';
import { type Completer, openCompleter } from '../completions.ts';
import { type Inpainting, type InpaintingOptions, measureInpainting } from '../inpainting.ts';
import { type HiddenPart, hiddenParts, knownPixels, requireHiddenPart } from '../masks.ts';
import { type CompletedImages, completionSheet } from './completion-sheet.ts';
import { loadInpainter } from './load-inpainter.ts';

/** What is to be completed, and how. */
export interface InpaintRequest {
  /** What the network learns: a named set or a path. */
  readonly data: string;
  readonly dataDir?: string | undefined;
  /** Picture files. None: held-out images of the data are completed and measured. */
  readonly images?: readonly string[] | undefined;
  /**
   * A part by its name, or a picture file that is white where pixels are hidden. Default: `right` for picture files; for
   * measures every part but `left` and `top`.
   */
  readonly hide?: string | undefined;
  /** The sheet. Default: `completions-NAME.png` in the working folder. */
  readonly out?: string | undefined;
  /** Held-out images that are measured. Default 1,000. */
  readonly count?: number | undefined;
  /** Completions of each image. Default 8. */
  readonly draws?: number | undefined;
  /** Iterations of training. Default 4,000. */
  readonly steps?: number | undefined;
  /** Of the energy score in G's loss. Default 1. */
  readonly energyWeight?: number | undefined;
  /** Of training, draws and random pixels. Default 1. */
  readonly seed?: number | undefined;
  /** Threads inside one operator. Default: all cores. */
  readonly threads?: number | undefined;
  readonly onProgress?: ((what: string, done: number, of: number) => void) | undefined;
  readonly onNotice?: ((message: string) => void) | undefined;
  readonly onLoad?: ((event: LoadEvent) => void) | undefined;
}

/** What came of it. */
export interface InpaintResult {
  readonly sheet: string;
  /** Absent where picture files were completed. */
  readonly measured?: Inpainting;
  /** Where the measures are. */
  readonly json?: string;
}

const COUNT = 1000;
const DRAWS = 8;
const MEASURED: readonly HiddenPart[] = ['right', 'bottom', 'centre', 'pixels'];
/** Draws and, of each part, images that a sheet shows. */
const [SHOWN_DRAWS, SHOWN_IMAGES] = [6, 3];

/**
 * Completes images by one network that learned all conditionals of a data set: picture files, or held-out images, which are
 * measured.
 *
 * @throws ConfigError where data or flags do not fit; DataError where a file or the data cannot be read; ExecutionError where
 *   training or the device fails
 */
export async function inpaint(request: InpaintRequest): Promise<InpaintResult> {
  const { images: paths = [], seed = 1, draws = DRAWS, onProgress, onNotice } = request;
  if (draws < 2) throw new ConfigError(`inpaint: --draws must be at least 2, got ${draws}`);
  const { data, dataDir, onLoad } = request;
  const dataset = await openRunData('inpaint', { data, dataDir, onLoad, onNotice }, undefined);
  if (isDistribution(dataset) || dataset.kind !== 'images')
    throw new ConfigError(`inpaint: data must be images, got ${dataset.name}`);
  const format = { shape: dataset.exampleShape, range: 'unit' } as const;
  // What can be wrong with files is found before anything is trained.
  const given = paths.length > 0 ? await readImages('inpaint', paths, format) : undefined;
  const known = await knownOf(request, dataset, seed);
  const readable = dataset.name.replace(/^.*[\\/]/, '').replace(/[^\w.-]/g, '_');
  const sheet = request.out ?? `completions-${readable}.png`;
  const session = await openSession({ device: 'cpu', threads: request.threads });
  try {
    if (session.notice !== undefined) onNotice?.(session.notice);
    const inpainter = await loadInpainter(dataset, {
      session,
      seed,
      steps: request.steps,
      energyWeight: request.energyWeight,
      onNotice,
      onProgress: (done, of) => onProgress?.('inpainter', done, of),
    });
    const completer = await openCompleter(inpainter, { session, seed });
    const show = (sets: readonly CompletedImages[]) =>
      replaceFile('inpaint', sheet, encodePng(completionSheet(sets)));
    if (given) {
      await show([await completed(completer, given, known[0]!.known, Math.min(draws, SHOWN_DRAWS))]);
      return { sheet };
    }
    const images = firstImages(dataset.test, dataset, request.count ?? COUNT);
    const measured: Inpainting = {
      data: dataset.name,
      versions: await versions(),
      ...(await measureInpainting(inpainter, {
        completer,
        images,
        parts: known.flatMap(({ part }) => (part === undefined ? [] : [part])),
        draws,
        seed,
        frechet: await features(dataset, images.shape[0]!, session, request),
        onProgress,
      })),
    };
    const shown: CompletedImages[] = [];
    for (const [index, { known: mask }] of known.entries()) {
      const some = rowsFrom(images, index * SHOWN_IMAGES, SHOWN_IMAGES);
      shown.push(await completed(completer, some, mask, SHOWN_DRAWS));
    }
    await show(shown);
    const json = sheet.replace(/\.png$/i, '.json');
    await replaceFile('inpaint', json, `${JSON.stringify(measured, undefined, 2)}\n`);
    return { sheet, measured, json };
  } finally {
    await session.release();
  }
}

interface Known {
  /** Absent where a picture file says it. */
  readonly part?: HiddenPart;
  readonly known: Float32Array<ArrayBuffer>;
}

/** Which pixels are known, in each of the ways that are looked at: one for picture files. */
async function knownOf(
  { hide, images = [] }: InpaintRequest,
  { exampleShape }: FiniteDataset,
  seed: number,
): Promise<readonly Known[]> {
  const [, height, width] = exampleShape as readonly [number, number, number];
  const named = (part: HiddenPart): Known => ({ part, known: knownPixels(part, height, width, seed) });
  if (hide === undefined) return images.length > 0 ? [named('right')] : MEASURED.map(named);
  if (extname(hide) === '') return [named(requireHiddenPart(hide))];
  if (images.length === 0)
    throw new ConfigError(
      `inpaint: --hide FILE must come with picture files, got none. Held-out images are measured with one of ${hiddenParts.join(', ')}`,
    );
  const mask = await readImages('inpaint', [hide], { shape: [1, height, width], range: 'unit' });
  return [{ known: mask.data.map((value) => (value >= 0.5 ? 0 : 1)) }];
}

async function completed(
  completer: Completer,
  images: Tensor<'float32'>,
  known: Float32Array,
  draws: number,
): Promise<CompletedImages> {
  const drawn: Tensor<'float32'>[] = [];
  let mean = images;
  for (let draw = 0; draw < draws; draw++) {
    const result = await completer.complete(images, known, draw);
    drawn.push(result.drawn);
    mean = result.mean;
  }
  return { images, known, mean, draws: drawn };
}

/** Features of the data's own classifier, and real training images to compare with; nothing without labels. */
async function features(
  dataset: FiniteDataset,
  count: number,
  session: Session,
  { onNotice, onProgress }: InpaintRequest,
): Promise<InpaintingOptions['frechet']> {
  if (!dataset.train.labels || !dataset.classes) return undefined;
  onProgress?.('features', 0, 1);
  const classifier = await loadClassifier(dataset, { session, onNotice });
  return {
    features: await learnedFeatures(classifier, { session }),
    real: firstImages(dataset.train, dataset, count),
  };
}

/** The first images of a part of a data set, or all of fewer, float32 in [0, 1]. */
function firstImages(
  { count, examples }: FiniteDataset['test'],
  { exampleShape }: FiniteDataset,
  wanted: number,
): Tensor<'float32'> {
  const n = Math.min(wanted, count);
  const pixels = examples.subarray(0, n * elementCount(exampleShape));
  return {
    dtype: 'float32',
    shape: [n, ...exampleShape],
    data: asSamples(pixels, { range: 'unit', shape: exampleShape }),
  };
}

function rowsFrom({ shape, data }: Tensor<'float32'>, first: number, rows: number): Tensor<'float32'> {
  const size = data.length / shape[0]!;
  const from = Math.min(first, Math.max(0, shape[0]! - rows));
  const part = data.slice(from * size, (from + rows) * size);
  return { dtype: 'float32', shape: [part.length / size, ...shape.slice(1)], data: part };
}
