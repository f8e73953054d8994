import { ConfigError, ShapeError } from '../errors.ts';
import { fillBernoulli } from '../random/bernoulli.ts';
import { permutation } from '../random/permutation.ts';
import { streamOf } from '../random/threefry.ts';
import { type Distribution, type FiniteDataset, isDistribution, trainingCount } from './dataset.ts';
import { mirror } from './mirror.ts';

/** How a data set is cut into minibatches. */
export interface MinibatchOptions {
  /** Examples in one minibatch, an integer from 1. */
  readonly batch: number;
  /** Minibatches in one step: discriminator updates per generator update, an integer from 1; default 1, as in the 2014 paper. */
  readonly k?: number;
  /** The run's seed, uint32. */
  readonly seed: number;
}

/**
 * The minibatches of a run, addressed by step: what `fill` writes depends on data set, options, step and index alone, so
 * there is no position to save and any step can be replayed.
 */
export interface Minibatches {
  readonly batch: number;
  readonly k: number;
  /** Shape of one example: images `[C, H, W]`, points `[d]`. */
  readonly exampleShape: readonly number[];
  /** Element type of the examples: uint8 pixels, or float32. */
  readonly dtype: 'uint8' | 'float32';
  /** `floor(n / (k batch))`: an epoch ends where less than a step's examples are left. Undefined where data is drawn without end. */
  readonly stepsPerEpoch: number | undefined;
  /**
   * Writes minibatch `index` (0 ... k - 1) of `step` (from 0), `[batch, ...exampleShape]`, into `out` at element `offset`.
   *
   * @throws ShapeError if `out` has another dtype or too little room
   */
  fill(step: number, index: number, out: Uint8Array | Float32Array, offset?: number): void;
  /**
   * Writes the labels of the examples that `fill` writes, uint8 `[batch]`.
   *
   * @throws ConfigError if the data set has no labels
   */
  fillLabels(step: number, index: number, out: Uint8Array, offset?: number): void;
}

/** What minibatches are cut from: a data set's training examples. */
export type TrainingExamples = Pick<FiniteDataset, 'name' | 'exampleShape' | 'train' | 'stored' | 'mirrored'>;

function requireCount(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new ConfigError(`minibatches: ${name} must be an integer from 1, got ${value}`);
}

function requireRoom(caller: string, length: number, out: Uint8Array | Float32Array, offset: number): void {
  if (offset < 0 || offset + length > out.length)
    throw new ShapeError(
      `${caller}: out must have room for ${length} elements from ${offset}, got ${out.length} in all`,
    );
}

function requireIndex(index: number, k: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= k)
    throw new ConfigError(`minibatches: index must be an integer in 0 ... ${k - 1} (k ${k}), got ${index}`);
}

/**
 * Minibatches of `dataset.train`, or of the training examples that stay in a file. A finite set is shuffled anew in each
 * epoch, by a permutation keyed by (seed, epoch); within an epoch no example comes twice, and the `n mod (k batch)` that are
 * left over are dropped. Of a `mirrored` set each example of a minibatch is mirrored with probability 1/2, which depends on
 * seed, step, index and row. A distribution is drawn from afresh at every step.
 *
 * @throws ConfigError if batch or k is no integer from 1, or the set is smaller than the `k batch` examples of one step
 */
export function minibatches(
  dataset: Distribution | TrainingExamples,
  options: MinibatchOptions,
): Minibatches {
  const { batch, k = 1 } = options;
  requireCount('batch', batch);
  requireCount('k', k);
  return isDistribution(dataset)
    ? drawn(dataset, batch, k, options.seed)
    : shuffled(dataset, batch, k, options.seed);
}

