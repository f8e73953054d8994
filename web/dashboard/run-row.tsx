import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { RunSummary } from '../../src/server/api.ts';
import { now } from './clock.ts';
import { MeasureList } from './measure-list.tsx';
import { formatAgo } from './number-format.ts';
import { formatRoute } from './route.ts';
import { RunProgress } from './run-progress.tsx';
import { clockOffset, runOf } from './run-store.ts';
import { StateChip } from './state-chip.tsx';

/** When a run has changed last. */
export function ChangedAgo({ run }: { readonly run: RunSummary }): JSX.Element {
  const date = new Date(run.updatedAt);
  const latest = useRef(run.updatedAt);
  latest.current = run.updatedAt;
  // Every second, but a row is drawn only where the words change.
  const ago = useComputed(() => formatAgo(now.value + clockOffset.value - latest.current));
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {ago.value}
    </time>
  );
}

/** What a row needs beside its run. */
export interface RunRowProps {
  readonly id: string;
  readonly isChosen: boolean;
  readonly onChoose: (id: string, isChosen: boolean) => void;
}

/** A run in the list. It reads its run by itself, so that a change of one run draws one row. */
export function RunRow({ id, isChosen, onChoose }: RunRowProps): JSX.Element | null {
  const run = runOf(id);
  if (!run) return null;
  const { name, data, preset, seed, state, kind, thumbnail, finding, failure, forkedFrom } = run;
  const trouble = failure ?? finding;
  return (
    <li class="run" data-testid="run">
      <input
        type="checkbox"
        checked={isChosen}
        aria-label={`Compare ${name}`}
        onChange={(event) => onChoose(id, event.currentTarget.checked)}
      />
      <a class="run-link" href={formatRoute({ page: 'run', id })}>
        <span class={`thumbnail ${kind ?? ''}`}>
          {thumbnail && <img src={thumbnail} alt="" loading="lazy" decoding="async" />}
        </span>
        <span class="run-name">
          <strong>{name}</strong>
          <span class="quiet">
            {data}
            {preset !== data && ` · ${preset}`} · seed {seed}
            {forkedFrom && ` · from ${forkedFrom.run} at ${forkedFrom.step}`}
          </span>
        </span>
      </a>
      <div class="run-state">
        <StateChip state={state} />
        {trouble && (
          <p class={failure ? 'trouble is-bad' : 'trouble'} title={trouble}>
            {trouble}
          </p>
        )}
      </div>
      <RunProgress run={run} />
      <MeasureList run={run} />
      <p class="quiet changed">
        <ChangedAgo run={run} />
      </p>
    </li>
  );
}
