import uPlot from 'uplot';
import { formatFigure } from '../number-format.ts';
import { colour } from './colour-scheme.ts';
import type { Curve } from './curve.ts';
import type { ChartEvents, ChartView } from './curve-chart.tsx';
import type { CurvePanel } from './curve-panel.ts';

/** What hooks read when they are called: the plot outlives a change of view. */
interface Latest {
  readonly current: { readonly view: ChartView; readonly events: ChartEvents };
}

/** A logarithmic axis reaches so far down from its greatest value: below, a loss is 0 to anyone who looks. */
const DECADES = 1e8;

/** A drag shorter than this was meant as a click, in pixels. */
const LEAST_DRAG = 5;

/**
 * The curves as uPlot takes them: their steps joined, then for each curve its line before smoothing (where it was smoothed), its
 * line, and the upper and the lower edge of its band (where it has one).
 */
export function plotData(curves: readonly Curve[], { isLogarithmic }: ChartView): uPlot.AlignedData {
  if (curves.length === 0) return [[]];
  const drawn = (values: readonly number[]): (number | null)[] =>
    values.map((value) => (isLogarithmic && value <= 0 ? null : value));
  return uPlot.join(
    curves.map(({ steps, mean, rough, band }): uPlot.AlignedData => {
      const edges = band ? [drawn(band.max), drawn(band.min)] : [];
      return [[...steps], ...(rough ? [drawn(rough)] : []), drawn(mean), ...edges];
    }),
  );
}

/** How a panel is drawn. @param element - that the plot fills */
export function plotOptions(
  panel: CurvePanel,
  curves: readonly Curve[],
  element: HTMLElement,
  latest: Latest,
): uPlot.Options {
  const [text, line] = [colour('--quiet'), colour('--line')];
  const font = `11px ${getComputedStyle(element).fontFamily}`;
  const axis: uPlot.Axis = {
    stroke: text,
    font,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1, size: 4 },
  };
  const { series, bands } = lines(curves);
  return {
    width: element.clientWidth || 300,
    height: element.clientHeight || 180,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      // The view is zoomed by its address, for all charts at once.
      bind: { dblclick: () => null },
    },
    scales: {
      x: { time: false, range: () => xRange(latest.current.view) },
      y: {
        distr: latest.current.view.isLogarithmic ? 3 : 1,
        range: (_, low, high) => yRange(panel, latest.current.view.isLogarithmic, low, high),
      },
    },
    axes: [
      { ...axis, size: 26, space: 60, values: (_, splits) => splits.map(shortCount) },
      {
        ...axis,
        size: 48,
        space: 28,
        ...(latest.current.view.isLogarithmic
          ? { splits: (_, __, low, high) => logSplits(low, high), filter: (_, splits) => splits }
          : {}),
        values: (_, splits) => splits.map((value) => formatFigure(value, 3)),
      },
    ],
    series: [{}, ...series],
    bands,
    hooks: {
      ready: [({ over }) => over.addEventListener('click', () => mark(latest))],
      draw: [(plot) => drawMarks(plot, panel, latest.current.view)],
      setSelect: [(plot) => select(plot, latest)],
      setCursor: [
        ({ cursor, data }) => {
          const step = cursor.idx === null || cursor.idx === undefined ? undefined : data[0][cursor.idx];
          // Only the chart under the pointer speaks for all.
          if (cursor.event) latest.current.events.onPoint(step);
        },
      ],
    },
  };
}

function lines(curves: readonly Curve[]): { series: uPlot.Series[]; bands: uPlot.Band[] } {
  const series: uPlot.Series[] = [];
  const bands: uPlot.Band[] = [];
  for (const { colour: property, rough, band, steps, label } of curves) {
    const stroke = colour(property);
    if (rough)
      series.push({
        stroke: `color-mix(in srgb, ${stroke} 30%, transparent)`,
        width: 1,
        points: { show: false },
      });
    series.push({
      label,
      stroke,
      width: 1.5,
      spanGaps: false,
      points: { show: steps.length < 40, size: 4, fill: stroke },
    });
    if (!band) continue;
    const upper = series.length + 1;
    const edge: uPlot.Series = { stroke: 'transparent', width: 0, points: { show: false } };
    series.push(edge, edge);
    bands.push({ series: [upper, upper + 1], fill: `color-mix(in srgb, ${stroke} 18%, transparent)` });
  }
  return { series, bands };
}

function xRange({ window: [first, last] }: ChartView): [number, number] {
  return first < last ? [first, last] : [first, first + 1];
}

/** The values in sight with a little room. */
function yRange(
  { bounds, reference }: CurvePanel,
  isLogarithmic: boolean,
  low: number | null,
  high: number | null,
): [number, number] {
  if (bounds && !isLogarithmic) return [...bounds];
  if (low === null || high === null) return isLogarithmic ? [0.1, 1] : [0, 1];
  if (isLogarithmic) return [Math.max(low, high / DECADES) / 1.3, high * 1.3];
  const [least, most] = reference
    ? [Math.min(low, reference.value), Math.max(high, reference.value)]
    : [low, high];
  const room = (most - least || Math.abs(most) || 1) * 0.06;
  return [least >= 0 && least < room ? 0 : least - room, most + room];
}

/** Powers of ten; where they are few, their double and their fivefold as well. uPlot's own fail below 1e-16. */
function logSplits(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const factors = last - first > 3 ? [1] : [1, 2, 5];
  const every = Math.ceil((last - first) / 6);
  const powers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return powers
    .filter((power) => power % every === 0)
    .flatMap((power) => factors.map((factor) => Number(`${factor}e${power}`)))
    .filter((value) => value >= low && value <= high);
}

const shortCount = (value: number): string => {
  if (!Number.isInteger(value)) return '';
  if (Math.abs(value) >= 1e6) return `${value / 1e6}M`;
  return Math.abs(value) >= 10_000 ? `${value / 1000}k` : String(value);
};

/** The reference, the step of the sample wall and the step that is pointed at. */
function drawMarks(plot: uPlot, { reference }: CurvePanel, { marked, pointed }: ChartView): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  const vertical = (step: number, stroke: string, dash: number[]): void => {
    const x = Math.round(plot.valToPos(step, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) return;
    ctx.strokeStyle = stroke;
    ctx.setLineDash(dash);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  };
  if (reference) {
    const y = Math.round(plot.valToPos(reference.value, 'y', true));
    ctx.strokeStyle = colour('--quiet');
    ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  if (marked !== undefined) vertical(marked, colour('--accent'), []);
  if (pointed !== undefined)
    vertical(pointed, colour('--quiet'), [3 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.restore();
}

/** A drag zooms. */
function select(plot: uPlot, { current: { events } }: Latest): void {
  const { left, width } = plot.select;
  if (width < LEAST_DRAG) return;
  const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')].map(Math.round);
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (from! < to!) events.onZoom([Math.max(0, from!), to!]);
}

/** A click shows the samples of the step that is pointed at. */
function mark({ current: { view, events } }: Latest): void {
  if (view.pointed !== undefined) events.onMark(view.pointed);
}
