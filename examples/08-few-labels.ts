// What a discriminator has learned without labels is worth something where labels are few.
// Run: npx tsx examples/08-few-labels.ts [steps]
import {
  buildGame,
  datasetFacts,
  discriminatorBody,
  loadDataset,
  openSession,
  resolveConfig,
  semiSupervised,
  semiSupervisedText,
  type Tensors,
  train,
} from 'zerosum';

const steps = Number(process.argv[2] ?? 3000);
const dataset = await loadDataset('digits');
const game = buildGame(resolveConfig({ preset: 'digits', flags: { steps } }), datasetFacts(dataset));
const session = await openSession();

let variables: Tensors = {};
for await (const event of train({ game, dataset, session, steps }))
  if (event.type === 'checkpoint') variables = event.variables;

// Ten labels of each digit, chosen twice: classifiers on D's features beside the same network from random weights.
const body = discriminatorBody(game, variables);
const result = await semiSupervised(body, dataset, {
  session,
  labels: [100],
  seeds: [1, 2],
  steps: Math.min(steps, 500),
});
console.log(semiSupervisedText(result));
await session.release();
