/**
 * Writes docs/future-work.md: what the paper's last section proposed, as it works here, from the results of commands.
 *
 *     npx tsx scripts/write-future-work.ts                           # from the results that are committed
 *     npx tsx scripts/write-future-work.ts --from runs/mnist-1     # takes new results over first; --from as often as wanted
 *
 * Results lie in docs/future-work/ as `zerosum invert`, `zerosum inpaint` and `zerosum features` wrote them.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Evaluation } from '../src/evaluation/evaluation.ts';
import type { Inversion } from '../src/inference/inversion.ts';
import { inversionColumns, inversionRows } from '../src/inference/inversion-text.ts';
import type { Inpainting } from '../src/inpainting/inpainting.ts';
import { inpaintingColumns, inpaintingRows, relativeDiversity } from '../src/inpainting/inpainting-text.ts';
import type { FeatureComparison } from '../src/semi-supervised/disk/compare-features.ts';
import type { LabelledResult, Method } from '../src/semi-supervised/semi-supervised.ts';
import {
  methodNames,
  semiSupervisedColumns,
  semiSupervisedRows,
} from '../src/semi-supervised/semi-supervised-text.ts';
import { readEfficiency, soonerText } from './efficiency-page.ts';
import { markdownTable } from './markdown-table.ts';

const docs = fileURLToPath(new URL('../docs', import.meta.url));
const results = join(docs, 'future-work');

/** What commands leave, by how its name begins, and what it is called here. */
const kinds = [
  [/^inversion-step-\d+(\.json|\.png)$/, 'inversion'],
  [/^completions(?:-\w+)?(\.json|\.png)$/, 'inpainting'],
  [/^game-alone(\.json)$/, 'inpainting-game-alone'],
  [/^features-step-\d+(\.json|\.svg)$/, 'few-labels'],
] as const;

/** What a conditional run leaves: its config, and its evaluation with class accuracy. */
interface Conditional {
  readonly config: { readonly preset: string; readonly versions: Readonly<Record<string, string>> };
  readonly evaluation: Evaluation;
}

/** Of a run whose class accuracy was measured: that, and its sheet by class. */
function takeOverConditional(folder: string): void {
  const path = join(folder, 'evaluation.json');
  if (!existsSync(path)) return;
  const evaluation = JSON.parse(readFileSync(path, 'utf8')) as Evaluation;
  if (!evaluation.classAccuracy) return;
  const { preset, versions } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  const content: Conditional = { config: { preset, versions }, evaluation };
  writeFileSync(join(results, 'conditional.json'), `${JSON.stringify(content, undefined, 2)}\n`);
  const { step, seed } = evaluation.subject;
  const sheet = join(folder, `samples-step-${step}-seed-${seed}.png`);
  if (existsSync(sheet)) copyFileSync(sheet, join(results, 'conditional.png'));
}

function takeOver(folder: string): void {
  takeOverConditional(folder);
  for (const file of readdirSync(folder))
    for (const [pattern, name] of kinds) {
      const extension = pattern.exec(basename(file))?.[1];
      if (extension !== undefined) copyFileSync(join(folder, file), join(results, name + extension));
    }
}

