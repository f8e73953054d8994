import { basename, join } from 'node:path';
import * as Plot from '@observablehq/plot';
import { type Dataset, type FiniteDataset, isDistribution } from '../../data/dataset.ts';
import { neighbourFigure } from '../../eval/neighbour-figure.ts';
import { plotSvg } from '../../figures/plot.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Image } from '../../io/image.ts';
import { encodePng } from '../../io/png.ts';
import { sheet } from '../../io/sheet.ts';
import type { Session } from '../../runtime/session.ts';
import { CLASS_SHEET_COLUMNS } from '../../train/class-sheet.ts';
import { findingsOf } from '../../train/diagnosis.ts';
import { readLog } from '../../train/disk/json-lines.ts';
import { replaceFile } from '../../train/disk/replace-file.ts';
import { drawSheet, sheetSize, toBytes } from '../../train/disk/sample-sheet.ts';
import type { TrainedGenerator } from '../../train/disk/trained-generator.ts';
import { imageRows } from '../evaluate-images.ts';
import type { Evaluation } from '../evaluation.ts';
import { type ReportFigure, reportPage } from '../report-page.ts';
import { measureCurves, trainingCurves } from './training-curves.ts';

/** What a report is made from. */
export interface ReportInputs {
  readonly evaluation: Evaluation;
  /** float32 [N, d] */
  readonly samples: Tensor<'float32'>;
  /** The class of each sample, where the run learned classes. */
  readonly asked: Uint8Array | undefined;
  readonly dataset: Dataset;
  readonly session: Session;
  /** The run that drew them, where there is one. */
  readonly generator: TrainedGenerator | undefined;
  /** Default: `report.html` in the run folder; without a run, no report is written. */
  readonly path: string | undefined;
}

/**
 * Writes the report of an evaluation as one HTML file.
 *
 * @returns its path, or undefined where there is neither a run nor a path
 * @throws DataError where it cannot be written; an older report is then untouched
 */
export async function writeReport(inputs: ReportInputs): Promise<string | undefined> {
  const { evaluation, generator } = inputs;
  const path = inputs.path ?? (generator ? join(generator.paths.folder, 'report.html') : undefined);
  if (path === undefined) return undefined;
  const rows = generator ? await readLog(generator.paths.metrics) : [];
  const page = reportPage({
    title: `Evaluation of ${basename(evaluation.subject.source)}`,
    evaluation,
    figures: [
      ...(await sampleFigures(inputs)),
      ...classFigures(inputs),
      ...trainingCurves(rows),
      ...measureCurves(generator ? await readLog(generator.paths.evaluations) : []),
    ],
    ...(generator
      ? { findings: findingsOf(rows).map(({ step, sentence }) => `Step ${step}: ${sentence}.`) }
      : {}),
    settings: settings(inputs),
  });
  await replaceFile('evaluate', path, page);
  return path;
}

async function sampleFigures({ samples, asked, dataset, session }: ReportInputs): Promise<ReportFigure[]> {
  const shape = (count: number) => [count, ...dataset.exampleShape];
  const count = Math.min(sheetSize(dataset), samples.shape[0]!);
  const size = samples.shape[1]!;
  const shown: Tensor<'float32'> = {
    dtype: 'float32',
    shape: shape(count),
    data: samples.data.slice(0, count * size),
  };
  if (isDistribution(dataset) || dataset.kind === 'points')
    return [
      {
        title: 'Samples over real points',
        caption: `The first ${count}, none chosen.`,
        picture: png(drawSheet(shown, dataset), false),
      },
    ];
  const figures: ReportFigure[] = [
    ...(asked && dataset.classes ? classRowsFigures(samples, asked, dataset, dataset.classes) : []),
    {
      title: 'Samples',
      caption: `The first ${count}, none chosen.`,
      picture: png(imageSheet(toBytes(shown.data), shown.shape), true),
    },
    {
      title: 'Real images',
      caption: 'The first test images, for comparison.',
      picture: png(realSheet(dataset, count), true),
    },
  ];
  if (samples.shape[0]! >= 20)
    figures.push({
      title: 'Nearest training images',
      caption:
        'Samples, and boxed at the end of each row the training image nearest to the one before it: figure 2 of the paper.',
      picture: png(
        (await neighbourFigure(session, samples, imageRows(dataset.train), dataset.exampleShape)).image,
        true,
      ),
    });
  return figures;
}

