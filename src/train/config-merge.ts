import { ConfigError } from '../errors.ts';
import { layerKeys } from './layer-config.ts';

/** A JSON object: part of a config as a file, a flag or `--set` gives it. */
export type ConfigPatch = { readonly [key: string]: unknown };

/** Keys of which an object holds at most one: giving one of them takes the others away. */
const alternatives: readonly (readonly string[])[] = [
  ['steps', 'epochs'],
  ['constant', 'linear', 'cosine', 'exponential'],
  ['uniform', 'normal', 'sparse'],
  ['decay', 'halfLife'],
  ['decay', 'rampUp'],
  ['contrast', 'mean'],
  ['contrast', 'deviation'],
  ['diffAugment', 'ada'],
];

/** True where `patch` turns an optimiser, a layer or a penalty into another one, for which the old settings mean nothing. */
function isAnother(base: ReadonlyMap<string, unknown>, patch: ConfigPatch, path: string): boolean {
  if (path.endsWith('.optimiser')) return patch['name'] !== undefined && patch['name'] !== base.get('name');
  if (/^penalties\[\d+\]$/.test(path)) return Object.keys(patch).some((name) => !base.has(name));
  return layerKeys.some((name) => name in patch && !base.has(name));
}

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is ConfigPatch {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mergeArray(base: readonly unknown[], patch: ConfigPatch, path: string): unknown[] {
  const merged = [...base];
  for (const [key, value] of Object.entries(patch)) {
    const index = Number(key);
    if (!/^\d+$/.test(key) || index >= base.length)
      throw new ConfigError(
        `config: ${path} must be indexed from 0 to ${base.length - 1}, got ${key}. Give the whole list as JSON to change its length`,
      );
    merged[index] = mergeConfig(base[index], value, `${path}[${key}]`);
  }
  return merged;
}

/**
 * `patch` over `base` by the rules of JSON Merge Patch: objects merge key by key, `null` takes a key away, anything
 * else replaces. Added to the RFC: an object with whole-number keys changes entries of a list; a key takes its
 * alternatives away (`epochs` removes `steps`); an optimiser, layer or penalty of another name starts empty.
 *
 * @throws ConfigError where an index lies outside its list
 * @see RFC 7396, https://www.rfc-editor.org/rfc/rfc7396
 */
export function mergeConfig(base: unknown, patch: unknown, path = ''): unknown {
  if (!isObject(patch)) return patch;
  if (Array.isArray(base)) return mergeArray(base, patch, path);
  // A map, because assigning to an object's `__proto__` would change its prototype instead of being refused as a key.
  const merged = new Map(Object.entries(isObject(base) ? base : {}));
  if (isAnother(merged, patch, path)) merged.clear();
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    for (const group of alternatives)
      if (group.includes(key)) for (const other of group) if (!(other in patch)) merged.delete(other);
    if (value === null) merged.delete(key);
    else merged.set(key, mergeConfig(merged.get(key), value, path === '' ? key : `${path}.${key}`));
  }
  return Object.fromEntries(merged);
}

/**
 * The patch that `key.path=value` stands for. The value is read as JSON, and as text where it is none, so that
 * `loss.name=minimax` needs no quotes.
 *
 * @throws ConfigError where there is no `=` or a part of the path is empty
 */
export function parseAssignment(assignment: string): ConfigPatch {
  const equals = assignment.indexOf('=');
  const keys = assignment
    .slice(0, equals)
    .trim()
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.');
  if (equals < 1 || keys.includes(''))
    throw new ConfigError(`--set: must be key=value or key.path=value, got ${assignment}`);
  const text = assignment.slice(equals + 1).trim();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = text;
  }
  return keys.reduceRight<unknown>((inner, key) => Object.fromEntries([[key, inner]]), value) as ConfigPatch;
}
