import * as Plot from '@observablehq/plot';
import type { ParzenEstimate } from '../eval/parzen.ts';
import type { ParzenBaselines } from '../eval/parzen-baselines.ts';
import { plotSvg } from '../figures/plot.ts';
import { table1 as published } from './published.ts';
import type { Figure } from './statement.ts';

/** A point of the curve over the training, in nats. */
export interface Table1Point {
  readonly step: number;
  /** The generator as it is, sigma from the released grid. */
  readonly parzen: number;
  /** The same with sigma refined. */
  readonly parzenFine: number;
  /** The moving average of its weights. */
  readonly averaged: number;
  readonly averagedFine: number;
}

/** A column of table 1 as it was measured here. */
export interface Table1 {
  readonly data: string;
  readonly preset: string;
  readonly seed: number;
  readonly step: number;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Of training, on whatever machine it ran. */
  readonly seconds: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly last: ParzenEstimate;
  readonly averaged: ParzenEstimate;
  readonly baselines: ParzenBaselines;
  readonly curve: readonly Table1Point[];
}

/** Which column of the published table stands beside the data. */
export function publishedColumn(data: string): 'mnist' | 'tfd' {
  return data === 'mnist' ? 'mnist' : 'tfd';
}

/** The curve of the measure over the training, with what the paper published as lines where the data is the paper's. */
export function table1Figure({ data, preset, curve, stepsPerEpoch, baselines }: Table1): Figure {
  const points = curve.flatMap(({ step, parzen, averaged }) => [
    { epoch: step / stepsPerEpoch, value: parzen, weights: 'as they are' },
    { epoch: step / stepsPerEpoch, value: averaged, weights: 'moving average' },
  ]);
  const lines = [
    ...(data === 'mnist'
      ? published.map(({ model, mnist: [value] }) => ({ value, text: `${value} ${model}` }))
      : []),
    {
      value: baselines.trainingData,
      text: `${baselines.trainingData.toFixed(1)} training images`,
    },
  ];
  const last = Math.max(...points.map(({ epoch }) => epoch));
  const svg = plotSvg({
    width: 860,
    height: 420,
    // For what the lines say, beside the curves: these end among them.
    marginRight: 260,
    title: `Parzen log-likelihood of the ${data} test images while ${preset} trains`,
    subtitle: `dashed: ${data === 'mnist' ? 'published values, and ' : ''}training images in the place of samples`,
    color: { legend: true, domain: ['as they are', 'moving average'] },
    x: { label: 'epoch', domain: [0, last] },
    y: { label: 'nats', grid: true },
    marks: [
      Plot.ruleY(lines, { y: 'value', stroke: '#999', strokeDasharray: '4 3' }),
      Plot.text(lines, { x: last, y: 'value', text: 'text', textAnchor: 'start', dx: 8, fill: '#666' }),
      Plot.line(points, { x: 'epoch', y: 'value', stroke: 'weights', strokeWidth: 2 }),
      Plot.dot(points, { x: 'epoch', y: 'value', fill: 'weights', r: 2.5 }),
    ],
  });
  return {
    name: 'table1',
    svg,
    caption: `Parzen log-likelihood against epochs, weights of the generator as they are and averaged (${preset}).`,
  };
}
