import { join } from 'node:path';
import { DataError } from '../../errors.ts';
import type { ExampleSet, FiniteDataset } from '../dataset.ts';
import { fingerprint } from '../fingerprint.ts';
import { decodeLabelledImages, type IdxFile, type LabelledImages } from '../idx.ts';
import { cacheFolder } from './cache-folder.ts';
import { download } from './download.ts';
import { type FileState, findFiles } from './find-files.ts';
import type { LoadOptions } from './load-options.ts';
import type { FileRole, PublishedFile, PublishedSet } from './published-files.ts';

/** Downloads one file of a set into the cache. */
async function fetchFile(set: PublishedSet, file: PublishedFile, options: LoadOptions): Promise<void> {
  const { cacheDir = cacheFolder(), mirrors = set.mirrors, onProgress, signal } = options;
  const folder = join(cacheDir, set.name);
  try {
    await download({
      urls: mirrors.map((mirror) => new URL(file.name, mirror).href),
      destination: join(folder, file.name),
      sizeBytes: file.sizeBytes,
      sha256: file.sha256,
      onProgress: (receivedBytes, url) =>
        onProgress?.({ kind: 'download', file: file.name, url, receivedBytes, totalBytes: file.sizeBytes }),
      onFailure: (url, reason) => onProgress?.({ kind: 'notice', message: `${url}: ${reason}` }),
      ...(signal && { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    const names = Object.values(set.files).map(({ name }) => name);
    const byHand = `Put ${names.join(', ')} into ${folder}, or name a folder that holds ${set.name}/ with them by --data-dir or ZEROSUM_DATA; digits and the toy sets need no download`;
    if (error instanceof DataError) throw new DataError(`${error.message}. ${byHand}`, { cause: error });
    const { code } = error as NodeJS.ErrnoException;
    throw new DataError(
      `loadDataset: the cache ${folder} must be writable, got ${code ?? String(error)}. Set ZEROSUM_CACHE to a folder with room for ${set.name}`,
      { cause: error },
    );
  }
}

/** The files that have to be downloaded; throws the fault of a damaged one in the data folder, which is not ours. */
function missingFiles(states: Record<FileRole, FileState>, options: LoadOptions): PublishedFile[] {
  return Object.values(states).flatMap(({ file, found }) => {
    if (!found) return [file];
    if (!('fault' in found)) return [];
    if (!found.inCache) throw found.fault;
    options.onProgress?.({ kind: 'notice', message: `${found.path} is damaged: fetching it again` });
    return [file];
  });
}

/** Examples `first` up to `end` of `images`; their arrays share memory. */
function part(images: LabelledImages, first: number, end: number): ExampleSet {
  const size = images.height * images.width;
  return {
    count: end - first,
    examples: images.pixels.subarray(first * size, end * size),
    labels: images.labels.subarray(first, end),
  };
}

/**
 * A published set: from the data folder, else from the cache, else downloaded into the cache. Every file is checked
 * against its SHA-256 each time. Damaged files in the cache are replaced; those in the data folder are an error.
 *
 * @returns uint8 images; the last `counts.validation` of the training file are the validation set
 * @throws DataError if a file is damaged, or neither here nor to be downloaded; ConfigError if `dataDir` is no folder
 */
export async function loadPublishedSet(set: PublishedSet, options: LoadOptions = {}): Promise<FiniteDataset> {
  let states = await findFiles(set, options);
  const missing = missingFiles(states, options);
  for (const file of missing) await fetchFile(set, file, options);
  if (missing.length > 0) states = await findFiles(set, options);

  const idxFile = (role: FileRole): IdxFile => {
    const { file, found } = states[role];
    if (!found)
      throw new DataError(
        `loadDataset: ${file.name} of ${set.name} must stay in place while it is loaded, got none`,
      );
    if ('fault' in found) throw found.fault;
    return { bytes: found.content, source: found.path };
  };
  const training = decodeLabelledImages(idxFile('trainImages'), idxFile('trainLabels'), set.classes.length);
  const test = decodeLabelledImages(idxFile('testImages'), idxFile('testLabels'), set.classes.length);
  const split = training.count - set.counts.validation;
  const content = {
    kind: 'images' as const,
    name: set.name,
    exampleShape: set.exampleShape,
    train: part(training, 0, split),
    validation: part(training, split, training.count),
    test: part(test, 0, test.count),
    classes: set.classes,
  };
  return { ...content, fingerprint: await fingerprint(content) };
}
