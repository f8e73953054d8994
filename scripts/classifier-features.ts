/**
 * Writes the learned classifier of a labelled data set as an ONNX file of features: float32 [N, C, H, W] in [0, 1] to
 * [N, 128]. With it images without labels get distances, such as a folder of photos by the features of CIFAR-10:
 *
 *     npx tsx scripts/classifier-features.ts cifar10 cifar10-features.onnx
 *     zerosum evaluate RUN --features cifar10-features.onnx --metrics frechet,kernel
 */
import { writeFileSync } from 'node:fs';
import { isDistribution } from '../src/data/dataset.ts';
import { loadDataset } from '../src/data/disk/load-dataset.ts';
import { DataError } from '../src/errors.ts';
import { reshape } from '../src/graph/functions/shaping.ts';
import { encodeModel } from '../src/graph/onnx/encode.ts';
import { simplify } from '../src/graph/simplify.ts';
import { constant, input } from '../src/graph/value.ts';
import { classifierNetwork } from '../src/learned/classifier-network.ts';
import { loadClassifier } from '../src/learned/disk/load-classifier.ts';
import { predictingPass } from '../src/learned/layer-context.ts';
import { openSession } from '../src/runtime/node-session.ts';

const [name, file] = process.argv.slice(2);
if (name === undefined || file === undefined)
  throw new Error('usage: npx tsx scripts/classifier-features.ts DATASET FILE.onnx');
const dataset = await loadDataset(name);
if (isDistribution(dataset)) throw new DataError(`${name} must have labels`);
const session = await openSession({ device: 'cpu' });
try {
  const { exampleShape, classes, standardisation, variables } = await loadClassifier(dataset, {
    session,
    onNotice: console.error,
  });
  const network = classifierNetwork(exampleShape, classes.length, standardisation);
  const weights = Object.fromEntries(
    Object.entries(variables).map(([key, tensor]) => [key, constant(tensor, key)]),
  );
  const rows = reshape(input('x', 'float32', ['N', ...exampleShape]), ['N', network.dimension]);
  const { features } = network.apply(weights, rows, predictingPass);
  writeFileSync(file, encodeModel({ name: `classifier-of-${name}`, outputs: simplify({ features }) }).bytes);
} finally {
  await session.release();
}
