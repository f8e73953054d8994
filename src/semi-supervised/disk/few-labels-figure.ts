import * as Plot from '@observablehq/plot';
import { plotSvg } from '../../figures/plot.ts';
import { methods, type SemiSupervised } from '../semi-supervised.ts';
import { methodNames } from '../semi-supervised-text.ts';

/** Test error over the number of labels, one line a method, as SVG. */
export function fewLabelsFigure({ data, results, seeds }: SemiSupervised): string {
  const points = methods.flatMap((method) =>
    results.map(({ labels, accuracy }) => {
      const { mean, standardError } = accuracy[method];
      const [error, deviation] = [100 * (1 - mean), 100 * (standardError || 0)];
      return { method: methodNames[method], labels, error, low: error - deviation, high: error + deviation };
    }),
  );
  return plotSvg({
    width: 720,
    height: 420,
    title: `Classifiers of ${data} with few labels`,
    subtitle: `test error in per cent; mean and standard error over ${seeds.length} seeds`,
    marginRight: 32,
    x: { type: 'log', label: 'labels' },
    y: { label: 'error, %', grid: true, zero: true },
    color: { legend: true, domain: methods.map((method) => methodNames[method]) },
    marks: [
      // As text: a tick format of a logarithmic scale leaves out what is no power of ten.
      Plot.axisX(
        results.map(({ labels }) => labels),
        { text: (labels: number) => labels.toLocaleString('en-US') },
      ),
      Plot.ruleX(points, { x: 'labels', y1: 'low', y2: 'high', stroke: 'method' }),
      Plot.line(points, { x: 'labels', y: 'error', stroke: 'method' }),
      Plot.dot(points, { x: 'labels', y: 'error', fill: 'method', r: 3.5 }),
    ],
  });
}
