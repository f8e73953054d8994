import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Announcement } from './announcement.tsx';
import { connection } from './connection.ts';
import { ConnectionBadge } from './connection-badge.tsx';
import { NewRun } from './new-run/new-run.tsx';
import { formatRoute, route } from './route.ts';
import { RunList } from './run-list.tsx';
import { RunPage } from './run-page.tsx';

/** The whole page: what is above every view, and the view. */
export function App(): JSX.Element {
  const { page, id } = route.value;
  useEffect(() => {
    document.title =
      page === 'run' ? `${id} · zerosum` : page === 'new' ? 'New run · zerosum' : 'Runs · zerosum';
  }, [page, id]);
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
      {connection.value.state === 'refused' ? <Refusal /> : <View />}
      <Announcement />
    </>
  );
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
