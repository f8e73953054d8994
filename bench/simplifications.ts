/**
 * Measures what each simplification of a graph gains on the paper's MNIST step: operators, the time to build and load a
 * program, the time of an iteration. All variants are alive throughout and run in turns, in one process:
 *
 *     npx tsx bench/simplifications.ts            # a minute for each optimiser; writes bench/simplifications.md
 *     npx tsx bench/simplifications.ts --quick    # prints only
 */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { markdownTable } from '../scripts/markdown-table.ts';
import { minibatches } from '../src/data/minibatches.ts';
import { initialVariables } from '../src/gan/game.ts';
import { gameStep } from '../src/gan/game-step.ts';
import { type PassName, passNames } from '../src/graph/simplify.ts';
import { LocalSession } from '../src/runtime/local-session.ts';
import { openNodeExecutor } from '../src/runtime/node.ts';
import { fillFeeds } from '../src/train/feeder.ts';
import { chunkProgram, ITERATIONS, type TrainingProgram } from '../src/train/programs.ts';
import { paperGame } from './paper-game.ts';
import { pictures } from './pictures.ts';
import type { StepOptions } from './protocol.ts';
import { machine, median } from './results.ts';
import { paperStep } from './scenarios.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    threads: { type: 'string' },
    date: { type: 'string', default: new Date().toISOString().slice(0, 10) },
  },
});

/** Iterations of a turn: about a quarter of a second. */
const TURN = 8;

const rounds = Number(values.rounds ?? (values.quick ? 6 : 18));
if (!Number.isInteger(rounds) || rounds < 1) {
  throw new Error(`simplifications: --rounds must be a positive whole number, got ${values.rounds}`);
}

const dataset = await pictures();
const load = loadavg()[0]!.toFixed(2);
const tables: string[] = [];
for (const optimiser of ['sgd', 'adam'] as const) {
  const text = `## ${optimiser === 'sgd' ? 'SGD with momentum' : 'Adam'}\n\n${await table(optimiser)}\n`;
  console.log(`\n${text}`);
  tables.push(text);
}
if (!values.quick) {
  const file = fileURLToPath(new URL('simplifications.md', import.meta.url));
  writeFileSync(file, `${introduction()}\n${tables.join('\n')}`);
  console.log(`Written to ${file}`);
}

/** A way to simplify, with what it costs. */
interface Variant {
  readonly name: string;
  readonly passes: readonly PassName[];
  readonly program: TrainingProgram;
  readonly session: LocalSession;
  readonly loadSeconds: number[];
  readonly seconds: number[];
}

async function table(optimiser: StepOptions['optimiser']): Promise<string> {
  const game = paperGame({ ...paperStep, optimiser, threads: 1 }, dataset);
  const variables = initialVariables(game, 1);
  const variants: Variant[] = [];
  for (const [name, passes] of choices()) {
    const threads = values.threads === undefined ? undefined : Number(values.threads);
    const session = new LocalSession(await openNodeExecutor({ device: 'cpu', threads }));
    const program = chunkProgram((feeds) => gameStep(game, feeds), variables, { passes });
    await session.compile(program);
    await session.writeState(structuredClone(variables));
    variants.push({ name, passes, program, session, loadSeconds: [], seconds: [] });
  }
  for (let round = 0; round < Math.min(5, rounds); round++) {
    for (const { passes, session, loadSeconds } of inTurn(variants, round)) {
      const start = performance.now();
      await session.compile(
        chunkProgram((feeds) => gameStep(game, feeds), variables, { name: 'again', passes }),
      );
      loadSeconds.push((performance.now() - start) / 1000);
    }
  }
  const sources = { seed: 1, minibatches: minibatches(dataset, { batch: 100, seed: 1 }) };
  const iterations = { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(TURN)) } as const;
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    const feeds = await fillFeeds(variants[0]!.program.feeds, sources, round * TURN, TURN);
    for (const { session, seconds } of inTurn(variants, round)) {
      const start = performance.now();
      await session.run('chunk', { ...feeds, [ITERATIONS]: iterations });
      if (round > 0) seconds.push((performance.now() - start) / 1000 / TURN);
    }
  }
  for (const { session } of variants) await session.release();
  const [all] = variants;
  return markdownTable([
    ['passes', 'operators', 'built and loaded in', 'an iteration', 'against all'],
    ...variants.map(({ name, program, seconds, loadSeconds }) => [
      name,
      String(program.graph.nodes.size),
      `${Math.round(1000 * median(loadSeconds))} ms`,
      `${(1000 * median(seconds)).toFixed(1)} ms`,
      `${median(seconds.map((time, round) => time / all!.seconds[round]!)).toFixed(3)} x`,
    ]),
  ]);
}

/** Each round begins with another one: whoever comes first finds the caches full of what was done between the rounds. */
function inTurn(variants: readonly Variant[], round: number): readonly Variant[] {
  const first = round % variants.length;
  return [...variants.slice(first), ...variants.slice(0, first)];
}

/** All passes, all but one of them, none. */
function choices(): readonly (readonly [name: string, passes: readonly PassName[]])[] {
  const without = passNames.map(
    (left) => [`without ${left}`, passNames.filter((name) => name !== left)] as const,
  );
  return [['all', passNames], ...without, ['none', []]];
}

function introduction(): string {
  return `# What each simplification gains

${machine()}. ${values.date}. Load average before: ${load}.

Written by \`npx tsx bench/simplifications.ts\`: the paper's MNIST step as one \`Loop\`, batch 100, in ${rounds} rounds of
${TURN} iterations, the variants in turns within each. The last column is the median over the rounds of a variant's time
divided by that of all passes in the same round: above 1, the pass that is left out pays for itself.
`;
}
