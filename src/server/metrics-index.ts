import { stat } from 'node:fs/promises';
import { systemCode } from '../train/disk/file-error.ts';
import type { RunMetrics } from './api.ts';
import { eachLine, fileIdentity, readChunks } from './log-chunks.ts';
import { parseLine } from './log-tail.ts';
import { MetricBuckets, type MetricCurves } from './metric-buckets.ts';

/** Stretches of a whole log that are kept: 2.5 times what a page asks for, so that moderate zooms need no reading. */
const KEPT_STRETCHES = 2048;

/** A closer look reads no more of the file than this; of longer stretches the kept ones have to do. */
const MOST_ZOOM_BYTES = 32 * 2 ** 20;

/** Which steps of a log, and how finely. */
export interface MetricsQuery {
  /** Default: all. */
  readonly keys?: readonly string[] | undefined;
  /** Stretches at most, 2 or more. */
  readonly points: number;
  /** Default: the first and the last step of the log. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/**
 * A run's `metrics.jsonl`, read as it grows: it remembers how far it has come and keeps the rows in at most 2048 stretches. For
 * a closer look it reads the part of the file again that the steps lie in.
 */
export class MetricsIndex {
  readonly #path: string;
  #buckets = new MetricBuckets(KEPT_STRETCHES);
  #offset = 0;
  /** Which file was read: a run that is resumed replaces its log. */
  #file: string | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  get sizeBytes(): number {
    return this.#buckets.sizeBytes;
  }

  /** Reads what has been added since, and answers. */
  async query({ keys, points, from, to }: MetricsQuery): Promise<RunMetrics> {
    await this.#catchUp();
    const { range, keys: known } = this.#buckets;
    if (!range) return { steps: [], width: 1, series: {}, keys: known };
    const [first, last] = [Math.max(from ?? range[0], range[0]), Math.min(to ?? range[1], range[1])];
    const curves = await this.#curves(first, last, points, keys ?? known);
    return { ...curves, keys: known, range };
  }

  async #curves(from: number, to: number, points: number, keys: readonly string[]): Promise<MetricCurves> {
    if (to < from) return { steps: [], width: 1, series: {} };
    const kept = () => this.#buckets.read(from, to, points, keys);
    const width = Math.max(1, Math.ceil((to - from + 1) / (points - 1)));
    if (width >= this.#buckets.width) return kept();
    const { begin, end = this.#offset } = this.#buckets.bytesOf(from, to);
    if (end - begin > MOST_ZOOM_BYTES) return kept();
    const closer = new MetricBuckets(points + 1, width);
    await readChunks(this.#path, begin, end, (lines, offset) =>
      eachLine(lines, offset, (line) => {
        const row = parseLine(line);
        if (row && row.step >= from && row.step <= to) closer.add(row);
      }),
    );
    return closer.read(from, to, points, keys);
  }

  /** One reader at a time; whoever asks meanwhile gets what is there afterwards. */
  #catchUp(): Promise<void> {
    this.#reading = this.#reading.then(
      () => this.#readOn(),
      () => this.#readOn(),
    );
    return this.#reading;
  }

  async #readOn(): Promise<void> {
    const found = await stat(this.#path).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    const file = found && fileIdentity(found);
    if (file !== this.#file || (found && found.size < this.#offset)) {
      this.#buckets = new MetricBuckets(KEPT_STRETCHES);
      this.#offset = 0;
      this.#file = file;
    }
    if (!found || found.size === this.#offset) return;
    this.#offset = await readChunks(this.#path, this.#offset, undefined, (lines, offset) =>
      eachLine(lines, offset, (line, at) => {
        const row = parseLine(line);
        // A finding is no row: it would make its step look measured.
        if (row && row['diagnosis'] === undefined) this.#buckets.add(row, at);
      }),
    );
  }
}
