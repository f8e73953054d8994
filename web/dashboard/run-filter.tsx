import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import type { RunState } from '../../src/server/api.ts';
import { route, setQuery } from './route.ts';
import { countStates, measureNames, type RunOrder, type RunSelection } from './run-order.ts';
import { runs } from './run-store.ts';

/** The selection that a link's settings say. */
export function selectionOf({ q = '', state = '', sort = 'activity', reversed }: Route): RunSelection {
  const states = state.split(',').filter(Boolean) as RunState[];
  return { search: q, states, order: sort as RunOrder, reversed: reversed !== undefined };
}

type Route = Readonly<Record<string, string>>;

const orders: readonly (readonly [RunOrder, string])[] = [
  ['activity', 'At work, then newest'],
  ['name', 'Name'],
  ['step', 'Steps done'],
  ['speed', 'Speed'],
];

/** Search, states and order of the list; all of it stays in the address. */
export function RunFilter({ shown }: { readonly shown: number }): JSX.Element {
  const { search, states, order, reversed } = selectionOf(route.value.query);
  // As text, so that figures that change without a new state or measure draw nothing here.
  const counts = useComputed(() => JSON.stringify(countStates(runs.value)));
  const measures = useComputed(() => JSON.stringify(measureNames(runs.value)));
  const toggle = (state: RunState): void => {
    const kept = states.includes(state) ? states.filter((other) => other !== state) : [...states, state];
    setQuery({ state: kept.join(',') });
  };
  return (
    <search class="filter">
      <label class="field is-search">
        <span class="visually-hidden">Search</span>
        <input
          type="search"
          placeholder="Search name, data, preset, finding"
          value={search}
          data-testid="search"
          onInput={(event) => setQuery({ q: event.currentTarget.value })}
        />
      </label>
      <fieldset class="chips">
        <legend class="visually-hidden">States</legend>
        {(JSON.parse(counts.value) as ReturnType<typeof countStates>).map(([state, count]) => (
          <button
            key={state}
            type="button"
            class={`chip is-${state}`}
            aria-pressed={states.includes(state)}
            onClick={() => toggle(state)}
          >
            {state} <span class="quiet">{count}</span>
          </button>
        ))}
      </fieldset>
      <label class="field is-inline">
        <span>Sort by</span>
        <select
          value={order}
          data-testid="sort"
          onChange={(event) => setQuery({ sort: event.currentTarget.value })}
        >
          {orders.map(([name, text]) => (
            <option key={name} value={name}>
              {text}
            </option>
          ))}
          {(JSON.parse(measures.value) as readonly string[]).map((name) => (
            <option key={name} value={`measure:${name}`}>
              Best {name}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        aria-pressed={reversed}
        onClick={() => setQuery({ reversed: reversed ? undefined : '1' })}
        title="Turn the order round"
      >
        <span aria-hidden="true">{reversed ? '↑' : '↓'}</span>
        <span class="visually-hidden">Reversed</span>
      </button>
      <p class="quiet count" data-testid="count">
        {shown === 1 ? '1 run' : `${shown} runs`}
      </p>
    </search>
  );
}
