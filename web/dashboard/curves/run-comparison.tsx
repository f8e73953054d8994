import type { JSX } from 'preact';
import { route, setQuery } from '../route.ts';
import { MOST_COMPARED } from '../run-list.tsx';
import { runs } from '../run-store.ts';
import { curveSettings } from './curve-controls.tsx';

/** The custom property of a run's colour, where several lie over one another. */
export function runColour(at: number): string {
  return `--run-${(at % MOST_COMPARED) + 1}`;
}

/** Which runs lie over this one; more can be added, each taken off. */
export function RunComparison({ id }: { readonly id: string }): JSX.Element {
  const { others } = curveSettings(route.value.query);
  const setOthers = (ids: readonly string[]): void => setQuery({ with: ids.join(',') });
  const rest = runs.value
    .filter((run) => run.id !== id && !others.includes(run.id))
    .map((run) => run.id)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return (
    <div class="comparison">
      {others.length > 0 && (
        <ul class="legend" aria-label="Runs in the charts">
          {[id, ...others].map((run, at) => (
            <li key={run}>
              <i class={`swatch ${runColour(at).slice(2)}`} aria-hidden="true" />
              {run}
              {at > 0 && (
                <button
                  type="button"
                  class="small is-plain"
                  aria-label={`Take ${run} off`}
                  onClick={() => setOthers(others.filter((other) => other !== run))}
                >
                  ×
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {rest.length > 0 && others.length < MOST_COMPARED - 1 && (
        <label class="field is-inline">
          <span>Lay over</span>
          <select
            value=""
            data-testid="lay-over"
            onChange={(event) => {
              setOthers([...others, event.currentTarget.value]);
              event.currentTarget.value = '';
            }}
          >
            <option value="">another run</option>
            {rest.map((other) => (
              <option key={other} value={other}>
                {other}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}
