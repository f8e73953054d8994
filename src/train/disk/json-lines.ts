import { type FileHandle, open, readFile } from 'node:fs/promises';
import { fileError, systemCode } from './file-error.ts';
import { replaceFile } from './replace-file.ts';

/** One line of a log: what was measured at a step. */
export type LogEntry = { readonly step: number } & Readonly<Record<string, unknown>>;

/**
 * An entry as a line of JSON, keys in the entry's own order.
 *
 * JSON has no NaN and no infinities. They are written as the texts `"NaN"`, `"Infinity"` and `"-Infinity"`, as Protocol
 * Buffers' JSON does: `null` would not say which it was, and `Number(text)`, like Python's `float(text)`, reads them back.
 *
 * @see https://protobuf.dev/programming-guides/json
 */
export function encodeLogLine(entry: LogEntry): string {
  const text = JSON.stringify(entry, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
  return `${text}\n`;
}

/** The step of a line; undefined where the line is cut or is none of ours. */
function stepOf(line: string): number | undefined {
  try {
    const step = (JSON.parse(line) as Partial<LogEntry> | undefined)?.step;
    return typeof step === 'number' ? step : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Cuts a log back to a step: lines after it go, and so does a line that a killed process left torn. The file is
 * replaced as a whole, or left alone where nothing has to go.
 *
 * @param lastStep - the last step whose line stays; undefined for none
 * @throws DataError where the file cannot be read or written; it is then as it was
 */
export async function cutLog(path: string, lastStep: number | undefined): Promise<void> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw fileError(`cutLog: ${path} must be readable`, error);
  }
  // What stands after the last line break is a torn line, even where it happens to be whole JSON.
  const lines = text.split('\n').slice(0, -1);
  const kept = lines.filter((line) => {
    const step = stepOf(line);
    return step !== undefined && lastStep !== undefined && step <= lastStep;
  });
  const content = kept.map((line) => `${line}\n`).join('');
  if (content !== text) await replaceFile('cutLog', path, content);
}

/**
 * The entries of a log, in order; none where there is no file. Lines that are cut or none of ours are passed over.
 *
 * @throws DataError where the file cannot be read
 */
export async function readLog(path: string): Promise<LogEntry[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError(`readLog: ${path} must be readable`, error);
  }
  return text
    .split('\n')
    .slice(0, -1)
    .filter((line) => stepOf(line) !== undefined)
    .map((line) => JSON.parse(line) as LogEntry);
}

/**
 * A file of JSON lines that grows while a run goes on. Entries are kept in memory until `flush`, so that logging costs
 * the training loop no file operation.
 */
export class JsonLinesLog {
  readonly path: string;
  readonly #handle: FileHandle;
  #pending: string[] = [];
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** Opens a log for appending; creates it where there is none. @throws DataError where it cannot be written */
  static async open(path: string): Promise<JsonLinesLog> {
    try {
      return new JsonLinesLog(path, await open(path, 'a'));
    } catch (error) {
      throw fileError(`log: ${path} must be writable`, error);
    }
  }

  /** Adds an entry to those that the next `flush` writes. */
  append(entry: LogEntry): void {
    this.#pending.push(encodeLogLine(entry));
  }

  /**
   * Writes what was appended, in order; concurrent calls follow each other.
   *
   * @param options.durable - wait until a power cut cannot lose it, as a checkpoint needs before it is written: a
   *   resumed run would lack the lines up to the checkpoint otherwise. Default false
   * @throws DataError where the disk is full; what was written of the last line is cut when the run is resumed
   */
  flush({ durable = false }: { durable?: boolean } = {}): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const text = this.#pending.join('');
      this.#pending = [];
      try {
        if (text !== '') await this.#handle.appendFile(text);
        if (durable) await this.#handle.datasync();
      } catch (error) {
        throw fileError(`log: ${this.path} must be writable`, error);
      }
    });
    return this.#writing;
  }

  /** Writes what was appended and closes the file. The log cannot be used afterwards. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#handle.close();
    }
  }
}
