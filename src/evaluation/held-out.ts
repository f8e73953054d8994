import type { ExampleSet, FiniteDataset } from '../data/dataset.ts';
import { permutation } from '../random/permutation.ts';
import { streamOf } from '../random/threefry.ts';

/** A data set that has examples to measure against, and what a reader has to know where it had none. */
export interface MeasurableDataset {
  readonly dataset: FiniteDataset;
  readonly notice?: string;
}

/** Share of the examples that stand in for each part that is missing. */
const SHARE = 0.1;

/**
 * A data set with validation and test examples. Where it has none (an array file says nothing about a split), a tenth of its
 * examples each, chosen at random but always the same, takes their place. A generator that was trained on all of them has
 * seen those too, so that copies of them pass for quality: the notice says it.
 */
export function withHeldOut(dataset: FiniteDataset): MeasurableDataset {
  const { train, validation, test, name } = dataset;
  if (validation.count > 0 && test.count > 0) return { dataset };
  const order = permutation({ seed: 0, stream: streamOf('evaluate/split') }, 0, train.count);
  const size = Math.floor(train.count * SHARE);
  return {
    dataset: {
      ...dataset,
      train: chosen(train, order.subarray(2 * size)),
      validation: chosen(train, order.subarray(0, size)),
      test: chosen(train, order.subarray(size, 2 * size)),
    },
    notice: `${name} has no held-out examples: ${size} of its ${train.count} stand in for them. A run that was trained on all of them has seen these, so copies of them pass for quality`,
  };
}

function chosen({ count, examples, labels }: ExampleSet, indices: Uint32Array): ExampleSet {
  const size = examples.length / Math.max(1, count);
  const picked = examples.slice(0, indices.length * size);
  for (const [i, index] of indices.entries())
    picked.set(examples.subarray(index * size, (index + 1) * size), i * size);
  return {
    count: indices.length,
    examples: picked,
    ...(labels ? { labels: Uint8Array.from(indices, (index) => labels[index]!) } : {}),
  };
}