function drawn(distribution: Distribution, batch: number, k: number, seed: number): Minibatches {
  const key = { seed, stream: streamOf('data/draw') };
  const length = batch * distribution.exampleShape[0];
  return {
    batch,
    k,
    exampleShape: distribution.exampleShape,
    dtype: 'float32',
    stepsPerEpoch: undefined,
    fill(step, index, out, offset = 0) {
      requireIndex(index, k);
      if (!(out instanceof Float32Array))
        throw new ShapeError(`fill: out must be float32 for ${distribution.name}, got uint8`);
      requireRoom('fill', length, out, offset);
      distribution.draw(key, step * k + index, out.subarray(offset, offset + length));
    },
    fillLabels() {
      throw new ConfigError(
        `fillLabels: the data set must have labels, got ${distribution.name}, which has none`,
      );
    },
  };
}

/** How example `index` of the training set, in memory or not, is written into `out` at an offset. */
function readerOf({ train, stored }: TrainingExamples, size: number) {
  if (stored) {
    const read = (index: number, out: Uint8Array | Float32Array, offset: number) =>
      stored.read(index, out as Uint8Array, offset);
    return { dtype: 'uint8' as const, read };
  }
  const { examples } = train;
  return {
    dtype: examples instanceof Float32Array ? ('float32' as const) : ('uint8' as const),
    read: (index: number, out: Uint8Array | Float32Array, offset: number) =>
      out.set(examples.subarray(index * size, (index + 1) * size), offset),
  };
}

function shuffled(dataset: TrainingExamples, batch: number, k: number, seed: number): Minibatches {
  const count = trainingCount(dataset);
  const { labels } = dataset.stored ?? dataset.train;
  const stepsPerEpoch = Math.floor(count / (k * batch));
  if (stepsPerEpoch === 0) {
    const advice = count >= k ? `Set batch to at most ${Math.floor(count / k)}` : `Set k to at most ${count}`;
    throw new ConfigError(
      `minibatches: ${dataset.name} must have at least k x batch = ${k} x ${batch} = ${k * batch} training examples, got ${count}. ${advice}`,
    );
  }
  const key = { seed, stream: streamOf('data/order') };
  const size = dataset.exampleShape.reduce((product, extent) => product * extent, 1);
  const { dtype, read } = readerOf(dataset, size);
  const mirrored = dataset.mirrored ? { key: { seed, stream: streamOf('data/mirror') } } : undefined;

  let order: { epoch: number; examples: Uint32Array } | undefined;
  /** Calls `visit(example, row)` for the rows of one minibatch. */
  const rows = (step: number, index: number, visit: (example: number, row: number) => void) => {
    requireIndex(index, k);
    const epoch = Math.floor(step / stepsPerEpoch);
    if (order?.epoch !== epoch) order = { epoch, examples: permutation(key, epoch, count) };
    const first = ((step % stepsPerEpoch) * k + index) * batch;
    for (let row = 0; row < batch; row++) visit(order.examples[first + row]!, row);
  };

  return {
    batch,
    k,
    exampleShape: dataset.exampleShape,
    dtype,
    stepsPerEpoch,
    fill(step, index, out, offset = 0) {
      const given = out instanceof Float32Array ? 'float32' : 'uint8';
      if (given !== dtype)
        throw new ShapeError(`fill: out must be ${dtype} for ${dataset.name}, got ${given}`);
      requireRoom('fill', batch * size, out, offset);
      rows(step, index, (example, row) => read(example, out, offset + row * size));
      if (!mirrored) return;
      const coins = new Uint8Array(batch);
      fillBernoulli(mirrored.key, step * k + index, coins, 0.5);
      const width = dataset.exampleShape.at(-1)!;
      for (let row = 0; row < batch; row++)
        if (coins[row]) mirror(out.subarray(offset + row * size, offset + (row + 1) * size), width);
    },
    fillLabels(step, index, out, offset = 0) {
      if (!labels)
        throw new ConfigError(
          `fillLabels: the data set must have labels, got ${dataset.name}, which has none`,
        );
      requireRoom('fillLabels', batch, out, offset);
      rows(step, index, (example, row) => {
        out[offset + row] = labels[example]!;
      });
    },
  };
}
