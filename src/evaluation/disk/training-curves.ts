import * as Plot from '@observablehq/plot';
import { plotSvg } from '../../figures/plot.ts';
import type { LogEntry } from '../../train/disk/json-lines.ts';
import type { ReportFigure } from '../report-page.ts';

/** Points of a curve: more cannot be told apart on a page, and would make its file large. */
const POINTS = 250;

interface Point {
  readonly step: number;
  readonly name: string;
  readonly value: number;
}

/** The curves of a training as figures: losses, D on real and fake, and what was measured along the way. */
export function trainingCurves(rows: readonly LogEntry[]): readonly ReportFigure[] {
  return [
    curve(rows, ['lossD', 'lossG'], {
      title: 'Losses',
      label: 'nats',
      caption:
        'Means over stretches of steps. They need not fall: each player makes the task of the other harder.',
    }),
    curve(rows, ['D(x)', 'D(G(z))'], {
      title: 'What the discriminator says',
      label: 'probability of being real',
      domain: [0, 1],
      caption:
        'Of real images and of samples, as it saw them in training. Both at 1/2: it cannot tell them apart.',
    }),
  ].filter((figure) => figure !== undefined);
}

/** What was measured along the training, `evaluations.jsonl`: one figure for each measure. */
export function measureCurves(rows: readonly LogEntry[]): readonly ReportFigure[] {
  const names = Object.keys(rows[0] ?? {}).filter((name) => name !== 'step');
  return names
    .map((name) =>
      curve(rows, [name], {
        title: `${name} along the training`,
        label: name,
        caption: 'Measured every so many steps, as evaluate does.',
      }),
    )
    .filter((figure) => figure !== undefined);
}

interface CurveOptions {
  readonly title: string;
  readonly label: string;
  readonly caption: string;
  readonly domain?: readonly [number, number];
}

/** Several quantities over the steps, each the mean over as many stretches as a page can show; undefined without data. */
function curve(
  rows: readonly LogEntry[],
  names: readonly string[],
  { title, label, caption, domain }: CurveOptions,
): ReportFigure | undefined {
  const points = names.flatMap((name) => means(rows, name));
  if (points.length === 0) return undefined;
  const svg = plotSvg({
    width: 560,
    height: 260,
    color: { legend: true, domain: [...names] },
    x: { label: 'step', grid: true },
    y: { label, grid: true, ...(domain ? { domain: [...domain] } : {}) },
    marks: [
      ...(domain ? [Plot.ruleY([0.5], { stroke: '#999', strokeDasharray: '4 3' })] : []),
      Plot.line(points, { x: 'step', y: 'value', stroke: 'name', strokeWidth: 1.5 }),
    ],
  });
  return { title, caption, picture: { svg } };
}

function means(rows: readonly LogEntry[], name: string): Point[] {
  const known = rows.filter((row) => typeof row[name] === 'number');
  const stretch = Math.max(1, Math.ceil(known.length / POINTS));
  const points: Point[] = [];
  for (let first = 0; first < known.length; first += stretch) {
    const part = known.slice(first, first + stretch);
    const value = part.reduce((total, row) => total + (row[name] as number), 0) / part.length;
    points.push({ step: part.at(-1)!.step, name, value });
  }
  return points;
}
