import { type Dataset, isDistribution, trainingCount } from '../data/dataset.ts';
import { minibatches } from '../data/minibatches.ts';
import { elementCount, type Tensor } from '../graph/tensor.ts';
import type { Session } from '../runtime/session.ts';
import { discriminatorLogits, type JudgedExamples } from '../train/discriminator-values.ts';
import type { TrainedGenerator } from '../train/disk/trained-generator.ts';
import { drawnClasses } from '../train/draw-samples.ts';
import { sheetLatent } from '../train/sheet-latent.ts';
import type { DiscriminatorHistogram } from './api.ts';

/** Examples that D judges, of each kind: a bin that holds a tenth of them is right to 1.3 percent of all. */
const COUNT = 500;
const BINS = 40;

/**
 * What the discriminator of a checkpoint says of real examples and of samples, in bins.
 *
 * @param dataset - what the run learns, as it is stored
 */
export async function discriminatorHistogram(
  { game, variables, step, record }: TrainedGenerator,
  dataset: Dataset,
  session: Session,
): Promise<Omit<DiscriminatorHistogram, 'steps'>> {
  const judged = judgedExamples({ game, record }, dataset);
  const logits = await discriminatorLogits(game, variables, judged, session);
  const isProbability = game.loss.logOdds === true;
  const said = (logit: number) => (isProbability ? 1 / (1 + Math.exp(-logit)) : logit);
  const values = {
    real: Array.from(logits.real, said),
    fake: Array.from(logits.fake, said),
  };
  const edges = isProbability ? evenly(0, 1) : rangeOf([...values.real, ...values.fake]);
  const mean = (all: readonly number[]) => all.reduce((sum, value) => sum + value, 0) / all.length;
  return {
    step,
    unit: isProbability ? 'probability' : 'logit',
    edges,
    real: binned(values.real, edges),
    fake: binned(values.fake, edges),
    mean: { real: mean(values.real), fake: mean(values.fake) },
    count: values.real.length,
  };
}

/** The first real examples that training would draw with a batch of that size, and as many latent vectors. */
function judgedExamples(
  { game, record: { config } }: Pick<TrainedGenerator, 'game' | 'record'>,
  dataset: Dataset,
): JudgedExamples {
  const { pack = 1, labels, examples } = game;
  const most = isDistribution(dataset) ? COUNT : Math.min(COUNT, trainingCount(dataset));
  const count = Math.max(pack, most - (most % pack));
  const { seed } = config;
  const batches = minibatches(dataset, { batch: count, seed });
  const shape = [count, ...examples.shape];
  const z = sheetLatent(game, seed, count, 'histogram/latent');
  const length = elementCount(shape);
  const data = batches.dtype === 'uint8' ? new Uint8Array(length) : new Float32Array(length);
  batches.fill(0, 0, data);
  const real = { dtype: batches.dtype, shape, data } as JudgedExamples['real'];
  if (!labels) return { real, z, seed };
  const classes = new Uint8Array(count);
  batches.fillLabels(0, 0, classes);
  const asTensor = (numbers: Uint8Array) =>
    ({ dtype: 'int64', shape: [count], data: BigInt64Array.from(numbers, BigInt) }) as Tensor<'int64'>;
  return {
    real,
    z,
    seed,
    labels: { real: asTensor(classes), fake: asTensor(drawnClasses(labels, seed, count)) },
  };
}

function evenly(low: number, high: number): number[] {
  return Array.from({ length: BINS + 1 }, (_, i) => low + ((high - low) * i) / BINS);
}

/** Even bins over all values; around the one there is where they are all equal. */
function rangeOf(values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low < high ? evenly(low, high) : evenly(low - 0.5, low + 0.5);
}

/** How many values lie in each bin; the last one holds its upper edge too. */
function binned(values: readonly number[], edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length - 1).fill(0);
  const [low, high] = [edges[0]!, edges.at(-1)!];
  for (const value of values) {
    const at = Math.floor(((value - low) / (high - low)) * counts.length);
    counts[Math.min(Math.max(at, 0), counts.length - 1)]!++;
  }
  return counts;
}
