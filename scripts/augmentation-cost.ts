/**
 * What augmentations cost beside a DCGAN step on colour images of 32 x 32 (batch 64), on one thread. A step changes three
 * batches (real and generated ones for D, generated ones for G) and takes one gradient through; each of the two, and the step
 * without, is timed by itself, because their sum is less than what a step's own time varies by.
 * Run: npx tsx scripts/augmentation-cost.ts. Takes a minute; the numbers are of this machine.
 */
import { datasetFromArray } from '../src/data/array-dataset.ts';
import { minibatches } from '../src/data/minibatches.ts';
import { ada } from '../src/gan/augment/ada.ts';
import { type Augmentation, augmentRandom } from '../src/gan/augment/augmentation.ts';
import { diffAugment } from '../src/gan/augment/diff-augment.ts';
import { initialVariables } from '../src/gan/game.ts';
import { gameStep } from '../src/gan/game-step.ts';
import { Feeds } from '../src/graph/feeds.ts';
import { add, encodeModel, grad, mul, simplify, sum } from '../src/graph/graph.ts';
import type { Tensors } from '../src/graph/tensor.ts';
import type { Value } from '../src/graph/value.ts';
import { leakyRelu, relu, tanh } from '../src/nn/activations.ts';
import { batchNorm } from '../src/nn/batch-norm.ts';
import { conv, convTranspose } from '../src/nn/conv.ts';
import { dense } from '../src/nn/dense.ts';
import { flatten, reshape } from '../src/nn/reshaping.ts';
import { openSession } from '../src/runtime/node-session.ts';
import type { Program } from '../src/runtime/session.ts';
import { defineGame } from '../src/train/define-game.ts';
import { fillFeeds } from '../src/train/feeder.ts';
import { measuredProgram } from '../src/train/programs.ts';
import { markdownTable } from './markdown-table.ts';

const pixels = Uint8Array.from({ length: 256 * 3 * 32 * 32 }, (_, i) => (i * 2654435761) >>> 24);
const dataset = await datasetFromArray({ dtype: 'uint8', shape: [256, 3, 32, 32], data: pixels });
const window = { size: 4, stride: 2, padding: 1 };

const game = defineGame(dataset, {
  latentDim: 100,
  range: 'symmetric',
  generator: {
    layers: [
      dense({ units: 256 * 4 * 4 }),
      reshape([256, 4, 4]),
      batchNorm(),
      relu(),
      ...[128, 64].flatMap((channels) => [convTranspose({ channels, ...window }), batchNorm(), relu()]),
      convTranspose({ channels: 3, ...window }),
      tanh(),
    ],
  },
  discriminator: {
    layers: [
      ...[64, 128, 256].flatMap((channels) => [conv({ channels, ...window }), leakyRelu()]),
      flatten(),
      dense({ units: 1 }),
    ],
  },
});
const augmentations: readonly (readonly [string, Augmentation])[] = [
  ['DiffAugment', diffAugment()],
  ['ADA', ada({ probability: 0.5 })],
  [
    'ADA, colour alone',
    ada({
      probability: 0.5,
      transforms: { brightness: 1, contrast: 1, lumaflip: 1, hue: 1, saturation: 1 },
    }),
  ],
];

const session = await openSession({ device: 'cpu', threads: 1 });

/** Processor time of the shortest of some runs of a program, milliseconds: other work on the machine only ever adds to it. */
async function fastest(program: Program, feeds: () => Promise<Tensors>, runs: number): Promise<number> {
  await session.compile({ name: program.name, model: program.model, carried: program.carried });
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const fed = await feeds();
    const start = process.cpuUsage();
    await session.run(program.name, fed);
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

const shape = [game.batch, ...game.examples.shape];
const batches = { seed: 1, minibatches: minibatches(dataset, { batch: game.batch, seed: 1 }) };

async function stepTime(): Promise<number> {
  const variables = initialVariables(game, 1);
  await session.writeState(variables);
  const program = measuredProgram((feeds) => gameStep(game, feeds), variables);
  return fastest(program, () => fillFeeds(program.feeds, batches, 0), 30);
}

/** A graph of a batch x and a cotangent dy, of which one number leaves: the way to the session and back is not what is timed. */
async function passTime(name: string, build: (x: Value, dy: Value, feeds: Feeds) => Value): Promise<number> {
  const feeds = new Feeds();
  const noise = { kind: 'normal', standardDeviation: 0.5 } as const;
  const x = feeds.declare('x', 'float32', shape, noise);
  const dy = feeds.declare('dy', 'float32', shape, noise);
  const y = sum(add(build(x, dy, feeds), mul(add(x, dy), 0.001)));
  const { bytes } = encodeModel({ name, outputs: simplify({ y }) });
  const used = (await session.compile({ name, model: bytes, carried: [] })).inputs.map((it) => it.name);
  const fed = feeds.list.filter((feed) => used.includes(feed.name));
  return fastest({ name, model: bytes, carried: [] }, () => fillFeeds(fed, batches, 0), 60);
}

try {
  const step = await stepTime();
  const nothing = await passTime('nothing', (x) => x);
  const rows: string[][] = [];
  for (const [name, augmentation] of augmentations) {
    const changed = (x: Value, feeds: Feeds): Value => {
      const { range } = game.examples;
      return augmentation.apply(x, { random: augmentRandom(feeds, 'augment'), variables: {}, range });
    };
    const forward = (await passTime(`${name} forward`, (x, _, feeds) => changed(x, feeds))) - nothing;
    const gradient =
      (await passTime(`${name} gradient`, (x, dy, feeds) => grad(changed(x, feeds), [x], dy)[0]!)) - nothing;
    const share = (3 * forward + gradient) / step;
    rows.push([name, forward.toFixed(1), gradient.toFixed(1), `${(100 * share).toFixed(1)} %`]);
  }
  console.log(`A step without augmentation: ${step.toFixed(0)} ms\n`);
  console.log(
    markdownTable([['augmentation', 'a batch, ms', 'its gradient, ms', 'added to a step'], ...rows]),
  );
} finally {
  await session.release();
}
