import { datasetFromArray } from '../src/data/array-dataset.ts';
import type { Dataset } from '../src/data/dataset.ts';
import { ring8 } from '../src/data/toy.ts';
import type { Game } from '../src/gan/game.ts';
import type { Tensors } from '../src/graph/tensor.ts';
import { buildGame } from '../src/train/build-game.ts';
import { datasetFacts } from '../src/train/dataset-facts.ts';
import { resolveConfig } from '../src/train/resolve-config.ts';
import { type Metrics, type TrainEvent, type TrainOptions, train } from '../src/train/trainer.ts';

/** A game and what it learns. */
export interface SmallTraining {
  readonly game: Game;
  readonly dataset: Dataset;
}

/** The preset `ring8` with one narrow layer in each network: Adam, falling learning rates, R1, an average. */
export function ringTraining(...settings: readonly string[]): SmallTraining {
  const set = [
    'generator.layers=[{"dense":12},"relu",{"dense":"data"}]',
    'discriminator.layers=[{"dense":12},{"leakyRelu":0.2},{"dense":1}]',
    'batch=16',
    ...settings,
  ];
  const game = buildGame(resolveConfig({ preset: 'ring8', set }), datasetFacts(ring8));
  return { game, dataset: ring8 };
}

/**
 * The released recipe of 2014 in small, on 60 images of 4 x 4 pixels: both networks at once, maxout, dropout, SGD whose
 * momentum rises from epoch to epoch (of 6 steps).
 */
export async function releasedTraining(...settings: readonly string[]): Promise<SmallTraining> {
  const pixels = Uint8Array.from({ length: 60 * 16 }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 16) & 255);
  const dataset = await datasetFromArray({ dtype: 'uint8', shape: [60, 4, 4], data: pixels });
  const set = [
    'generator.layers.0.dense=12',
    'generator.layers.2.dense=12',
    ...[1, 3].map((layer) => `discriminator.layers.${layer}.maxout={"units":6,"pieces":3}`),
    'latentDim=5',
    'batch=10',
    ...settings,
  ];
  const config = resolveConfig({ preset: 'goodfellow2014-mnist', set });
  return { game: buildGame(config, datasetFacts(dataset)), dataset };
}

/** The same networks played as Algorithm 1 with k = 2: constant momentum, a norm constraint, an average. */
export function alternatingTraining(): Promise<SmallTraining> {
  return releasedTraining(
    'updateOrder=alternating',
    'k=2',
    'ema={"decay":0.9}',
    'generator.optimiser.momentum=0.5',
    'discriminator.optimiser.momentum=0.5',
    'discriminator.maxNorm=1',
  );
}

/** What a training told. */
export interface Told {
  readonly events: readonly TrainEvent[];
  readonly rows: readonly Metrics[];
  /** By step. */
  readonly checkpoints: ReadonlyMap<number, Tensors>;
  readonly sheets: ReadonlyMap<number, Float32Array>;
}

/** Trains to the end and keeps what was told. @param onEvent - called with each event as it comes */
export async function tell(options: TrainOptions, onEvent?: (event: TrainEvent) => void): Promise<Told> {
  const events: TrainEvent[] = [];
  const checkpoints = new Map<number, Tensors>();
  const sheets = new Map<number, Float32Array>();
  for await (const event of train(options)) {
    events.push(event);
    if (event.type === 'checkpoint') checkpoints.set(event.step, event.variables);
    if (event.type === 'samples') sheets.set(event.step, event.samples.data);
    onEvent?.(event);
  }
  const rows = events.flatMap((event) => (event.type === 'metrics' ? event.rows : []));
  return { events, rows, checkpoints, sheets };
}

/** Rows without the gradient norms, which only some of them have. */
export const withoutNorms = (rows: readonly Metrics[]): readonly Metrics[] =>
  rows.map(
    (row) =>
      Object.fromEntries(
        Object.entries(row).filter(([name]) => !name.startsWith('gradientNorm/')),
      ) as Metrics,
  );
