import type { Config } from '../train/config.ts';
import type { ConfigPatch } from '../train/config-merge.ts';
import type { LayerConfig } from '../train/layer-config.ts';
import { resolveConfig } from '../train/resolve-config.ts';
import {
  type LabDataKind,
  type LabNetwork,
  type LabPenaltyName,
  type LabState,
  labDimension,
} from './lab-state.ts';

/** What each kind of data starts from: what `zerosum train` would take for it. */
const presetOf: Readonly<Record<LabDataKind, string>> = {
  ring8: 'ring8',
  grid25: 'grid25',
  swissroll: 'ring8',
  'gaussians-1d': 'ring8',
  'gaussians-2d': 'ring8',
  drawn: 'ring8',
  digits: 'digits',
  images: 'digits',
};

/** Adam's second moment and RMSProp's mean square, as `labOptimisers` says. */
const BETA_2 = 0.99;
const PIECES = 4;

function optimiser(network: LabNetwork, decaySteps: number): ConfigPatch {
  const { optimiser: name, learningRate: from, momentum } = network;
  const learningRate = decaySteps === 0 ? from : { linear: { from, to: 0, steps: decaySteps } };
  switch (name) {
    case 'adam':
      return { name, learningRate, beta1: momentum, beta2: BETA_2, epsilon: 1e-8 };
    case 'rmsprop':
      return { name, learningRate, decay: BETA_2 };
    case 'sgd':
      return { name, learningRate, momentum };
  }
}

/** @param wrap - what is done to each layer with weights */
function layersOf(
  { depth, width, activation }: LabNetwork,
  last: readonly LayerConfig[],
  wrap: (layer: LayerConfig) => unknown = (layer) => layer,
): unknown[] {
  const hidden: readonly LayerConfig[] =
    activation === 'maxout'
      ? [{ maxout: { units: width, pieces: PIECES } }]
      : [{ dense: width }, activation === 'leakyRelu' ? { leakyRelu: 0.2 } : activation];
  const layers = [...Array.from({ length: depth }, () => hidden).flat(), ...last];
  return layers.map((layer) =>
    typeof layer === 'object' && ('dense' in layer || 'maxout' in layer) ? wrap(layer) : layer,
  );
}

/** The penalties that configs list among `penalties`, and what their weight is called there. */
const listed: Readonly<Partial<Record<LabPenaltyName, 'gamma' | 'weight'>>> = {
  r1: 'gamma',
  r2: 'gamma',
  gradientPenalty: 'weight',
  zeroCentredGradientPenalty: 'weight',
  dragan: 'weight',
};

/**
 * The training config that a state stands for: the preset of its data, and over it what the state says. Training by it is
 * what the lab does; `ring8`, `grid25` and `digits` as they start are those presets themselves.
 *
 * @throws ConfigError where the state holds what no config may
 */
export function labConfig(state: LabState): Config {
  const { data, latent, generator, discriminator, loss, penalties, decaySteps, average } = state;
  const isImages = labDimension(data) === undefined;
  const weightOf = (name: LabPenaltyName): number | undefined =>
    penalties.find((penalty) => penalty.name === name)?.weight;
  const [noise, clip, consensus] = [weightOf('instanceNoise'), weightOf('weightClip'), weightOf('consensus')];
  const normed =
    weightOf('spectralNorm') === undefined
      ? undefined
      : (layer: LayerConfig): unknown => ({ spectralNorm: layer });
  const file: ConfigPatch = {
    data: data.kind,
    seed: state.seed,
    batch: state.batch,
    k: state.k,
    updateOrder: state.order,
    latentDim: latent.dimension,
    latent: latent.distribution,
    generator: {
      layers: layersOf(
        generator,
        isImages ? [{ dense: 'data', bias: 'marginals' }, 'sigmoid'] : [{ dense: 'data' }],
      ),
      optimiser: optimiser(generator, decaySteps),
    },
    discriminator: {
      layers: layersOf(discriminator, [{ dense: 1 }], normed),
      optimiser: optimiser(discriminator, decaySteps),
      ...(clip === undefined ? {} : { weightClip: clip }),
    },
    loss: { name: loss, ...(consensus === undefined ? {} : { consensus }) },
    penalties: penalties.flatMap(({ name, weight }) => {
      const setting = listed[name];
      return setting === undefined ? [] : [{ [name]: { [setting]: weight } }];
    }),
    ...(noise === undefined ? {} : { instanceNoise: noise }),
    ema: average === 0 ? null : { decay: average },
  };
  return resolveConfig({ preset: presetOf[data.kind], file });
}
