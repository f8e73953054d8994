import type { RunState, RunSummary } from '../../src/server/api.ts';

/** What the list of runs can be sorted by. */
export type RunOrder = 'activity' | 'name' | 'step' | 'speed' | `measure:${string}`;

/** What of the list is shown, and in which order. */
export interface RunSelection {
  /** Words that all have to occur in the run's name, data, preset or finding. */
  readonly search: string;
  /** No state: runs in all of them. */
  readonly states: readonly RunState[];
  readonly order: RunOrder;
  readonly reversed: boolean;
}

/**
 * The runs that a selection shows, in its order. By activity, runs at work come first, by name: rows that leap about with
 * every step could not be read.
 */
export function selectRuns(
  runs: readonly RunSummary[],
  { search, states, order, reversed }: RunSelection,
): readonly RunSummary[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = runs.filter(
    (run) =>
      (states.length === 0 || states.includes(run.state)) && words.every((word) => text(run).includes(word)),
  );
  const sorted = found.sort((a, b) => compare(order, a, b) || byName(a, b));
  return reversed ? sorted.reverse() : sorted;
}

/** How many runs there are in each state, most at work first; states without a run are left out. */
export function countStates(runs: readonly RunSummary[]): readonly (readonly [RunState, number])[] {
  return stateOrder
    .map((state) => [state, runs.filter((run) => run.state === state).length] as const)
    .filter(([, count]) => count > 0);
}

/** The measures that any of the runs has. */
export function measureNames(runs: readonly RunSummary[]): readonly string[] {
  return [...new Set(runs.flatMap(({ headline }) => headline.map(({ name }) => name)))].sort();
}

const stateOrder: readonly RunState[] = ['running', 'starting', 'unknown', 'failed', 'stopped', 'finished'];

const isAtWork = ({ state }: RunSummary): boolean => state === 'running' || state === 'starting';

const byName = (a: RunSummary, b: RunSummary): number =>
  a.name.localeCompare(b.name, 'en', { numeric: true });

const text = ({ name, data, preset, finding = '', failure = '' }: RunSummary): string =>
  `${name} ${data} ${preset} ${finding} ${failure}`.toLowerCase();

function compare(order: RunOrder, a: RunSummary, b: RunSummary): number {
  switch (order) {
    case 'activity':
      if (isAtWork(a) || isAtWork(b)) return Number(isAtWork(b)) - Number(isAtWork(a));
      return b.updatedAt - a.updatedAt;
    case 'name':
      return 0;
    case 'step':
      return b.step - a.step;
    case 'speed':
      return (b.itPerSecond ?? 0) - (a.itPerSecond ?? 0);
    default:
      return compareMeasure(order.slice('measure:'.length), a, b);
  }
}

/** The better one first; runs without the measure last. */
function compareMeasure(name: string, a: RunSummary, b: RunSummary): number {
  const [first, second] = [a, b].map(({ headline }) => headline.find((measure) => measure.name === name));
  if (!first || !second) return Number(!first) - Number(!second);
  return first.better === 'higher' ? second.value - first.value : first.value - second.value;
}
