/**
 * Writes docs/image-presets.md: the convolutional preset `images` beside fully connected ones, from evaluated runs.
 *
 *     npx tsx scripts/write-image-presets.ts                                     # from docs/image-presets.json
 *     npx tsx scripts/write-image-presets.ts --from runs/images-1 runs/mnist-1   # takes new results over first
 *
 * A run counts that `zerosum evaluate RUN --metrics frechet,kernel` has measured. Candidates come from
 * scripts/measure-image-candidates.ts.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Evaluation } from '../src/evaluation/evaluation.ts';
import { readLog } from '../src/train/disk/json-lines.ts';
import { readRecord } from '../src/train/disk/run-record.ts';
import { presets } from '../src/train/presets.ts';
import { configDifferences, resolveConfig } from '../src/train/resolve-config.ts';
import { markdownTable } from './markdown-table.ts';
import { measuredCandidates } from './measure-image-candidates.ts';

const file = (name: string): string => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));

/** One evaluated run. */
interface Result {
  readonly data: string;
  readonly preset: string;
  /** Keys of the settings that are not the preset's. */
  readonly changed: readonly string[];
  readonly step: number;
  /** Whether it keeps an average of weights, which was left aside: in a short run that is still the beginning. */
  readonly raw?: boolean;
  /** What the evaluation says of it that a distance must not be read without. */
  readonly notices?: readonly string[];
  readonly frechet: NonNullable<Evaluation['frechet']>;
  readonly kernel: NonNullable<Evaluation['kernel']>;
  /** Fréchet distance along the training, where it was measured. */
  readonly curve: readonly { readonly step: number; readonly frechet: number }[];
}

async function resultOf(folder: string): Promise<Result> {
  const record = await readRecord(folder);
  if (!record) throw new Error(`write-image-presets: ${folder} must be a run, got no config.json`);
  const { config } = record;
  const { preset } = config;
  const { subject, notices, frechet, kernel } = JSON.parse(
    readFileSync(join(folder, 'evaluation.json'), 'utf8'),
  ) as Evaluation;
  if (!frechet || !kernel)
    throw new Error(
      `write-image-presets: ${folder} must be evaluated with --metrics frechet,kernel, got ${frechet ? 'no kernel' : kernel ? 'no frechet' : 'neither'}`,
    );
  const own = resolveConfig({ preset, flags: { data: config.data, seed: config.seed } });
  const log = await readLog(join(folder, 'evaluations.jsonl'));
  return {
    data: config.data,
    preset,
    changed: configDifferences(own, config)
      .map(({ path }) => path)
      .filter(
        (path) => !/^(steps|epochs|device|threads|dataDir|evaluate|checkpointEvery|sampleEvery)/.test(path),
      ),
    step: subject.step!,
    ...(config.ema && subject.weights === 'last' && { raw: true }),
    ...(notices.length > 0 && { notices }),
    frechet,
    kernel,
    curve: log.map(({ step, frechet: value }) => ({ step: Number(step), frechet: Number(value) })),
  };
}

/** About as many as each of the labelled sets has. */
const TRAINING_IMAGES = 50_000;

/** Whether a run shows that a preset learns, and not what it can learn: it made less than half of its steps. */
function isShort({ preset, step }: Result): boolean {
  const { steps, epochs, batch, k } = presets[preset]!.config;
  return step < (steps ?? (epochs! * TRAINING_IMAGES) / (batch * k)) / 2;
}

/** Of the same data and preset the newer result counts, of short runs that of each step. */
function merged(old: readonly Result[], taken: readonly Result[]): readonly Result[] {
  const key = (result: Result): string =>
    `${result.data} ${result.preset} ${isShort(result) ? result.step : ''}`;
  const results = new Map([...old, ...taken].map((result) => [key(result), result]));
  return [...results].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, result]) => result);
}

const named = (result: Result): string =>
  `\`${result.preset}\`${result.changed.length > 0 ? `, other ${result.changed.join(', ')}` : ''}${result.raw ? ', weights as they are' : ''}`;

const columns = ['data', 'preset', 'step', 'Fréchet distance', 'kernel distance'];

function rowOf(result: Result): string[] {
  const { data, step, frechet, kernel } = result;
  const bias = Math.abs(frechet.value - frechet.valueAtHalf);
  const error = frechet.standardError === undefined ? '' : ` ± ${frechet.standardError.toFixed(2)}`;
  return [
    `\`${data}\``,
    named(result),
    step.toLocaleString('en-US'),
    `${frechet.value.toFixed(2)}${error} (${bias.toFixed(1)})`,
    `${kernel.value.toFixed(4)} ± ${kernel.standardError.toFixed(4)}`,
  ];
}

