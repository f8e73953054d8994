import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';

/** The views of a run, in the order of their links. */
export const runViews = ['training', 'explorer', 'evaluation', 'config', 'files'] as const;

/** A view of a run. */
export type RunView = (typeof runViews)[number];

/** What is shown, and settings of it that a link keeps: search, zoom, compared runs. */
export interface Route {
  readonly page: 'runs' | 'run' | 'new';
  readonly id?: string;
  readonly view?: RunView;
  readonly query: Readonly<Record<string, string>>;
}

/** The route of a hash such as `#/run/digits-1/training?smooth=100`; the list of runs for one that names nothing. */
function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const query = Object.fromEntries(new URLSearchParams(search));
  const [page, id, view] = path.split('/').map(decoded);
  if (page === 'new') return { page, query };
  if (page !== 'run' || !id) return { page: 'runs', query };
  return { page, id, view: runViews.find((name) => name === view) ?? 'training', query };
}

/** The hash of a route: what a link's `href` is. */
export function formatRoute({ page, id, view, query = {} }: Partial<Route> & Pick<Route, 'page'>): string {
  const parts = page === 'run' ? ['run', encodeURIComponent(id!), view ?? 'training'] : [page];
  const search = new URLSearchParams(query).toString();
  return `#/${parts.join('/')}${search && `?${search}`}`;
}

const hash: Signal<string> = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

/** Where the page is. */
export const route: ReadonlySignal<Route> = computed(() => parseRoute(hash.value));

/** Changes settings of what is shown; undefined takes one away. Goes into the address without a step in the history. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const merged = { ...route.peek().query, ...changes };
  const query = Object.fromEntries(
    Object.entries(merged).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
  history.replaceState(undefined, '', formatRoute({ ...route.peek(), query }));
  hash.value = location.hash;
}

/** Goes to another page, with a step in the history. */
export function go(to: Parameters<typeof formatRoute>[0]): void {
  location.hash = formatRoute(to);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
