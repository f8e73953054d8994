/**
 * How busy training keeps the main thread: percentiles of the event loop's lag while the default MNIST-sized game trains in
 * its worker, minibatches, noise and masks being made here. Run on an otherwise idle machine:
 *
 *     npx tsx bench/event-loop-lag.ts [seconds]
 *
 * The target is a 99th percentile under 20 ms.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { minibatches } from '../src/data/minibatches.ts';
import { openSession } from '../src/runtime/node-session.ts';
import { buildGame } from '../src/train/build-game.ts';
import { datasetFacts } from '../src/train/dataset-facts.ts';
import { resolveConfig } from '../src/train/resolve-config.ts';
import { train } from '../src/train/trainer.ts';
import { pictures } from './pictures.ts';

const seconds = Number(process.argv[2] ?? 20);
const RESOLUTION_MS = 1;

const dataset = await pictures();
const game = buildGame(resolveConfig({ preset: 'mnist' }), datasetFacts(dataset));
const session = await openSession({ device: 'cpu' });
const batches = minibatches(dataset, { batch: game.batch, seed: 1 });
const controller = new AbortController();
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

let step = 0;
const options = { game, minibatches: batches, session, seed: 1, steps: 1_000_000, signal: controller.signal };
for await (const event of train(options)) {
  if (event.type !== 'metrics') continue;
  // The first chunks load the model and warm up: what is measured is training as it goes on.
  if (step === 0) {
    delay.enable();
    setTimeout(() => controller.abort(), seconds * 1000);
  }
  step = event.rows.at(-1)!.step;
  if (controller.signal.aborted) delay.disable();
}
const lag = (percentile: number): string =>
  Math.max(0, delay.percentile(percentile) / 1e6 - RESOLUTION_MS).toFixed(1);
process.stdout.write(
  `event-loop lag over ${seconds} s and ${step} steps: median ${lag(50)} ms, 99th percentile ${lag(99)} ms, largest ${lag(100)} ms\n`,
);
await session.release();
