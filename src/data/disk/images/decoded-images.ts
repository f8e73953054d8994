import { mkdir, readFile, realpath, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type Sharp from 'sharp';
import { DataError } from '../../../errors.ts';
import type { ImageReading } from '../../image-reading.ts';
import { cacheFolder } from '../cache-folder.ts';
import type { LoadOptions } from '../load-options.ts';
import { concurrently } from './concurrently.ts';
import { type DecodedImage, decodeImage, loadSharp, type PixelReading } from './decode-image.ts';
import { contentDigest, type KnownFile, readContents } from './file-contents.ts';
import { readFolderRecord, writeFolderRecord } from './folder-record.ts';
import { openPixelFile, type PixelFile, PixelFileWriter } from './pixel-file.ts';

/** The image files of a folder with their decoded pixels. */
export interface DecodedImages {
  /** The files that could be read, by path and in the order of the paths. */
  readonly files: ReadonlyMap<string, KnownFile>;
  /** Why files could not be read at all, by path. */
  readonly unreadable: ReadonlyMap<string, string>;
  /** Pixels, or why there are none, by content. */
  readonly pixels: PixelFile;
}

/** Pictures that are decoded at the same time: the threads that Node gives to work of this kind. */
const AT_ONCE = Math.min(4, availableParallelism());

/**
 * The pixels of a folder's images, decoded once and kept in the cache.
 *
 * A pixel file is found by what it was made from: the contents of all files and everything that decides their pixels. The
 * contents are known without reading where size and times of the files are as they were, so that a second start looks at
 * directories only; a folder that was moved or copied is read but not decoded again; of one that was changed only what is
 * new is decoded. The pixel file that is then out of date is deleted.
 *
 * @param paths - image files below `folder`
 * @throws DataError where the cache cannot be written, with how to move it; what `signal` throws, as it is
 */
export async function decodedImages(
  folder: string,
  paths: readonly string[],
  reading: ImageReading,
  options: LoadOptions,
): Promise<DecodedImages> {
  const { cacheDir = cacheFolder(), onProgress, signal } = options;
  const cache = join(cacheDir, 'images');
  const real = await realpath(folder);
  const record = await readFolderRecord(cache, real);
  let looked = 0;
  const { known, unreadable } = await readContents(folder, paths, record.files, () => {
    signal?.throwIfAborted();
    onProgress?.({ kind: 'images', what: 'looking at', done: ++looked, total: paths.length });
  });
  const sharp = await loadSharp();
  const pixelReading: PixelReading = {
    size: reading.size,
    fit: reading.fit,
    linear: reading.linear,
    planes: reading.channels === 1 ? 1 : 3,
  };
  const key = JSON.stringify({ ...pixelReading, sharp: sharp.versions.sharp, vips: sharp.versions.vips });
  const distinct = new Map<string, string>();
  for (const [path, { content }] of known) if (!distinct.has(content)) distinct.set(content, path);
  const name = `${contentDigest(Buffer.from(key + [...distinct.keys()].sort().join())).slice(0, 32)}.pixels`;
  const path = join(cache, name);
  const before = record.pixelFiles.get(key);
  let pixels = openOrNone(path, onProgress);
  if (!pixels) {
    const previous =
      before === undefined || before === name ? undefined : openOrNone(join(cache, before), onProgress);
    const source = { sharp, folder, distinct, reading: pixelReading, previous };
    await written(cache, () => decodeInto(path, source, options));
    pixels = openPixelFile(path);
    if (!pixels) throw new DataError(`pixel cache: ${path} must be there after it was written, got nothing`);
  }
  if (before !== name || !isSame(known, record.files)) {
    const pixelFiles = new Map([...record.pixelFiles, [key, name]]);
    await written(cache, () => writeFolderRecord(cache, real, { files: known, pixelFiles }));
    if (before !== undefined && before !== name)
      await rm(join(cache, before), { force: true }).catch(() => {});
  }
  return { files: known, unreadable, pixels };
}

function isSame(a: ReadonlyMap<string, KnownFile>, b: ReadonlyMap<string, KnownFile>): boolean {
  if (a.size !== b.size) return false;
  for (const [path, { stamp }] of a) if (b.get(path)?.stamp !== stamp) return false;
  return true;
}

/** A pixel file that can be used. A damaged one is as good as none: it is made again. */
function openOrNone(path: string, onProgress: LoadOptions['onProgress']): PixelFile | undefined {
  try {
    return openPixelFile(path);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    onProgress?.({ kind: 'notice', message: `${error.message}: it is made again` });
    return undefined;
  }
}

/** Does work that writes into the cache. @throws DataError that says what to do where the system refuses */
async function written(cache: string, work: () => Promise<void>): Promise<void> {
  try {
    await mkdir(cache, { recursive: true });
    await work();
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined) throw cause;
    throw new DataError(
      `loadDataset: the cache folder ${cache} must be writable, got ${code}. Decoded images are kept there: make room, or name another folder by ZEROSUM_CACHE`,
      { cause },
    );
  }
}

interface Source {
  readonly sharp: typeof Sharp;
  readonly folder: string;
  /** One path for each content. */
  readonly distinct: ReadonlyMap<string, string>;
  readonly reading: PixelReading;
  readonly previous: PixelFile | undefined;
}

async function decodeInto(
  path: string,
  { sharp, folder, distinct, reading, previous }: Source,
  { onProgress, signal }: LoadOptions,
): Promise<void> {
  const writer = await PixelFileWriter.create(path, reading);
  const failed: (readonly [content: string, file: string])[] = [];
  let done = 0;
  const tell = () => onProgress?.({ kind: 'images', what: 'decoding', done: ++done, total: distinct.size });
  const decode = async (content: string, file: string) => {
    const bytes = await unchanged(join(folder, file), content);
    return decodeImage(sharp, bytes, reading).catch((error: unknown) => {
      if (error instanceof DataError) return error;
      throw error;
    });
  };
  try {
    await concurrently([...distinct], AT_ONCE, async ([content, file]) => {
      signal?.throwIfAborted();
      const image = (previous && alreadyDecoded(previous, content, reading)) ?? (await decode(content, file));
      if (image instanceof DataError) {
        failed.push([content, file]);
      } else {
        await writer.add(content, image);
        tell();
      }
    });
    // Once more by themselves: pictures that fail side by side lose their reasons to each other.
    for (const [content, file] of failed) {
      const image = await decode(content, file);
      if (image instanceof DataError) writer.addFault(content, image.message);
      else await writer.add(content, image);
      tell();
    }
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** The bytes of a file whose content is known. @throws DataError where it has another by now: what is decoded is what was hashed */
async function unchanged(path: string, content: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes && contentDigest(bytes) === content) return bytes;
  throw new DataError(
    `loadDataset: ${path} must stay as it is while it is read, got ${bytes ? 'another content' : 'nothing there'} the second time. Wait for what writes there, and start again`,
  );
}

function alreadyDecoded(
  previous: PixelFile,
  content: string,
  { size, planes }: PixelReading,
): DecodedImage | undefined {
  const stored = previous.images.get(content);
  if (!stored) return undefined;
  const pixels = new Uint8Array(planes * size * size);
  try {
    previous.reader.read(stored.row, planes, pixels, 0);
  } catch {
    return undefined;
  }
  return { pixels, isGrey: stored.isGrey, isEnlarged: stored.isEnlarged };
}
