import { categoryBlocks, type OneHotBlock } from '../data/table/table.ts';
import { ConfigError } from '../errors.ts';
import { elementCount } from '../graph/tensor.ts';
import { leakyRelu, relu, sigmoid, tanh } from '../nn/activations.ts';
import { batchNorm } from '../nn/batch-norm.ts';
import { conditionalBatchNorm } from '../nn/conditional-batch-norm.ts';
import { conv, convTranspose } from '../nn/conv.ts';
import { convMaxout } from '../nn/conv-maxout.ts';
import { dense } from '../nn/dense.ts';
import { dropout } from '../nn/dropout.ts';
import { equalised } from '../nn/equalised.ts';
import { gumbelSoftmax } from '../nn/gumbel-softmax.ts';
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
import { auxiliaryClassifier, projection } from '../nn/label-heads.ts';
import { concatLabels } from '../nn/labels.ts';
import type { Layer } from '../nn/layer.ts';
import { maxout } from '../nn/maxout.ts';
import { minibatchDeviation } from '../nn/minibatch-deviation.ts';
import { mixture } from '../nn/mixture.ts';
import { groupNorm, instanceNorm, layerNorm, pixelNorm } from '../nn/normalisation.ts';
import { averagePool, globalPool, maxPool } from '../nn/pooling.ts';
import { crop, flatten, reshape } from '../nn/reshaping.ts';
import { bottleneck, residual } from '../nn/residual.ts';
import { upsample } from '../nn/resizing.ts';
import { spectralNorm } from '../nn/spectral-norm.ts';
import type { DatasetFacts } from './dataset-facts.ts';
import type { BlockNorm, InitialiserConfig, LayerConfig, WeightedLayerConfig } from './layer-config.ts';
import { layerName, unwrapped } from './layer-rules.ts';
import type { NetworkConfig } from './network-config.ts';

/** What a layer's settings may refer to. */
interface Surroundings {
  /** Of the network: what a layer without an `init` of its own takes. */
  readonly init: InitialiserConfig;
  /** What "data" units stand for. */
  readonly outputSize: number;
  readonly dataset: DatasetFacts;
}

/**
 * The layers that a config names.
 *
 * @param outputSize - what "data" stands for in the last dense layer of a generator: values of an example
 * @throws ConfigError where a layer's settings contradict each other or the data
 */
export function buildLayers(
  { layers, init }: NetworkConfig,
  outputSize: number,
  dataset: DatasetFacts,
): readonly Layer[] {
  return layers.flatMap((layer) => {
    if (typeof layer === 'object' && 'project' in layer) return projected(layer, init, dataset);
    return buildLayer(layer, { init, outputSize, dataset });
  });
}

/** DCGAN's "project and reshape": z as a small image, from which the rest of a generator makes one of the data's size. */
function projected(
  { project: { channels, factor }, init: own }: Extract<LayerConfig, { readonly project: unknown }>,
  init: InitialiserConfig,
  dataset: DatasetFacts,
): readonly Layer[] {
  const [, ...sides] = imageShape('project', dataset);
  const shape = [channels, ...sides.map((side) => Math.ceil(side / factor))];
  return [dense({ units: elementCount(shape), weight: buildInitialiser(own ?? init) }), reshape(shape)];
}

/** Layers that take each example as a vector. */
const vectorLayers = ['dense', 'maxout', 'projection', 'auxiliaryClassifier'];

/** Layers that take any shape and keep it. */
const shapeless = ['relu', 'sigmoid', 'tanh', 'leakyRelu', 'dropout'];

/**
 * The shape in which a discriminator's layers take an example: flat where the first layer that asks takes vectors, as
 * the data has it otherwise.
 */
export function exampleInput(
  layers: readonly LayerConfig[],
  exampleShape: readonly number[],
): readonly number[] {
  const first = layers.map((layer) => layerName(unwrapped(layer))).find((name) => !shapeless.includes(name));
  return first === undefined || vectorLayers.includes(first) ? [elementCount(exampleShape)] : exampleShape;
}

/** The layers that are written as a word alone and have nothing to set. */
const plainLayers: { readonly [name: string]: (() => Layer) | undefined } = {
  relu,
  sigmoid,
  tanh,
  flatten,
  batchNorm,
  layerNorm,
  instanceNorm,
  pixelNorm: () => pixelNorm(),
};

