import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { connection } from './connection.ts';
import { formatRoute, go, route } from './route.ts';
import { RunFilter, selectionOf } from './run-filter.tsx';
import { selectRuns } from './run-order.ts';
import { RunRow } from './run-row.tsx';
import { listed, runs, unreadable } from './run-store.ts';

/** How many runs' curves are told apart. */
export const MOST_COMPARED = 8;

/** Every run, as far as search and filter let them through. */
export function RunList(): JSX.Element {
  // As text: as long as the order stays, a run's new figures draw its row alone.
  const ids = useComputed(() =>
    JSON.stringify(selectRuns(runs.value, selectionOf(route.value.query)).map(({ id }) => id)),
  );
  const total = useComputed(() => runs.value.length);
  const chosen = useSignal<readonly string[]>([]);
  const choose = (id: string, isChosen: boolean): void => {
    chosen.value = [...chosen.value.filter((other) => other !== id), ...(isChosen ? [id] : [])];
  };
  const compare = (): void => {
    const [first, ...others] = chosen.value;
    go({ page: 'run', id: first!, view: 'training', query: { with: others.join(',') } });
  };
  const shown = JSON.parse(ids.value) as readonly string[];
  return (
    <main class="run-list" tabIndex={-1}>
      <div class="page-head">
        <h1>Runs</h1>
        <a class="button is-primary" href={formatRoute({ page: 'new' })}>
          New run
        </a>
      </div>
      <RunFilter shown={shown.length} />
      {chosen.value.length > 0 && (
        <p class="compare-bar">
          <button
            type="button"
            onClick={compare}
            disabled={chosen.value.length < 2 || chosen.value.length > MOST_COMPARED}
            data-testid="compare"
          >
            Compare {chosen.value.length} runs
          </button>
          <button
            type="button"
            onClick={() => {
              chosen.value = [];
            }}
          >
            None
          </button>
          <span class="quiet">
            {chosen.value.length < 2 && 'Choose one more to lay their curves over one another.'}
            {chosen.value.length > MOST_COMPARED && `At most ${MOST_COMPARED} can be told apart.`}
          </span>
        </p>
      )}
      <ul class="runs" aria-label="Runs">
        {shown.map((id) => (
          <RunRow key={id} id={id} isChosen={chosen.value.includes(id)} onChoose={choose} />
        ))}
      </ul>
      {shown.length === 0 && <Emptiness total={total.value} />}
      {unreadable.value.length > 0 && (
        <section class="unreadable">
          <h2>Folders that cannot be read</h2>
          <ul>
            {unreadable.value.map(({ id, error }) => (
              <li key={id}>
                <strong>{id}</strong> {error}
              </li>
            ))}
          </ul>
        </section>
      )}
    </main>
  );
}

function Emptiness({ total }: { readonly total: number }): JSX.Element {
  if (!listed.value)
    return (
      <p class="empty">
        {connection.value.state === 'stale' ? 'The server does not answer.' : 'Loading the runs'}
      </p>
    );
  if (total > 0) return <p class="empty">No run matches. Change the search or the states above.</p>;
  return (
    <p class="empty">
      There is no run yet. <a href={formatRoute({ page: 'new' })}>Start one here</a>, or with{' '}
      <code>zerosum train digits</code> in the folder that the server was started in.
    </p>
  );
}
