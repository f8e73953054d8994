// A loss of your own: least squares (Mao et al. 2017), a pair of functions of logits that goes into the game as a value.
// Run: npx tsx examples/04-a-custom-loss.ts [steps]
import { writeFile } from 'node:fs/promises';
import {
  adam,
  defineGame,
  dense,
  exportGenerator,
  gaussians1d,
  graph,
  type Loss,
  leakyRelu,
  openSession,
  relu,
  train,
  type Value,
} from 'zerosum';

const { mul, square, sub } = graph;
const distance = (logits: Value, target: number) => mul(square(sub(logits, target)), 0.5);

// One row an example, of which the mean is taken. Gradients, also of a penalty that differentiates twice, follow by themselves.
const leastSquares: Loss = {
  name: 'leastSquares',
  discriminator: (realLogits, fakeLogits) => [distance(realLogits, 1), distance(fakeLogits, 0)],
  generator: (fakeLogits) => distance(fakeLogits, 1),
};

const dataset = gaussians1d({ means: [-2, 2], deviations: [0.3, 0.3] });
const optimiser = adam({ learningRate: 1e-3, beta1: 0.5 });
const game = defineGame(dataset, {
  loss: leastSquares,
  latentDim: 4,
  batch: 128,
  generator: {
    layers: [dense({ units: 32 }), relu(), dense({ units: 32 }), relu(), dense({ units: 1 })],
    optimiser,
  },
  discriminator: { layers: [dense({ units: 64 }), leakyRelu(), dense({ units: 1 })], optimiser },
});

const session = await openSession();
const steps = Number(process.argv[2] ?? 3000);
for await (const event of train({ game, dataset, session, steps, sampleEvery: 1000, sheetSize: 1000 })) {
  if (event.type === 'samples') console.log(`step ${event.step}\n${bars(event.samples.data)}`);
  if (event.type === 'checkpoint') await writeFile('generator.onnx', exportGenerator(game, event.variables));
}
await session.release();

/** How many of 1000 samples fall into each half unit from -4 to 4. */
function bars(samples: Float32Array): string {
  return Array.from({ length: 16 }, (_, bin) => {
    const low = -4 + bin / 2;
    const inside = samples.filter((value) => value >= low && value < low + 0.5).length;
    return `${low.toFixed(1).padStart(5)} ${'#'.repeat(Math.round(inside / 10))}`;
  }).join('\n');
}
