import { losses } from '../src/gan/losses.ts';
import { penalties } from '../src/gan/penalties.ts';
import { configFileJsonSchema } from '../src/train/config-json-schema.ts';
import type { LayerConfig } from '../src/train/layer-config.ts';
import type { NetworkConfig } from '../src/train/network-config.ts';
import type { Preset } from '../src/train/preset.ts';
import { presets } from '../src/train/presets.ts';
import type { ScheduleConfig } from '../src/train/schedule-config.ts';
import { markdownTable } from './markdown-table.ts';

/** The parts of a JSON Schema that the config's schema uses. */
interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly description?: string;
}

/** Keys whose values have several forms, and the section that lists them. */
const sections: Readonly<Record<string, string>> = {
  layers: 'list of [layers](#layers)',
  init: '[initial weights](#initial-weights)',
  spectralNorm: '[layer](#layers) with weights',
  equalised: '[layer](#layers) with weights',
  optimiser: '[optimiser](#optimisers)',
  learningRate: 'number or [schedule](#schedules)',
  momentum: 'number or [schedule](#schedules)',
  penalties: 'list of [penalties](#penalties)',
  topK: 'number or [schedule](#schedules)',
  instanceNoise: 'number or [schedule](#schedules)',
  augment: '[augmentation](augmentation.md)',
};

const code = (text: string): string => `\`${text}\``;

/** Bounds that only say "what fits into the type". */
const largest = [2 ** 32 - 1, Number.MAX_SAFE_INTEGER];

function rangeOf(schema: JsonSchema): string {
  const { type, minimum, exclusiveMinimum, exclusiveMaximum } = schema;
  const maximum = largest.includes(schema.maximum ?? Number.NaN) ? undefined : schema.maximum;
  const low = minimum === undefined ? exclusiveMinimum : minimum;
  const high = maximum === undefined ? exclusiveMaximum : maximum;
  const open = minimum === undefined ? '(' : '[';
  const close = maximum === undefined ? ')' : ']';
  if (low !== undefined && high !== undefined) return `${type} in ${open}${low}, ${high}${close}`;
  if (low === undefined) return type!;
  return `${type} ${minimum === undefined ? '>' : '>='} ${low}`;
}

function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum) return schema.enum.map((value) => code(JSON.stringify(value))).join(', ');
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.properties) {
    const members = Object.entries(schema.properties).map(([key, value]) => `"${key}": ${typeOf(value)}`);
    return code(`{${members.join(', ')}}`);
  }
  if (schema.type === 'boolean') return '`true`, `false`';
  if (schema.type === 'array') return 'list of numbers';
  return rangeOf(schema);
}

/** What a description says before its details, which the section has. */
const summaryOf = (description: string): string => `${description.split(/[:.](?=\s|$)/)[0]}.`;

type Row = readonly [key: string, type: string, explanation: string];

/** A row for every key below a schema that has a value of its own. */
function rowsOf({ properties = {} }: JsonSchema, prefix = ''): Row[] {
  return Object.entries(properties).flatMap(([key, schema]) => {
    const path = `${prefix}${key}`;
    if (!(key in sections) && schema.properties) return rowsOf(schema, `${path}.`);
    const { description = '' } = schema;
    // Batch norm's momentum is a number, an optimiser's may be a schedule.
    const section = schema.type === 'number' ? undefined : sections[key];
    return [
      section ? [code(path), section, summaryOf(description)] : [code(path), typeOf(schema), description],
    ];
  });
}

/** The keys of each form that a value can take; a form is told from the others by its first key. */
function formsOf({ anyOf = [] }: JsonSchema): Row[] {
  return anyOf.flatMap((form) => {
    if (!form.properties) return [[typeOf(form), '', form.description ?? ''] as const];
    const [tag] = Object.keys(form.properties);
    const [first, ...beside] = rowsOf(form);
    const isNested = form.properties[tag!]!.properties !== undefined;
    return [
      first!,
      ...beside.map(([key, type, text]): Row => {
        return [isNested && key.startsWith(`\`${tag}.`) ? key : `${key} beside \`${tag}\``, type, text];
      }),
    ];
  });
}

