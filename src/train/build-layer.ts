import { ConfigError } from '../errors.ts';
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
import type { DatasetFacts } from './dataset-facts.ts';
import type { InitialiserConfig, LayerConfig, NetworkConfig } from './network-config.ts';

/**
 * The layers that a config names.
 *
 * @param outputSize - what "data" stands for in the last layer of a generator: values of an example
 * @throws ConfigError where a layer's settings contradict each other or the data
 */
export function buildLayers(
  { layers, init }: NetworkConfig,
  outputSize: number,
  dataset: DatasetFacts,
): readonly Layer[] {
  return layers.map((layer) => buildLayer(layer, init, outputSize, dataset));
}

/** Layers that take each example as a vector. */
const vectorLayers = ['dense', 'maxout'];

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
  const first = layers.map(layerName).find((name) => !shapeless.includes(name));
  return first === undefined || vectorLayers.includes(first) ? [elementCount(exampleShape)] : exampleShape;
}

/** The key that says which layer an object is, or the text that is one. */
function layerName(layer: LayerConfig): string {
  return typeof layer === 'string' ? layer : Object.keys(layer)[0]!;
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
