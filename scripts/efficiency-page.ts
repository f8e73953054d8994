import { existsSync, readFileSync } from 'node:fs';
import {
  DIGITS_DISTANCE,
  type EfficiencySet,
  protocols,
  RING_QUALITY,
  type Variant,
  variants,
} from './efficiency-variants.ts';
import { markdownTable } from './markdown-table.ts';

/** One training, period by period. */
export interface Measured {
  /** Of each evaluation: modes and share of ring8, the Fréchet distance of digits. */
  readonly values: (readonly number[])[];
  /** Processor seconds of each period. */
  readonly seconds: number[];
  /** Updates that D made, where it leaves some out. */
  updates?: number;
}

/** Trainings by `set/variant/seed`. */
export type EfficiencyResults = Readonly<Record<string, Measured>>;

export const resultsFile: URL = new URL('../docs/efficiency.json', import.meta.url);
export const pageFile: URL = new URL('../docs/efficiency.md', import.meta.url);
export const figureFile: URL = new URL('../docs/future-work/efficiency.svg', import.meta.url);

export function readEfficiency(): EfficiencyResults {
  return existsSync(resultsFile) ? (JSON.parse(readFileSync(resultsFile, 'utf8')) as EfficiencyResults) : {};
}

export const runKey = (set: EfficiencySet, variant: string, seed: number): string =>
  `${set}/${variant}/${seed}`;

/** Whether an evaluation has reached the value of its set. */
export function isReached(set: EfficiencySet, value: readonly number[]): boolean {
  return set === 'ring8' ? value[0] === 8 && value[1]! >= RING_QUALITY : value[0]! <= DIGITS_DISTANCE;
}

/** The seeds with which every variant of a set went as far as the protocol asks: to the value or to the limit. */
export function seedsOf(results: EfficiencyResults, set: EfficiencySet): readonly number[] {
  const { seeds, limit, period } = protocols[set];
  const isOver = (run: Measured | undefined): boolean => {
    const last = run?.values.at(-1);
    return last !== undefined && (isReached(set, last) || run!.values.length * period >= limit);
  };
  return seeds.filter((seed) => variants[set].every(({ name }) => isOver(results[runKey(set, name, seed)])));
}

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

const geometricMean = (numbers: readonly number[]): number =>
  Math.exp(numbers.reduce((sum, number) => sum + Math.log(number), 0) / numbers.length);

/** The first period compiles and warms up: it counts only where there is no other. */
const warm = (seconds: readonly number[]): readonly number[] =>
  seconds.length > 1 ? seconds.slice(1) : seconds;

/** What a training took, and what it took beside the default with the same seed. */
export interface Cost {
  /** Steps to the value; undefined where it was not reached. */
  readonly steps: number | undefined;
  /** Steps that were run. */
  readonly run: number;
  /** Processor seconds of so many steps, at the median of its periods. */
  readonly seconds: number | undefined;
  readonly stepsRatio: number | undefined;
  /** The cost of a step beside the default's, the median over periods that both ran in turn. */
  readonly stepRatio: number;
  readonly secondsRatio: number | undefined;
  /** Updates of D a step, where it leaves some out. */
  readonly updates: number | undefined;
}

export function costOf(set: EfficiencySet, run: Measured, base: Measured): Cost {
  const { period } = protocols[set];
  const stepsOf = ({ values }: Measured): number | undefined => {
    const index = values.findIndex((value) => isReached(set, value));
    return index < 0 ? undefined : (index + 1) * period;
  };
  const [steps, baseSteps] = [stepsOf(run), stepsOf(base)];
  const shared = Math.min(run.seconds.length, base.seconds.length);
  const theirs = warm(base.seconds.slice(0, shared));
  const stepRatio = median(warm(run.seconds.slice(0, shared)).map((own, i) => own / theirs[i]!));
  const stepsRatio = steps === undefined || baseSteps === undefined ? undefined : steps / baseSteps;
  return {
    steps,
    run: run.values.length * period,
    seconds: steps === undefined ? undefined : (steps / period) * median(warm(run.seconds)),
    stepsRatio,
    stepRatio,
    secondsRatio: stepsRatio === undefined ? undefined : stepsRatio * stepRatio,
    updates: run.updates === undefined ? undefined : run.updates / (run.values.length * period),
  };
}

const known = (numbers: readonly (number | undefined)[]): number[] =>
  numbers.filter((number) => number !== undefined);

/** Geometric mean and range of ratios; how many seeds there are where some did not get there. */
function ratioText(ratios: readonly (number | undefined)[]): string {
  const found = known(ratios);
  if (found.length === 0) return 'not reached';
  const range = `${Math.min(...found).toFixed(2)} to ${Math.max(...found).toFixed(2)}`;
  const partial = found.length < ratios.length ? `, ${found.length} of ${ratios.length} seeds` : '';
  return `${geometricMean(found).toFixed(2)} (${range}${partial})`;
}

