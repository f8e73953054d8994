import type { LayerConfig } from './layer-config.ts';
import type { OptimiserConfig } from './network-config.ts';
import type { Preset } from './preset.ts';

const optimiser: OptimiserConfig = {
  name: 'adam',
  learningRate: 2e-4,
  beta1: 0.5,
  beta2: 0.9,
  epsilon: 1e-8,
};

const made: readonly LayerConfig[] = [{ dense: 256 }, 'batchNorm', 'relu'];
const judged: readonly LayerConfig[] = [{ dense: 256 }, { leakyRelu: 0.2 }, { dropout: { include: 0.5 } }];

/**
 * CTGAN (Xu et al. 2019): a Wasserstein critic of packs of ten rows, with gradient penalty and dropout. Simpler in two places:
 * numbers are standardised instead of fitted by mixtures, and the layers of the generator do not hand on their inputs.
 */
export const tablePreset: Preset = {
  description: 'rows of a CSV file: CTGAN with standardised numbers; a minute or two for some thousand rows',
  config: {
    data: 'table.csv',
    seed: 1,
    steps: 3000,
    batch: 500,
    pack: 10,
    k: 1,
    updateOrder: 'alternating',
    latentDim: 128,
    latent: 'gaussian',
    range: 'data',
    generator: {
      layers: [...made, ...made, { dense: 'data' }, { gumbelSoftmax: 0.2 }],
      init: 'glorot',
      optimiser,
    },
    discriminator: { layers: [...judged, ...judged, { dense: 1 }], init: 'glorot', optimiser },
    loss: { name: 'wasserstein', labelSmoothing: 1, halved: false },
    penalties: [{ gradientPenalty: { weight: 10, target: 1 } }],
    checkpointEvery: 500,
    sampleEvery: 250,
    logEvery: 1,
    gradientNormsEvery: 50,
    device: 'auto',
  },
};
