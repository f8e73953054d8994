import { relative } from 'node:path';
import pc from 'picocolors';
import { isDistribution, trainingCount } from '../data/dataset.ts';
import { modeCoverage } from '../eval/modes.ts';
import { parameterCount } from '../nn/summary.ts';
import type { Finding } from '../train/diagnosis.ts';
import type { EvaluatedEvent } from '../train/disk/progress-evaluation.ts';
import type { RunEvent } from '../train/disk/training-run.ts';
import type { Metrics } from '../train/trainer.ts';
import type { CommandStreams } from './load-progress.ts';

/** How a training run is told to somebody. */
export interface TrainReport {
  event(event: RunEvent): void;
  /** Something beside the training: a line of its own, on standard error. */
  note(text: string): void;
  /** A signal arrived; the chunk in progress is finished first. */
  stopping(signal: string): void;
  /** Leaves the terminal in order, whatever happened. */
  end(): void;
}

type Opened = Extract<RunEvent, { type: 'opened' }>;

/** Lines between two on a stream that is no terminal. */
const PLAIN_SECONDS = 10;

/** Text for people: talk on stderr (one live line on a terminal, a plain one every 10 s elsewhere), results on stdout. */
export function textReport({ stdout, stderr }: CommandStreams): TrainReport {
  let opened: Opened | undefined;
  let live = false;
  let last: Metrics | undefined;
  let lastPlain = 0;
  let sheet: string | undefined;
  let coverage: string | undefined;
  /** Findings that have begun and not ended. */
  const standing = new Map<Finding['condition'], number>();
  const rate = new Rate();
  const say = (text: string): void => {
    stderr.write(live ? `\r\u001b[K${text}\n` : `${text}\n`);
    live = false;
  };
  const progress = (): void => {
    if (!opened || !last) return;
    const line = progressLine(last, opened.steps, rate);
    if (stderr.isTTY) {
      stderr.write(`\r\u001b[K${line}`);
      live = true;
    } else if (performance.now() - lastPlain > PLAIN_SECONDS * 1000) {
      lastPlain = performance.now();
      stderr.write(`${line}\n`);
    }
  };
  const finish = (step: number, reason: string): void => {
    if (!opened) return;
    if (last && !stderr.isTTY) stderr.write(`${progressLine(last, opened.steps, rate)}\n`);
    say('');
    stdout.write(summary(opened, step, reason, { last, rate, sheet, coverage, standing }));
  };
  return {
    event(event) {
      if (event.type === 'opened') {
        opened = event;
        for (const line of introduction(event)) say(line);
      } else if (event.type === 'metrics') {
        last = event.rows.at(-1)!;
        rate.add(event.rows.length, event.seconds);
        progress();
      } else if (event.type === 'samples' && opened) {
        coverage = describeCoverage(opened, event.samples.data);
      } else if (event.type === 'saved' && event.what === 'sheet') {
        sheet = event.path;
      } else if (event.type === 'evaluated') {
        say(evaluatedLine(event));
      } else if (event.type === 'diagnosis') {
        say(findingLine(event));
        if (event.state === 'begins') standing.set(event.condition, event.step);
        else standing.delete(event.condition);
      } else if (event.type === 'alreadyFinished') {
        const folder = shortPath(event.paths.folder);
        stdout.write(
          `${folder} has finished already, at step ${event.step}. Give a later --steps to go on.\n`,
        );
      } else if (event.type === 'stopped') {
        finish(event.step, event.reason);
      }
    },
    note: say,
    stopping: (signal) =>
      say(`${signal}: finishing this chunk and writing a checkpoint; once more to quit at once`),
    end: () => {
      if (live) stderr.write('\n');
      live = false;
    },
  };
}

