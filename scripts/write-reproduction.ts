/**
 * Writes docs/reproduction.md: what was measured here beside what was published, from the results of `zerosum reproduce`.
 *
 *     npx tsx scripts/write-reproduction.ts                        # from the results that are committed
 *     npx tsx scripts/write-reproduction.ts --from reproductions   # takes new results over first
 *
 * Results lie in docs/reproductions/ as `reproduce` wrote them; runs and training images are never taken over.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Figure2 } from '../src/reproduce/disk/reproduce-figure2.ts';
import { figure2Parts } from '../src/reproduce/disk/reproduce-figure2.ts';
import type { Figure3 } from '../src/reproduce/disk/reproduce-figure3.ts';
import type { Table1 } from '../src/reproduce/table1.ts';
import { table1Rows } from '../src/reproduce/table1-text.ts';
import { presets } from '../src/train/presets.ts';
import { markdownTable } from './markdown-table.ts';

const docs = fileURLToPath(new URL('../docs', import.meta.url));
const results = join(docs, 'reproductions');

/** Copies what may be shown: numbers, curves, generated samples; of faces, nothing with training images in it. */
function takeOver(from: string): void {
  for (const folder of readdirSync(from)) {
    const table = join(from, folder, 'table1.json');
    if (existsSync(table)) {
      copyFileSync(table, join(results, `${folder}.json`));
      copyFileSync(join(from, folder, 'table1.svg'), join(results, `${folder}.svg`));
    }
    for (const { part } of figure2Parts) {
      const source = join(from, folder, `figure2${part}`);
      if (!existsSync(`${source}.json`)) continue;
      copyFileSync(`${source}.json`, join(results, `figure2${part}.json`));
      const shown = part === 'b' ? `${source}-samples.png` : `${source}.png`;
      copyFileSync(shown, join(results, `figure2${part}.png`));
    }
    for (const name of ['figure3.json', 'figure3.png', 'figure3.gif', 'figure1.svg', 'figure1.json'])
      if (existsSync(join(from, folder, name))) copyFileSync(join(from, folder, name), join(results, name));
  }
}

