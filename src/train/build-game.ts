import { ConfigError, ShapeError } from '../errors.ts';
import type { Game, Player } from '../gan/game.ts';
import { gaussian, type Latent, spherical, uniform } from '../gan/latent.ts';
import type { Loss } from '../gan/loss.ts';
import { losses } from '../gan/losses.ts';
import { penalties } from '../gan/penalties.ts';
import type { Penalty } from '../gan/penalty.ts';
import { elementCount } from '../graph/tensor.ts';
import { sequential } from '../nn/sequential.ts';
import { adam } from '../optim/adam.ts';
import { maxNorm } from '../optim/max-norm.ts';
import type { Optimiser, Schedule } from '../optim/optimiser.ts';
import { rmsprop } from '../optim/rmsprop.ts';
import { constant, cosine, exponentialDecay, linear } from '../optim/schedules.ts';
import { sgd } from '../optim/sgd.ts';
import { buildAugmentation } from './build-augmentation.ts';
import { buildLayers, exampleInput } from './build-layer.ts';
import type { Config } from './config.ts';
import type { DatasetFacts } from './dataset-facts.ts';
import type { NetworkConfig, OptimiserConfig, RampConfig, ScheduleConfig } from './network-config.ts';
import type { PenaltyConfig } from './objective-config.ts';

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
  const { loss } = config;
  return {
    generator: player('generator', [config.latentDim], config.generator, config.k, size, dataset),
    discriminator: player(
      'discriminator',
      exampleInput(config.discriminator.layers, dataset.exampleShape),
      config.discriminator,
      config.k,
      1,
      dataset,
    ),
    latent: latents[config.latent],
    loss: lossNamed(loss.name),
    examples: { shape: dataset.exampleShape, dtype: dataset.dtype, range: config.range },
    batch: config.batch,
    k: config.k,
    updateOrder: config.updateOrder,
    realTarget: loss.labelSmoothing,
    halved: loss.halved,
    penalties: config.penalties.map(buildPenalty),
    ...(config.augment === undefined ? {} : { augmentation: buildAugmentation(config.augment) }),
    ...(config.ema ? { averageDecay: config.ema.decay } : {}),
  };
}

function lossNamed(name: string): Loss {
  return losses.find(({ loss }) => loss.name === name)!.loss;
}

function buildPenalty(config: PenaltyConfig): Penalty {
  const [[name, settings]] = Object.entries(config) as [[string, Readonly<Record<string, number>>]];
  return penalties.find(({ kind }) => kind.definition.name === name)!.kind(settings);
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
          : 'one logit';
      throw new ConfigError(`${name}.layers: must produce ${outputSize} values, ${reason}, got ${produced}`);
    }
    return {
      network,
      optimiser,
      ...(config.maxNorm === undefined ? {} : { constraint: maxNorm(config.maxNorm) }),
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

function buildSchedule(config: ScheduleConfig, updatesPerStep: number): Schedule {
  if (typeof config === 'number') return config;
  if ('constant' in config) return constant(config.constant);
  if ('linear' in config) return linear(ramp(config.linear, updatesPerStep));
  if ('cosine' in config) return cosine(ramp(config.cosine, updatesPerStep));
  return exponentialDecay(config.exponential);
}

function ramp({ from, to, steps, epochs, startAt = 0 }: RampConfig, updatesPerStep: number) {
  if (steps === undefined) return { from, to, epochs: epochs!, startAt };
  return { from, to, updates: steps * updatesPerStep, startAt: startAt * updatesPerStep };
}
