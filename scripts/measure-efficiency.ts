/**
 * Trains presets and variants of them until a value of the evaluation is reached, in turns and on one thread, and writes
 * docs/efficiency.json, docs/efficiency.md and its figure.
 *
 *     npx tsx scripts/measure-efficiency.ts                         # the page from the results that are committed
 *     npx tsx scripts/measure-efficiency.ts --measure [--sets ring8,digits] [--minutes 60]   # what is missing there first
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Dataset, FiniteDataset } from '../src/data/dataset.ts';
import { loadDataset } from '../src/data/disk/load-dataset.ts';
import { frechetDistance } from '../src/eval/frechet.ts';
import { modeCoverage } from '../src/eval/modes.ts';
import { imageRows } from '../src/evaluation/evaluate-images.ts';
import type { Game } from '../src/gan/game.ts';
import type { Tensor, Tensors } from '../src/graph/tensor.ts';
import { loadClassifier } from '../src/learned/disk/load-classifier.ts';
import { learnedFeatures } from '../src/learned/learned-features.ts';
import { openSession } from '../src/runtime/node-session.ts';
import type { Session } from '../src/runtime/session.ts';
import { buildGame } from '../src/train/build-game.ts';
import { datasetFacts } from '../src/train/dataset-facts.ts';
import { drawSamples } from '../src/train/draw-samples.ts';
import { resolveConfig } from '../src/train/resolve-config.ts';
import { type TrainEvent, train } from '../src/train/trainer.ts';
import { efficiencyFigure } from './efficiency-figure.ts';
import {
  type EfficiencyResults,
  efficiencyPage,
  figureFile,
  isReached,
  type Measured,
  pageFile,
  readEfficiency,
  resultsFile,
  runKey,
  seedsOf,
} from './efficiency-page.ts';
import { type EfficiencySet, protocols, variants } from './efficiency-variants.ts';

/** The value of a generator, from samples [n, ...example]. */
type Evaluate = (samples: Tensor<'float32'>) => Promise<readonly number[]>;

/** Modes covered and the share of samples within 3 standard deviations; or the Fréchet distance. */
async function evaluatorOf(dataset: Dataset, session: Session): Promise<Evaluate> {
  if ('modes' in dataset && dataset.modes) {
    const { modes } = dataset;
    return async ({ data }) => {
      const { covered, highQualityFraction } = modeCoverage(data, modes);
      return [covered, highQualityFraction];
    };
  }
  const images = dataset as FiniteDataset;
  const extractor = await learnedFeatures(await loadClassifier(images, { session }), { session });
  const real = (await extractor.extract(imageRows(images.validation))).features;
  return async (samples) => {
    const { features } = await extractor.extract(samples);
    return [frechetDistance(real, features, { features: extractor.name }).value];
  };
}

/** A training that goes on by one period at a time. */
interface Contender {
  readonly name: string;
  readonly game: Game;
  readonly events: AsyncGenerator<TrainEvent, void, undefined>;
  readonly session: Session;
  readonly measured: Measured;
}

async function contenders(set: EfficiencySet, dataset: Dataset, seed: number): Promise<Contender[]> {
  const { period, limit } = protocols[set];
  const opened: Contender[] = [];
  for (const { name, settings } of variants[set]) {
    const game = buildGame(resolveConfig({ preset: set, set: [...settings] }), datasetFacts(dataset));
    const session = await openSession({ device: 'cpu', threads: 1 });
    const options = { game, dataset, session, seed, steps: limit, evaluateEvery: period };
    const events = train({ ...options, gradientNormsEvery: limit + 1 });
    opened.push({ name, game, events, session, measured: { values: [], seconds: [] } });
  }
  return opened;
}

/** Trains one more period. @returns the variables, or undefined where the training is over */
async function onePeriod({ events, measured }: Contender): Promise<Tensors | undefined> {
  const before = process.cpuUsage();
  for (;;) {
    const { value: event, done } = await events.next();
    if (done || event.type === 'stopped') return undefined;
    if (event.type === 'metrics')
      for (const { 'updates/discriminator': made } of event.rows)
        if (made !== undefined) measured.updates = (measured.updates ?? 0) + made;
    if (event.type !== 'checkpoint') continue;
    const { user, system } = process.cpuUsage(before);
    measured.seconds.push((user + system) / 1e6);
    return event.variables;
  }
}

/** All variants of a set with one seed, in turns of a period each, until all are done or time is up. */
async function race(set: EfficiencySet, seed: number, end: number): Promise<void> {
  const dataset = await loadDataset(set);
  const judge = await openSession({ device: 'cpu', threads: 1 });
  const evaluate = await evaluatorOf(dataset, judge);
  const all = await contenders(set, dataset, seed);
  const raced = Object.fromEntries(all.map(({ name, measured }) => [runKey(set, name, seed), measured]));
  const earlier = readEfficiency();
  let running: readonly Contender[] = all;
  try {
    while (running.length > 0 && performance.now() < end) {
      const still: Contender[] = [];
      for (const contender of running) {
        const variables = await onePeriod(contender);
        if (!variables) continue;
        const value = await evaluate(await samplesOf(contender.game, variables, judge, set, seed));
        contender.measured.values.push(value);
        if (!isReached(set, value)) still.push(contender);
      }
      running = still;
      const values = all.map(({ name, measured }) => `${name} ${measured.values.at(-1)?.join(' ')}`);
      console.log(`${set}, seed ${seed}: ${values.join('; ')}`);
      write({ ...earlier, ...raced });
    }
  } finally {
    for (const { session, events } of all) {
      await events.return();
      await session.release();
    }
    await judge.release();
  }
}

/** As many samples as an evaluation takes, from averaged weights. */
async function samplesOf(
  game: Game,
  variables: Tensors,
  session: Session,
  set: EfficiencySet,
  seed: number,
): Promise<Tensor<'float32'>> {
  const { samples: count } = protocols[set];
  const parts: Tensor<'float32'>[] = [];
  for await (const part of drawSamples(game, variables, { session, count, seed, averaged: true }))
    parts.push(part);
  const shape = [count, ...parts[0]!.shape.slice(1)];
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  let filled = 0;
  for (const part of parts) {
    data.set(part.data, filled);
    filled += part.data.length;
  }
  return { dtype: 'float32', shape, data };
}

async function measure(sets: readonly EfficiencySet[], minutes: number): Promise<void> {
  const end = performance.now() + 60_000 * minutes;
  for (const set of sets)
    for (const seed of protocols[set].seeds) {
      if (seedsOf(readEfficiency(), set).includes(seed)) continue;
      if (performance.now() > end) return;
      await race(set, seed, end);
    }
}

function write(results: EfficiencyResults): void {
  writeFileSync(resultsFile, `${JSON.stringify(results, undefined, 1)}\n`);
  writeFileSync(pageFile, efficiencyPage(results));
  writeFileSync(figureFile, efficiencyFigure(results));
}

const { values } = parseArgs({
  options: {
    measure: { type: 'boolean', default: false },
    sets: { type: 'string', default: 'ring8,digits' },
    minutes: { type: 'string', default: 'Infinity' },
  },
});
if (values.measure) await measure(values.sets.split(',') as EfficiencySet[], Number(values.minutes));
else write(readEfficiency());
