import { table1 as published } from './published.ts';
import { publishedColumn, type Table1 } from './table1.ts';

const pair = (value: number, error: number): string => `${value.toFixed(1)} +- ${error.toFixed(1)}`;

/** What was measured beside what was published, as rows of name and value. */
export function table1Rows({
  data,
  preset,
  last,
  averaged,
  baselines,
  epochs,
}: Table1): readonly [string, string][] {
  const column = publishedColumn(data);
  const isPapers = data === 'mnist' || data === 'tfd';
  const after = `after ${Number(epochs.toFixed(1))} epochs`;
  return [
    ...published.map(({ model, [column]: [value, error] }): [string, string] => [
      `${model}, published${isPapers ? '' : ' for the Toronto Face Database, other images'}`,
      `${value} +- ${error}`,
    ]),
    [`${preset} ${after}, measured here`, pair(last.logLikelihood, last.standardError)],
    ['  the same, sigma refined', pair(last.fine.logLikelihood, last.fine.standardError)],
    ['  moving average of its weights', pair(averaged.logLikelihood, averaged.standardError)],
    ['  the same, sigma refined', pair(averaged.fine.logLikelihood, averaged.fine.standardError)],
    ['training images in the place of samples', baselines.trainingData.toFixed(1)],
    ['k-means centroids', baselines.kMeans.toFixed(1)],
    ['one Gaussian', baselines.gaussian.toFixed(1)],
  ];
}

/** A measured column of table 1 as text for a terminal. */
export function table1Text(result: Table1): string {
  const rows = table1Rows(result);
  const width = Math.max(...rows.map(([name]) => name.length));
  const head = `Parzen log-likelihood of the ${result.data} test images in nats (${result.last.protocol.samples} samples, sigma from the released grid)`;
  return [head, '', ...rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`), ''].join('\n');
}
