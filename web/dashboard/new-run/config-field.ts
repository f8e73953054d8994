/** A part of a JSON Schema, as far as a form needs it. */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly (string | number)[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly default?: unknown;
  readonly required?: readonly string[];
}

/** One setting of a config, with how it is asked for. */
export interface ConfigField {
  /** Key path, as `--set` takes it. */
  readonly path: string;
  /** Settings of one group stand together. */
  readonly group: string;
  readonly description: string;
  /** `json`: anything that JSON can say, in one text. */
  readonly kind: 'number' | 'integer' | 'switch' | 'choice' | 'text' | 'json';
  readonly choices: readonly (string | number)[];
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  /** What the preset has; undefined where it has none. */
  readonly preset: unknown;
}

const groups: Readonly<Record<string, readonly string[]>> = {
  Generator: ['generator'],
  Discriminator: ['discriminator'],
  'Loss and penalties': ['loss', 'penalties', 'augment', 'instanceNoise'],
  'Average of the generator': ['ema'],
  'How the data is read': ['images', 'table'],
  'What is written, and how often': ['checkpointEvery', 'sampleEvery', 'logEvery', 'gradientNormsEvery'],
  'What executes it': ['device', 'threads'],
};

/** The heading that a top-level key stands under. */
const groupOf = (key: string): string =>
  Object.entries(groups).find(([, keys]) => keys.includes(key))?.[0] ?? 'Game';

/** A JSON object. */
type Values = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Every setting that a schema has, beside what a preset says: objects are taken apart, of alternatives the one that the
 * preset chose; lists, such as layers, stay whole.
 *
 * @param left - top-level keys to leave out
 */
export function configFields(
  schema: Schema,
  preset: Values,
  left: readonly string[],
): readonly ConfigField[] {
  return Object.entries(schema.properties ?? {})
    .filter(([key]) => !left.includes(key) && !key.startsWith('$'))
    .flatMap(([key, part]) => fieldsOf(part, preset[key], key, part.description ?? ''));
}

function fieldsOf(schema: Schema, value: unknown, path: string, description: string): ConfigField[] {
  const chosen = alternativeOf(schema, value);
  const { properties } = chosen;
  if (!properties || (value !== undefined && !isObject(value)))
    return [leaf(schema, value, path, schema.description ?? chosen.description ?? description)];
  return Object.entries(properties).flatMap(([key, part]) => {
    const names = (schema.anyOf ?? []).flatMap((other) => choicesOf(other.properties?.[key] ?? {}));
    const whole = names.length > 1 ? { ...part, enum: names } : part;
    return fieldsOf(whole, isObject(value) ? value[key] : undefined, `${path}.${key}`, description);
  });
}

/**
 * Of a schema with alternatives the one that a value is of. The schema itself where there are none, or not all are objects:
 * what can be a number as well as a schedule is asked for in one text.
 */
function alternativeOf(schema: Schema, value: unknown): Schema {
  if (!schema.anyOf?.every(({ properties }) => properties) || !isObject(value) || isSchedule(schema))
    return schema;
  return schema.anyOf.find((alternative) => fits(alternative, value)) ?? schema;
}

/** Whether the alternatives are told apart by which single key they have. */
const isSchedule = ({ anyOf = [] }: Schema): boolean =>
  anyOf.some(({ properties }) => properties?.['linear']);

function fits({ properties, required = [] }: Schema, value: Values): boolean {
  if (!properties) return false;
  return (
    Object.keys(value).every((key) => key in properties) &&
    required.every((key) => key in value) &&
    Object.entries(properties).every(([key, { const: only }]) => only === undefined || value[key] === only)
  );
}

function leaf(schema: Schema, value: unknown, path: string, description: string): ConfigField {
  const choices = choicesOf(schema);
  const { minimum = schema.exclusiveMinimum, maximum = schema.exclusiveMaximum } = schema;
  const group = groupOf(path.split('.')[0]!);
  return {
    path,
    group,
    description,
    kind: kindOf(schema, choices),
    choices,
    minimum,
    maximum,
    preset: value,
  };
}

function kindOf({ type }: Schema, choices: readonly unknown[]): ConfigField['kind'] {
  if (choices.length > 0) return 'choice';
  if (type === 'integer' || type === 'number') return type;
  if (type === 'boolean') return 'switch';
  return type === 'string' ? 'text' : 'json';
}

function choicesOf({ enum: names, const: only }: Schema): readonly (string | number)[] {
  if (names) return names;
  return typeof only === 'string' ? [only] : [];
}

/** A value as a field shows it: plain text for text, JSON for everything else, a list's entries in lines of their own. */
export function fieldText(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  if (!Array.isArray(value) || value.length < 2) return JSON.stringify(value);
  return `[\n${value.map((entry) => `  ${JSON.stringify(entry)}`).join(',\n')}\n]`;
}

/** What a text in a field stands for: JSON, and text where it is none, as `--set` reads it. */
export function fieldValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The setting that a key path belongs to: of `generator.layers[2].dense` it is `generator.layers`; undefined where there is none. */
export function fieldOf(keyPath: string, paths: readonly string[]): string | undefined {
  const holds = (path: string): boolean =>
    keyPath === path || keyPath.startsWith(`${path}.`) || keyPath.startsWith(`${path}[`);
  return paths.filter(holds).sort((a, b) => b.length - a.length)[0];
}
