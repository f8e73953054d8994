import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readFileIfAny } from '../read-file.ts';
import { contentDigest, type KnownFile } from './file-contents.ts';

/** What is remembered of a folder from one start to the next. */
export interface FolderRecord {
  /** Its files, by their path below it. */
  readonly files: ReadonlyMap<string, KnownFile>;
  /** Names of the pixel files that were made of it, by the reading they were made with. */
  readonly pixelFiles: ReadonlyMap<string, string>;
}

const FORMAT = 1;

interface StoredRecord {
  readonly format: number;
  readonly folder: string;
  readonly paths: readonly string[];
  readonly stamps: readonly string[];
  /** SHA-256 (hex) of the files, one after another without anything between them. */
  readonly contents: string;
  readonly pixelFiles: readonly (readonly [reading: string, name: string])[];
}

const pathOf = (cache: string, folder: string) =>
  join(cache, `${contentDigest(Buffer.from(folder)).slice(0, 32)}.json`);

/**
 * What is remembered of `folder`; nothing where nothing is, or where what is there cannot be used: it only saves time.
 *
 * @param cache - the folder of such records
 * @param folder - its real path
 */
export async function readFolderRecord(cache: string, folder: string): Promise<FolderRecord> {
  const bytes = await readFileIfAny(pathOf(cache, folder)).catch(() => undefined);
  try {
    const stored = JSON.parse(Buffer.from(bytes ?? []).toString() || '{}') as Partial<StoredRecord>;
    const { paths = [], stamps = [], contents = '' } = stored;
    if (stored.format === FORMAT && stored.folder === folder) {
      const known = (i: number) => ({
        stamp: stamps[i] ?? '',
        content: contents.slice(64 * i, 64 * (i + 1)),
      });
      const files = new Map(paths.map((path, i) => [path, known(i)]));
      return { files, pixelFiles: new Map(stored.pixelFiles) };
    }
  } catch {
    // Half a record, as a full disk leaves it, is none.
  }
  return { files: new Map(), pixelFiles: new Map() };
}

/** Replaces what is remembered of `folder`. @throws the system's error where it cannot be written */
export async function writeFolderRecord(cache: string, folder: string, record: FolderRecord): Promise<void> {
  const path = pathOf(cache, folder);
  const temporary = `${path}.${randomUUID()}`;
  const stored: StoredRecord = {
    format: FORMAT,
    folder,
    paths: [...record.files.keys()],
    stamps: Array.from(record.files.values(), ({ stamp }) => stamp),
    contents: Array.from(record.files.values(), ({ content }) => content).join(''),
    pixelFiles: [...record.pixelFiles],
  };
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(temporary, JSON.stringify(stored));
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
