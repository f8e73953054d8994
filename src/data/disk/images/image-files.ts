import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { ConfigError, DataError } from '../../../errors.ts';

/** A file that is left out, and why. */
export interface SkippedFile {
  /** Below the folder, with `/` between its parts. */
  readonly path: string;
  readonly reason: string;
}

/** What lies in a folder and below it. */
export interface FolderContent {
  /** Image files by their path below the folder, `/` between its parts, in code-point order. */
  readonly images: readonly string[];
  /** Images of kinds that are not read. */
  readonly skipped: readonly SkippedFile[];
  /** How many files of each extension are no images: `.txt` and so on, `''` for none. */
  readonly others: ReadonlyMap<string, number>;
}

const readExtensions: ReadonlySet<string> = new Set(
  '.avif .gif .jfif .jpe .jpeg .jpg .png .tif .tiff .webp'.split(' '),
);

/** Pictures all the same, so that their owner will want to know why they are missing. */
const unreadExtensions: ReadonlySet<string> = new Set(
  '.bmp .cr2 .dng .eps .heic .heif .ico .jp2 .jxl .nef .pdf .ppm .psd .raw .svg .tga'.split(' '),
);

/** Whether a path is called like an image file that is read. */
export function isImageName(path: string): boolean {
  return readExtensions.has(extname(path).toLowerCase());
}

/**
 * The image files in `folder` and its sub-folders, by their extension. Hidden files and folders (`.thumbnails`, the
 * `._` files of macOS) are passed over, symbolic links followed, each folder once.
 *
 * @throws ConfigError if there is no such folder; DataError if one cannot be read
 */
export async function findImageFiles(folder: string): Promise<FolderContent> {
  await requireFolder(folder);
  const images: string[] = [];
  const skipped: SkippedFile[] = [];
  const others = new Map<string, number>();
  const seen = new Set<string>();
  const sort = (path: string) => {
    const extension = extname(path).toLowerCase();
    if (readExtensions.has(extension)) images.push(path);
    else if (unreadExtensions.has(extension))
      skipped.push({ path, reason: `${extension.slice(1).toUpperCase()} is not read: convert it to PNG` });
    else others.set(extension, (others.get(extension) ?? 0) + 1);
  };
  const walk = async (below: string): Promise<void> => {
    const here = join(folder, below);
    const real = await realpath(here);
    if (seen.has(real)) return;
    seen.add(real);
    const entries = await readdir(here, { withFileTypes: true });
    for (const entry of entries) {
      if (entry.name.startsWith('.') || entry.name === '__MACOSX') continue;
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      // A link says nothing of what it leads to, and may lead nowhere.
      const kind = entry.isSymbolicLink() ? await stat(join(folder, path)).catch(() => undefined) : entry;
      if (kind?.isDirectory()) await walk(path);
      else if (kind?.isFile()) sort(path);
      else if (!kind) skipped.push({ path, reason: 'is a link to nothing' });
    }
  };
  try {
    await walk('');
  } catch (cause) {
    const { code, path } = cause as NodeJS.ErrnoException;
    throw new DataError(`loadDataset: ${path ?? folder} must be a folder that can be read, got ${code}`, {
      cause,
    });
  }
  images.sort();
  return { images, skipped, others };
}

async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return;
  if (!found) throw new ConfigError(`loadDataset: ${folder} must be a folder of images, got nothing there`);
  throw new ConfigError(
    `loadDataset: ${folder} must be a folder of images, got a file. Name the folder that holds the images`,
  );
}
