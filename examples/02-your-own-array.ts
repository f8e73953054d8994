// A GAN of your own on an array of your own. Run: npx tsx examples/02-your-own-array.ts [steps]
import { writeFile } from 'node:fs/promises';
import { adam, datasetFromArray, defineGame, dense, encodeNpy, openSession, r1, relu, train } from 'zerosum';

// 5000 points on a spiral: put your own float32 [n, d] here, or images, uint8 [n, h, w] or [n, c, h, w].
const turn = (i: number) => 2 + (9 * (i >> 1)) / 5000;
const spiral = (i: number) => (turn(i) / 8) * (i % 2 === 0 ? Math.cos(turn(i)) : Math.sin(turn(i)));
const points = Float32Array.from({ length: 2 * 5000 }, (_, i) => spiral(i));
const dataset = await datasetFromArray({ dtype: 'float32', shape: [5000, 2], data: points });

const hidden = [dense({ units: 128 }), relu(), dense({ units: 128 }), relu()];
const optimiser = adam({ learningRate: 2e-3, beta1: 0.5 });
const generator = { layers: [...hidden, dense({ units: 2 })], optimiser };
const discriminator = { layers: [...hidden, dense({ units: 1 })], optimiser };
const stability = { penalties: [r1({ gamma: 0.02 })], averageDecay: 0.99 };
const game = defineGame(dataset, { generator, discriminator, latentDim: 2, ...stability });

const session = await openSession();
const signal = AbortSignal.timeout(60_000); // After a minute training stops, with a checkpoint.
for await (const event of train({ game, dataset, session, signal, steps: Number(process.argv[2] ?? 3000) })) {
  if (event.type === 'metrics') process.stdout.write(`\rstep ${event.rows.at(-1)!.step}`);
  if (event.type === 'samples') await writeFile('samples.npy', encodeNpy(event.samples));
}
await session.release();