/** The keys of each optimiser, under its name. */
function optimiserRows({ anyOf = [] }: JsonSchema): Row[] {
  return anyOf.flatMap(({ properties = {} }) => {
    const { name, ...rest } = properties;
    return rowsOf({ properties: rest }).map(
      ([key, type, text]): Row => [`${code(String(name!.const))} ${key}`, type, text],
    );
  });
}

const table = (rows: readonly Row[]): string => markdownTable([['key', 'type', 'meaning'], ...rows]);

/** A layer as people say it: `dense 512`, `maxout 240 x 5`, `conv 64, size 4, stride 2`. */
function layerText(layer: LayerConfig): string {
  if (typeof layer === 'string') return layer;
  if ('dropout' in layer) return `dropout ${layer.dropout.include}`;
  if ('maxout' in layer) return `maxout ${layer.maxout.units} x ${layer.maxout.pieces}`;
  if ('dense' in layer)
    return `dense ${layer.dense}${layer.bias === undefined ? '' : ` (bias ${layer.bias})`}`;
  if ('project' in layer)
    return `project to ${layer.project.channels} channels, sides / ${layer.project.factor}`;
  if ('reshape' in layer) return `reshape ${layer.reshape.join(' x ')}`;
  if ('spectralNorm' in layer) return `spectral norm of ${layerText(layer.spectralNorm)}`;
  if ('equalised' in layer) return `equalised ${layerText(layer.equalised)}`;
  const [[name, settings]] = Object.entries(layer) as [[string, object | string | number]];
  if (typeof settings !== 'object') return `${name} ${settings}`;
  const { channels, ...rest } = settings as { readonly channels?: number | 'data' };
  const others = Object.entries(rest).map(([key, value]) => `${key} ${settingText(value)}`);
  return [[name, ...(channels === undefined ? [] : [channels])].join(' '), ...others].join(' ');
}

/** A value of a setting: `2`, `up`, `leakyRelu 0.2`. */
function settingText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.join(' ');
  return Object.entries(value)
    .map(([key, inner]) => `${key} ${settingText(inner)}`)
    .join(' ');
}

/** A schedule as people say it: `0.002 to 0, linear over 8000 steps`. */
export function scheduleText(schedule: ScheduleConfig): string {
  if (typeof schedule === 'number') return String(schedule);
  if ('constant' in schedule) return String(schedule.constant);
  if ('exponential' in schedule) {
    const { from, divisor, floor } = schedule.exponential;
    return `${from} / ${divisor}^updates, at least ${floor}`;
  }
  const [[shape, { from, to, steps, epochs }]] = Object.entries(schedule) as [
    [string, { from: number; to: number; steps?: number; epochs?: number }],
  ];
  return `${from} to ${to}, ${shape} over ${steps === undefined ? `${epochs} epochs` : `${steps} steps`}`;
}

/** The values of a network as rows of `[key, value]`. */
function networkValues(
  name: string,
  { layers, init, optimiser, maxNorm }: NetworkConfig,
): [string, string][] {
  const { name: rule, ...settings } = optimiser;
  return [
    [`${name}.layers`, layers.map(layerText).join(', ')],
    [`${name}.init`, JSON.stringify(init)],
    [`${name}.optimiser.name`, JSON.stringify(rule)],
    ...Object.entries(settings).map(([key, value]): [string, string] => [
      `${name}.optimiser.${key}`,
      scheduleText(value as ScheduleConfig),
    ]),
    ...(maxNorm === undefined ? [] : [[`${name}.maxNorm`, String(maxNorm)] as [string, string]]),
  ];
}

/** Each loss of the list, and what it is. */
const lossRows = (): string[][] => losses.map(({ loss, summary }) => [code(loss.name), summary]);

/** The settings of each penalty of the list; its formula stands at the first of them. */
const penaltyRows = (): string[][] =>
  penalties.flatMap(({ kind: { definition }, summary }) =>
    Object.entries(definition.settings).map(([key, { meaning, default: usual }], index) => [
      code(`${definition.name}.${key}`),
      `${meaning} Default ${usual}.`,
      index === 0 ? summary : '',
    ]),
  );

