/**
 * Where the time of a training step goes: the calls of each operator in the paper's MNIST step and its share in the time
 * of all, from ONNX Runtime's own profile. Run: npx tsx scripts/profile-step.ts [sgd|adam]. Takes some seconds; the
 * numbers are of this machine.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { pictures } from '../bench/pictures.ts';
import { machine } from '../bench/results.ts';
import { minibatches } from '../src/data/minibatches.ts';
import { initialVariables } from '../src/gan/game.ts';
import { gameStep } from '../src/gan/game-step.ts';
import type { Tensors } from '../src/graph/tensor.ts';
import { buildGame } from '../src/train/build-game.ts';
import { datasetFacts } from '../src/train/dataset-facts.ts';
import { fillFeeds } from '../src/train/feeder.ts';
import { chunkProgram, ITERATIONS } from '../src/train/programs.ts';
import { resolveConfig } from '../src/train/resolve-config.ts';
import { markdownTable } from './markdown-table.ts';

/** Iterations of a run, and runs. */
const [LENGTH, RUNS] = [8, 5];

const optimisers = {
  sgd: { name: 'sgd', learningRate: 0.1, momentum: 0.5 },
  adam: { name: 'adam', learningRate: 2e-4, beta1: 0.5, beta2: 0.999, epsilon: 1e-8 },
};

/** An event of ONNX Runtime's profile, as Chrome's tracing has them. */
interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args: { readonly op_name?: string };
}

/** The events of some runs of a model. */
async function profile(model: Uint8Array, feeds: Tensors): Promise<readonly ProfileEvent[]> {
  const folder = mkdtempSync(join(tmpdir(), 'zerosum-profile-'));
  try {
    const session = await InferenceSession.create(model, {
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
      logSeverityLevel: 4,
    });
    const inputs = Object.fromEntries(
      Object.entries(feeds).map(([name, { dtype, data, shape }]) => [
        name,
        new OnnxTensor(dtype, data, shape),
      ]),
    );
    for (let run = 0; run < RUNS; run++) await session.run(inputs);
    session.endProfiling();
    await session.release();
    const [file] = readdirSync(folder);
    return JSON.parse(readFileSync(join(folder, file!), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Calls and microseconds by operator, the slowest first. */
function byOperator(events: readonly ProfileEvent[]): readonly (readonly [string, number, number])[] {
  const sums = new Map<string, { calls: number; microseconds: number }>();
  for (const { cat, name, dur, args } of events) {
    const op = args.op_name;
    // The time of a Loop is that of its body, whose nodes are listed too.
    if (cat !== 'Node' || !name.endsWith('_kernel_time') || op === undefined || op === 'Loop') continue;
    const { calls, microseconds } = sums.get(op) ?? { calls: 0, microseconds: 0 };
    sums.set(op, { calls: calls + 1, microseconds: microseconds + dur });
  }
  return [...sums]
    .map(([op, { calls, microseconds }]) => [op, calls, microseconds] as const)
    .sort(([, , a], [, , b]) => b - a);
}

const name = process.argv[2] ?? 'sgd';
const optimiser = optimisers[name as keyof typeof optimisers];
if (!optimiser) throw new Error(`profile-step: the optimiser must be sgd or adam, got ${name}`);
const config = resolveConfig({
  preset: 'goodfellow2014-mnist',
  set: [
    'updateOrder=alternating',
    'loss.halved=false',
    `generator.optimiser=${JSON.stringify(optimiser)}`,
    `discriminator.optimiser=${JSON.stringify(optimiser)}`,
  ],
});
const dataset = await pictures();
const game = buildGame(config, datasetFacts(dataset));
const variables = initialVariables(game, 1);
const program = chunkProgram((feeds) => gameStep(game, feeds), variables);
const batches = minibatches(dataset, { batch: game.batch, seed: 1 });
const rows = byOperator(
  await profile(program.model, {
    ...Object.fromEntries(program.carried.map(({ name, input }) => [input, variables[name]!])),
    ...(await fillFeeds(program.feeds, { seed: 1, minibatches: batches }, 0, LENGTH)),
    [ITERATIONS]: { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(LENGTH)) },
  }),
);
const total = rows.reduce((sum, [, , microseconds]) => sum + microseconds, 0);
console.log(`${machine()}; ${name}\n`);
console.log(
  markdownTable([
    ['operator', 'calls an iteration', 'share of the time'],
    ...rows
      .filter(([, , microseconds]) => microseconds >= 0.005 * total)
      .map(([op, calls, microseconds]) => [
        `\`${op}\``,
        (calls / (RUNS * LENGTH)).toFixed(1),
        `${((100 * microseconds) / total).toFixed(0)} %`,
      ]),
  ]),
);
