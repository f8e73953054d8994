import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { RunDetail, RunMetrics } from '../../../src/server/api.ts';
import { route } from '../route.ts';
import { type Curve, curveOf } from './curve.ts';
import { CurveChart } from './curve-chart.tsx';
import { CurveControls, curveSettings, zoom } from './curve-controls.tsx';
import { type CurvePanel, curvePanels, keyColour, singleKeyPanels } from './curve-panel.ts';
import { RunComparison, runColour } from './run-comparison.tsx';
import { type RunsMetrics, useMetrics } from './run-metrics.ts';

/** Every chart of a run, and of those that lie over it. */
export function Curves({
  detail,
  pointed,
  marked,
  onMark,
}: {
  readonly detail: RunDetail;
  /** The step under the pointer. */
  readonly pointed: Signal<number | undefined>;
  readonly marked: number | undefined;
  readonly onMark: (step: number) => void;
}): JSX.Element {
  const { id } = detail.summary;
  const { halfLife, isLogarithmic, isExplained, window, others } = curveSettings(route.value.query);
  const ids = [id, ...others];
  const { value: metrics, failure, isLoading } = useMetrics(ids, window, halfLife);
  const charts = useMemo(
    () =>
      [
        ...metricCharts(metrics ?? {}, ids, halfLife),
        ...(others.length === 0 ? measureCharts(detail) : []),
      ].sort((a, b) => rankOf(a.panel) - rankOf(b.panel)),
    [metrics, ids.join(), halfLife, detail.evaluations],
  );
  const range = rangeOf(metrics) ?? [0, Math.max(1, detail.summary.step)];
  const view = {
    isLogarithmic,
    isExplained,
    window: window ?? range,
    marked: others.length === 0 ? marked : undefined,
    pointed: pointed.value,
  };
  const events = {
    onZoom: zoom,
    onMark,
    onPoint: (step: number | undefined): void => {
      pointed.value = step;
    },
  };
  return (
    <section class="curves" aria-label="Curves">
      <CurveControls range={range}>
        <RunComparison id={id} />
      </CurveControls>
      {failure && <p class="trouble is-bad">{failure.message}</p>}
      <div class="charts" data-loaded={!isLoading}>
        {charts.map(({ panel, curves }) => (
          <CurveChart key={panel.title} panel={panel} curves={curves} view={view} events={events} />
        ))}
      </div>
      {metrics && charts.length === 0 && <p class="empty">Nothing is logged yet.</p>}
    </section>
  );
}

/** A panel with what it shows. */
interface Chart {
  readonly panel: CurvePanel;
  readonly curves: readonly Curve[];
}

function metricCharts(metrics: RunsMetrics, ids: readonly string[], halfLife: number): readonly Chart[] {
  const known = ids.filter((id) => metrics[id]);
  const keys = [...new Set(known.flatMap((id) => metrics[id]!.keys))];
  const isOne = known.length === 1;
  const panels = isOne ? curvePanels(keys) : singleKeyPanels(curvePanels(keys));
  const drawn = panels.map((panel) => ({
    panel,
    curves: isOne
      ? keyCurves(metrics[known[0]!]!, panel, halfLife)
      : known.map((id) =>
          curveOf(metrics[id]!, panel.keys[0]!, { label: id, colour: runColour(ids.indexOf(id)), halfLife }),
        ),
  }));
  return drawn
    .map(({ panel, curves }) => ({ panel, curves: curves.filter((curve) => curve !== undefined) }))
    .filter(({ curves }) => curves.length > 0);
}

const keyCurves = (metrics: RunMetrics, { keys }: CurvePanel, halfLife: number): (Curve | undefined)[] =>
  keys.map((key, at) => curveOf(metrics, key, { label: key, colour: keyColour(key, at), halfLife }));

/** The measures along the training: each has a unit of its own, and so a chart. */
function measureCharts({ evaluations, summary: { headline } }: RunDetail): readonly Chart[] {
  const names = [...new Set(evaluations.flatMap(({ values }) => Object.keys(values)))];
  return names.map((name) => {
    const better = headline.find((measure) => measure.name === name)?.better;
    const measured = evaluations.filter(({ values }) => values[name] !== undefined);
    const curve: Curve = {
      label: name,
      colour: '--run-1',
      steps: measured.map(({ step }) => step),
      mean: measured.map(({ values }) => values[name]!),
    };
    return {
      panel: {
        title: name,
        note: `A measure of the generator, made along the training${better ? `; ${better} is better` : ''}.`,
        keys: [name],
      },
      curves: [curve],
    };
  });
}

/** Losses and D first, then how good the samples are, then what lies behind. */
function rankOf({ title }: CurvePanel): number {
  const first = ['Losses', 'What D says'].indexOf(title);
  if (first >= 0) return first;
  return /Penalties|Gradient/.test(title) ? 4 : 3;
}

/** The first and the last step of all logs. */
function rangeOf(metrics: RunsMetrics | undefined): readonly [number, number] | undefined {
  const ranges = Object.values(metrics ?? {}).flatMap(({ range }) => (range ? [range] : []));
  if (ranges.length === 0) return undefined;
  return [Math.min(...ranges.map(([first]) => first)), Math.max(...ranges.map(([, last]) => last))];
}
