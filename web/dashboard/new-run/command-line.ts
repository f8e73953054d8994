import type { ForkRequest, StartRequest } from '../../../src/server/api.ts';

/** What stands for the program wherever a command is shown. */
const PROGRAM = 'npx zerosum';

/**
 * The command that does what a form for a new run does.
 *
 * @param data - what the command line takes for it
 * @param runs - the folder of runs
 */
export function trainCommand(
  { preset, steps, batch, seed, set, name }: StartRequest,
  data: string,
  runs: string,
): string {
  return line(
    'train',
    data,
    ...option('preset', preset),
    ...option('steps', steps),
    ...option('batch', batch),
    ...option('seed', seed),
    ...settings(set),
    ...option('out', name && `${runs}/${name}`),
  );
}

/** The command that begins another run with a checkpoint. @param run - see `runArgument` */
export function forkCommand(
  run: string,
  { step, steps, seed, set, name }: ForkRequest,
  runs: string,
): string {
  return line(
    'train',
    '--from',
    run,
    ...option('checkpoint', step),
    ...option('steps', steps),
    ...option('seed', seed),
    ...settings(set),
    ...option('out', name && `${runs}/${name}`),
  );
}

/** The command that evaluates a run. */
export function evaluateCommand(run: string): string {
  return line('evaluate', run);
}

/** What the command line takes for a run: its name is enough in the folder that it looks in by itself. */
export function runArgument(runs: string, id: string): string {
  return runs === 'runs' ? id : `${runs}/${id}`;
}

/** The command that goes on with a run. */
export function resumeCommand(run: string, steps: number): string {
  return line('train', '--resume', '--out', run, ...option('steps', steps));
}

const line = (...words: readonly string[]): string => [PROGRAM, ...words.map(quoted)].join(' ');

const option = (name: string, value: string | number | undefined): string[] =>
  value === undefined || Number.isNaN(value) ? [] : [`--${name}`, String(value)];

/** Text that would be read as JSON is written as JSON, so that it stays text. */
const settings = (set: StartRequest['set'] = {}): string[] =>
  Object.entries(set).flatMap(([path, value]) => {
    const text = typeof value === 'string' && !isJson(value) ? value : JSON.stringify(value);
    return ['--set', `${path}=${text}`];
  });

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A word as a POSIX shell reads it back. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
