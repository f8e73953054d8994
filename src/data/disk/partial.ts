import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Where a partial download came from, so that the same version of the file can be asked for when it goes on. */
interface PartialSource {
  readonly url: string;
  /** The server's entity tag, where it sent one. */
  readonly etag?: string;
}

/**
 * A download in progress: a folder beside its destination that holds the bytes so far and where they came from. One
 * process owns it at a time. The owner's process id is in the folder's name, so taking over what a dead process left is
 * one atomic rename, and two processes that load the same file at once never write to the same place.
 */
export interface Partial {
  /** Path of the bytes so far. */
  readonly bytes: string;
  sizeBytes(): Promise<number>;
  readSource(): Promise<PartialSource | undefined>;
  writeSource(source: PartialSource): Promise<void>;
  /** Forgets the bytes so far. */
  discard(): Promise<void>;
  /** Leaves the bytes for the next attempt, in this process or another. */
  release(): Promise<void>;
}

let claims = 0;

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to someone else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Folders beside `destination` with part of it that nobody is working on. */
async function abandoned(destination: string): Promise<string[]> {
  const free = `${basename(destination)}.part`;
  const names = await readdir(dirname(destination));
  return names
    .filter((name) => {
      if (name === free) return true;
      const owner = name.startsWith(`${free}-`)
        ? Number(name.slice(free.length + 1).split('-')[0])
        : Number.NaN;
      return Number.isInteger(owner) && !isAlive(owner);
    })
    .map((name) => join(dirname(destination), name));
}

/** Takes over what an earlier attempt left of `destination`, or starts from nothing. */
export async function claimPartial(destination: string): Promise<Partial> {
  await mkdir(dirname(destination), { recursive: true });
  const free = `${destination}.part`;
  const folder = `${free}-${process.pid}-${++claims}`;
  const bytes = join(folder, 'bytes');
  const source = join(folder, 'source.json');

  let claimed = false;
  for (const left of await abandoned(destination)) {
    // A rename that fails was won by another process.
    claimed = await rename(left, folder).then(
      () => true,
      () => false,
    );
    if (claimed) break;
  }
  if (!claimed) await mkdir(folder);

  const sizeBytes = () =>
    stat(bytes).then(
      ({ size }) => size,
      () => 0,
    );
  return {
    bytes,
    sizeBytes,
    readSource: () =>
      readFile(source, 'utf8')
        .then((text) => JSON.parse(text) as PartialSource)
        .catch(() => undefined),
    writeSource: (from) => writeFile(source, JSON.stringify(from)),
    discard: () => rm(bytes, { force: true }),
    async release() {
      if ((await sizeBytes()) === 0) return rm(folder, { recursive: true, force: true });
      await rm(free, { recursive: true, force: true });
      await rename(folder, free);
    },
  };
}
