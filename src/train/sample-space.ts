import type { ExampleSet, FiniteDataset } from '../data/dataset.ts';
import { fingerprint } from '../data/fingerprint.ts';
import { asSamples, type ExampleFormat } from '../gan/example-format.ts';
import { elementCount } from '../graph/tensor.ts';

/** Images that are converted at a time. */
const BLOCK = 1000;

/**
 * A data set as the samples of a game come out, to compare the two: where its networks see contrast-normalised images,
 * whose brightness and contrast are forgotten, the real ones are normalised and shown alike, rounded to bytes. In every
 * other range samples come out as the data is, and it is returned itself.
 *
 * @param range - of the game's examples: `config.range`
 */
export async function inSampleSpace(
  dataset: FiniteDataset,
  range: ExampleFormat['range'],
): Promise<FiniteDataset> {
  if (typeof range === 'string' || !('contrast' in range)) return dataset;
  const content = {
    ...dataset,
    train: shown(dataset.train, dataset.exampleShape, range),
    validation: shown(dataset.validation, dataset.exampleShape, range),
    test: shown(dataset.test, dataset.exampleShape, range),
  };
  return { ...content, fingerprint: await fingerprint(content) };
}

function shown(set: ExampleSet, shape: readonly number[], range: ExampleFormat['range']): ExampleSet {
  const block = BLOCK * elementCount(shape);
  const examples = new Uint8Array(set.examples.length);
  for (let first = 0; first < examples.length; first += block) {
    const pixels = asSamples(set.examples.subarray(first, first + block), { range, shape });
    for (let i = 0; i < pixels.length; i++) examples[first + i] = Math.round(255 * pixels[i]!);
  }
  return { ...set, examples };
}
