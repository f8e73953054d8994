import { readFileSync } from 'node:fs';
import { classify, diracMethods, diracTrajectory, type Verdict } from '../src/theory/dirac-gan.ts';
import { lengths, type Objective, objectives, type PointSet } from './convergence-objectives.ts';
import { markdownTable } from './markdown-table.ts';
import type { Convergence, Reached } from './measure-convergence.ts';

/** The results by `set/objective/seed`, as `docs/convergence.json` holds them. */
export type ConvergenceResults = Readonly<Record<string, Convergence>>;

export const resultsFile: URL = new URL('../docs/convergence.json', import.meta.url);

export function readResults(): ConvergenceResults {
  return JSON.parse(readFileSync(resultsFile, 'utf8')) as ConvergenceResults;
}

/** The name of a result. */
export const resultKey = (set: PointSet, { name }: Objective, seed: number): string =>
  `${set}/${name}/${seed}`;

export const SEEDS: readonly number[] = [1, 2, 3];

const verdicts: Readonly<Record<Verdict, string>> = {
  converges: 'converges',
  slowly: 'slower than any exponential',
  circles: 'circles',
  diverges: 'diverges',
};

function verdictOf({ dirac }: Objective): string {
  if (!dirac) return '';
  const [name, dynamics] = dirac;
  const method = diracMethods().find((it) => it.name === name)!;
  return verdicts[classify(diracTrajectory(method, { dynamics }))];
}

/** The runs of an objective on a set, in the order of their seeds. */
function runsOf(results: ConvergenceResults, set: PointSet, objective: Objective): readonly Convergence[] {
  return SEEDS.flatMap((seed) => results[resultKey(set, objective, seed)] ?? []);
}

/** What the better of last weights and average reached, which is judged over all seeds alike. */
function reachedBy(
  runs: readonly Convergence[],
  which: 'last' | 'average',
): readonly (Reached | undefined)[] {
  return runs.map((run) => run[which]);
}

const modesText = (reached: readonly (Reached | undefined)[]): string =>
  reached.map((it) => (it ? it.covered : 'not finite')).join(', ');

const percent = (share: number): string => (100 * share).toFixed(0);

function qualityText(reached: readonly (Reached | undefined)[]): string {
  const shares = reached.map((it) => it?.highQualityFraction ?? 0);
  if (shares.length === 0) return '';
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return `${percent(mean)} % (${shares.map(percent).join(', ')})`;
}

function table(results: ConvergenceResults, set: PointSet): string {
  const rows = objectives.map((objective) => {
    const runs = runsOf(results, set, objective);
    const [last, average] = [reachedBy(runs, 'last'), reachedBy(runs, 'average')];
    return [objective.name, modesText(last), qualityText(last), modesText(average), qualityText(average)];
  });
  const head = ['objective', 'modes', 'within 3 sd', 'modes of the average', 'within 3 sd of the average'];
  return markdownTable([head, ...rows.filter(([, modes]) => modes !== '')]);
}

/** How many runs there still have to be. */
function missing(results: ConvergenceResults): string {
  const sets = Object.keys(lengths) as PointSet[];
  const there = sets.flatMap((set) => objectives.flatMap((objective) => runsOf(results, set, objective)));
  const all = sets.length * objectives.length * SEEDS.length;
  return there.length === all
    ? ''
    : ` ${there.length} of ${all} runs have been made; rows without any are left out.`;
}

/** The text of `docs/convergence.md`. */
export function convergencePage(results: ConvergenceResults): string {
  const list = objectives.map((objective) => [
    objective.name,
    objective.what,
    objective.how,
    verdictOf(objective),
  ]);
  return `# Convergence of the objectives

<!-- Written by scripts/write-convergence.ts from docs/convergence.json. Do not edit. -->

Every objective on two mixtures of Gaussians whose modes can be counted, with the same networks: three hidden layers of 64, z of two
dimensions, batches of 128 (presets \`ring8\` and \`grid25\`). Losses and penalties are those of [config.md](config.md#losses). Rates
are five to twenty times those of the papers, because the networks are small: whatever brought one short run on ring8 furthest.

${markdownTable([['objective', 'loss, penalty', 'optimiser', 'on the Dirac-GAN'], ...list])}

The last column is computed from the fields of Mescheder et al. 2018 at their settings (\`src/theory/dirac-gan.ts\`; no field is
known there for the others): what the objective does where both players have one parameter.

A mode counts where a fifth of its fair share of 10,000 samples lies within 3 standard deviations of it; the share of all samples that
do is 98.9 % for the data itself. Each cell holds the seeds from 1 on, of three.${missing(results)} Averages are moving averages of G's weights over the last eighth of
the training; they change nothing in it. Discriminators that are updated five times a step train for two fifths as many steps.

## ring8: eight modes, ${lengths.ring8.toLocaleString('en-US')} steps

${table(results, 'ring8')}

## grid25: 25 modes, ${lengths.grid25.toLocaleString('en-US')} steps

${table(results, 'grid25')}

Measured by \`npx tsx scripts/write-convergence.ts --measure\`, which computes what \`docs/convergence.json\` does not hold yet, one
run at a time: about a minute each on a free core. \`test/convergence.test.ts\` repeats a short part of it.
`;
}