function buildLayer(
  config: Exclude<LayerConfig, { readonly project: unknown }>,
  surroundings: Surroundings,
): Layer {
  const { dataset } = surroundings;
  if (typeof config === 'string') {
    const plain = plainLayers[config];
    if (plain) return plain();
    if (config === 'crop') {
      const [, height, width] = imageShape('crop', dataset);
      return crop([height, width]);
    }
    if (config === 'concatLabels') return concatLabels({ classes: classesOf(config, dataset) });
    if (config === 'conditionalBatchNorm')
      return conditionalBatchNorm({ classes: classesOf(config, dataset) });
    return buildWeighted(config as 'projection' | 'auxiliaryClassifier', surroundings);
  }
  if ('leakyRelu' in config) return leakyRelu(config.leakyRelu);
  if ('dropout' in config) return dropout(config.dropout);
  if ('gumbelSoftmax' in config)
    return gumbelSoftmax({ blocks: blocksOf(dataset), temperature: config.gumbelSoftmax });
  if ('mixture' in config) {
    const { mixture: components, ...rest } = config;
    return mixture({ components, ...rest });
  }
  if ('reshape' in config) return reshape(config.reshape);
  if ('batchNorm' in config) {
    const { gainDeviation, ...rest } = config.batchNorm;
    return batchNorm({ ...rest, ...(gainDeviation === undefined ? {} : { gain: normal(gainDeviation, 1) }) });
  }
  if ('instanceNorm' in config) return instanceNorm(config.instanceNorm);
  if ('groupNorm' in config) return groupNorm({ groups: config.groupNorm });
  if ('minibatchDeviation' in config) return minibatchDeviation(config.minibatchDeviation);
  if ('averagePool' in config) return averagePool(config.averagePool);
  if ('maxPool' in config) return maxPool(config.maxPool);
  if ('globalPool' in config) return globalPool(config.globalPool);
  if ('upsample' in config) return upsample(config.upsample, config.interpolation);
  if ('concatLabels' in config)
    return concatLabels({ classes: classesOf('concatLabels', dataset), size: config.concatLabels });
  if ('spectralNorm' in config) return spectralNorm(buildWeighted(config.spectralNorm, surroundings));
  if ('equalised' in config) return equalised(buildWeighted(config.equalised, surroundings), config.gain);
  return buildWeighted(config, surroundings);
}

function buildWeighted(config: WeightedLayerConfig, { init, outputSize, dataset }: Surroundings): Layer {
  if (typeof config === 'string') {
    const head = config === 'projection' ? projection : auxiliaryClassifier;
    return head({ classes: classesOf(config, dataset), weight: buildInitialiser(init) });
  }
  const weight = buildInitialiser(config.init ?? init);
  if ('maxout' in config) return maxout({ ...config.maxout, weight });
  if ('conv' in config)
    return conv({ ...config.conv, channels: channelsOf(config.conv.channels, dataset), weight });
  if ('convTranspose' in config) {
    const { channels, ...rest } = config.convTranspose;
    return convTranspose({ ...rest, channels: channelsOf(channels, dataset), weight });
  }
  if ('convMaxout' in config) return convMaxout({ ...config.convMaxout, weight });
  if ('residual' in config) {
    const { norm, activation = 'relu', ...rest } = config.residual;
    return residual({
      ...rest,
      ...(norm === undefined ? {} : { norm: () => buildNorm(norm, dataset) }),
      activation: () => (activation === 'relu' ? relu() : leakyRelu(activation.leakyRelu)),
      weight,
    });
  }
  if ('bottleneck' in config) return bottleneck({ ...config.bottleneck, weight });
  return dense({
    units: config.dense === 'data' ? outputSize : config.dense,
    weight,
    ...biasOf(config.bias, dataset),
  });
}

function buildNorm(config: BlockNorm, dataset: DatasetFacts): Layer {
  if (typeof config !== 'string') return groupNorm({ groups: config.groupNorm });
  return config === 'conditionalBatchNorm'
    ? conditionalBatchNorm({ classes: classesOf(config, dataset) })
    : plainLayers[config]!();
}

function channelsOf(channels: number | 'data', dataset: DatasetFacts): number {
  return channels === 'data' ? imageShape('channels "data"', dataset)[0] : channels;
}

/** [C, H, W] of the data. @throws ConfigError where it is no images */
function imageShape(
  setting: string,
  { name, kind, exampleShape }: DatasetFacts,
): readonly [number, number, number] {
  if (kind !== 'images')
    throw new ConfigError(`generator.layers: ${setting} must be used with images, got ${name}`);
  return exampleShape as readonly [number, number, number];
}

/** Where the categories of a table stand in an example. @throws ConfigError where the data is no table */
function blocksOf({ name, table }: DatasetFacts): readonly OneHotBlock[] {
  if (!table) throw new ConfigError(`generator.layers: gumbelSoftmax must be used with a table, got ${name}`);
  return categoryBlocks(table);
}

/** How many classes the data has. @throws ConfigError where it has none */
function classesOf(layer: string, { name, classes }: DatasetFacts): number {
  if (classes === undefined)
    throw new ConfigError(
      `layers: ${layer} must be used with data that has classes, got ${name}, which has none`,
    );
  return classes;
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
