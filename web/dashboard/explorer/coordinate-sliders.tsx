import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { formatFigure } from '../number-format.ts';
import type { ExplorerState } from './explorer-state.ts';
import { normOf, reachOf, unusualness } from './latent-space.ts';

/** Sliders in sight at once. */
const PAGE = 12;
/** More standard deviations than this from the usual norm have one z in four hundred. */
const UNUSUAL = 3;

/** Every coordinate of z as a slider, some at a time. */
export function CoordinateSliders({ state }: { readonly state: ExplorerState }): JSX.Element {
  const first = useSignal(0);
  const { space } = state;
  const z = state.z.value;
  const reach = reachOf(space);
  const last = Math.min(first.value + PAGE, space.latentDim);
  const deviations = unusualness(space, z);
  return (
    <section class="coordinates" aria-label="Coordinates of z">
      <div class="head">
        <h3>Coordinates</h3>
        {space.latentDim > PAGE && (
          <span class="pager">
            <button
              type="button"
              class="small"
              disabled={first.value === 0}
              aria-label="Coordinates before these"
              onClick={() => {
                first.value = Math.max(0, first.value - PAGE);
              }}
            >
              ‹
            </button>
            {first.value + 1} to {last} of {space.latentDim}
            <button
              type="button"
              class="small"
              disabled={last === space.latentDim}
              aria-label="Coordinates after these"
              data-testid="more-coordinates"
              onClick={() => {
                first.value += PAGE;
              }}
            >
              ›
            </button>
          </span>
        )}
      </div>
      <div class="sliders">
        {Array.from({ length: last - first.value }, (_, row) => {
          const at = first.value + row;
          return (
            <label key={at} class="coordinate">
              <span>
                z<sub>{at + 1}</sub>
              </span>
              <input
                type="range"
                min={-reach}
                max={reach}
                step={reach / 100}
                value={z[at]}
                data-testid={`z-${at + 1}`}
                onInput={({ currentTarget }) => state.setCoordinate(at, currentTarget.valueAsNumber)}
              />
              <output>{z[at]!.toFixed(2)}</output>
            </label>
          );
        })}
      </div>
      <p class={Math.abs(deviations) > UNUSUAL ? 'norm trouble' : 'norm quiet'}>
        |z| = {formatFigure(normOf(z), 3)}
        {space.latent === 'gaussian' &&
          ` where ${formatFigure(Math.sqrt(space.latentDim - 0.5), 3)} ± 0.71 is usual${
            Math.abs(deviations) > UNUSUAL ? ': training hardly ever draws such a z' : ''
          }`}
      </p>
    </section>
  );
}
