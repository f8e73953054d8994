import type { RunMetrics } from './api.ts';
import { MetricsIndex, type MetricsQuery } from './metrics-index.ts';

/** What the indexes of all runs may take together: some seventy runs of fifteen keys. */
const MOST_BYTES = 64 * 2 ** 20;

/** The logs of many runs in bounded memory: what has not been asked for the longest is forgotten, and read anew when it is. */
export class MetricsStore {
  /** By path, the one that was asked for last at the end. */
  readonly #indexes: Map<string, MetricsIndex> = new Map();
  readonly #mostBytes: number;

  constructor(mostBytes: number = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  get sizeBytes(): number {
    return [...this.#indexes.values()].reduce((total, { sizeBytes }) => total + sizeBytes, 0);
  }

  /** Rows of the log at `path`, read to its end. */
  async query(path: string, query: MetricsQuery): Promise<RunMetrics> {
    const index = this.#indexes.get(path) ?? new MetricsIndex(path);
    this.#indexes.delete(path);
    this.#indexes.set(path, index);
    const rows = await index.query(query);
    this.#forgetOldest(index);
    return rows;
  }

  #forgetOldest(but: MetricsIndex): void {
    let total = this.sizeBytes;
    for (const [path, index] of this.#indexes) {
      if (total <= this.#mostBytes || index === but) continue;
      total -= index.sizeBytes;
      this.#indexes.delete(path);
    }
  }
}
