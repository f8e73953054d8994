import type { JSX } from 'preact';
import { now } from './clock.ts';
import { connection, retryNow } from './connection.ts';

const time = (milliseconds: number): string =>
  new Date(milliseconds).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** Whether what the page shows is what is. */
export function ConnectionBadge(): JSX.Element {
  const { state, heardAt, retryAt } = connection.value;
  if (state === 'live')
    return (
      <p class="connection is-live" data-testid="connection" title="Changes arrive as they happen">
        <span class="dot" aria-hidden="true" /> Live
      </p>
    );
  if (state === 'stale') {
    const seconds = retryAt === undefined ? 0 : Math.max(0, Math.ceil((retryAt - now.value) / 1000));
    return (
      <p class="connection is-stale" data-testid="connection">
        <span class="dot" aria-hidden="true" /> Stale since {time(heardAt)}
        <span class="quiet"> · {seconds > 0 ? `trying again in ${seconds} s` : 'trying again'}</span>
        <button type="button" class="small" onClick={retryNow}>
          Try now
        </button>
      </p>
    );
  }
  return (
    <p class="connection" data-testid="connection">
      <span class="dot" aria-hidden="true" /> {state === 'refused' ? 'Refused' : 'Connecting'}
    </p>
  );
}