/** The text of docs/image-presets.md. */
function imagePresetsPage(all: readonly Result[]): string {
  const results = all.filter((result) => !isShort(result));
  const short = all.filter(isShort).sort((a, b) => a.frechet.value - b.frechet.value);
  const curves = results
    .filter(({ curve }) => curve.length > 1)
    .map((result) => [
      `\`${result.data}\``,
      named(result),
      result.curve
        .map(({ step, frechet }) => `${step.toLocaleString('en-US')}: ${frechet.toFixed(1)}`)
        .join(', '),
    ]);
  const real = results.flatMap(({ data, frechet, kernel }) =>
    frechet.heldOut === undefined || kernel.heldOut === undefined
      ? []
      : [`${frechet.heldOut.toFixed(1)} and ${kernel.heldOut.toFixed(4)} on ${data}`],
  );
  return `# Convolutional beside fully connected

<!-- Written by scripts/write-image-presets.ts from docs/image-presets.json. Do not edit. -->

The preset \`images\` on data sets that have labels, beside fully connected presets for the same data, each trained once, to the
end of its schedule unless a smaller step is given. Distances are on the features of a classifier that is trained here on
those labels ([evaluation.md](evaluation.md)), the same for all rows of a data set: they compare rows, not papers. Less is better. In
brackets, how much the Fréchet distance moves when half as many images are taken: its bias, which all rows share; the kernel distance
has none. Error bars are those of images and samples, not of other trainings. Real images in the place of samples get ${[...new Set(real)].join('; ')}.

${markdownTable([columns, ...results.map(rowOf)])}

\`cifar10\` by itself sees contrast-normalised images, which would make its distance one of another space; here it sees pixels in
[-1, 1] as \`images\` does, and its generator ends in tanh.

On both sets the distance falls all along and ends below that of the fully connected preset by more than both error bars. Pictures
show the same: fully connected generators leave noise on single pixels, convolutional ones do not. The last sheet of \`images\` on
Fashion-MNIST, nothing chosen:

![100 generated pieces of clothing: shirts, trousers, shoes, bags](images/fashion-mnist-samples.png)

Along the training, Fréchet distance at a step:

${markdownTable([['data', 'preset', 'step: distance'], ...curves])}

\`\`\`sh
zerosum train cifar10 --preset images --evaluate-every 2500 --evaluate frechet
zerosum evaluate images-1 --metrics frechet,kernel
\`\`\`

## Every preset of images, for a few minutes

A short run of each, on one thread: what it has learned after that many steps, not how good it gets; \`dcgan\` after a single step is what
nothing learned looks like. Those with five updates of the discriminator for one of the generator, and those of many layers, make fewer
steps in the same time.

${markdownTable([columns, ...short.map(rowOf)])}
${short.flatMap(({ preset, notices = [] }) => notices.map((notice) => `\n- \`${preset}\`: ${notice}.\n`)).join('')}
${candidates()}`;
}

/** The section on how the preset was chosen. */
function candidates(): string {
  const measured = measuredCandidates();
  const sets = [...new Set(measured.map(({ data }) => data))].sort();
  const names = [...new Set(measured.map(({ candidate }) => candidate))].sort();
  const steps = [...new Set(measured.map(({ step }) => step.toLocaleString('en-US')))].join(' and ');
  const rows = names.map((name) => [
    name,
    ...sets.map((set) => {
      const found = measured.find(({ candidate, data }) => candidate === name && data === set);
      return found ? `${found.kernel.toFixed(3)} ± ${found.standardError.toFixed(3)}` : '';
    }),
  ]);
  return `## How the preset was chosen

Kernel distance of 5,000 samples to training images after ${steps} steps, one training each, less is better: loss and penalty; optimiser of
both networks; channels of the discriminator from the image inwards (the generator's, mirrored). All have DiffAugment and the same seed. ${measured
    .map(({ features, data }) => `\`${data}\` by the ${features}`)
    .filter((text, i, all) => all.indexOf(text) === i)
    .sort()
    .join(', ')}. An empty cell was not tried.

${markdownTable([['candidate', ...sets.map((set) => `\`${set}\``)], ...rows])}
`;
}

const { values, positionals } = parseArgs({
  options: { from: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const json = file('image-presets.json');
const old = existsSync(json) ? (JSON.parse(readFileSync(json, 'utf8')) as Result[]) : [];
const results = values.from ? merged(old, await Promise.all(positionals.map(resultOf))) : old;
writeFileSync(json, `${JSON.stringify(results, undefined, 2)}\n`);
writeFileSync(file('image-presets.md'), imagePresetsPage(results));