/** What a variant took beside the default, for each seed that was measured. */
export function costsOf(results: EfficiencyResults, set: EfficiencySet, name: string): readonly Cost[] {
  const of = (variant: string, seed: number): Measured => results[runKey(set, variant, seed)]!;
  return seedsOf(results, set).map((seed) => costOf(set, of(name, seed), of('default', seed)));
}

function row(results: EfficiencyResults, set: EfficiencySet, variant: Variant): string[] {
  const costs = costsOf(results, set, variant.name);
  const updates = known(costs.map((cost) => cost.updates));
  return [
    variant.name,
    costs.map(({ steps, run }) => steps ?? `> ${run}`).join(', '),
    costs.map(({ seconds }) => seconds?.toFixed(1) ?? '-').join(', '),
    ratioText(costs.map(({ stepsRatio }) => stepsRatio)),
    ratioText(costs.map(({ stepRatio }) => stepRatio)),
    ratioText(costs.map(({ secondsRatio }) => secondsRatio)),
    updates.map((share) => share.toFixed(2)).join(', '),
  ];
}

function section(results: EfficiencyResults, set: EfficiencySet): string {
  const seeds = seedsOf(results, set);
  const measured =
    seeds.length === 0
      ? 'Not measured yet.'
      : `Seeds ${seeds.join(', ')}, of ${protocols[set].seeds.length}.`;
  const head = [
    '',
    'steps',
    'seconds',
    'steps, ratio',
    'a step, ratio',
    'seconds, ratio',
    "D's updates a step",
  ];
  const table = markdownTable([head, ...variants[set].map((variant) => row(results, set, variant))]);
  const settings = variants[set]
    .filter(({ settings }) => settings.length > 0)
    .map(({ name, what, settings }) => `- ${name}: ${what}. \`--set ${settings.join(' ')}\``);
  return `${[measured, ...(seeds.length === 0 ? [] : [table]), settings.join('\n')].join('\n\n')}\n`;
}

/** The variants that reached the value sooner than the default with every seed, and by how much. */
export function soonerText(results: EfficiencyResults, set: EfficiencySet): string {
  const sooner = variants[set].flatMap(({ name }) => {
    const ratios = costsOf(results, set, name).map(
      ({ secondsRatio }) => secondsRatio ?? Number.POSITIVE_INFINITY,
    );
    const isSooner = ratios.length > 0 && ratios.every((ratio) => ratio < 1);
    return isSooner ? [`${name} (${geometricMean(ratios).toFixed(2)} of the seconds)`] : [];
  });
  return `${set}, ${seedsOf(results, set).length} seeds: ${sooner.length > 0 ? sooner.join(', ') : 'none'}`;
}

/** docs/efficiency.md. */
export function efficiencyPage(results: EfficiencyResults): string {
  const { ring8, digits } = protocols;
  return `# Efficiency: better coordination of the players, a better p(z)

<!-- Written by scripts/measure-efficiency.ts from docs/efficiency.json. Do not edit. -->

The paper's last section expects training to become faster by better coordination of G and D, and by better distributions to
sample z from. This page times such methods to a fixed value of the evaluation, each beside the preset as it is.

Each seed is a race of all variants in one process, on one thread, in turns of ${ring8.period} steps (digits: ${digits.period}), each evaluated after its turn on
${ring8.samples.toLocaleString('en-US')} samples (digits: ${digits.samples.toLocaleString('en-US')}) from averaged weights, and done when it first reaches the value. Seconds are processor seconds of
training alone, since other programs share the machine: steps times the median turn, without the first turn, which compiles. Ratios are to the default
with the same seed, below 1 where the variant is cheaper: the geometric mean over seeds, and in brackets their range. Each variant has one
setting, the first that was tried; nothing was tuned for this table, while the presets were.

Adaptive k (\`adaptiveK.margin\`) asks what D said last: D(x) in its last update, D(G(z)) in the last update of either player. D has not
changed since, so both are known without a pass, as two of the run's variables. An update of D is an ONNX \`Loop\` of one iteration or
none inside the loop of the steps: where it is left out, samples, passes, penalties and gradients are not computed, and a run
resumes bit for bit. Optimisers go on counting steps: rates fall as they would, and Adam's correction of its first steps counts updates that were
left out. The norm of D's gradient is not logged.

A lazy penalty is a program of its own, and each change of program one more call of the session, which counts where steps are this short.

![Seconds to the value beside the default's, for every variant and seed](future-work/efficiency.svg)

A learned p(z) that is a continuous map of one Gaussian is a deeper generator. What that cannot be is a distribution in separate pieces; the layer
\`mixture\` is one: Gaussians with learned means and deviations (DeLiGAN, Gurumurthy et al. 2017), chosen by further coordinates of z.

## ring8

Preset \`ring8\`; 8 of 8 modes and ${100 * RING_QUALITY} % of the samples within 3 standard deviations; given up after ${ring8.limit.toLocaleString('en-US')} steps or later.

${section(results, 'ring8')}
## digits

Preset \`digits\`; a Fréchet distance of at most ${DIGITS_DISTANCE} on the features of the learned classifier, to the validation images; given
up after ${digits.limit.toLocaleString('en-US')} steps.

${section(results, 'digits')}`;
}
