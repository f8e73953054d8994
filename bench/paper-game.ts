import type { FiniteDataset } from '../src/data/dataset.ts';
import type { Game } from '../src/gan/game.ts';
import { buildGame } from '../src/train/build-game.ts';
import { datasetFacts } from '../src/train/dataset-facts.ts';
import { resolveConfig } from '../src/train/resolve-config.ts';
import { networks } from './inputs.ts';
import type { StepOptions } from './protocol.ts';

const optimisers = {
  sgd: { name: 'sgd', learningRate: 0.1, momentum: 0.5 },
  adam: { name: 'adam', learningRate: 2e-4, beta1: 0.5, beta2: 0.999, epsilon: 1e-8 },
};

/** The common definition of the step: the released networks in Algorithm 1's order, with objectives in full. */
export function paperGame(options: StepOptions, dataset: FiniteDataset): Game {
  const config = resolveConfig({ preset: 'goodfellow2014-mnist', set: settings(options) });
  return buildGame(config, datasetFacts(dataset));
}

function settings(options: StepOptions): string[] {
  const { generator, units, pieces } = networks(options);
  const [[, hidden] = [0, 0]] = generator;
  const optimiser = JSON.stringify(optimisers[options.optimiser]);
  const dropout = (include: number) => ({ dropout: { include } });
  const maxout = { maxout: { units, pieces } };
  const discriminator = [dropout(0.8), maxout, dropout(0.5), maxout, dropout(0.5), { dense: 1 }];
  return [
    'updateOrder=alternating',
    'loss.halved=false',
    `batch=${options.batch}`,
    `generator.optimiser=${optimiser}`,
    `discriminator.optimiser=${optimiser}`,
    `generator.layers=${JSON.stringify([{ dense: hidden }, 'relu', { dense: hidden }, 'relu', { dense: 'data' }, 'sigmoid'])}`,
    `discriminator.layers=${JSON.stringify(discriminator)}`,
  ];
}
