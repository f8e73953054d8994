import 'uplot/dist/uPlot.min.css';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { formatCount, formatFigure } from '../number-format.ts';
import { colourScheme } from './colour-scheme.ts';
import type { Curve } from './curve.ts';
import { valueAt } from './curve.ts';
import type { CurvePanel } from './curve-panel.ts';
import { plotData, plotOptions } from './plot-options.ts';

/** What is shown of every chart alike. */
export interface ChartView {
  readonly isLogarithmic: boolean;
  /** Whether each chart says what it shows. */
  readonly isExplained: boolean;
  /** The first and the last step in sight. */
  readonly window: readonly [number, number];
  /** The step that the sample wall shows. */
  readonly marked?: number | undefined;
  /** The step under the pointer, or that the keyboard chose, in whichever chart. */
  readonly pointed?: number | undefined;
}

/** What a chart tells. */
export interface ChartEvents {
  readonly onZoom: (window: readonly [number, number]) => void;
  readonly onPoint: (step: number | undefined) => void;
  readonly onMark: (step: number) => void;
}

/** A chart of a few curves over the steps. */
export function CurveChart({
  panel,
  curves,
  view,
  events,
}: {
  readonly panel: CurvePanel;
  readonly curves: readonly Curve[];
  readonly view: ChartView;
  readonly events: ChartEvents;
}): JSX.Element {
  const target = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef({ view, events });
  latest.current = { view, events };
  const structure = JSON.stringify([
    curves.map(({ label, colour, rough, band }) => [label, colour, rough !== undefined, band !== undefined]),
    view.isLogarithmic,
    panel.bounds,
    colourScheme.value,
  ]);
  // The structure says when a plot has to be made anew.
  useEffect(() => {
    const element = target.current!;
    const made = new uPlot(plotOptions(panel, curves, element, latest), plotData(curves, view), element);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      const { clientWidth, clientHeight } = element;
      if (clientWidth > 0) made.setSize({ width: clientWidth, height: clientHeight });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [structure]);
  useEffect(() => {
    plot.current?.setData(plotData(curves, view));
  }, [curves, view.window[0], view.window[1]]);
  useEffect(() => {
    plot.current?.redraw(false);
  }, [view.marked, view.pointed]);
  const at = view.pointed ?? view.window[1];
  return (
    <figure class="chart" data-testid="chart">
      <figcaption>
        <h3>{panel.title}</h3>
        <ul class="legend">
          {curves.map((curve) => (
            <li key={curve.label}>
              <i class={`swatch ${curve.colour.slice(2)}`} aria-hidden="true" />
              {curve.label} <span class="value">{formatFigure(valueAt(curve, at))}</span>
            </li>
          ))}
        </ul>
      </figcaption>
      <div class="plot" ref={target} role="img" aria-label={description(panel, curves)} />
      {view.isExplained && panel.note && <p class="note quiet">{panel.note}</p>}
    </figure>
  );
}

/** A chart in words, for those who do not see it. */
function description({ title }: CurvePanel, curves: readonly Curve[]): string {
  const sentences = curves.map((curve) => {
    const { label, mean, steps } = curve;
    const [low, high] = [Math.min(...mean), Math.max(...mean)];
    return `${label} from ${formatFigure(mean[0])} to ${formatFigure(mean.at(-1))} at step ${formatCount(steps.at(-1)!)}, between ${formatFigure(low)} and ${formatFigure(high)}`;
  });
  return `${title}: ${sentences.join('; ')}`;
}