/** The first samples of each class, a class a row; of classes with too few to fill one, none. */
function classRowsFigures(
  { data, shape }: Tensor<'float32'>,
  asked: Uint8Array,
  { exampleShape }: FiniteDataset,
  names: readonly string[],
): ReportFigure[] {
  const size = shape[1]!;
  const full = names
    .map((name, label) => ({ name, found: firstOfClass(asked, label) }))
    .filter(({ found }) => found.length === CLASS_SHEET_COLUMNS);
  if (full.length === 0) return [];
  const bytes = new Uint8Array(full.length * CLASS_SHEET_COLUMNS * size);
  for (const [i, index] of full.flatMap(({ found }) => found).entries())
    bytes.set(toBytes(data.subarray(index * size, (index + 1) * size)), i * size);
  return [
    {
      title: 'Samples by class',
      caption: `The first ${CLASS_SHEET_COLUMNS} samples of each class, none chosen. Rows: ${full.map(({ name }) => name).join(', ')}.`,
      picture: png(imageSheet(bytes, [full.length * CLASS_SHEET_COLUMNS, ...exampleShape]), true),
    },
  ];
}

/** Where the first samples of a class are, as many as a row shows. */
function firstOfClass(asked: Uint8Array, label: number): number[] {
  const found: number[] = [];
  for (
    let at = asked.indexOf(label);
    at >= 0 && found.length < CLASS_SHEET_COLUMNS;
    at = asked.indexOf(label, at + 1)
  )
    found.push(at);
  return found;
}

function imageSheet(bytes: Uint8Array, shape: readonly number[]): Image {
  const [n, c, h, w] = shape as readonly [number, number, number, number];
  return sheet(bytes, [n, c, h, w], { columns: 10 });
}

function realSheet({ test, exampleShape }: FiniteDataset, most: number): Image {
  const count = Math.min(most, test.count);
  const size = test.examples.length / test.count;
  const first = test.examples.subarray(0, count * size);
  return imageSheet(first instanceof Uint8Array ? first : toBytes(first), [count, ...exampleShape]);
}

function classFigures({ evaluation: { modes, subject }, dataset }: ReportInputs): ReportFigure[] {
  if (!modes || isDistribution(dataset)) return [];
  const total = modes.histogram.reduce((sum, count) => sum + count, 0);
  const bars = modes.histogram.flatMap((count, label) => {
    const name = dataset.classes?.[label] ?? String(label);
    return [
      { class: name, of: 'samples', share: count / total },
      { class: name, of: 'data', share: modes.dataShares[label] ?? 0 },
    ];
  });
  const svg = plotSvg({
    width: 560,
    height: 260,
    fx: { label: null, domain: [...new Set(bars.map((bar) => bar.class))] },
    x: { axis: null, domain: ['samples', 'data'] },
    y: { label: 'share', grid: true, percent: true },
    color: { legend: true, domain: ['samples', 'data'], range: ['#2f6db3', '#b9bfc6'] },
    marks: [Plot.barY(bars, { fx: 'class', x: 'of', y: 'share', fill: 'of' }), Plot.ruleY([0])],
  });
  const caption = `What the classifier sees in the ${subject.samples} samples, beside the labels of the data.`;
  return [{ title: 'Classes', caption, picture: { svg } }];
}

function png(image: Image, pixelated: boolean): ReportFigure['picture'] {
  return { pngBase64: Buffer.from(encodePng(image)).toString('base64'), pixelated };
}

function settings({ evaluation, generator, dataset }: ReportInputs): Record<string, string> {
  const { subject } = evaluation;
  const common = {
    data: subject.data,
    'data fingerprint': dataset.fingerprint.slice(0, 16),
    samples: String(subject.samples),
  };
  if (!generator) return { 'samples file': subject.source, ...common };
  const { config, versions } = generator.record;
  return {
    run: subject.source,
    preset: config.preset,
    step: String(subject.step),
    weights: subject.weights === 'average' ? 'moving average' : 'last',
    'seed of the training': String(config.seed),
    'seed of the samples': String(subject.seed),
    ...common,
    loss: config.loss.name,
    batch: String(config.batch),
    latent: `${config.latentDim}, ${config.latent}`,
    ...Object.fromEntries(Object.entries(versions).map(([name, version]) => [`${name} version`, version])),
  };
}
