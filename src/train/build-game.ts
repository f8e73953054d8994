import { ConfigError, ShapeError } from '../errors.ts';
import { type Game, type Player, requireCategories } from '../gan/game.ts';
import { gaussian, type Latent, spherical, uniform } from '../gan/latent.ts';
import { elementCount } from '../graph/tensor.ts';
import { sequential } from '../nn/sequential.ts';
import { adam } from '../optim/adam.ts';
import { halfLifeDecay } from '../optim/ema.ts';
import { maxNorm } from '../optim/max-norm.ts';
import type { Optimiser, Schedule } from '../optim/optimiser.ts';
import { rmsprop } from '../optim/rmsprop.ts';
import { sgd } from '../optim/sgd.ts';
import { weightClip } from '../optim/weight-clip.ts';
import { buildAugmentation } from './build-augmentation.ts';
import { buildLayers, exampleInput } from './build-layer.ts';
import { buildLoss, buildPenalty } from './build-objective.ts';
import { buildSchedule } from './build-schedule.ts';
import type { AverageConfig, Config } from './config.ts';
import type { DatasetFacts } from './dataset-facts.ts';
import { classifies } from './layer-rules.ts';
import type { NetworkConfig, OptimiserConfig } from './network-config.ts';

const latents: Readonly<Record<Config['latent'], Latent>> = { uniform, gaussian, spherical };

/**
 * The game that a config describes on a data set: here, and only here, names become functions.
 *
 * @throws ConfigError where the networks do not fit each other or the data; the message names the key
 */
export function buildGame(config: Config, dataset: DatasetFacts): Game {
  const size = elementCount(dataset.exampleShape);
  const isImages = dataset.kind === 'images';
  if (isImages === (config.range === 'data')) {
    const allowed = isImages ? 'unit, symmetric, {"contrast": norm} or {"mean", "deviation"}' : 'data';
    const got = typeof config.range === 'string' ? config.range : JSON.stringify(config.range);
    throw new ConfigError(`range: must be ${allowed} for ${dataset.kind} (${dataset.name}), got ${got}`);
  }
  const game: Game = {
    generator: player('generator', [config.latentDim], config.generator, config.k, size, dataset),
    discriminator: player(
      'discriminator',
      packedInput(exampleInput(config.discriminator.layers, dataset.exampleShape), config.pack),
      config.discriminator,
      config.k,
      classifies(config.discriminator.layers) ? 1 + (dataset.classes ?? 0) : 1,
      dataset,
    ),
    latent: latents[config.latent],
    examples: {
      shape: dataset.exampleShape,
      dtype: dataset.dtype,
      range: config.range,
      ...(dataset.table ? { table: dataset.table } : {}),
    },
    batch: config.batch,
    k: config.k,
    ...(config.adaptiveK === undefined ? {} : { adaptiveK: config.adaptiveK }),
    updateOrder: config.updateOrder,
    ...buildLoss(config.loss),
    penalties: config.penalties.map(buildPenalty),
    ...(config.augment === undefined ? {} : { augmentation: buildAugmentation(config.augment) }),
    ...(config.instanceNoise === undefined ? {} : { instanceNoise: buildSchedule(config.instanceNoise) }),
    ...(config.pack === undefined ? {} : { pack: config.pack }),
    ...labelsOf(config, dataset),
    ...(config.ema ? { averageDecay: averageDecay(config.ema, config.batch) } : {}),
  };
  requireCategories(game);
  return game;
}

function averageDecay(config: AverageConfig, batch: number): Schedule {
  if ('decay' in config) return config.decay;
  const { halfLife: images, rampUp } = config;
  return halfLifeDecay({ images, rampUp, batch });
}

/** The shape of so many examples that D decides on together: one after the other along the first axis. */
function packedInput([first, ...rest]: readonly number[], pack = 1): readonly number[] {
  return [first! * pack, ...rest];
}

/** What a game does with the classes of its data. @throws ConfigError where the data has none */
function labelsOf(
  { labels, loss, discriminator }: Config,
  { name, classes }: DatasetFacts,
): Pick<Game, 'labels' | 'auxiliary'> {
  if (labels === undefined) return {};
  if (classes === undefined)
    throw new ConfigError(`labels: must be left out for data without classes, got ${labels} for ${name}`);
  const isClassifier = classifies(discriminator.layers);
  return {
    labels: { classes, ofSamples: labels },
    ...(isClassifier ? { auxiliary: loss.auxiliary ?? { discriminator: 1, generator: 1 } } : {}),
  };
}

function player(
  name: 'generator' | 'discriminator',
  inputShape: readonly number[],
  config: NetworkConfig,
  k: number,
  outputSize: number,
  dataset: DatasetFacts,
): Player {
  try {
    const network = sequential(name, inputShape, buildLayers(config, outputSize, dataset));
    // A step's horizon in a config counts steps; the discriminator's optimiser makes k updates in each.
    const optimiser = buildOptimiser(config.optimiser, name === 'discriminator' ? k : 1);
    const produced = elementCount(network.outputShape);
    if (produced !== outputSize) {
      const reason =
        name === 'generator'
          ? `the size of an example of ${dataset.name} [${dataset.exampleShape.join(', ')}]`
          : outputSize === 1
            ? 'one logit'
            : `one logit and one for each class of ${dataset.name}`;
      throw new ConfigError(`${name}.layers: must produce ${outputSize} values, ${reason}, got ${produced}`);
    }
    return {
      network,
      optimiser,
      ...constraintOf(config),
    };
  } catch (error) {
    if (error instanceof ShapeError)
      throw new ConfigError(`${name}.layers: ${error.message}`, { cause: error });
    throw error;
  }
}

function buildOptimiser(config: OptimiserConfig, updatesPerStep: number): Optimiser {
  const learningRate = buildSchedule(config.learningRate, updatesPerStep);
  switch (config.name) {
    case 'sgd':
      return sgd({ learningRate, momentum: buildSchedule(config.momentum, updatesPerStep) });
    case 'adam':
      return adam({ learningRate, beta1: config.beta1, beta2: config.beta2, epsilon: config.epsilon });
    case 'rmsprop':
      return rmsprop({ learningRate, decay: config.decay, epsilon: config.epsilon });
  }
}

function constraintOf({ maxNorm: norm, weightClip: limit }: NetworkConfig): Pick<Player, 'constraint'> {
  const constraints = [
    ...(norm === undefined ? [] : [maxNorm(norm)]),
    ...(limit === undefined ? [] : [weightClip(limit)]),
  ];
  if (constraints.length === 0) return {};
  return {
    constraint: (parameters) => constraints.reduce((bounded, constrain) => constrain(bounded), parameters),
  };
}
