// Which z does an image have? An encoder learns to name it once the generator stands still; a search improves on it.
// Run: npx tsx examples/06-invert.ts [steps]
import { writeFile } from 'node:fs/promises';
import {
  buildGame,
  datasetFacts,
  encodePng,
  fixedGenerator,
  loadDataset,
  openSession,
  reconstruct,
  resolveConfig,
  sheet,
  type Tensors,
  train,
  trainEncoder,
} from 'zerosum';

const steps = Number(process.argv[2] ?? 3000);
const dataset = await loadDataset('digits');
const game = buildGame(resolveConfig({ preset: 'digits', flags: { steps } }), datasetFacts(dataset));
const session = await openSession();

let variables: Tensors = {};
for await (const event of train({ game, dataset, session, steps }))
  if (event.type === 'checkpoint') variables = event.variables;
const generator = fixedGenerator(game, variables);

// It sees pairs (z, G(z)) alone, never the data.
const encoder = await trainEncoder(generator, { session, steps });
console.log(`${(100 * encoder.latentError).toFixed(0)} % of the variance of z is beyond the encoder`);

// Digits that no network has seen.
const count = 12;
const pixels = Float32Array.from(dataset.test.examples.subarray(0, count * 28 * 28), (value) => value / 255);
const images = { dtype: 'float32', shape: [count, 1, 28, 28], data: pixels } as const;
const searchSteps = Math.min(steps, 300);
const found = await reconstruct(generator, encoder, images, { session, seed: 1, searchSteps });
for (const [route, { errors }] of Object.entries(found)) {
  const mean = errors.reduce((sum, error) => sum + error, 0) / count;
  console.log(`${route}: squared error of a pixel ${mean.toFixed(4)}`);
}

// One column a digit: the original over what each route made of it.
const rows = [images, ...Object.values(found).map((route) => route.images)];
const bytes = Uint8Array.from(
  rows.flatMap(({ data }) => [...data]),
  (value) => Math.round(value * 255),
);
await writeFile(
  'inverted.png',
  encodePng(sheet(bytes, [4 * count, 1, 28, 28], { columns: count, scale: 2 })),
);
await session.release();