function valuesOf({ config }: Preset): Map<string, string> {
  const { generator, discriminator, loss, ema, ...rest } = config;
  const plain = (prefix: string, values: object): [string, string][] =>
    Object.entries(values).map(([key, value]) => [prefix + key, JSON.stringify(value)]);
  return new Map([
    ...plain('', rest),
    ...networkValues('generator', generator),
    ...networkValues('discriminator', discriminator),
    ...plain('loss.', loss),
    ...plain('ema.', ema ?? {}),
  ]);
}

/** One row for every key that a preset sets, in the order of the schema; an empty cell where a preset does not set it. */
function presetRows(keys: readonly string[]): string[][] {
  const values = Object.values(presets).map(valuesOf);
  const order = (key: string): number =>
    keys.findIndex((known) => key === known || key.startsWith(`${known}.`));
  const all = [...new Set(values.flatMap((map) => [...map.keys()]))].sort((a, b) => order(a) - order(b));
  return all.map((key) => [code(key), ...values.map((map) => map.get(key) ?? '')]);
}

/** The text of `docs/config.md`: every key of a config with type, meaning and value in each preset, from the schema. */
export function configReference(): string {
  const schema = configFileJsonSchema() as JsonSchema;
  const { $schema: _, ...properties } = schema.properties!;
  const rows = rowsOf({ properties });
  const network = properties['generator']!.properties!;
  const rate = network['optimiser']!.anyOf![0]!.properties!['learningRate']!;
  const keys = rows.map(([key]) => key.replaceAll('`', ''));
  return `# Config

<!-- Written by scripts/write-reference.ts from the schema in src/train/config.ts. Do not edit. -->

A config says everything that a run depends on. It is put together from four sources, each over the one before:

1. the preset (\`--preset\`, else the one that suits the data);
2. a file (\`--config FILE.json\`), which holds any part of a config, or the \`config.json\` of a run;
3. assignments (\`--set key=value\`, repeatable);
4. the flags \`--steps\`, \`--epochs\`, \`--batch\`, \`--seed\`, \`--device\`, \`--threads\`, \`--data-dir\`, \`--size\`, \`--fit\`,
   \`--channels\`, \`--linear\`, \`--classes\`, \`--flip\`, \`--categorical\`, \`--omit\` and the data itself.

Sources merge by the rules of [JSON Merge Patch](https://www.rfc-editor.org/rfc/rfc7396): objects key by key, \`null\` takes a
key away, everything else replaces. Besides, a key takes its alternative away (\`epochs\` removes \`steps\`), an optimiser or
layer of another name starts empty, and whole numbers in a path are places in a list:

\`\`\`sh
zerosum train ring8 --set k=2 --set generator.optimiser.learningRate=0.001
zerosum train --set generator.layers.0.dense=256 --set loss.name=minimax
zerosum train ring8 --set ema=null
\`\`\`

An unknown key is an error. The resolved config of a run is its \`config.json\`. The same schema as JSON Schema, for editors, is
\`node_modules/zerosum/dist/config.schema.json\` (\`"$schema"\` at the top of a config file names it).

## Keys

${table(rows)}

## Losses

Names for \`loss.name\`; \`D(x)\` is the discriminator's output without a sigmoid in all but the first two.

${markdownTable([['name', 'what'], ...lossRows()])}

## Penalties

A penalty is an object whose key says which; its value holds the settings, numbers or [schedules](#schedules), of which each may be left out:
\`{"r1": {"gamma": 2}}\`. They compose with every loss and with each other, each at most once. With \`"every": n\` a penalty is
computed in every n-th step only, from the first, and multiplied by n; the other steps do not compute it at all.

${markdownTable([['setting', 'meaning', 'penalty'], ...penaltyRows()])}

## Layers

A layer is a text or an object; the list goes from input to output. The discriminator ends in one logit, \`{"dense": 1}\`.

${table(formsOf(network['layers']!.items!))}

## Initial weights

${network['init']!.description}

${table(formsOf(network['init']!))}

## Optimisers

An optimiser is an object with \`name\` and the keys of that name.

${table(optimiserRows(network['optimiser']!))}

## Schedules

${rate.description}

${table(formsOf(rate))}

## Values in the presets

What the presets are for: [presets.md](presets.md).

${markdownTable([['key', ...Object.keys(presets).map(code)], ...presetRows(keys)])}
`;
}
