import { describe, expect, it } from 'vitest';
import { expectAsReference, type LayerReference } from '../../test/layer-reference.ts';
import { readReference } from '../../test/tensors.ts';
import { leakyRelu } from './activations.ts';
import { batchNorm } from './batch-norm.ts';
import { conditionalBatchNorm } from './conditional-batch-norm.ts';
import { conv, convTranspose } from './conv.ts';
import { convMaxout } from './conv-maxout.ts';
import { dense } from './dense.ts';
import { equalised } from './equalised.ts';
import { projection } from './label-heads.ts';
import { concatLabels } from './labels.ts';
import type { Layer } from './layer.ts';
import { minibatchDeviation } from './minibatch-deviation.ts';
import { groupNorm, instanceNorm, layerNorm, pixelNorm } from './normalisation.ts';
import { globalPool } from './pooling.ts';
import { bottleneck, residual } from './residual.ts';
import { upsample } from './resizing.ts';
import { spectralNorm } from './spectral-norm.ts';

const down = { channels: 3, hidden: 4, resample: 'down', activation: () => leakyRelu() } as const;

const layers: Readonly<Record<string, Layer>> = {
  'batchNorm, vectors': batchNorm(),
  'batchNorm, images': batchNorm(),
  'batchNorm, its settings': batchNorm({ momentum: 0.25, epsilon: 0.0625 }),
  'batchNorm, sampling': batchNorm(),
  layerNorm: layerNorm(),
  'layerNorm, vectors': layerNorm(),
  instanceNorm: instanceNorm(),
  'instanceNorm, affine': instanceNorm({ affine: true }),
  groupNorm: groupNorm({ groups: 2 }),
  'groupNorm, vectors': groupNorm({ groups: 3 }),
  pixelNorm: pixelNorm(),
  minibatchDeviation: minibatchDeviation(3),
  'minibatchDeviation, vectors': minibatchDeviation(),
  'minibatchDeviation, a batch below the group': minibatchDeviation(),
  'spectralNorm, dense': spectralNorm(dense({ units: 4 })),
  'spectralNorm, conv': spectralNorm(conv({ channels: 3, size: 3, padding: 1 })),
  'spectralNorm, convTranspose': spectralNorm(convTranspose({ channels: 3, size: 4, stride: 2, padding: 1 })),
  equalised: equalised(conv({ channels: 2, size: 2 })),
  concatLabels: concatLabels({ classes: 3, size: 2 }),
  'concatLabels, images': concatLabels({ classes: 3, size: 2 }),
  conditionalBatchNorm: conditionalBatchNorm({ classes: 3 }),
  projection: projection({ classes: 3 }),
  conv: conv({ channels: 2, size: 3, stride: 2, padding: 1, groups: 2 }),
  'convTranspose, untied': convTranspose({ channels: 1, size: 5, stride: 3, biases: 'untied' }),
  convMaxout: convMaxout({ channels: 3, pieces: 2, size: 3, padding: 1, pool: { size: 4, stride: 2 } }),
  'globalPool, sum': globalPool('sum'),
  'upsample, bilinear': upsample(2, 'bilinear'),
  'residual, up': residual({ channels: 4, resample: 'up', norm: () => batchNorm() }),
  'residual, down': residual(down),
  'residual, first': residual({ ...down, first: true }),
  bottleneck: bottleneck({ groups: 4 }),
};

describe("PyTorch's values, states and gradients of both orders", () => {
  const references = {
    ...readReference<Record<string, LayerReference>>('layers'),
    ...readReference<Record<string, LayerReference>>('convolutional-layers'),
  };

  it('cover every case', () => {
    expect(Object.keys(references)).toEqual(Object.keys(layers));
  });

  it.each(Object.entries(layers))('%s', async (name, layer) => {
    await expectAsReference(layer, references[name]!, name.endsWith('sampling') ? 'sample' : 'train');
  });
});
