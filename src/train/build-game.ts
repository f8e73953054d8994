import { type Dataset, type FiniteDataset, isDistribution } from '../data/dataset.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import type { Game, Player } from '../gan/game.ts';
import { gaussian, type Latent, spherical, uniform } from '../gan/latent.ts';
import { type Loss, minimax, nonSaturating } from '../gan/losses.ts';
import { elementCount } from '../graph/tensor.ts';
import { leakyRelu, relu, sigmoid, tanh } from '../nn/activations.ts';
import { dense } from '../nn/dense.ts';
import { dropout } from '../nn/dropout.ts';
import {
  constant as constantInitialiser,
  fromMarginals,
  glorot,
  he,
  type Initialiser,
  normal,
  sparse,
  uniform as uniformInitialiser,
} from '../nn/initialisers.ts';
import type { Layer } from '../nn/layer.ts';
import { maxout } from '../nn/maxout.ts';
import { sequential } from '../nn/sequential.ts';
import { adam } from '../optim/adam.ts';
import { maxNorm } from '../optim/max-norm.ts';
import type { Optimiser, Schedule } from '../optim/optimiser.ts';
import { rmsprop } from '../optim/rmsprop.ts';
import { constant, cosine, exponentialDecay, linear } from '../optim/schedules.ts';
import { sgd } from '../optim/sgd.ts';
import type { Config } from './config.ts';
import type {
  InitialiserConfig,
  LayerConfig,
  NetworkConfig,
  OptimiserConfig,
  RampConfig,
  ScheduleConfig,
} from './network-config.ts';

const losses: Readonly<Record<Config['loss']['name'], Loss>> = { minimax, nonSaturating };
const latents: Readonly<Record<Config['latent'], Latent>> = { uniform, gaussian, spherical };

/** What a game takes from its data set: little enough to be kept in `config.json`, but for the means. */
export interface DatasetFacts {
  readonly name: string;
  readonly kind: Dataset['kind'];
  readonly exampleShape: readonly number[];
  /** Element type of the examples: uint8 pixels, or float32. */
  readonly dtype: 'uint8' | 'float32';
  /**
   * Mean of each pixel over the training set, in [0, 1]. Absent where there are no pixels, and where the data is not at
   * hand: networks then have no initial values, but can still be given trained ones.
   */
  meanPixels?(): Float64Array;
}

/** The facts of a data set that is at hand. */
export function datasetFacts(dataset: Dataset): DatasetFacts {
  const { name, kind, exampleShape } = dataset;
  if (isDistribution(dataset)) return { name, kind, exampleShape, dtype: 'float32' };
  const dtype = dataset.train.examples instanceof Uint8Array ? 'uint8' : 'float32';
  const facts: DatasetFacts = { name, kind, exampleShape, dtype };
  return kind === 'images' ? { ...facts, meanPixels: () => meanPixels(dataset) } : facts;
}

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
    discriminator: player('discriminator', [size], config.discriminator, config.k, 1, dataset),
    latent: latents[config.latent],
    loss: losses[loss.name],
    examples: { shape: dataset.exampleShape, dtype: dataset.dtype, range: config.range },
    batch: config.batch,
    k: config.k,
    updateOrder: config.updateOrder,
    realTarget: loss.labelSmoothing,
    halved: loss.halved,
    r1Gamma: loss.r1Gamma,
    ...(config.ema ? { averageDecay: config.ema.decay } : {}),
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
  const layers = config.layers.map((layer) => buildLayer(layer, config.init, outputSize, dataset));
  try {
    const network = sequential(name, inputShape, layers);
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

function buildLayer(
  config: LayerConfig,
  init: InitialiserConfig,
  outputSize: number,
  dataset: DatasetFacts,
): Layer {
  if (config === 'relu') return relu();
  if (config === 'sigmoid') return sigmoid();
  if (config === 'tanh') return tanh();
  if ('leakyRelu' in config) return leakyRelu(config.leakyRelu);
  if ('dropout' in config) return dropout(config.dropout);
  const weight = buildInitialiser(config.init ?? init);
  if ('maxout' in config) return maxout({ ...config.maxout, weight });
  const units = config.dense === 'data' ? outputSize : config.dense;
  return dense({
    units,
    weight,
    ...biasOf(config.bias, dataset),
  });
}

function biasOf(
  bias: 'zeros' | 'marginals' | number | undefined,
  dataset: DatasetFacts,
): { bias?: Initialiser } {
  if (bias === 'marginals') return { bias: marginalBias(dataset) };
  return typeof bias === 'number' ? { bias: constantInitialiser(bias) } : {};
}

function buildInitialiser(config: InitialiserConfig): Initialiser {
  if (config === 'glorot') return glorot();
  if (config === 'he') return he();
  if ('sparse' in config) return sparse(config.sparse);
  return 'uniform' in config ? uniformInitialiser(config.uniform) : normal(config.normal);
}

/** `fromMarginals` of the data, which is looked at only where initial values are drawn. @throws ConfigError for points */
function marginalBias({ name, kind, meanPixels: means }: DatasetFacts): Initialiser {
  if (kind !== 'images')
    throw new ConfigError(`generator.layers: bias "marginals" must be used with images, got ${name}`);
  return (shape, key) => {
    if (!means) throw new ConfigError(`generator.layers: bias "marginals" needs the data ${name}, got none`);
    return fromMarginals(means())(shape, key);
  };
}

function meanPixels({ train: { examples, count }, exampleShape }: FiniteDataset): Float64Array {
  const size = elementCount(exampleShape);
  const sums = new Float64Array(size);
  for (let i = 0, pixel = 0; i < examples.length; i++) {
    sums[pixel]! += examples[i]!;
    pixel = pixel + 1 === size ? 0 : pixel + 1;
  }
  const scale = 1 / (count * (examples instanceof Uint8Array ? 255 : 1));
  return sums.map((sum) => sum * scale);
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
