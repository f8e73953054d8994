import { setImmediate as nextTurn } from 'node:timers/promises';
import { type RunRecord, readRecord } from '../train/disk/run-record.ts';
import type { RunSummary } from './api.ts';
import { FindingsScan } from './findings-scan.ts';
import { Refusal } from './refusal.ts';
import { type RunFiles, runFiles, signatureOf } from './run-files.ts';
import { runSummary } from './run-summary.ts';
import type { RunsFolder } from './runs-folder.ts';

/** Runs that are summed up before others have their turn: a few milliseconds of work. */
const AT_A_TIME = 8;

/** A run as it was seen last. */
export interface CataloguedRun {
  readonly id: string;
  /** Its folder. */
  readonly path: string;
  readonly files: RunFiles;
  readonly record: RunRecord;
  readonly summary: RunSummary;
  readonly scan: FindingsScan;
}

interface Entry {
  readonly scan: FindingsScan;
  /** Time and size of `config.json`, and what was in it. */
  config?: { readonly key: string; readonly record: RunRecord | Error };
  seen?: { readonly signature: string; readonly run: CataloguedRun };
  /** Bytes of the log that have been looked through for findings. */
  scanned: number;
}

/** Everything that is known of the runs of a folder, kept as long as their files stay the same. */
export class RunCatalogue {
  readonly folder: RunsFolder;
  readonly #entries: Map<string, Entry> = new Map();
  #scanning: Promise<void> | undefined;

  constructor(folder: RunsFolder) {
    this.folder = folder;
  }

  /** All runs, newest change first, and the folders that look like runs and cannot be read. */
  async list(): Promise<{
    readonly runs: readonly CataloguedRun[];
    readonly unreadable: readonly { readonly id: string; readonly error: string }[];
  }> {
    const ids = await this.folder.ids();
    for (const id of this.#entries.keys()) if (!ids.includes(id)) this.#entries.delete(id);
    const runs: CataloguedRun[] = [];
    const unreadable: { readonly id: string; readonly error: string }[] = [];
    for (const [i, id] of ids.entries()) {
      if (i % AT_A_TIME === AT_A_TIME - 1) await nextTurn();
      const run = await this.#look(id);
      if (run instanceof Error) unreadable.push({ id, error: run.message });
      else if (run) runs.push(run);
    }
    this.#scanInTheBackground();
    return { runs: runs.sort((a, b) => b.summary.updatedAt - a.summary.updatedAt), unreadable };
  }

  /** One run. @throws Refusal where there is none, or it cannot be read */
  async find(id: string): Promise<CataloguedRun> {
    await this.folder.folderOf(id);
    const run = await this.#look(id);
    if (!run) throw new Refusal(404, `run: unknown run: ${JSON.stringify(id)}`);
    if (run instanceof Error) throw new Refusal(409, run.message, { cause: run });
    return run;
  }

  /** One run with everything that its log has found by now. @throws as `find` */
  async findScanned(id: string): Promise<CataloguedRun> {
    const run = await this.find(id);
    await this.#scan(id, run);
    return this.find(id);
  }

  /** Undefined where the run has gone meanwhile; an error where its config says why it is none. */
  async #look(id: string): Promise<CataloguedRun | Error | undefined> {
    const path = this.folder.pathOf(id);
    const files = runFiles(this.folder, id);
    const config = files['config.json'];
    if (!config) return undefined;
    const entry = this.#entryOf(id, path);
    const key = `${config.ino}/${config.mtimeMs}/${config.size}`;
    if (entry.config?.key !== key) entry.config = { key, record: await read(path) };
    const { record } = entry.config;
    if (record instanceof Error) return record;
    const signature = `${signatureOf(files)} ${entry.scanned}`;
    // A process may die without touching a file: who holds a lock is looked at again.
    if (entry.seen?.signature === signature && !files['run.lock']) return entry.seen.run;
    const { findings } = entry.scan;
    const summary = runSummary({
      root: this.folder.root,
      id,
      path,
      files,
      record,
      findings,
      now: Date.now(),
    });
    const run = { id, path, files, record, summary, scan: entry.scan };
    entry.seen = { signature, run };
    return run;
  }

  #entryOf(id: string, path: string): Entry {
    const known = this.#entries.get(id);
    if (known) return known;
    const entry: Entry = { scan: new FindingsScan(`${path}/metrics.jsonl`), scanned: 0 };
    this.#entries.set(id, entry);
    return entry;
  }

  async #scan(id: string, { files }: CataloguedRun): Promise<void> {
    const entry = this.#entries.get(id);
    const size = files['metrics.jsonl']?.size ?? 0;
    if (!entry || entry.scanned === size) return;
    await entry.scan.catchUp();
    entry.scanned = size;
  }

  /** Looks through the logs one after the other: a first list does not wait for gigabytes to be read. */
  #scanInTheBackground(): void {
    this.#scanning ??= (async () => {
      for (const [id, { seen }] of [...this.#entries])
        if (seen) await this.#scan(id, seen.run).catch(() => undefined);
    })().finally(() => {
      this.#scanning = undefined;
    });
  }

  /** Waits until every log has been looked through that was known when the last list was made. */
  async scanned(): Promise<void> {
    await this.#scanning;
  }
}

async function read(path: string): Promise<RunRecord | Error> {
  try {
    return (await readRecord(path)) ?? new Error(`readRecord: ${path} must hold a config.json, got none`);
  } catch (error) {
    return error as Error;
  }
}
