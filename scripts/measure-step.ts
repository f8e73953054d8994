/**
 * Where the time of a training step goes: the paper's MNIST step with each simplification left out in turn, then its
 * operators. Run: npx tsx scripts/measure-step.ts [sgd|adam]. Half a minute; the numbers are of this machine.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { pictures } from '../bench/pictures.ts';
import { machine, median } from '../bench/results.ts';
import { minibatches } from '../src/data/minibatches.ts';
import { type Game, gameStep, initialVariables } from '../src/gan/game.ts';
import { buildStep } from '../src/gan/step.ts';
import { type Feed, Feeds } from '../src/graph/feeds.ts';
import { loop } from '../src/graph/functions/loop.ts';
import { gather, stack } from '../src/graph/functions/shaping.ts';
import { encodeModel } from '../src/graph/onnx/encode.ts';
import { accumulateInGemm } from '../src/graph/passes/accumulate-in-gemm.ts';
import { commonSubexpressions } from '../src/graph/passes/common-subexpressions.ts';
import { identities } from '../src/graph/passes/identities.ts';
import { mergeProducts } from '../src/graph/passes/merge-products.ts';
import { countUses, rewrite } from '../src/graph/passes/rewrite.ts';
import { simplify } from '../src/graph/simplify.ts';
import type { Tensors } from '../src/graph/tensor.ts';
import { input, type Values } from '../src/graph/value.ts';
import { openNodeExecutor } from '../src/runtime/node.ts';
import { buildGame, datasetFacts } from '../src/train/build-game.ts';
import { fillFeeds } from '../src/train/feeder.ts';
import { resolveConfig } from '../src/train/resolve-config.ts';
import { operatorCounts } from '../test/rewritten-graph.ts';
import { markdownTable } from './markdown-table.ts';

const ITERATIONS = 8;
const ROUNDS = 9;

const optimisers = {
  sgd: { name: 'sgd', learningRate: 0.1, momentum: 0.5 },
  adam: { name: 'adam', learningRate: 2e-4, beta1: 0.5, beta2: 0.999, epsilon: 1e-8 },
};

/** The ways to simplify that are compared, each the same as `simplify` but for one rule. */
const variants: Readonly<Record<string, (outputs: Values) => Values>> = {
  'all rules': simplify,
  'without products merged': (outputs) => accumulated(shared(folded(outputs))),
  'without accumulation in Gemm': (outputs) => mergeProducts(shared(folded(outputs))),
  'without common subexpressions': (outputs) => accumulated(mergeProducts(folded(outputs))),
  'without folding and neutral operations': (outputs) => accumulated(mergeProducts(shared(outputs))),
  'no rule': (outputs) => outputs,
};

const folded = (outputs: Values): Values => rewrite(outputs, identities);
const shared = (outputs: Values): Values => rewrite(outputs, commonSubexpressions());
const accumulated = (outputs: Values): Values => rewrite(outputs, accumulateInGemm(countUses(outputs)));

/** As many iterations as are asked for in one run, as training runs them, not yet simplified. */
function chunk(game: Game, variables: Tensors): { outputs: Values; feeds: readonly Feed[] } {
  const state: Values = Object.fromEntries(
    Object.entries(variables).map(([name, { dtype, shape }]) => [name, input(name, dtype, shape)]),
  );
  let feeds: readonly Feed[] = [];
  const result = loop(input('iterations', 'int64', []), state, (iteration, current) => {
    const declared = new Feeds((name, dtype, shape) =>
      gather(input(name, dtype, ['T', ...shape]), iteration),
    );
    const step = buildStep(gameStep(game, declared), current, declared);
    feeds = declared.list;
    return {
      state: step.variables,
      scans: { metrics: stack(Object.values(step.metrics)) },
      continueWhile: step.finite,
    };
  });
  const after = Object.entries(result.state).map(([name, value]) => [`next/${name}`, value] as const);
  return { outputs: { ...Object.fromEntries(after), ...result.scans }, feeds };
}

const operatorsIn = (outputs: Values): number =>
  Object.values(operatorCounts(outputs)).reduce((sum, count) => sum + count, 0);

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args: { readonly op_name?: string };
}

