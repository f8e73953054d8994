import type * as z from 'zod';
import { ConfigError } from '../errors.ts';
import { nearestName } from '../nearest-name.ts';

type Issue = z.core.$ZodIssue;

/** `generator.layers[2].dense`, as it is written in code and in `--set`. */
function keyPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

/** A value as it would stand in a config file, shortened to a readable length; `nothing` where there is none. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

const nouns: Record<string, string> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

/** What must hold, from the issue's own terms. */
function requirement(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${nouns[issue.expected] ?? issue.expected}`;
    case 'too_small': {
      if (issue.origin === 'array') return 'must hold at least one entry';
      if (issue.origin === 'string') return 'must not be empty';
      return `must be ${issue.inclusive ? 'at least' : 'greater than'} ${issue.minimum}`;
    }
    case 'too_big':
      return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.join(', ')}`;
    case 'invalid_union':
      // A union by its `name` key says which names it knows; every other union in the schema says what it takes.
      return 'options' in issue && issue.options
        ? `must be one of ${issue.options.join(', ')}`
        : issue.message;
    default:
      return issue.message;
  }
}

/**
 * The issue inside the one alternative that the value was plainly meant for: its own keys are there, and something
 * below them is wrong. The issue itself where no alternative, or more than one, fits.
 */
function narrowed(issue: Issue, value: unknown): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const meant = issue.errors.filter((branch) =>
    branch.every(
      ({ path }) => path.length > 1 || (path.length === 1 && Object(value)[path[0]!] !== undefined),
    ),
  );
  const inner = meant.length === 1 ? meant[0]![0] : undefined;
  if (!inner) return issue;
  return narrowed({ ...inner, path: [...issue.path, ...inner.path] }, valueAt(value, inner.path));
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => Object(at)[key], value);
}

/** The names that were possible where `issue` arose: literal values, and the first keys of tagged objects. */
function choices(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code !== 'invalid_union') return [];
  if ('options' in issue && issue.options) return issue.options.map(String);
  return issue.errors.flat().flatMap((inner) => {
    return inner.path.length === 1 ? String(inner.path[0]) : choices(inner);
  });
}

function suggestion(issue: Issue, value: unknown): string {
  const given = typeof value === 'object' && value !== null ? Object.keys(value)[0] : value;
  const nearest = typeof given === 'string' ? nearestName(given, choices(issue)) : undefined;
  // The right name in the wrong form: an object for a word.
  if (nearest !== undefined && nearest === given) return `. Did you mean "${nearest}"?`;
  return nearest === undefined ? '' : `. Did you mean ${nearest}?`;
}

/**
 * The error for the first thing that a schema found wrong: key path, what must hold, the value, the nearest name.
 *
 * @param origin - what is at fault: `config`, or the path of a file
 */
export function configError(origin: string, found: Issue, input: unknown): ConfigError {
  const issue = narrowed(found, valueAt(input, found.path));
  if (issue.code === 'unrecognized_keys') {
    const where = issue.path.length === 0 ? '' : ` in ${keyPath(issue.path)}`;
    return new ConfigError(`${origin}: unknown key${where}: ${issue.keys[0]}. ${issue.message}`);
  }
  const value = valueAt(input, issue.path);
  const path = issue.path.length === 0 ? '' : `${keyPath(issue.path)} `;
  return new ConfigError(
    `${origin}: ${path}${requirement(issue)}, got ${shown(value)}${suggestion(issue, value)}`,
  );
}
