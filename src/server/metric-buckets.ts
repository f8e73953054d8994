import type { LogEntry } from '../train/disk/json-lines.ts';
import { sevenDigits } from '../train/logged-figures.ts';
import type { MetricSeries, RunMetrics } from './api.ts';

/** More names than any training logs: a log that has more is none of ours. */
const MOST_KEYS = 64;

/** Curves of some keys over some steps. */
export type MetricCurves = Pick<RunMetrics, 'steps' | 'width' | 'series'>;

/** What stretches of steps have of one key. */
interface Column {
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly sum: Float64Array;
  readonly count: Uint32Array;
}

const emptyColumn = (size: number): Column => ({
  min: new Float64Array(size).fill(Number.POSITIVE_INFINITY),
  max: new Float64Array(size).fill(Number.NEGATIVE_INFINITY),
  sum: new Float64Array(size),
  count: new Uint32Array(size),
});

function grown(column: Column, size: number): Column {
  const larger = emptyColumn(size);
  for (const part of ['min', 'max', 'sum', 'count'] as const) larger[part].set(column[part]);
  return larger;
}

/** Adds bucket `from` of one column to bucket `to` of another. */
function addBucket(target: Column, to: number, source: Column, from: number): void {
  target.min[to] = Math.min(target.min[to]!, source.min[from]!);
  target.max[to] = Math.max(target.max[to]!, source.max[from]!);
  target.sum[to]! += source.sum[from]!;
  target.count[to]! += source.count[from]!;
}

/**
 * The rows of a log in stretches of equally many steps: minimum, maximum and mean of every key. There are at most `capacity`
 * stretches: a log that grows beyond makes each twice as wide, so that a log of any length takes the same memory. Stretch i
 * holds the steps from i width to (i + 1) width - 1, whatever was added before, so that curves do not move as they grow.
 */
export class MetricBuckets {
  readonly #capacity: number;
  #width: number;
  /** Number of the first stretch that is held. */
  #origin = 0;
  #used = 0;
  #size = 0;
  #first = new Float64Array(0);
  #last = new Float64Array(0);
  /** Where the first row of a stretch begins in the file. */
  #offset = new Float64Array(0);
  readonly #columns: Map<string, Column> = new Map();

  /** @param width - steps of a stretch to begin with. Default 1 */
  constructor(capacity: number, width = 1) {
    this.#capacity = capacity;
    this.#width = width;
  }

  /** Steps of a stretch. */
  get width(): number {
    return this.#width;
  }

