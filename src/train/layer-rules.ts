import type { LayerConfig, WeightedLayerConfig } from './layer-config.ts';

/** Where something is wrong that no key says alone, and what must hold there. */
export interface Contradiction {
  readonly path: (string | number)[];
  readonly message: string;
}

/** The key that says which layer an object is, or the text that is one. */
export function layerName(layer: LayerConfig): string {
  return typeof layer === 'string' ? layer : Object.keys(layer)[0]!;
}

/** The layer inside of a spectral norm or an equalised learning rate, or the layer itself. */
export function unwrapped(layer: LayerConfig): LayerConfig {
  return wrapping(layer)?.[1] ?? layer;
}

/** Which wrapper a layer is, and what is in it. */
function wrapping(layer: LayerConfig): readonly [key: string, inner: WeightedLayerConfig] | undefined {
  if (typeof layer === 'string') return undefined;
  if ('spectralNorm' in layer) return ['spectralNorm', layer.spectralNorm];
  return 'equalised' in layer ? ['equalised', layer.equalised] : undefined;
}

/** The setting of a layer's width, and its value. */
function width(layer: LayerConfig): readonly [path: readonly string[], value: number | 'data'] | undefined {
  if (typeof layer === 'string') return undefined;
  if ('dense' in layer) return [['dense'], layer.dense];
  if ('maxout' in layer) return [['maxout', 'units'], layer.maxout.units];
  if ('conv' in layer) return [['conv', 'channels'], layer.conv.channels];
  if ('convTranspose' in layer) return [['convTranspose', 'channels'], layer.convTranspose.channels];
  return undefined;
}

/** What only the generator's last layer with weights may say, found anywhere else. */
function misplaced(
  name: 'generator' | 'discriminator',
  layers: readonly LayerConfig[],
): Contradiction | undefined {
  const output = name === 'generator' ? layers.findLastIndex((it) => width(unwrapped(it)) !== undefined) : -1;
  if (name === 'generator' && output < 0)
    return { path: [name, 'layers'], message: 'must hold a dense, maxout, conv or convTranspose layer' };
  for (const [index, layer] of layers.entries()) {
    const it = unwrapped(layer);
    const own = width(it);
    if (own === undefined || index === output) continue;
    const [key] = wrapping(layer) ?? [];
    const path = [name, 'layers', index, ...(key === undefined ? [] : [key])];
    const [setting, value] = own;
    const last = `the generator's last ${setting[0]} layer`;
    const count = setting[0] === 'dense' ? 'units' : 'channels';
    if (value === 'data')
      return { path: [...path, ...setting], message: `must be a number of ${count} ("data" is for ${last})` };
    if (typeof it === 'object' && 'dense' in it && it.bias === 'marginals')
      return {
        path: [...path, 'bias'],
        message: `must be "zeros" or a number ("marginals" is for ${last})`,
      };
  }
  return undefined;
}

/** Whether a discriminator can end in a layer: one that gives logits, or hands them on in another shape. */
function canEnd(layer: LayerConfig): boolean {
  const it = unwrapped(layer);
  const own = width(it);
  if (own) return own[1] === 1;
  return ['projection', 'auxiliaryClassifier', 'flatten', 'reshape', 'globalPool', 'averagePool'].includes(
    layerName(it),
  );
}

/** Layers that see the class of an example. */
const conditionalLayers = ['concatLabels', 'conditionalBatchNorm', 'projection', 'auxiliaryClassifier'];

/** The first layer of a network that sees classes, also inside of another one, and where it stands. */
export function conditionalLayer(
  layers: readonly LayerConfig[],
): { readonly index: number; readonly name: string } | undefined {
  for (const [index, layer] of layers.entries()) {
    const text = JSON.stringify(layer);
    const name = conditionalLayers.find((it) => text.includes(`"${it}"`));
    if (name !== undefined) return { index, name };
  }
  return undefined;
}

/** Whether a discriminator names classes beside its logit. */
export function classifies(layers: readonly LayerConfig[]): boolean {
  return layers.some((layer) => layerName(unwrapped(layer)) === 'auxiliaryClassifier');
}

/** What the layers of a game contradict each other in, or undefined. */
export function layerContradiction(
  generator: readonly LayerConfig[],
  discriminator: readonly LayerConfig[],
): Contradiction | undefined {
  if (!canEnd(discriminator.at(-1)!)) {
    const message =
      'must be {"dense": 1}, one logit for each example (the losses apply the sigmoid themselves)';
    return { path: ['discriminator', 'layers', discriminator.length - 1], message };
  }
  return misplaced('generator', generator) ?? misplaced('discriminator', discriminator);
}