function read<T>(name: string): T | undefined {
  const path = join(results, `${name}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
}

const minutes = (seconds: number): string =>
  seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;

const provenance = (
  { seed, seconds, versions }: Pick<Table1, 'seed' | 'seconds' | 'versions'>,
  command: string,
): string =>
  `\`${command}\`, seed ${seed}, ${minutes(seconds)} of training on a shared machine with 2 cores; ${Object.entries(
    versions,
  )
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}.`;

function table1Section(name: string, title: string, command: string, text: readonly string[]): string[] {
  const result = read<Table1>(name);
  if (!result) return [`### ${title}`, '', `Not run for this page yet: \`${command}\`.`, ''];
  const rows = table1Rows(result).map(([label, value]) => [label.trim(), value.replaceAll('+-', '±')]);
  const curve = result.curve.map(({ step, parzen, averaged }) => [
    String(Math.round(step / result.stepsPerEpoch)),
    parzen.toFixed(1),
    averaged.toFixed(1),
  ]);
  return [
    `### ${title}`,
    '',
    ...text.flatMap((paragraph) => [paragraph, '']),
    markdownTable([['', 'nats'], ...rows]),
    '',
    `![Parzen log-likelihood along the training](reproductions/${name}.svg)`,
    '',
    '<details><summary>The curve in numbers</summary>',
    '',
    markdownTable([['epoch', 'weights as they are', 'moving average'], ...curve]),
    '',
    '</details>',
    '',
    bestOf(result),
    '',
    ...lengthNote(result),
    provenance(result, command),
    '',
  ];
}

/** A run that was stopped before its preset's end says so, and one that went on beyond it. */
function lengthNote({ preset, epochs, curve, stepsPerEpoch }: Table1): string[] {
  const planned = presets[preset]?.config.epochs;
  if (planned === undefined || epochs === planned) return [];
  if (epochs < planned)
    return [
      `Stopped here after ${Number(epochs.toFixed(1))} of the preset's ${planned} epochs, still rising: the same command goes on from there.`,
      '',
    ];
  const there = curve.find(({ step }) => step >= planned * stepsPerEpoch);
  const value = there
    ? `: at ${Math.round(there.step / stepsPerEpoch)} it had ${there.parzen.toFixed(1)}, its moving average ${there.averaged.toFixed(1)}`
    : '';
  return [`Trained beyond the ${planned} epochs after which the preset stops${value}.`, ''];
}

/** Where the curve is highest, which is seldom at its end: the measure rewards smoothness, not likeness. */
function bestOf({ curve, step: end, last, averaged: average, stepsPerEpoch, baselines }: Table1): string {
  const atEnd = { step: end, parzen: last.logLikelihood, averaged: average.logLikelihood };
  const points = [...curve, atEnd].flatMap(({ step, parzen, averaged }) => [
    { epoch: step / stepsPerEpoch, value: parzen, weights: 'the weights as they are' },
    { epoch: step / stepsPerEpoch, value: averaged, weights: 'the moving average' },
  ]);
  const best = points.reduce((a, b) => (b.value > a.value ? b : a));
  const above =
    best.value > baselines.trainingData
      ? ' That is more than real training images score in the place of samples: an average of weights that still move draws smooth images, and smooth is what the measure rewards. It does not mean better.'
      : '';
  return `The largest value along the way is ${best.value.toFixed(1)} nats, of ${best.weights} after ${Math.round(best.epoch)} epochs.${above}`;
}

function figure2Section(): string[] {
  const parts = figure2Parts.flatMap(({ part, what, released }) => {
    const result = read<Figure2>(`figure2${part}`);
    const command = `zerosum reproduce figure2 --part ${part}`;
    if (!result)
      return [`### Figure 2 ${part}: ${what}`, '', `Not run for this page yet: \`${command}\`.`, ''];
    const { nearDuplicates, heldOutNearDuplicates, medianDistanceRatio, protocol } = result.neighbours;
    const column =
      part === 'b'
        ? 'Generated samples only: the training faces may not be shown. The figure with its last column stays in the folder of the reproduction.'
        : 'Boxed at the end of each row: the training image nearest to the sample before it.';
    return [
      `### Figure 2 ${part}: ${what}`,
      '',
      `![Samples](reproductions/figure2${part}.png)`,
      '',
      `${column} The first samples of the generator, none chosen. Made by the preset \`${result.preset}\`, which takes minutes; the released recipe at full size is \`${released}\`.`,
      '',
      `Copies: ${nearDuplicates} of ${protocol.samples} samples pass the test for near duplicates (${heldOutNearDuplicates} of ${protocol.heldOut} held-out images do); samples lie ${medianDistanceRatio.toFixed(2)} times as far from their nearest training image as held-out images.`,
      '',
      provenance(result, command),
      '',
    ];
  });
  return parts;
}

function figure3Section(): string[] {
  const result = read<Figure3>('figure3');
  if (!result) return ['Not run for this page yet: `zerosum reproduce figure3`.', ''];
  return [
    '![Digits along straight lines in z space](reproductions/figure3.png)',
    '',
    `${result.lines} lines between random pairs of z, ${result.points} points each, in equal steps; as an animation: [figure3.gif](reproductions/figure3.gif).`,
    '',
    provenance(result, 'zerosum reproduce figure3'),
    '',
  ];
}

/** The page, from the results in docs/reproductions/. */
export function reproductionPage(): string {
  return [
    '# The paper, reproduced',
    '',
    '_Generative Adversarial Nets_ (Goodfellow et al., 2014): every table and figure, what was published beside what was',
    'measured here. This page is written by `npx tsx scripts/write-reproduction.ts` from the results that the commands left;',
    'no number in its tables is typed. What was not run says so. The theory has [a page of its own](theory.md), and so have',
    '[the measures](measures.md) and [table 2](generative-approaches.md).',
    '',
    '## Table 1: Parzen window log-likelihoods',
    '',
    '10,000 samples, a Gaussian on each, its deviation chosen by the log-likelihood of 1,000 validation images from ten values',
    'between 0.1 and 1, then the mean over all test images: the protocol of the released code. Read it with care: real training',
    'images in the place of samples score what the row says, and centroids of k-means score far above real images, so a higher',
    'value means smoother, not better (Theis et al. 2016).',
    '',
    'The trainings behind the results that are committed now were begun by `zerosum train` with the settings of these presets, and',
    'the first points of the curves were measured afterwards on checkpoints that had been kept. The commands below went on from',
    'there: the released recipe most of its way, stopped and resumed several times.',
    '',
    ...table1Section('table1-mnist', 'MNIST, the released recipe', 'zerosum reproduce table1 --epochs 400', [
      'Both networks updated from the same parameters, halved objective of D, SGD with momentum rising from .5 to .7, maxout and dropout: `mnist.yaml` as released. The moving average of the weights (decay .9995 a step) only watches: it is not part of the recipe and changes nothing in it.',
      'D does not win for good: it is ahead in the first epochs (D(G(z)) near .03 while D(x) is near .95) and G catches up from then on, because its non-saturating loss keeps a gradient. What the recipe needs is patience.',
    ]),
    ...table1Section(
      'table1-mnist-mnist-long',
      'MNIST, the same networks, a modern recipe',
      'zerosum reproduce table1 --preset mnist-long',
      [
        'The layers of the paper (1200 - 1200 - 784; maxout 240 x 5 twice) with R1 in the place of dropout, Adam with its rate falling to 0, and averaged weights.',
      ],
    ),
    ...table1Section(
      'table1-faces-faces',
      'Faces, a stand-in for the Toronto Face Database',
      'zerosum reproduce table1 --data faces --preset faces',
      [
        'The Toronto Face Database is handed out by its authors only, so these are other images (48 x 48, few of them) and **no reproduction of the published column**: the published values stand here because the protocol is theirs. With the original file, `zerosum reproduce table1 --data tfd` runs the released networks on it.',
      ],
    ),
    '## Figure 1: the game on a line',
    '',
    ...(existsSync(join(results, 'figure1.svg'))
      ? [
          '![p_data, p_g, D and the map from z to x in four moments of a training](reproductions/figure1.svg)',
          '',
          '`zerosum reproduce figure1`: a real training run with exact densities.',
          '',
        ]
      : ['Not run for this page yet: `zerosum reproduce figure1`.', '']),
    '## Figure 2: samples and their nearest training images',
    '',
    ...figure2Section(),
    '## Figure 3: interpolation in z space',
    '',
    ...figure3Section(),
    '## Table 2: generative approaches',
    '',
    'A comparison in words: [generative-approaches.md](generative-approaches.md).',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values: flags } = parseArgs({ options: { from: { type: 'string' } } });
  mkdirSync(results, { recursive: true });
  if (flags.from !== undefined) takeOver(flags.from);
  writeFileSync(join(docs, 'reproduction.md'), `${reproductionPage()}\n`);
  console.log('docs/reproduction.md');
}