/** Measures along the way as a line: `step 2000: parzen 187.3, modes 0.0412 (best so far)`. */
function evaluatedLine({ step, values, best }: EvaluatedEvent): string {
  const numbers = Object.entries(values).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`);
  return `step ${step}: ${numbers.join(', ')}${best ? pc.green(' (best so far)') : ''}`;
}

/** A finding as a line: yellow where something begins, red where it is the end, green where it is over. */
function findingLine({ step, condition, state, sentence, advice }: Finding): string {
  const colour = state === 'ends' ? pc.green : condition === 'nonFinite' ? pc.red : pc.yellow;
  const line = `${colour(`step ${step}: ${sentence}.`)}`;
  return advice === undefined ? line : `${line} ${advice[0]!.toUpperCase()}${advice.slice(1)}.`;
}

/** One JSON object a line on stdout: `opened`, `metrics` (one an iteration), `evaluated`, `diagnosis`, `saved`, `stopped`. */
export function jsonReport({ stdout, stderr }: CommandStreams): TrainReport {
  const print = (value: object): void => void stdout.write(`${JSON.stringify(value)}\n`);
  return {
    event(event) {
      switch (event.type) {
        case 'opened': {
          const { paths, config, steps, resumedFrom, session } = event;
          const { device, threads } = session;
          return print({ type: 'opened', folder: paths.folder, steps, resumedFrom, device, threads, config });
        }
        case 'metrics':
          for (const row of event.rows) print({ type: 'metrics', ...row });
          return;
        case 'saved':
        case 'evaluated':
        case 'diagnosis':
        case 'stopped':
          return print(event);
        case 'alreadyFinished':
          return print({ type: event.type, step: event.step, folder: event.paths.folder });
        default:
          return;
      }
    },
    note: (text) => void stderr.write(`${text}\n`),
    stopping: (signal) => void stderr.write(`${signal}: finishing this chunk and writing a checkpoint\n`),
    end: () => {},
  };
}

/** Iterations a second over the last few seconds: what the remaining time is reckoned from. */
class Rate {
  readonly #recent: { readonly steps: number; readonly seconds: number }[] = [];
  #steps = 0;
  #seconds = 0;

  add(steps: number, seconds: number): void {
    this.#recent.push({ steps, seconds });
    this.#steps += steps;
    this.#seconds += seconds;
    if (this.#recent.length > 40) this.#recent.shift();
  }

  get perSecond(): number {
    const total = this.#recent.reduce((sum, { steps }) => sum + steps, 0);
    return total / this.#recent.reduce((sum, { seconds }) => sum + seconds, 0);
  }

  get overall(): number {
    return this.#steps / this.#seconds;
  }

  get seconds(): number {
    return this.#seconds;
  }
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

const shown = (row: Metrics, name: string): string => `${name} ${row[name]?.toFixed(3) ?? '-'}`;

function progressLine(row: Metrics, steps: number, rate: Rate): string {
  const left = duration((steps - row.step) / rate.perSecond);
  const speed = rate.perSecond >= 100 ? rate.perSecond.toFixed(0) : rate.perSecond.toFixed(1);
  const figures = ['D(x)', 'D(G(z))', 'lossD', 'lossG'].map((name) => shown(row, name)).join('  ');
  return `step ${row.step}/${steps}  ${speed} it/s  ${left} left  ${figures}`;
}

const shortPath = (path: string): string => relative(process.cwd(), path) || '.';

function introduction({ paths, config, dataset, game, session, steps, resumedFrom }: Opened): string[] {
  const size = isDistribution(dataset)
    ? 'a density, drawn without end'
    : `${trainingCount(dataset)} training examples`;
  const { generator, discriminator } = game;
  const lines = [
    `${pc.bold('data')}           ${dataset.name}, ${size} of shape [${dataset.exampleShape.join(', ')}]`,
    `${pc.bold('preset')}         ${config.preset}, batch ${config.batch}, k ${config.k}, ${config.updateOrder}, seed ${config.seed}`,
    `${pc.bold('generator')}      ${parameterCount(generator.network).toLocaleString('en')} parameters`,
    `${pc.bold('discriminator')}  ${parameterCount(discriminator.network).toLocaleString('en')} parameters`,
    `${pc.bold('device')}         ${session.device}, ${session.threads} ${session.threads === 1 ? 'thread' : 'threads'}`,
    `${pc.bold('run')}            ${shortPath(paths.folder)}, ${resumedFrom === undefined ? '' : `from step ${resumedFrom} `}to step ${steps}`,
  ];
  return session.notice === undefined ? lines : [...lines, pc.yellow(session.notice)];
}

function describeCoverage({ dataset }: Opened, points: Float32Array): string | undefined {
  if (!isDistribution(dataset) || !dataset.modes) return undefined;
  const { covered, total, highQualityFraction } = modeCoverage(points, dataset.modes);
  const percent = (100 * highQualityFraction).toFixed(1);
  return `${covered} of ${total} modes, ${percent} % of samples within 3 standard deviations of one`;
}

interface Ending {
  readonly last: Metrics | undefined;
  readonly rate: Rate;
  readonly sheet: string | undefined;
  readonly coverage: string | undefined;
  /** What has gone wrong and still does, with the step at which it began. */
  readonly standing: ReadonlyMap<Finding['condition'], number>;
}

function summary(
  { paths }: Opened,
  step: number,
  reason: string,
  { last, rate, sheet, coverage, standing }: Ending,
): string {
  const folder = shortPath(paths.folder);
  const name = /^runs[\\/]([^\\/]+)$/.exec(folder)?.[1] ?? folder;
  const stopped = reason === 'finished' ? 'finished' : 'stopped, with a checkpoint,';
  const speed = last
    ? ` after ${duration(rate.seconds)} of training (${rate.overall.toFixed(1)} it/s)`
    : ', before the first one';
  const lines = [`${stopped} at step ${step}${speed}`];
  if (sheet !== undefined) lines.push(`samples   ${shortPath(sheet)}`);
  if (reason === 'finished')
    lines.push(`progress  ${shortPath(paths.progress)}, generator ${shortPath(paths.generator)}`);
  if (coverage !== undefined) lines.push(`coverage  ${coverage}`);
  for (const [condition, since] of standing)
    lines.push(pc.yellow(`found     ${condition} since step ${since}: see docs/diagnosis.md`));
  if (last) {
    const figures = ['D(x)', 'D(G(z))', 'lossD', 'lossG'].map((key) => shown(last, key)).join('  ');
    lines.push(`figures   ${figures}  (D = 0.5 and lossD = 1.386 where D cannot tell them apart)`);
  }
  lines.push(
    '',
    'Try next:',
    `  npx zerosum sample ${name} --seed 7 --out samples.png`,
    `  npx zerosum export ${name} --out generator.onnx`,
    `  npx zerosum train --resume --out ${name}${reason === 'finished' ? ` --steps ${nextStop(step)}` : ''}`,
    '',
  );
  return lines.join('\n');
}

/** Twice as far, for the suggestion to go on. */
const nextStop = (step: number): number => Math.max(2 * step, 100);
