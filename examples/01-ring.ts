// Trains a GAN on eight narrow Gaussians on a ring, where a plain one collapses, and counts the modes that it found.
// Run: npx tsx examples/01-ring.ts [steps]
import {
  adam,
  defineGame,
  dense,
  initialisers,
  leakyRelu,
  modeCoverage,
  openSession,
  r1,
  relu,
  ring8,
  schedules,
  train,
} from 'zerosum';

const steps = Number(process.argv[2] ?? 4000);

// Three things keep it from collapsing: the R1 penalty, a learning rate that falls to 0, and averaged weights.
const weight = initialisers.he();
const learningRate = schedules.linear({ from: 4e-3, to: 0, updates: steps });
const optimiser = adam({ learningRate, beta1: 0.5 });
const game = defineGame(ring8, {
  latentDim: 2,
  batch: 128,
  penalties: [r1({ gamma: 0.02 })],
  averageDecay: 0.99,
  generator: {
    layers: [dense({ units: 64, weight }), relu(), dense({ units: 64, weight }), relu(), dense({ units: 2 })],
    optimiser,
  },
  discriminator: {
    layers: [
      dense({ units: 64, weight }),
      leakyRelu(0.2),
      dense({ units: 64, weight }),
      leakyRelu(0.2),
      dense({ units: 1 }),
    ],
    optimiser,
  },
});

const session = await openSession();
for await (const event of train({
  game,
  dataset: ring8,
  session,
  steps,
  sampleEvery: 500,
  sheetSize: 2500,
})) {
  if (event.type !== 'samples') continue;
  const { covered, total, highQualityFraction } = modeCoverage(event.samples.data, ring8.modes!);
  const share = (100 * highQualityFraction).toFixed(0);
  console.log(`step ${event.step}: ${covered} of ${total} modes, ${share} % of samples on one`);
}
await session.release();
