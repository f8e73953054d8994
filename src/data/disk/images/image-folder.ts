import { basename, resolve } from 'node:path';
import { ConfigError, DataError } from '../../../errors.ts';
import type { ExampleSet, FiniteDataset, StoredExamples } from '../../dataset.ts';
import { sha256 } from '../../fingerprint.ts';
import { type ImageReading, imageReading } from '../../image-reading.ts';
import { splitByContent } from '../../split-by-content.ts';
import type { LoadOptions } from '../load-options.ts';
import { decodedImages } from './decoded-images.ts';
import { folderClasses } from './folder-classes.ts';
import { type FolderContent, findImageFiles, type SkippedFile } from './image-files.ts';
import type { PixelReader, StoredPixels } from './pixel-file.ts';

/** What came of the files in a folder. */
export interface FolderReport {
  readonly reading: ImageReading;
  /** Files that became examples. */
  readonly images: number;
  /** Of these, so many are copies of another, byte for byte. */
  readonly repeated: number;
  /** Of these, so many are smaller than the size asked for, and were enlarged. */
  readonly enlarged: number;
  /** Image files that are left out, in the order of their paths. */
  readonly skipped: readonly SkippedFile[];
  /** Files that are no images. */
  readonly others: number;
}

/** A folder of images as a data set. */
export interface ImageFolder {
  readonly dataset: FiniteDataset;
  readonly report: FolderReport;
}

/** Examples of a part that are held in memory at most; a measure takes four times as much as floats. */
const MEMORY_BYTES = 64 * 2 ** 20;

/** With fewer the discriminator knows them by heart at once; the smallest sets of the literature have so many. */
const FEW = 100;

/** How many left-out files a notice names. */
const NAMED = 10;

interface Example {
  readonly path: string;
  readonly content: string;
  readonly stored: StoredPixels;
}

/**
 * The images in a folder and its sub-folders as a data set, uint8 [channels, size, size], decoded once and then read from
 * the cache. A tenth of them each is kept back for validation and test, chosen by content. Training examples stay in the
 * cache's file and are read as minibatches need them, so that memory does not grow with their number; `train` holds the first
 * 64 MiB of them.
 *
 * Broken files and images of kinds that are not read are left out and reported.
 *
 * @param folder - its path, from the working folder
 * @throws ConfigError if there is no such folder, or no image in it, or the classes asked for are not there; DataError if
 *   no image can be read, if all are alike, or the cache cannot be written
 */
export async function loadImageFolder(folder: string, options: LoadOptions = {}): Promise<ImageFolder> {
  const reading = imageReading(options.images);
  const found = await findImageFiles(folder);
  if (found.images.length === 0) throw noImages(folder, found);
  const { files, unreadable, pixels } = await decodedImages(folder, found.images, reading, options);
  const examples: Example[] = [];
  const skipped: SkippedFile[] = [...found.skipped];
  for (const path of found.images) {
    const content = files.get(path)?.content;
    const stored = content === undefined ? undefined : pixels.images.get(content);
    if (content !== undefined && stored) examples.push({ path, content, stored });
    else
      skipped.push({ path, reason: unreadable.get(path) ?? pixels.faults.get(content ?? '') ?? 'is gone' });
  }
  skipped.sort((a, b) => (a.path < b.path ? -1 : 1));
  requireVariety(folder, examples, skipped, reading);
  const distinct = new Map(examples.map(({ content, stored }) => [content, stored]));
  const report: FolderReport = {
    reading,
    images: examples.length,
    repeated: examples.length - distinct.size,
    enlarged: examples.filter(({ stored }) => stored.isEnlarged).length,
    skipped,
    others: [...found.others.values()].reduce((sum, count) => sum + count, 0),
  };
  return { dataset: await datasetOf(folder, examples, pixels.reader, reading), report };
}

