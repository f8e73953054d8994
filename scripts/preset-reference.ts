import { type NamedSet, namedSets } from '../src/data/disk/registry.ts';
import { type Table, tableWidth } from '../src/data/table/table.ts';
import { parameterCount, summary } from '../src/nn/summary.ts';
import { buildGame } from '../src/train/build-game.ts';
import type { AverageConfig } from '../src/train/config.ts';
import type { DatasetFacts } from '../src/train/dataset-facts.ts';
import type { PenaltyConfig } from '../src/train/objective-config.ts';
import type { Preset } from '../src/train/preset.ts';
import { presets } from '../src/train/presets.ts';
import { resolveConfig } from '../src/train/resolve-config.ts';
import { scheduleText } from './config-reference.ts';
import { markdownTable } from './markdown-table.ts';

const number = (value: number): string => value.toLocaleString('en-US');

/** The columns of a table that stands for any: the sizes of networks depend on them. */
const table: Table = {
  columns: [
    ...['area', 'rooms', 'rent'].map(
      (name) =>
        ({ kind: 'numeric', name, mean: 0, deviation: 1, minimum: -1, maximum: 1, decimals: 0 }) as const,
    ),
    { kind: 'categorical', name: 'district', categories: ['harbour', 'hills', 'old town', 'riverside'] },
    { kind: 'categorical', name: 'balcony', categories: ['no', 'yes'] },
  ],
};

/** What a game needs to know of a named set, and how many training examples it has; none are counted of a density. */
function factsOf(name: string): DatasetFacts & { readonly trainCount?: number } {
  if (name === 'table.csv')
    return { name, kind: 'points', exampleShape: [tableWidth(table)], dtype: 'float32', table };
  const set: NamedSet = namedSets.find((candidate) => candidate.name === name)!;
  if (set.source === 'density') {
    const { exampleShape } = set.distribution;
    return { name, kind: 'points', exampleShape, dtype: 'float32' };
  }
  const { exampleShape, counts, classes } = set;
  const facts = { name, kind: 'images', exampleShape, dtype: 'uint8', classes: classes.length } as const;
  return { ...facts, ...(counts && { trainCount: counts.train }) };
}

/** How long a preset trains: its steps, and how often each example is seen in them. */
function lengthOf({ config }: Preset, trainCount: number | undefined): string {
  if (config.epochs !== undefined) {
    if (trainCount === undefined) return `${config.epochs} epochs`;
    const steps = config.epochs * Math.floor(trainCount / (config.k * config.batch));
    return `${number(steps)} steps (${config.epochs} epochs)`;
  }
  const steps = `${number(config.steps!)} steps`;
  if (trainCount === undefined) return steps;
  return `${steps} (${(config.steps! / Math.floor(trainCount / (config.k * config.batch))).toFixed(1)} epochs)`;
}

const averageText = (average: AverageConfig): string =>
  'decay' in average ? `decay ${average.decay}` : `half-life ${number(average.halfLife)} images`;

/** A penalty as people say it: `r1 (gamma 2, every 16)`. */
function penaltyText(penalty: PenaltyConfig): string {
  const [[name, settings]] = Object.entries(penalty) as [[string, PenaltyConfig[string]]];
  return `${name} (${Object.entries(settings)
    .map(([key, value]) => `${key} ${scheduleText(value)}`)
    .join(', ')})`;
}

function section([name, preset]: readonly [string, Preset]): string {
  const { config, description, source } = preset;
  const facts = factsOf(config.data);
  const game = buildGame(resolveConfig({ preset: name }), facts);
  const { generator, discriminator } = game;
  const average = config.ema ? `, weight average of ${averageText(config.ema)}` : '';
  const penalty = config.penalties.map((it) => `, ${penaltyText(it)}`).join('');
  return `## \`${name}\`

${description[0]!.toUpperCase()}${description.slice(1)}.${source === undefined ? '' : `\n\nFigures: ${source}.`}

\`\`\`sh
zerosum train ${config.data === name ? name : `${config.data} --preset ${name}`}
\`\`\`

${markdownTable([
  ['', ''],
  ['data', `\`${config.data}\`, examples [${facts.exampleShape.join(', ')}]`],
  ...(config.pretrained === undefined
    ? []
    : [['starts from', `the generator of the run \`${config.pretrained}\` (key \`pretrained\`)`]]),
  ['length', lengthOf(preset, facts.trainCount)],
  ['step', `batch ${config.batch}, k = ${config.k}, ${config.updateOrder} updates`],
  ['latent z', `${config.latent}, [${config.latentDim}]`],
  ['objective', `${config.loss.name}${config.loss.halved ? ', halved' : ''}${penalty}`],
  [
    'optimisers',
    `${config.generator.optimiser.name} (G), ${config.discriminator.optimiser.name} (D)${average}`,
  ],
  [
    'parameters',
    `${number(parameterCount(generator.network))} (G), ${number(parameterCount(discriminator.network))} (D)`,
  ],
])}

\`\`\`text
${summary(generator.network)}

${summary(discriminator.network)}
\`\`\``;
}

/** The text of `docs/presets.md`: what each preset is for, what it plays with, and its networks. */
export function presetReference(): string {
  return `# Presets

<!-- Written by scripts/write-reference.ts from src/train/presets.ts. Do not edit. -->

A preset is a complete config to start from. \`zerosum train DATA\` without \`--preset\` takes the preset of the data's own name,
\`mnist\` for fashion-mnist, \`ring8\` for the other densities, \`table\` for CSV files, and \`digits\` for everything else. Every value of every preset:
[config.md](config.md#values-in-the-presets).

${Object.entries(presets).map(section).join('\n\n')}
`;
}
