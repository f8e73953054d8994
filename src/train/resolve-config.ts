import type * as z from 'zod';
import { ConfigError } from '../errors.ts';
import { oneOf } from '../nearest-name.ts';
import { type Config, configSchema } from './config.ts';
import { configError, shown } from './config-error.ts';
import { type ConfigPatch, isObject, mergeConfig, parseAssignment } from './config-merge.ts';
import { imagesSchema } from './images-config.ts';
import { fromOlderConfig } from './older-config.ts';
import { presetFor, presets, type SuitedFacts } from './presets.ts';
import { tableSchema } from './table-config.ts';

/** What a user asked for; each source wins over those above it. */
export interface ConfigRequest {
  /** Name of a preset. Default: `preset` of `file`, else the preset that suits the data. */
  readonly preset?: string | undefined;
  /** Content of a config file: any part of a config, or the `config.json` of a run. */
  readonly file?: unknown;
  /** Assignments `key.path=value`. */
  readonly set?: readonly string[] | undefined;
  /** Flags of the command line; undefined ones are left out. */
  readonly flags?: ConfigPatch | undefined;
}

/** Keys that a file may hold beside a config: the editor's link to the schema, and what a run folder adds. */
const fileKeys = ['$schema', 'formatVersion', 'versions', 'forkedFrom', 'dataset'];

/** The patches of a request, weakest first. */
function patchesOf({ file = {}, set = [], flags = {} }: ConfigRequest): ConfigPatch[] {
  if (!isObject(file)) throw new ConfigError(`config file: must hold a JSON object, got ${shown(file)}`);
  const fromFile = fromOlderConfig(
    Object.fromEntries(Object.entries(file).filter(([key]) => !fileKeys.includes(key))),
  );
  // Naming an optimiser empties it, so that `learningRate` is kept whichever of the two assignments comes first.
  const naming = (assignment: string) => Number(/^[^=]*\.name\s*=/.test(assignment));
  const assignments = [...set].sort((a, b) => naming(b) - naming(a)).map(parseAssignment);
  return [fromFile, ...assignments, flags];
}

/** As `mergeConfig`, for `reduce`, which would pass the index for the path. */
function mergeOver(base: unknown, patch: ConfigPatch): unknown {
  return mergeConfig(base, patch);
}

/**
 * A checked config from anything.
 *
 * @param origin - what an error names as its source. Default `config`
 * @throws ConfigError with key path, value, what is allowed and the nearest key
 */
export function parseConfig(value: unknown, origin = 'config'): Config {
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw configError(origin, parsed.error.issues[0]!, value);
}

/** What a request says of its data, which may have to be looked at before there is a preset. */
export interface RequestedData {
  /** A preset that is named. Without one, the data is to say which suits it. */
  readonly preset?: unknown;
  readonly data?: string;
  readonly dataDir?: string;
  readonly images?: Config['images'];
  readonly table?: Config['table'];
}

/** @throws ConfigError where a file or an assignment cannot be read, or says what cannot be of how the data is read */
export function requestedData(request: ConfigRequest): RequestedData {
  const merged = patchesOf(request).reduce<unknown>(mergeOver, {}) as ConfigPatch;
  const { data, dataDir } = merged;
  const preset = request.preset ?? merged['preset'];
  const images = readingIn(merged, 'images', imagesSchema);
  const table = readingIn(merged, 'table', tableSchema);
  return {
    ...(preset === undefined ? {} : { preset }),
    ...(typeof data === 'string' ? { data } : {}),
    ...(typeof dataDir === 'string' ? { dataDir } : {}),
    ...(images ? { images } : {}),
    ...(table ? { table } : {}),
  };
}

function readingIn<T>(merged: ConfigPatch, key: string, schema: z.ZodType<T>): T | undefined {
  if (merged[key] === undefined) return undefined;
  const { data, error } = schema.safeParse(merged[key]);
  if (!error) return data;
  const [issue] = error.issues;
  throw configError('config', { ...issue!, path: [key, ...issue!.path] }, merged);
}

/**
 * The config that a request stands for: preset, then file, then `--set`, then flags, each over the one before.
 *
 * @param facts - what the data is, by which a preset is chosen for data that has no name. Default: nothing is known of it
 * @throws ConfigError for an unknown preset, key or name, and for a value out of its range
 */
