import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { RunDetail } from '../../../src/server/api.ts';
import { runPath } from '../api-client.ts';
import { formatCount } from '../number-format.ts';
import { route } from '../route.ts';
import { CoordinateSliders } from './coordinate-sliders.tsx';
import { CurrentSample } from './current-sample.tsx';
import { ExplorerState } from './explorer-state.ts';
import { useGenerator } from './generator.ts';
import { KeptPoints } from './kept-points.tsx';
import { SlicePad } from './slice-pad.tsx';
import '../style/explorer.css';

/** The run's generator in this page, to be led through z space by hand. */
export function ExplorerView({ detail }: { readonly detail: RunDetail }): JSX.Element {
  if (detail.generator === undefined)
    return (
      <p class="empty">
        There is no generator yet: it comes with the first checkpoint, at step{' '}
        {formatCount(Number(detail.config['checkpointEvery']))}.
      </p>
    );
  return <Explorer detail={detail} newest={detail.generator} />;
}

function Explorer({ detail, newest }: { readonly detail: RunDetail; readonly newest: string }): JSX.Element {
  const { summary, sampleFormat, checkpoints } = detail;
  const chosen = useSignal<number | undefined>(undefined);
  const state = useMemo(() => {
    const { z = '0', label = '0' } = route.peek().query;
    return new ExplorerState(
      sampleFormat,
      summary.seed,
      whole(z),
      Math.min(whole(label), (sampleFormat.classes ?? 1) - 1),
    );
  }, []);
  const url = chosen.value === undefined ? newest : runPath(summary.id, `/generator?step=${chosen.value}`);
  const { loaded, failure, progress } = useGenerator(url, sampleFormat);
  return (
    <div class="explorer" data-testid="explorer" data-version={loaded?.version ?? 0}>
      <div class="explorer-head">
        <label class="field is-inline">
          <span>Generator of</span>
          <select
            value={chosen.value ?? ''}
            data-testid="checkpoint"
            onChange={({ currentTarget }) => {
              chosen.value = currentTarget.value === '' ? undefined : Number(currentTarget.value);
            }}
          >
            <option value="">the newest checkpoint, {formatCount(checkpoints.at(-1) ?? summary.step)}</option>
            {checkpoints.slice(0, -1).map((step) => (
              <option key={step} value={step}>
                step {formatCount(step)}
              </option>
            ))}
          </select>
        </label>
        {sampleFormat.classes !== undefined && (
          <ClassChoice state={state} names={sampleFormat.classNames} classes={sampleFormat.classes} />
        )}
        <span class="quiet">
          z has {sampleFormat.latentDim === 1 ? 'one coordinate' : `${sampleFormat.latentDim} coordinates`},{' '}
          {sampleFormat.latent}. It runs in this page.
        </span>
      </div>
      {failure && <p class="trouble is-bad">{failure.message}</p>}
      {!loaded && !failure && <p class="empty">{progress}</p>}
      {loaded && (
        <div class="explorer-parts">
          <SlicePad state={state} format={sampleFormat} generator={loaded} name={summary.id} />
          <CurrentSample state={state} detail={detail} generator={loaded} />
          <CoordinateSliders state={state} />
          <KeptPoints state={state} format={sampleFormat} generator={loaded} name={summary.id} />
        </div>
      )}
    </div>
  );
}

function ClassChoice({
  state,
  classes,
  names,
}: {
  readonly state: ExplorerState;
  readonly classes: number;
  readonly names: readonly string[] | undefined;
}): JSX.Element {
  return (
    <label class="field is-inline">
      <span>Class</span>
      <select
        value={state.label.value}
        data-testid="class"
        onChange={({ currentTarget }) => {
          state.label.value = Number(currentTarget.value);
        }}
      >
        {Array.from({ length: classes }, (_, label) => (
          <option key={label} value={label}>
            {names?.[label] ?? label}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A number of a link; 0 for what is none. */
const whole = (text: string): number => {
  const number = Number(text);
  return Number.isInteger(number) && number >= 0 ? number : 0;
};