async function datasetOf(
  folder: string,
  examples: readonly Example[],
  reader: PixelReader,
  { size, channels, classes, flip, heldOut }: ImageReading,
): Promise<FiniteDataset> {
  const isGrey = channels === 1 || (channels === 'auto' && examples.every(({ stored }) => stored.isGrey));
  const planes = isGrey ? 1 : 3;
  const exampleShape = [planes, size, size];
  const bytes = planes * size * size;
  const most = Math.floor(MEMORY_BYTES / bytes);
  const named =
    classes === 'folders'
      ? folderClasses(
          folder,
          examples.map(({ path }) => path),
        )
      : undefined;
  const split = splitByContent(examples, heldOut, most);
  const labelsOf = (part: readonly Example[]) =>
    named && Uint8Array.from(part, ({ path }) => named.labelOf(path));
  const stored = (part: readonly Example[]): StoredExamples => {
    const rows = Uint32Array.from(part, ({ stored: { row } }) => row);
    return storedExamples(reader, planes, rows, labelsOf(part));
  };
  const digest = async (part: readonly Example[]) => {
    const labels = labelsOf(part);
    return {
      count: part.length,
      examples: await sha256(Buffer.from(part.map(({ stored: { digest } }) => digest).join(''), 'hex')),
      labels: labels ? await sha256(labels) : 'none',
    };
  };
  const { train, validation, test } = split;
  const parts = await Promise.all([train, validation, test].map(digest));
  return {
    kind: 'images',
    name: basename(resolve(folder)),
    exampleShape,
    train: inMemory(stored(train), most, bytes),
    validation: inMemory(stored(validation), most, bytes),
    test: inMemory(stored(test), most, bytes),
    stored: stored(train),
    ...(flip ? { mirrored: true } : {}),
    ...(named ? { classes: named.classes } : {}),
    fingerprint: await sha256(Buffer.from(JSON.stringify({ exampleShape, parts }))),
  };
}

/** Examples by their rows in a pixel file. A function of its own: what it returns holds on to these arguments alone. */
function storedExamples(
  reader: PixelReader,
  planes: 1 | 3,
  rows: Uint32Array,
  labels: Uint8Array | undefined,
): StoredExamples {
  return {
    count: rows.length,
    ...(labels && { labels }),
    read: (index, out, offset) => reader.read(rows[index]!, planes, out, offset),
  };
}

/** The first `most` examples of a part, read when somebody first looks at them. */
function inMemory(stored: StoredExamples, most: number, bytes: number): ExampleSet {
  const count = Math.min(stored.count, most);
  let examples: Uint8Array | undefined;
  return {
    count,
    get examples() {
      if (examples) return examples;
      const pixels = new Uint8Array(count * bytes);
      for (let i = 0; i < count; i++) stored.read(i, pixels, i * bytes);
      examples = pixels;
      return pixels;
    },
    ...(stored.labels ? { labels: stored.labels.subarray(0, count) } : {}),
  };
}

function noImages(folder: string, { skipped, others }: FolderContent): ConfigError {
  const kinds = [...others].sort(([, a], [, b]) => b - a).slice(0, 3);
  const named = kinds.map(
    ([extension, count]) => `${count} ${extension === '' ? 'without extension' : extension}`,
  );
  const first = skipped[0];
  if (first) named.push(`${skipped.length} of kinds that are not read (${first.path}: ${first.reason})`);
  const got = named.length === 0 ? 'no files' : named.join(', ');
  return new ConfigError(
    `loadDataset: ${folder} must hold images (.jpg, .png, .webp, .gif, .avif or .tiff, also in sub-folders), got ${got}`,
  );
}

/** Refuses what nobody can learn from. */
function requireVariety(
  folder: string,
  examples: readonly Example[],
  skipped: readonly SkippedFile[],
  { size }: ImageReading,
): void {
  const [first] = examples;
  if (!first) {
    const reasons = skipped.slice(0, 3).map(({ path, reason }) => `${path}: ${reason}`);
    throw new DataError(
      `loadDataset: ${folder} must hold images that can be read, got ${skipped.length} that cannot (${reasons.join('; ')})`,
    );
  }
  if (examples.some(({ stored }) => stored.digest !== first.stored.digest)) return;
  const got =
    examples.length === 1
      ? `only ${first.path}`
      : `${examples.length} that are all alike at ${size} x ${size} (${first.path} and so on)`;
  throw new DataError(
    `loadDataset: ${folder} must hold different images, got ${got}. A generator learns what images have in common and in what they differ: add others, some hundreds at least`,
  );
}

/** The files that are left out, as lines for people: the first ten by name. */
export function skippedNotices({ images, skipped }: FolderReport): readonly string[] {
  if (skipped.length === 0) return [];
  const more = skipped.length - NAMED;
  return [
    `${skipped.length} of ${skipped.length + images} image files are left out:`,
    ...skipped.slice(0, NAMED).map(({ path, reason }) => `  ${path}: ${reason}`),
    ...(more > 0 ? [`  and ${more} more: zerosum data preview lists them all`] : []),
  ];
}

/** What the owner of a folder should do before training on it, as lines for people; none where all is well. */
export function folderAdvice({ images, enlarged, reading }: FolderReport): readonly string[] {
  const lines: string[] = [];
  if (2 * enlarged > images)
    lines.push(
      `${enlarged} of ${images} images are smaller than ${reading.size} x ${reading.size} and were enlarged: a smaller --size loses nothing`,
    );
  if (images < FEW)
    lines.push(
      `${images} images are few: the discriminator soon knows them by heart. Add more${reading.flip ? '' : ', or --flip if their mirror images are as good'}`,
    );
  return lines;
}
