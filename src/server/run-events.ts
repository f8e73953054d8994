import type { RunSummary, ServerEvents } from './api.ts';
import type { RunCatalogue } from './run-catalogue.ts';

/** How often running runs are looked at, and all of them, while somebody listens. */
const RUNNING_MS = 1000;
const ALL_EVERY = 5;

/** An event as a listener gets it. */
export type RunEvent = {
  readonly [K in 'run' | 'gone']: {
    /** `<server>/<number>` */
    readonly id: string;
    readonly event: K;
    readonly data: ServerEvents[K];
  };
}['run' | 'gone'];

/** Tells listeners what changes in a folder of runs. Without listeners nothing is looked at. */
export class RunEvents {
  /** Names this start of the server. */
  readonly server: string;
  readonly #catalogue: RunCatalogue;
  /** Runs whose process prepares and that have no folder yet. */
  readonly #starting: () => readonly RunSummary[];
  readonly #listeners: Set<(event: RunEvent) => void> = new Set();
  /** What was told of each run, as text. */
  readonly #told: Map<string, string> = new Map();
  #running: readonly string[] = [];
  #count = 0;
  #round = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(server: string, catalogue: RunCatalogue, starting: () => readonly RunSummary[]) {
    this.server = server;
    this.#catalogue = catalogue;
    this.#starting = starting;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** What the newest event is called. */
  get lastId(): string {
    return `${this.server}/${this.#count}`;
  }

  /** Calls `listener` with every change from now on. @returns what ends it */
  async listen(listener: (event: RunEvent) => void): Promise<() => void> {
    if (this.#listeners.size === 0) {
      this.#told.clear();
      // What is there now is no change: whoever listens fetches the list first.
      await this.#lookAtAll();
    }
    this.#listeners.add(listener);
    this.#plan();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  }

  /** Looks at a run right away: something has been done to it. */
  async touch(id: string): Promise<void> {
    await this.#lookAt([id]).catch(() => undefined);
  }

  #plan(): void {
    this.#timer ??= setTimeout(async () => {
      const all = this.#round++ % ALL_EVERY === 0;
      // A folder that cannot be read now may be readable the next time.
      await (all ? this.#lookAtAll() : this.#lookAt(this.#running)).catch(() => undefined);
      this.#timer = undefined;
      if (this.#listeners.size > 0) this.#plan();
    }, RUNNING_MS);
    this.#timer.unref();
  }

  async #lookAtAll(): Promise<void> {
    const { runs } = await this.#catalogue.list();
    const summaries = [...this.#starting(), ...runs.map(({ summary }) => summary)];
    this.#running = summaries.filter(({ state }) => state === 'running').map(({ id }) => id);
    const ids = new Set(summaries.map(({ id }) => id));
    for (const id of this.#told.keys()) if (!ids.has(id)) this.#tellGone(id);
    for (const summary of summaries) this.#tell(summary);
  }

  async #lookAt(ids: readonly string[]): Promise<void> {
    for (const summary of this.#starting()) this.#tell(summary);
    for (const id of ids) {
      const { summary } = await this.#catalogue.findScanned(id);
      this.#tell(summary);
      if (summary.state === 'running' && !this.#running.includes(id)) this.#running = [...this.#running, id];
    }
  }

  #tell(summary: RunSummary): void {
    const text = JSON.stringify(summary);
    if (this.#told.get(summary.id) === text) return;
    this.#told.set(summary.id, text);
    this.#send({ id: this.#nextId(), event: 'run', data: summary });
  }

  #tellGone(id: string): void {
    this.#told.delete(id);
    this.#send({ id: this.#nextId(), event: 'gone', data: { id } });
  }

  #nextId(): string {
    this.#count++;
    return this.lastId;
  }

  #send(event: RunEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
