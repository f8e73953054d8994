/**
 * Draws what each augmentation does: the first row as the images are, then one row a policy of DiffAugment, one a
 * transformation of ADA at p = 1, and both together. Prints the name of each row.
 *
 * Run: npx tsx scripts/augmentation-sheet.ts [DATA] [FILE.png]; default cifar10, augmentations.png
 */
import { writeFileSync } from 'node:fs';
import { isDistribution } from '../src/data/dataset.ts';
import { loadDataset } from '../src/data/disk/load-dataset.ts';
import { ConfigError } from '../src/errors.ts';
import { ada, adaTransforms } from '../src/gan/augment/ada.ts';
import { type Augmentation, augmentRandom } from '../src/gan/augment/augmentation.ts';
import { diffAugment, diffAugmentPolicies } from '../src/gan/augment/diff-augment.ts';
import { type ExampleFormat, toNetworkRange, toPixels } from '../src/gan/example-format.ts';
import { Feeds } from '../src/graph/feeds.ts';
import { identity, input } from '../src/graph/graph.ts';
import { encodeModel } from '../src/graph/onnx/encode.ts';
import { elementCount, type Tensor } from '../src/graph/tensor.ts';
import { encodePng } from '../src/io/png.ts';
import { sheet } from '../src/io/sheet.ts';
import { openSession } from '../src/runtime/node-session.ts';
import { drawFeed } from '../src/train/feeder.ts';

const COLUMNS = 12;
const [data = 'cifar10', file = 'augmentations.png'] = process.argv.slice(2);

const dataset = await loadDataset(data);
if (isDistribution(dataset) || dataset.exampleShape.length !== 3)
  throw new ConfigError(`augmentation-sheet: data must be images, got ${data}`);
const [channels, height, width] = dataset.exampleShape as [number, number, number];
const examples: Tensor = {
  dtype: 'uint8',
  shape: [COLUMNS, channels, height, width],
  data: Uint8Array.from(dataset.train.examples.subarray(0, COLUMNS * elementCount(dataset.exampleShape))),
};
const format: ExampleFormat = { shape: dataset.exampleShape, dtype: 'uint8', range: 'symmetric' };
const colourOnly = ['hue', 'saturation'];

const rows: readonly (readonly [string, Augmentation | undefined])[] = [
  ['as they are', undefined],
  ...diffAugmentPolicies.map((name) => [name, diffAugment({ policies: [name] })] as const),
  ['diffAugment', diffAugment()],
  ...adaTransforms
    .filter((name) => channels === 3 || !colourOnly.includes(name))
    .map((name) => [`ada: ${name}`, ada({ transforms: { [name]: 1 }, probability: 1 })] as const),
  ['ada, p = .3', ada({ probability: 0.3 })],
  ['ada, p = 1', ada({ probability: 1 })],
];

const session = await openSession({ device: 'cpu' });
try {
  const pixels = new Uint8Array(rows.length * examples.data.length);
  for (const [row, [name, augmentation]] of rows.entries()) {
    const feeds = new Feeds();
    const raw = input('examples', 'uint8', examples.shape);
    const seen = toNetworkRange(raw, format);
    const changed =
      augmentation?.apply(seen, { random: augmentRandom(feeds, name), variables: {}, range: format.range }) ??
      identity(seen);
    const model = encodeModel({ name: 'augment', outputs: { shown: toPixels(changed, format) } });
    const { inputs } = await session.compile({ name, model: model.bytes, carried: [] });
    const drawn = feeds.list.map((feed) => {
      const values = new Float32Array(elementCount(feed.shape));
      drawFeed(feed, 0, 0, values);
      return [feed.name, { dtype: 'float32', shape: feed.shape, data: values } as const] as const;
    });
    const known = new Set(inputs.map((it) => it.name));
    const { shown } = await session.run(name, {
      examples: { ...examples, data: Uint8Array.from(examples.data as Uint8Array) },
      ...Object.fromEntries(drawn.filter(([feed]) => known.has(feed))),
    });
    for (let i = 0; i < examples.data.length; i++)
      pixels[row * examples.data.length + i] = Math.round(255 * Number(shown!.data[i]));
    console.log(`row ${row + 1}: ${name}`);
  }
  const shape = [rows.length * COLUMNS, channels, height, width] as const;
  writeFileSync(file, encodePng(sheet(pixels, shape, { columns: COLUMNS, scale: 2 })));
  console.log(file);
} finally {
  await session.release();
}