  get keys(): readonly string[] {
    return [...this.#columns.keys()];
  }

  /** The first and the last step that was added. */
  get range(): readonly [number, number] | undefined {
    return this.#used === 0 ? undefined : [this.#first[0]!, this.#last[this.#used - 1]!];
  }

  get sizeBytes(): number {
    return this.#size * (3 * 8 + this.#columns.size * (3 * 8 + 4));
  }

  /**
   * Adds a row; its texts, objects and numbers that are not finite count for nothing. A row of an earlier stretch than the
   * first is passed over: logs are in the order of their steps.
   *
   * @param offset - where the row begins in its file
   */
  add(row: LogEntry, offset = 0): void {
    const { step } = row;
    if (this.#used === 0) this.#origin = Math.floor(step / this.#width);
    let at = Math.floor(step / this.#width) - this.#origin;
    if (at < 0) return;
    while (at >= this.#capacity) {
      this.#double();
      at = Math.floor(step / this.#width) - this.#origin;
    }
    this.#reserve(at, offset);
    this.#first[at] = Math.min(this.#first[at]!, step);
    this.#last[at] = Math.max(this.#last[at]!, step);
    for (const key in row) {
      const value = row[key];
      if (key === 'step' || typeof value !== 'number') continue;
      const column = this.#column(key);
      if (!column) continue;
      if (value < column.min[at]!) column.min[at] = value;
      if (value > column.max[at]!) column.max[at] = value;
      column.sum[at]! += value;
      column.count[at]!++;
    }
  }

  #column(key: string): Column | undefined {
    const known = this.#columns.get(key);
    if (known || this.#columns.size >= MOST_KEYS) return known;
    const column = emptyColumn(this.#size);
    this.#columns.set(key, column);
    return column;
  }

  /** Makes room up to stretch `at`; those that are passed over have no rows and no steps. */
  #reserve(at: number, offset: number): void {
    if (at >= this.#size) {
      this.#size = Math.min(this.#capacity, Math.max(64, 2 ** Math.ceil(Math.log2(at + 1))));
      const enlarge = (old: Float64Array, fill: number) => {
        const larger = new Float64Array(this.#size).fill(fill);
        larger.set(old);
        return larger;
      };
      this.#first = enlarge(this.#first, Number.POSITIVE_INFINITY);
      this.#last = enlarge(this.#last, Number.NEGATIVE_INFINITY);
      this.#offset = enlarge(this.#offset, 0);
      for (const [key, column] of this.#columns) this.#columns.set(key, grown(column, this.#size));
    }
    for (; this.#used <= at; this.#used++) this.#offset[this.#used] = offset;
  }

  /** Joins stretches in pairs. */
  #double(): void {
    const origin = Math.floor(this.#origin / 2);
    const [first, last, offset] = [this.#first, this.#last, this.#offset];
    const target = (i: number) => Math.floor((this.#origin + i) / 2) - origin;
    this.#first = new Float64Array(this.#size).fill(Number.POSITIVE_INFINITY);
    this.#last = new Float64Array(this.#size).fill(Number.NEGATIVE_INFINITY);
    this.#offset = new Float64Array(this.#size);
    for (let i = this.#used - 1; i >= 0; i--) {
      const to = target(i);
      this.#first[to] = Math.min(this.#first[to]!, first[i]!);
      this.#last[to] = Math.max(this.#last[to]!, last[i]!);
      this.#offset[to] = offset[i]!;
    }
    for (const [key, column] of this.#columns) {
      const joined = emptyColumn(this.#size);
      for (let i = 0; i < this.#used; i++) addBucket(joined, target(i), column, i);
      this.#columns.set(key, joined);
    }
    this.#used = this.#used === 0 ? 0 : target(this.#used - 1) + 1;
    this.#origin = origin;
    this.#width *= 2;
  }

  /** Where in the file the rows of the steps from..to lie: from the first of their stretches to the one behind the last. */
  bytesOf(from: number, to: number): { readonly begin: number; readonly end: number | undefined } {
    const clamp = (at: number) => Math.max(0, Math.min(at, this.#used - 1));
    const behind = Math.floor(to / this.#width) - this.#origin + 1;
    return {
      begin: this.#used === 0 ? 0 : this.#offset[clamp(Math.floor(from / this.#width) - this.#origin)]!,
      end: behind >= this.#used ? undefined : this.#offset[Math.max(0, behind)]!,
    };
  }

  /**
   * The rows of the steps from..to in at most `points` stretches, each of a whole number of those that are held. What the
   * stretches at both ends have of further steps is in them.
   *
   * @param points - at least 2
   * @param keys - those that no row has are left out. Default: all
   */
  read(from: number, to: number, points: number, keys: readonly string[] = this.keys): MetricCurves {
    // One less: stretches that begin at multiples of their width need one more than fits side by side.
    const joined = Math.max(1, Math.ceil((to - from + 1) / ((points - 1) * this.#width)));
    const groups = this.#groups(from, to, joined);
    return {
      steps: groups.map(({ step }) => step),
      width: joined * this.#width,
      series: this.#series(groups, keys),
    };
  }

  /** Runs of `joined` stretches that have a row, and the middle of their steps. */
  #groups(from: number, to: number, joined: number): { begin: number; end: number; step: number }[] {
    const groups: { begin: number; end: number; step: number }[] = [];
    const lowest = Math.max(0, Math.floor(from / this.#width) - this.#origin);
    const highest = Math.min(this.#used - 1, Math.floor(to / this.#width) - this.#origin);
    const groupOf = (at: number) => Math.floor((this.#origin + at) / joined);
    for (let begin = lowest; begin <= highest; ) {
      let end = begin + 1;
      while (end <= highest && groupOf(end) === groupOf(begin)) end++;
      const first = Math.min(...this.#first.subarray(begin, end));
      const last = Math.max(...this.#last.subarray(begin, end));
      if (last >= first) groups.push({ begin, end, step: (first + last) / 2 });
      begin = end;
    }
    return groups;
  }

  #series(
    groups: readonly { begin: number; end: number }[],
    keys: readonly string[],
  ): Record<string, MetricSeries> {
    const entries = keys.flatMap((key) => {
      const column = this.#columns.get(key);
      return column ? [[key, seriesOf(column, groups)] as const] : [];
    });
    return Object.fromEntries(entries);
  }
}

function seriesOf(column: Column, groups: readonly { begin: number; end: number }[]): MetricSeries {
  const total = emptyColumn(groups.length);
  for (const [i, { begin, end }] of groups.entries())
    for (let at = begin; at < end; at++) addBucket(total, i, column, at);
  const shown = (values: (i: number) => number) =>
    groups.map((_, i) => (total.count[i] === 0 ? null : sevenDigits(values(i))));
  return {
    min: shown((i) => total.min[i]!),
    max: shown((i) => total.max[i]!),
    mean: shown((i) => total.sum[i]! / total.count[i]!),
  };
}
