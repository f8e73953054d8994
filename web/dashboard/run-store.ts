import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { RunList, RunSummary } from '../../src/server/api.ts';

/** The runs by their id, each a signal of its own: a change of one draws one row. */
const known: Signal<ReadonlyMap<string, Signal<RunSummary>>> = signal(new Map());

/** Every run, as it was last heard of. */
export const runs: ReadonlySignal<readonly RunSummary[]> = computed(() =>
  [...known.value.values()].map((run) => run.value),
);

/** Folders that look like runs and cannot be read. */
export const unreadable: Signal<RunList['unreadable']> = signal([]);

/** Whether the list was fetched at all. */
export const listed: Signal<boolean> = signal(false);

/** The server's clock minus this machine's, in milliseconds. */
export const clockOffset: Signal<number> = signal(0);

/** A run, as it was last heard of; undefined where there is none of that id. */
export function runOf(id: string): RunSummary | undefined {
  return known.value.get(id)?.value;
}

/** Takes a whole list over: runs that it lacks are gone. */
export function acceptList(list: RunList): void {
  batch(() => {
    clockOffset.value = list.now - Date.now();
    unreadable.value = list.unreadable;
    const before = known.peek();
    known.value = new Map(
      list.runs.map((summary) => {
        const run = before.get(summary.id) ?? signal(summary);
        run.value = summary;
        return [summary.id, run];
      }),
    );
    listed.value = true;
  });
}

/** A run has changed, or is new. */
export function acceptRun(summary: RunSummary): void {
  const run = known.peek().get(summary.id);
  if (run) run.value = summary;
  else known.value = new Map(known.peek()).set(summary.id, signal(summary));
}

/** A run is gone. */
export function forgetRun(id: string): void {
  known.value = new Map([...known.peek()].filter(([other]) => other !== id));
}