/** Calls of each operator in an iteration, and its share in the time of all, from ONNX Runtime's own profile. */
async function profile(
  model: Uint8Array,
  feeds: Tensors,
): Promise<[op: string, calls: number, share: number][]> {
  const folder = mkdtempSync(join(tmpdir(), 'zerosum-profile-'));
  const runs = 3;
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
    for (let run = 0; run < runs; run++) await session.run(inputs);
    session.endProfiling();
    await session.release();
    const [file] = readdirSync(folder);
    const events = JSON.parse(readFileSync(join(folder, file!), 'utf8')) as ProfileEvent[];
    const operators = new Map<string, { microseconds: number; calls: number }>();
    for (const { cat, name, dur, args } of events) {
      const op = args.op_name;
      // The time of a Loop is that of its body, which is listed too.
      if (cat !== 'Node' || !name.endsWith('_kernel_time') || op === undefined || op === 'Loop') continue;
      const { microseconds, calls } = operators.get(op) ?? { microseconds: 0, calls: 0 };
      operators.set(op, { microseconds: microseconds + dur, calls: calls + 1 });
    }
    const total = [...operators.values()].reduce((sum, { microseconds }) => sum + microseconds, 0);
    return [...operators]
      .map(([op, { microseconds, calls }]): [string, number, number] => {
        return [op, calls / (runs * ITERATIONS), microseconds / total];
      })
      .sort(([, , a], [, , b]) => b - a);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const name = process.argv[2] ?? 'sgd';
const optimiser = optimisers[name as keyof typeof optimisers];
if (!optimiser) throw new Error(`measure-step: the optimiser must be sgd or adam, got ${name}`);
const set = ['generator', 'discriminator'].map(
  (player) => `${player}.optimiser=${JSON.stringify(optimiser)}`,
);
const config = resolveConfig({
  preset: 'goodfellow2014-mnist',
  set: ['updateOrder=alternating', 'loss.halved=false', ...set],
});
const dataset = await pictures();
const game = buildGame(config, datasetFacts(dataset));
const variables = initialVariables(game, 1);
const { outputs, feeds } = chunk(game, variables);
const batches = minibatches(dataset, { batch: game.batch, seed: 1 });
const iterations = { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(ITERATIONS)) } as const;
const inputs: Tensors = {
  ...variables,
  ...(await fillFeeds(feeds, { seed: 1, minibatches: batches }, 0, ITERATIONS)),
  iterations,
};

const executor = await openNodeExecutor({ device: 'cpu' });
const compiled = await Promise.all(
  Object.entries(variants).map(async ([title, variant]) => {
    const graph = variant(outputs);
    const model = encodeModel({ name: 'chunk', outputs: graph }).bytes;
    return { title, model, operators: operatorsIn(graph), milliseconds: [] as number[] };
  }),
);
const programs = await Promise.all(compiled.map(({ title, model }) => executor.load(title, model)));
for (const program of programs) await program.run(inputs);
for (let round = 0; round < ROUNDS; round++) {
  for (const [i, program] of programs.entries()) {
    const start = performance.now();
    await program.run(inputs);
    compiled[i]!.milliseconds.push((performance.now() - start) / ITERATIONS);
  }
}
for (const program of programs) await program.release();

const [all] = compiled;
// Of the rounds' ratios, not of the medians: what slows the machine for a while slows a whole round.
const relative = (milliseconds: readonly number[]): number =>
  median(milliseconds.map((time, round) => time / all!.milliseconds[round]!));
console.log(`${machine()}; ${executor.threads} threads; ${name}\n`);
console.log(
  markdownTable([
    ['simplified by', 'operators', 'ms an iteration', 'against all rules'],
    ...compiled.map(({ title, operators, milliseconds }) => [
      title,
      String(operators),
      median(milliseconds).toFixed(1),
      `${relative(milliseconds).toFixed(2)} x`,
    ]),
  ]),
);
console.log(
  `\n${markdownTable([
    ['operator', 'calls an iteration', 'share of the time'],
    ...(await profile(all!.model, inputs))
      .filter(([, , share]) => share >= 0.005)
      .map(([op, calls, share]) => [`\`${op}\``, calls.toFixed(1), `${(100 * share).toFixed(0)} %`]),
  ])}`,
);
