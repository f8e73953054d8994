import type { JSX } from 'preact';
import type { RunSummary } from '../../src/server/api.ts';
import { formatCount, formatDuration, formatSpeed } from './number-format.ts';

/** How far a run is, how fast it goes and when it ends. */
export function RunProgress({ run }: { readonly run: RunSummary }): JSX.Element {
  const { step, steps, state, itPerSecond, etaSeconds } = run;
  const isRunning = state === 'running';
  return (
    <div class={`progress is-${state}`}>
      {state !== 'finished' && (
        <progress value={step} max={steps ?? Math.max(step, 1)} aria-label={`Progress of ${run.name}`} />
      )}
      <p class="figures">
        <span>
          {formatCount(step)}
          {state === 'finished' || steps === undefined ? (
            ' steps'
          ) : (
            <span class="quiet"> / {formatCount(steps)}</span>
          )}
        </span>
        {isRunning && itPerSecond !== undefined && <span class="quiet">{formatSpeed(itPerSecond)}</span>}
        {isRunning && etaSeconds !== undefined && (
          <span class="quiet">{formatDuration(etaSeconds)} left</span>
        )}
      </p>
    </div>
  );
}
