// p(x | c): the class goes into both networks. Then G draws what it is asked for, and a classifier says whether it does.
// Run: npx tsx examples/09-conditional.ts [steps]
import { writeFile } from 'node:fs/promises';
import {
  buildGame,
  classAccuracy,
  classSheet,
  datasetFacts,
  encodePng,
  learnedFeatures,
  loadDataset,
  openSession,
  predictedClasses,
  resolveConfig,
  samplesAt,
  sheet,
  type Tensor,
  type Tensors,
  train,
  trainClassifier,
} from 'zerosum';

const steps = Number(process.argv[2] ?? 3000);
const dataset = await loadDataset('digits');
const config = resolveConfig({ preset: 'cgan', flags: { data: 'digits', steps } });
const game = buildGame(config, datasetFacts(dataset));
const session = await openSession();

let variables: Tensors = {};
for await (const event of train({ game, dataset, session, steps }))
  if (event.type === 'checkpoint') variables = event.variables;

// A digit a row, one z down each column.
const columns = 20;
const { z, classes } = classSheet(game, 1, { columns });
const drawn = await samplesAt(game, variables, z, { session, classes });
const bytes = Uint8Array.from(drawn.data, (value) => Math.round(255 * value));
const shape = [classes.length, 1, 28, 28] as const;
await writeFile('digits-by-class.png', encodePng(sheet(bytes, shape, { columns, scale: 2 })));

// A classifier that has seen real digits only says what they are, and what the test images are.
const classifier = await trainClassifier(dataset, { session, steps: Math.min(steps, 800) });
const extractor = await learnedFeatures(classifier, { session });
const named = async (images: Tensor) => predictedClasses((await extractor.extract(images)).probabilities!);
const { examples, count, labels } = dataset.test;
const real: Tensor = { dtype: 'uint8', shape: [count, 784], data: examples as Uint8Array<ArrayBuffer> };
const accuracy = classAccuracy(
  { predicted: await named(drawn), labels: classes },
  {
    test: { predicted: await named(real), labels: labels! },
    classifier: extractor.name,
    classes: classifier.classes,
  },
);
const { value, standardError, testImages } = accuracy;
console.log(
  `as asked: ${value.toFixed(3)} +- ${standardError.toFixed(3)}, test images ${testImages.toFixed(3)}`,
);
await session.release();
