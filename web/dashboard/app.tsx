import { useComputed, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { Announcement } from './announcement.tsx';
import { connection } from './connection.ts';
import { ConnectionBadge } from './connection-badge.tsx';
import { NewRun } from './new-run/new-run.tsx';
import { formatRoute, type Route, route } from './route.ts';
import { RunList } from './run-list.tsx';
import { RunPage } from './run-page.tsx';
import { runOf } from './run-store.ts';

/** The whole page: what is above every view, and the view. */
export function App(): JSX.Element {
  const { page } = route.value;
  const isRefused = useComputed(() => connection.value.state === 'refused');
  useSignalEffect(() => {
    document.title = titleOf(route.value);
  });
  return (
    <>
      <button type="button" class="skip" onClick={() => document.querySelector('main')?.focus()}>
        Skip to content
      </button>
      <header class="top">
        <a class="brand" href={formatRoute({ page: 'runs' })}>
          <Mark />
          zerosum
        </a>
        <nav class="tabs" aria-label="Pages">
          <a href={formatRoute({ page: 'runs' })} aria-current={page === 'runs' ? 'page' : undefined}>
            Runs
          </a>
          <a href={formatRoute({ page: 'new' })} aria-current={page === 'new' ? 'page' : undefined}>
            New run
          </a>
        </nav>
        <ConnectionBadge />
      </header>
      {isRefused.value ? <Refusal /> : <View />}
      <Announcement />
    </>
  );
}

/** What the tab says: of a run at work, how far it is. */
function titleOf({ page, id }: Route): string {
  if (page === 'runs') return 'Runs · zerosum';
  if (page === 'new') return 'New run · zerosum';
  const run = runOf(id!);
  const isRunning = run?.state === 'running' && run.steps !== undefined;
  return `${isRunning ? `${Math.floor((100 * run.step) / run.steps!)} % ` : ''}${id} · zerosum`;
}

function View(): JSX.Element {
  const { page, id, view } = route.value;
  if (page === 'new') return <NewRun />;
  if (page === 'run') return <RunPage key={id} id={id!} view={view!} />;
  return <RunList />;
}

function Refusal(): JSX.Element {
  return (
    <main class="refusal">
      <h1>The server wants its token</h1>
      <p>{connection.value.refusal}</p>
      <p>
        Open the address that <code>zerosum watch</code> printed when it started: the token is part of it. It
        is needed once in each browser.
      </p>
    </main>
  );
}

function Mark(): JSX.Element {
  return (
    <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
      <path class="mark-model" d="M3 23c6.500 0 6.500-14 13-14s6.500 14 13 14" />
      <path class="mark-discriminator" d="M3 11c9 0 10 8 26 8" />
    </svg>
  );
}
