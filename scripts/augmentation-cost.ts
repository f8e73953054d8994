/**
 * What augmentations cost: the processor time of a DCGAN step on colour images of 32 x 32 (batch 64, one thread), with each
 * of them, as a multiple of the time without: the median of interleaved rounds. Run: npx tsx scripts/augmentation-cost.ts. Takes a
 * minute; the numbers are of this machine.
 */
import { datasetFromArray } from '../src/data/array-dataset.ts';
import { minibatches } from '../src/data/minibatches.ts';
import { ada } from '../src/gan/augment/ada.ts';
import type { Augmentation } from '../src/gan/augment/augmentation.ts';
import { diffAugment } from '../src/gan/augment/diff-augment.ts';
import { type Game, initialVariables } from '../src/gan/game.ts';
import { gameStep } from '../src/gan/game-step.ts';
import { r1 } from '../src/gan/penalties/zero-centred.ts';
import { leakyRelu, relu, tanh } from '../src/nn/activations.ts';
import { batchNorm } from '../src/nn/batch-norm.ts';
import { conv, convTranspose } from '../src/nn/conv.ts';
import { dense } from '../src/nn/dense.ts';
import { flatten, reshape } from '../src/nn/reshaping.ts';
import { openSession } from '../src/runtime/node-session.ts';
import { defineGame } from '../src/train/define-game.ts';
import { fillFeeds } from '../src/train/feeder.ts';
import { chunkProgram, ITERATIONS } from '../src/train/programs.ts';
import { markdownTable } from './markdown-table.ts';

/** Iterations of a run, and rounds: the median over the rounds counts. */
const [LENGTH, ROUNDS] = [2, 9];

const pixels = Uint8Array.from({ length: 256 * 3 * 32 * 32 }, (_, i) => (i * 2654435761) >>> 24);
const dataset = await datasetFromArray({ dtype: 'uint8', shape: [256, 3, 32, 32], data: pixels });
const window = { size: 4, stride: 2, padding: 1 };

function game(augmentation: Augmentation | undefined, gamma: number): Game {
  return defineGame(dataset, {
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
    ...(augmentation ? { augmentation } : {}),
    penalties: gamma > 0 ? [r1({ gamma })] : [],
  });
}

const augmentations: readonly (readonly [string, Augmentation | undefined])[] = [
  ['none', undefined],
  ['DiffAugment', diffAugment()],
  ['ADA', ada()],
  [
    'ADA, colour alone',
    ada({ transforms: { brightness: 1, contrast: 1, lumaflip: 1, hue: 1, saturation: 1 } }),
  ],
];

const session = await openSession({ device: 'cpu', threads: 1 });
try {
  const runs = [0, 10].flatMap((gamma) =>
    augmentations.map(([name, augmentation]) => {
      const played = game(augmentation, gamma);
      const variables = initialVariables(played, 1);
      return {
        name,
        gamma,
        variables,
        program: chunkProgram((feeds) => gameStep(played, feeds), variables, { name: `${name} ${gamma}` }),
        sources: { seed: 1, minibatches: minibatches(dataset, { batch: played.batch, seed: 1 }) },
        times: [] as number[],
      };
    }),
  );
  for (const { program } of runs)
    await session.compile({ name: program.name, model: program.model, carried: program.carried });
  for (let round = 0; round < ROUNDS; round++) {
    for (const run of runs) {
      await session.writeState(structuredClone(run.variables));
      const feeds = {
        ...(await fillFeeds(run.program.feeds, run.sources, 0, LENGTH)),
        [ITERATIONS]: { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(LENGTH)) } as const,
      };
      // Processor time is the same however busy the machine is; with one thread nothing waits in a loop.
      const start = process.cpuUsage();
      await session.run(run.program.name, feeds);
      const { user, system } = process.cpuUsage(start);
      run.times.push((user + system) / 1000 / LENGTH);
    }
  }
  const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[(ROUNDS - 1) / 2]!;
  const timesOf = (name: string, gamma: number) =>
    runs.find((run) => run.name === name && run.gamma === gamma)!.times;
  const cell = (name: string, gamma: number) => {
    const without = timesOf('none', gamma);
    const times = timesOf(name, gamma);
    const ratio = median(times.map((time, round) => time / without[round]!));
    return `${ratio.toFixed(2)} (${median(times).toFixed(0)} ms)`;
  };
  console.log(
    markdownTable([
      ['augmentation', 'step', 'step with R1'],
      ...augmentations.map(([name]) => [name, cell(name, 0), cell(name, 10)]),
    ]),
  );
} finally {
  await session.release();
}
