import { lstatSync, type Stats } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { systemCode } from '../train/disk/file-error.ts';
import { Refusal } from './refusal.ts';

/** More runs than a list can show, or a server should look through every few seconds. */
const MOST_RUNS = 2000;

/** The lock says which process trains; nobody who reads a run needs it. */
const hidden = 'run.lock';

/** Whether a text can be one part of a path: no separator, no way up, nothing hidden, no control characters. */
function isPlainName(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text !== '' && text.length <= 255 && !text.startsWith('.') && !/[\\/\u0000-\u001f\u007f]/.test(text);
}

/** A path without links in it, also where its last parts are not there yet. */
async function withoutLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await withoutLinks(parent), basename(path));
  }
}

/**
 * The folder whose runs are shown, and the way into it: every path that a request names goes through here. A run is a folder
 * in it, by its name; links that lead out of it are not followed.
 */
export class RunsFolder {
  /** Without links. */
  readonly root: string;
  /** The one run that is shown. Absent: all of the folder are. */
  readonly only: string | undefined;

  private constructor(root: string, only: string | undefined) {
    this.root = root;
    this.only = only;
  }

  /** Opens a folder of runs, or of a single run: then that alone is shown. One that is not there yet has no runs. */
  static async open(path: string): Promise<RunsFolder> {
    const real = await withoutLinks(resolve(path));
    const isRun = lstatSync(join(real, 'config.json'), { throwIfNoEntry: false })?.isFile() ?? false;
    return isRun ? new RunsFolder(dirname(real), basename(real)) : new RunsFolder(real, undefined);
  }

  /** Names of the folders that hold a `config.json`, sorted, 2000 at most; none where there is no folder. */
  async ids(): Promise<string[]> {
    const names = this.only === undefined ? await this.#folders() : [this.only];
    return names.filter((name) => this.statOf(name, 'config.json')?.isFile()).slice(0, MOST_RUNS);
  }

  async #folders(): Promise<string[]> {
    try {
      const entries = await readdir(this.root, { withFileTypes: true });
      return entries
        .filter((entry) => entry.isDirectory() && isPlainName(entry.name))
        .map(({ name }) => name)
        .sort();
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw new Refusal(503, `runs: ${this.root} must be a readable folder`, { cause: error });
    }
  }

  /** Where a run of that name lies or would lie, without a look. @throws Refusal where it is no name */
  pathOf(id: string): string {
    if (!isPlainName(id) || (this.only !== undefined && id !== this.only))
      throw new Refusal(404, `run: unknown run: ${JSON.stringify(id)}`);
    return join(this.root, id);
  }

  /**
   * What lies in a run under a name of its own: neither a link nor anything behind one. In one system call, since a list asks
   * this ten times a run; its promise takes ten times as long.
   */
  statOf(id: string, name: string): Stats | undefined {
    const found = lstatSync(join(this.pathOf(id), name), { throwIfNoEntry: false });
    return found?.isSymbolicLink() ? undefined : found;
  }

  /** The folder of a run. @throws Refusal where there is none, or it is a link */
  async folderOf(id: string): Promise<string> {
    const path = this.pathOf(id);
    const found = await lstat(path).catch(() => undefined);
    if (!found?.isDirectory() || !this.statOf(id, 'config.json')?.isFile())
      throw new Refusal(404, `run: unknown run: ${JSON.stringify(id)}`);
    return path;
  }

  /**
   * The path of a file of a run.
   *
   * @param path - below the run folder, with slashes
   * @throws Refusal where there is no such file, the path leaves the run folder by its text or by a link, or it is the lock
   */
  async fileOf(id: string, path: string): Promise<{ readonly path: string; readonly stats: Stats }> {
    const folder = await this.folderOf(id);
    const unknown = () => new Refusal(404, `run: ${id} must hold the file, got ${JSON.stringify(path)}`);
    const parts = path.split('/');
    if (path.length > 1000 || !parts.every(isPlainName) || parts[0] === hidden) throw unknown();
    try {
      const real = await realpath(join(folder, ...parts));
      if (!real.startsWith(folder + sep)) throw unknown();
      const stats = await stat(real);
      if (!stats.isFile()) throw unknown();
      return { path: real, stats };
    } catch {
      throw unknown();
    }
  }
}