function read<T>(name: string): T | undefined {
  const path = join(results, `${name}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
}

const typeset = (rows: readonly (readonly string[])[]): string[][] =>
  rows.map((row) => row.map((cell) => cell.replaceAll('+-', '±')));

const made = (command: string, versions: Readonly<Record<string, string>>): string =>
  `\`${command}\`; ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}.`;

const notRun = (command: string): string[] => [`Not run for this page yet: \`${command}\`.`, ''];

function inversionSection(): string[] {
  const result = read<Inversion>('inversion');
  if (!result) return notRun('zerosum invert mnist-1 -n 256');
  const { heldOut, samples, encoder, search, step, preset, versions } = result;
  const { encoder: own, searchFromEncoder, searchFromRandom } = heldOut.routes;
  const ratio = (searchFromRandom.error.mean / searchFromEncoder.error.mean).toFixed(1);
  const difference = own.error.mean - searchFromRandom.error.mean;
  const noise = 2 * Math.hypot(own.error.standardError, searchFromRandom.error.standardError);
  const beside =
    Math.abs(difference) < noise
      ? 'about the same error as'
      : `${difference < 0 ? 'less' : 'more'} error than`;
  const faster = (searchFromRandom.secondsPerImage / own.secondsPerImage).toPrecision(1);
  return [
    `![Originals, and what three routes to z made of them](future-work/inversion.png)`,
    '',
    'Left: held-out images, right: samples of the generator itself. In each row the original, then what the generator draws from',
    "the encoder's z, from a search that started there, and from a search that started at random. None is chosen.",
    '',
    `### ${heldOut.count} held-out images`,
    '',
    markdownTable([[...inversionColumns], ...typeset(inversionRows(heldOut))]),
    '',
    `### ${samples.count} samples of the generator, which it can draw exactly`,
    '',
    markdownTable([[...inversionColumns], ...typeset(inversionRows(samples))]),
    '',
    `On held-out images one pass through the encoder leaves ${beside} ${search.steps} steps of search from random z, about ${Number(faster).toLocaleString('en')} times faster; the same search from the encoder's z ends ${ratio} times nearer than from random z, where it ends in local minima. The encoder was trained for ${encoder.steps.toLocaleString('en')} steps; ${(100 * encoder.latentError).toFixed(0)} % of the variance of z is beyond it, since directions of z that hardly show in an image cannot be read from it: its z is a mean over them, whose norm is smaller than that of a draw (1 in the table).`,
    '',
    `The search keeps z in ${search.support}, where draws of p(z) are; a uniform z is kept in its box, a spherical one on its sphere.`,
    '',
    `${made('zerosum invert mnist-1 -n 256', versions)} The run: preset \`${preset}\`, ${step.toLocaleString('en')} steps. Times are of a shared machine.`,
    '',
  ];
}

function inpaintingSection(): string[] {
  const result = read<Inpainting>('inpainting');
  const command = 'zerosum inpaint mnist';
  if (!result) return notRun(command);
  const alone = read<Inpainting>('inpainting-game-alone');
  const shares = (of: Inpainting): string => {
    const all = of.parts.map((part) => 100 * relativeDiversity(part));
    return `${Math.min(...all).toFixed(0)} to ${Math.max(...all).toFixed(0)} %`;
  };
  const steps = (of: Inpainting): string => of.inpainter.steps.toLocaleString('en');
  return [
    '![Originals, what is known of them, completions](future-work/inpainting.png)',
    '',
    'In each row: a held-out image, what is known of it, the completion of a network that was trained to predict the mean, and six',
    'draws for six z. One network made all of them; none is chosen.',
    '',
    markdownTable([[...inpaintingColumns(result)], ...typeset(inpaintingRows(result))]),
    '',
    `Squared errors of a hidden pixel over ${result.count.toLocaleString('en')} held-out images, ± a standard error. The mean predictor cannot be beaten here and is not meant to be: a draw of the exact conditional distribution has twice its error, and two draws differ by as much as that. The column _of exact draws_ says how much of that difference there is, ${shares(result)}: below 100 % draws are too much alike, above it they vary too much.`,
    ...(result.features
      ? [
          '',
          `Fréchet distances compare whole images with as many real ones, on the features of the ${result.features.name}; the held-out images themselves are at ${result.features.heldOut.toFixed(2)}. They see what squared errors reward: means of completions are no images.`,
        ]
      : []),
    ...(alone
      ? [
          '',
          `Without the energy score, after ${steps(alone)} steps of the game alone, draws for one image are nearly the same: they differ by ${shares(alone)} of what exact ones would. A discriminator that sees one completion at a time has no reason to ask for another; the energy score, which is smallest for the exact distribution alone, has.`,
        ]
      : []),
    '',
    made(`${command} --steps ${result.inpainter.steps}`, result.versions),
    '',
  ];
}

function fewLabelsSection(): string[] {
  const result = read<FeatureComparison>('few-labels');
  const command = 'zerosum features mnist-1';
  if (!result) return notRun(command);
  const points = (labels: LabelledResult, a: Method, b: Method): string => {
    const difference = 100 * (labels.accuracy[a].mean - labels.accuracy[b].mean);
    return `${difference >= 0 ? '+' : '−'}${Math.abs(difference).toFixed(1)}`;
  };
  const gains = (a: Method, b: Method): string =>
    result.results
      .map((labels) => `${points(labels, a, b)} with ${labels.labels.toLocaleString('en')} labels`)
      .join(', ');
  return [
    '![Test error over the number of labels](future-work/few-labels.svg)',
    '',
    markdownTable([[...semiSupervisedColumns(result)], ...typeset(semiSupervisedRows(result))]),
    '',
    `Per cent of ${result.testing.toLocaleString('en')} test images that are classified right, mean ± standard error over ${result.seeds.length} seeds, each with other labels and other initial weights. All classifiers have the same settings, which no test or validation label chose. What D learned without labels, in points of accuracy:`,
    '',
    `- ${methodNames.fineTuned}, against the same network from scratch: ${gains('fineTuned', 'scratch')};`,
    `- ${methodNames.features}, against the same on an untrained D: ${gains('features', 'randomFeatures')};`,
    `- ${methodNames.features}, against the pixels: ${gains('features', 'pixels')}.`,
    '',
    `${made(command, result.versions)} The run: preset \`${result.preset}\`, ${result.step.toLocaleString('en')} steps on ${result.unlabelled.toLocaleString('en')} images without labels; ${result.features} features of all hidden layers.`,
    '',
  ];
}

function conditionalSection(): string[] {
  const { evaluation, config } = read<Conditional>('conditional') ?? {};
  if (!evaluation?.classAccuracy || !config)
    return notRun(
      'zerosum train mnist --preset cgan && zerosum sample cgan-1 && zerosum evaluate cgan-1 --metrics classAccuracy',
    );
  const { value, standardError, testImages, byClass, protocol } = evaluation.classAccuracy;
  const { step = 0, data, seed } = evaluation.subject;
  const command = `zerosum train ${data} --preset ${config.preset} --steps ${step} && zerosum evaluate ${config.preset}-1 --metrics classAccuracy`;
  return [
    ...(existsSync(join(results, 'conditional.png'))
      ? [
          '![Samples of each class](future-work/conditional.png)',
          '',
          'A class a row, the same z down each column. None is chosen.',
          '',
        ]
      : []),
    markdownTable([
      ['class', 'samples', 'named as asked'],
      ...byClass.map((of) => [of.name, String(of.samples), of.value.toFixed(3)]),
      ['all', String(protocol.samples), `${value.toFixed(4)} ± ${standardError.toFixed(4)}`],
      [`test images of ${data}`, String(protocol.testImages), testImages.toFixed(4)],
      ['guessing', '', (1 / protocol.classes).toFixed(4)],
    ]),
    '',
    `${made(command, config.versions)} Samples of seed ${seed}, classes drawn uniformly; ${protocol.classifier}.`,
    '',
  ];
}

/** The page, from the results in docs/future-work/. */
export function futureWorkPage(): string {
  return [
    "# The paper's future work",
    '',
    'The last section of _Generative Adversarial Nets_ (Goodfellow et al., 2014) proposes five extensions. Each is a feature here,',
    'with a command, an example and a measurement. This page is written by `npx tsx scripts/write-future-work.ts` from the results',
    'that the commands left; no number in it is typed.',
    '',
    '## 1. Conditional generation',
    '',
    '> A conditional generative model p(x | c) can be obtained by adding c as input to both G and D.',
    '',
    'Key `labels` of the config gives the class of each example to layers of both networks: put beside z and the image',
    '(`concatLabels`, preset `cgan`), as gain and bias of batch norm, as a projection, or as what D has to name itself (preset `acgan`).',
    '`zerosum sample RUN --label 7` draws one class, `--label 3,5` several, without it a picture has a class a row, the same z down',
    'each column. `zerosum evaluate RUN --metrics classAccuracy` asks a classifier that was trained on the real images for the class of',
    'each sample. In code: [examples/09-conditional.ts](../examples/09-conditional.ts).',
    '',
    ...conditionalSection(),
    '## 2. Learned approximate inference',
    '',
    '> Learned approximate inference can be performed by training an auxiliary network to predict z given x. This is similar to the',
    '> inference net trained by the wake-sleep algorithm but with the advantage that the inference net may be trained for a fixed',
    '> generator net after the generator net has finished training.',
    '',
    '`zerosum invert RUN` trains that network on pairs (z, G(z)) once for a checkpoint, keeps it in the run folder, and compares it',
    'with a search for z by gradient descent (Adam, the generator standing still, as a graph). `zerosum invert RUN photo.png` finds the',
    'z of pictures. In code: [examples/06-invert.ts](../examples/06-invert.ts).',
    '',
    ...inversionSection(),
    '## 3. All conditionals',
    '',
    '> One can approximately model all conditionals p(x_S | x_not S) where S is a subset of the indices of x by training a family of',
    '> conditional models that share parameters.',
    '',
    '`zerosum inpaint DATA` trains one network that sees z, the known pixels of an image and which they are; the discriminator sees',
    'completed and real images beside the same mask. Masks are random: rectangles, halves, single pixels from none to all.',
    '`zerosum inpaint DATA photo.png --hide mask.png` completes pictures. In code: [examples/07-inpaint.ts](../examples/07-inpaint.ts).',
    '',
    ...inpaintingSection(),
    '## 4. Semi-supervised learning',
    '',
    '> Features from the discriminator or inference net could improve performance of classifiers when limited labeled data is',
    '> available.',
    '',
    "`zerosum features RUN` trains classifiers on a run's discriminator with a few labels, beside the same network from scratch. It is",
    'a command of its own, not a part of `reproduce`, because the paper reports no such numbers and any run of labelled data can be',
    'asked. In code: [examples/08-few-labels.ts](../examples/08-few-labels.ts).',
    '',
    ...fewLabelsSection(),
    '## 5. Efficiency',
    '',
    '> Training could be accelerated greatly by devising better methods for coordinating G and D or determining better distributions',
    '> to sample z from during training.',
    '',
    'Better coordination: updates of D only where it is behind (`adaptiveK`), lazy and thresholded costs (`loss.lazy`), the best of a',
    'batch (`loss.topK`), several updates (`k`), lazy penalties. Better distributions: `latent`, `latentDim`, and one that is learned',
    '(layer `mixture`). Each is a key of the config, documented in [config.md](config.md), and each was timed to a fixed value of the',
    'evaluation beside the preset as it is: all steps and seconds are in [efficiency.md](efficiency.md). In code:',
    '[examples/10-race.ts](../examples/10-race.ts).',
    '',
    "![Seconds to the value beside the default's, for every variant and seed](future-work/efficiency.svg)",
    '',
    'Sooner than the default with every seed:',
    '',
    ...(['ring8', 'digits'] as const).map((set) => `- ${soonerText(readEfficiency(), set)}`),
    '',
    'None was tuned for this; the presets were. What helps eight Gaussians from a z of two dimensions need not help images.',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values: flags } = parseArgs({ options: { from: { type: 'string', multiple: true } } });
  mkdirSync(results, { recursive: true });
  for (const folder of flags.from ?? []) takeOver(folder);
  writeFileSync(join(docs, 'future-work.md'), `${futureWorkPage()}\n`);
  console.log('docs/future-work.md');
}
