import type { ComponentChildren, JSX } from 'preact';
import { formatCount } from '../number-format.ts';
import { route, setQuery } from '../route.ts';
import { halfLives } from './smoothing.ts';

/** How the charts of a run are shown; all of it stays in the address. */
export interface CurveSettings {
  /** Of the smoothing, in steps. */
  readonly halfLife: number;
  readonly isLogarithmic: boolean;
  /** Whether each chart says what it shows. */
  readonly isExplained: boolean;
  readonly window: readonly [number, number] | undefined;
  /** Other runs that lie over this one. */
  readonly others: readonly string[];
}

/** The settings that a link says. */
export function curveSettings(query: Readonly<Record<string, string>>): CurveSettings {
  const { smooth = '0', log, explain, from, to, with: others = '' } = query;
  const halfLife = Number(smooth);
  const [first, last] = [Number(from), Number(to)];
  return {
    halfLife: halfLives.includes(halfLife) ? halfLife : 0,
    isLogarithmic: log !== undefined,
    isExplained: explain !== undefined,
    window: from !== undefined && to !== undefined && first < last ? [first, last] : undefined,
    others: others.split(',').filter(Boolean),
  };
}

/** Zooms all charts to some steps; undefined shows all. */
export function zoom(window: readonly [number, number] | undefined): void {
  setQuery({ from: window && String(window[0]), to: window && String(window[1]) });
}

/** Smoothing, scale and zoom. @param range - the first and the last step there are */
export function CurveControls({
  range: [first, last],
  children,
}: {
  readonly range: readonly [number, number];
  readonly children: ComponentChildren;
}): JSX.Element {
  const { halfLife, isLogarithmic, isExplained, window } = curveSettings(route.value.query);
  const [from, to] = window ?? [first, last];
  const chooseWindow = (next: readonly [number, number]): void => {
    if (next[0] < next[1]) zoom(next);
  };
  return (
    <div class="curve-controls">
      <label class="field is-inline">
        <span>Smoothing</span>
        <input
          type="range"
          min={0}
          max={halfLives.length - 1}
          step={1}
          value={halfLives.indexOf(halfLife)}
          data-testid="smoothing"
          aria-valuetext={halfLife === 0 ? 'none' : `half-life of ${formatCount(halfLife)} steps`}
          onInput={(event) => {
            const chosen = halfLives[event.currentTarget.valueAsNumber]!;
            setQuery({ smooth: chosen === 0 ? undefined : String(chosen) });
          }}
        />
        <output>{halfLife === 0 ? 'none' : `${formatCount(halfLife)} steps`}</output>
      </label>
      <label class="field is-inline">
        <input
          type="checkbox"
          checked={isLogarithmic}
          data-testid="logarithmic"
          onChange={(event) => setQuery({ log: event.currentTarget.checked ? '1' : undefined })}
        />
        <span>Log scale</span>
      </label>
      <label class="field is-inline">
        <input
          type="checkbox"
          checked={isExplained}
          data-testid="explain"
          onChange={(event) => setQuery({ explain: event.currentTarget.checked ? '1' : undefined })}
        />
        <span>Explain</span>
      </label>
      <fieldset class="window">
        <legend class="visually-hidden">Steps in sight</legend>
        <label class="field is-inline">
          <span>Steps</span>
          <input
            type="number"
            min={0}
            value={from}
            data-testid="from"
            onChange={(event) => chooseWindow([event.currentTarget.valueAsNumber, to])}
          />
        </label>
        <label class="field is-inline">
          <span>to</span>
          <input
            type="number"
            min={1}
            value={to}
            data-testid="to"
            onChange={(event) => chooseWindow([from, event.currentTarget.valueAsNumber])}
          />
        </label>
        {window && (
          <button type="button" class="small" onClick={() => zoom(undefined)} data-testid="zoom-out">
            All steps
          </button>
        )}
      </fieldset>
      {children}
    </div>
  );
}