export function resolveConfig(request: ConfigRequest = {}, facts?: SuitedFacts): Config {
  const patches = patchesOf(request);
  const asked = (key: string) => patches.findLast((patch) => patch[key] !== undefined)?.[key];
  const preset = request.preset ?? asked('preset') ?? presetFor(asked('data'), facts);
  if (typeof preset !== 'string' || !Object.hasOwn(presets, preset))
    throw new ConfigError(
      `config: unknown preset: ${preset}. ${oneOf(String(preset), Object.keys(presets))}`,
    );
  const start = presets[preset]!.config;
  return parseConfig([...patches, { preset }].reduce<unknown>(mergeOver, start));
}

/** The keys that may change when a run is resumed: where it stops, what executes it, how often it reports. */
export const resumableKeys: readonly (keyof Config)[] = [
  'steps',
  'epochs',
  'device',
  'threads',
  'checkpointEvery',
  'sampleEvery',
  'logEvery',
  'gradientNormsEvery',
  // Only says where the bytes lie; that they are the same bytes is for the data set's fingerprint to say.
  'dataDir',
];

/** A setting that differs, with its path in both configs. */
export interface ConfigDifference {
  readonly path: string;
  readonly saved: unknown;
  readonly requested: unknown;
}

/** JSON with the keys of every object sorted: equal values give equal text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

function compare(saved: unknown, requested: unknown, path: string): ConfigDifference[] {
  if (isObject(saved) && isObject(requested)) {
    const keys = [...new Set([...Object.keys(saved), ...Object.keys(requested)])];
    return keys.flatMap((key) => compare(saved[key], requested[key], path === '' ? key : `${path}.${key}`));
  }
  return canonicalJson(saved) === canonicalJson(requested) ? [] : [{ path, saved, requested }];
}

/** The settings in which two configs differ, in the order of the schema. */
export function configDifferences(saved: Config, requested: Config): readonly ConfigDifference[] {
  return compare(saved, requested, '');
}

/** The settings in which `requested` would not continue the run of `saved`, in the order of the schema. */
export function resumeDifferences(saved: Config, requested: Config): readonly ConfigDifference[] {
  return configDifferences(saved, requested).filter(({ path }) => !resumableKeys.some((key) => key === path));
}

/**
 * The config with which a run goes on: the saved one, with what the request changes of where to stop, what to run on
 * and how often to report.
 *
 * @throws ConfigError naming both values where the request changes anything else
 */
export function resumeConfig(saved: Config, request: ConfigRequest = {}): Config {
  const patches = [...patchesOf(request), { preset: request.preset }];
  const requested = parseConfig(patches.reduce<unknown>(mergeOver, saved));
  const [first] = resumeDifferences(saved, requested);
  if (!first) return requested;
  throw new ConfigError(
    `resume: ${first.path} must stay ${shown(first.saved)} as the run was started, got ${shown(first.requested)}. Start a new run to change it`,
  );
}

/** The keys that a fork keeps: what it learns from. Whatever gives a game other variables cannot change either. */
const forkedKeys: readonly (keyof Config)[] = ['preset', 'data', 'images', 'table', 'pretrained'];

/**
 * The config of a fork: the saved one, with what the request changes.
 *
 * @throws ConfigError naming both values where the request changes what the run learns from
 */
export function forkConfig(saved: Config, request: ConfigRequest = {}): Config {
  const patches = [...patchesOf(request), { preset: request.preset }];
  const requested = parseConfig(patches.reduce<unknown>(mergeOver, saved));
  const first = configDifferences(saved, requested).find(({ path }) =>
    forkedKeys.some((key) => key === path.split(/[.[]/)[0]),
  );
  if (!first) return requested;
  throw new ConfigError(
    `fork: ${first.path} must stay ${shown(first.saved)} as in the run that is forked, got ${shown(first.requested)}. Start a new run to change it`,
  );
}

/**
 * The part of a config that decides the numbers of a run, as JSON with sorted keys: without where to stop, what to run
 * on and how often to report, and without the names of preset and data (the data's fingerprint stands for its content).
 * Two runs with equal text, fingerprint and step have equal checkpoints.
 */
export function trainingIdentity(config: Config): string {
  const outside = [...resumableKeys, 'preset', 'data'];
  return canonicalJson(Object.fromEntries(Object.entries(config).filter(([key]) => !outside.includes(key))));
}
