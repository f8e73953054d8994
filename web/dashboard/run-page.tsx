import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { RunDetail } from '../../src/server/api.ts';
import { announce } from './announcement.tsx';
import { getJson, runPath } from './api-client.ts';
import { ConfigView } from './config-view.tsx';
import { revision } from './connection.ts';
import { Diagnosis } from './diagnosis.tsx';
import { EvaluationView } from './evaluation-view.tsx';
import { LazyExplorer } from './explorer/lazy-explorer.tsx';
import { FilesView } from './files-view.tsx';
import { useResource } from './resource.ts';
import { formatRoute, type RunView, route, runViews } from './route.ts';
import { RunActions } from './run-actions.tsx';
import { RunProgress } from './run-progress.tsx';
import { ChangedAgo } from './run-row.tsx';
import { listed, runOf } from './run-store.ts';
import { StateChip } from './state-chip.tsx';
import { TrainingView } from './training-view.tsx';
import './style/run-page.css';

const viewNames: Readonly<Record<RunView, string>> = {
  training: 'Training',
  explorer: 'Latent explorer',
  evaluation: 'Evaluation',
  config: 'Config',
  files: 'Files',
};

/** One run: its state, what is wrong with it, and its views. */
export function RunPage({ id, view }: { readonly id: string; readonly view: RunView }): JSX.Element {
  const live = runOf(id);
  const version = `${revision.value} ${live?.updatedAt} ${live?.state}`;
  // A run that prepares has no folder yet, and so no detail.
  const isThere = live !== undefined && live.state !== 'starting';
  const { value: detail, failure } = useResource(isThere ? id : undefined, version, () =>
    getJson<RunDetail>(runPath(id)),
  );
  const state = live?.state;
  const before = useRef(state);
  useEffect(() => {
    if (before.current !== undefined && before.current !== state) announce(`${id} is ${state} now.`);
    before.current = state;
  }, [id, state]);
  if (!live)
    return (
      <main tabIndex={-1}>
        <p class="empty">{listed.value ? `There is no run ${id} here.` : `Loading ${id}`}</p>
      </main>
    );
  const { name, data, preset, seed, forkedFrom } = live;
  return (
    <main class="run-page" tabIndex={-1}>
      <div class="run-head">
        <div class="run-title">
          <h1>{name}</h1>
          <StateChip state={live.state} />
        </div>
        <p class="quiet run-facts">
          <span>{data}</span>
          {preset !== data && <span>preset {preset}</span>}
          <span>seed {seed}</span>
          {forkedFrom && (
            <span>
              from <a href={formatRoute({ page: 'run', id: forkedFrom.run })}>{forkedFrom.run}</a> at step{' '}
              {forkedFrom.step}
            </span>
          )}
          <span>
            changed <ChangedAgo run={live} />
          </span>
        </p>
        <RunProgress run={live} />
        <RunActions run={live} checkpoints={detail?.checkpoints ?? []} />
      </div>
      {failure && <p class="trouble is-bad">{failure.message}</p>}
      {detail && <Diagnosis run={live} detail={detail} />}
      <nav class="tabs views" aria-label="Views of the run">
        {runViews.map((other) => (
          <a
            key={other}
            href={formatRoute({ page: 'run', id, view: other, query: route.value.query })}
            aria-current={other === view ? 'page' : undefined}
          >
            {viewNames[other]}
          </a>
        ))}
      </nav>
      {detail && <OneView detail={detail} view={view} />}
    </main>
  );
}

function OneView({ detail, view }: { readonly detail: RunDetail; readonly view: RunView }): JSX.Element {
  switch (view) {
    case 'training':
      return <TrainingView detail={detail} />;
    case 'explorer':
      return <LazyExplorer detail={detail} />;
    case 'evaluation':
      return <EvaluationView detail={detail} />;
    case 'config':
      return <ConfigView detail={detail} />;
    case 'files':
      return <FilesView detail={detail} />;
  }
}
