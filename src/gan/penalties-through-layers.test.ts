import { describe, expect, it } from 'vitest';
import { inputsFor } from '../../test/play-step.ts';
import { runGraph } from '../../test/run-graph.ts';
import { bool, float32, float32s, type ReferenceArray, readReference } from '../../test/tensors.ts';
import { Feeds } from '../graph/feeds.ts';
import { grad } from '../graph/grad.ts';
import type { Tensor, Tensors } from '../graph/tensor.ts';
import { leakyRelu, relu, sigmoid, tanh } from '../nn/activations.ts';
import { batchNorm } from '../nn/batch-norm.ts';
import { conditionalBatchNorm } from '../nn/conditional-batch-norm.ts';
import { conv, convTranspose } from '../nn/conv.ts';
import { dense } from '../nn/dense.ts';
import { dropout } from '../nn/dropout.ts';
import { equalised } from '../nn/equalised.ts';
import type { Layer } from '../nn/layer.ts';
import { maxout } from '../nn/maxout.ts';
import { minibatchDeviation } from '../nn/minibatch-deviation.ts';
import { groupNorm, instanceNorm, layerNorm, pixelNorm } from '../nn/normalisation.ts';
import { averagePool, globalPool, maxPool } from '../nn/pooling.ts';
import { flatten, reshape } from '../nn/reshaping.ts';
import { residual } from '../nn/residual.ts';
import { upsample } from '../nn/resizing.ts';
import { sequential } from '../nn/sequential.ts';
import { spectralNorm } from '../nn/spectral-norm.ts';
import { sgd } from '../optim/sgd.ts';
import type { Game } from './game.ts';
import { gameStep } from './game-step.ts';
import { gaussian } from './latent.ts';
import { nonSaturating } from './losses/cross-entropy.ts';
import { gradientPenalty } from './penalties/gradient-penalty.ts';
import { r1, r2 } from './penalties/zero-centred.ts';

interface LayersReference {
  readonly real: ReferenceArray;
  readonly fake: ReferenceArray;
  readonly share: ReferenceArray;
  readonly labels: readonly number[];
  readonly layers: Readonly<
    Record<
      string,
      {
        readonly parameters: Readonly<Record<string, ReferenceArray>>;
        readonly state: Readonly<Record<string, ReferenceArray>>;
        readonly penalties: Readonly<
          Record<
            string,
            { readonly value: number; readonly gradients: Readonly<Record<string, ReferenceArray>> }
          >
        >;
      }
    >
  >;
}

/** What stands between the first convolution with its tanh and the last dense layer. */
const middles: Readonly<Record<string, readonly Layer[]>> = {
  conv: [conv({ channels: 2, size: 2, stride: 2, padding: 1 })],
  convTranspose: [convTranspose({ channels: 1, size: 3, stride: 2 })],
  batchNorm: [batchNorm()],
  conditionalBatchNorm: [conditionalBatchNorm({ classes: 3 })],
  layerNorm: [layerNorm()],
  instanceNorm: [instanceNorm()],
  groupNorm: [groupNorm({ groups: 2 })],
  pixelNorm: [pixelNorm()],
  minibatchDeviation: [minibatchDeviation()],
  'spectralNorm, conv': [spectralNorm(conv({ channels: 2, size: 2 }))],
  'spectralNorm, dense': [flatten(), spectralNorm(dense({ units: 3 }))],
  equalised: [equalised(conv({ channels: 2, size: 2 }))],
  'upsample, nearest': [upsample()],
  'upsample, bilinear': [upsample(2, 'bilinear')],
  averagePool: [averagePool({ size: 2, stride: 1 })],
  maxPool: [maxPool({ size: 2, stride: 1 })],
  globalPool: [globalPool('sum')],
  'residual, down': [residual({ channels: 2, resample: 'down' })],
  relu: [relu()],
  leakyRelu: [leakyRelu()],
  sigmoid: [sigmoid()],
  tanh: [tanh()],
  maxout: [flatten(), maxout({ units: 2, pieces: 2 })],
  dropout: [dropout({ include: 0.5 })],
};

const kinds = { r1: r1({ gamma: 10 }), r2: r2({ gamma: 10 }), gradientPenalty: gradientPenalty() };

describe("penalties through every layer have PyTorch's values and gradients, as a game computes them", () => {
  const reference = readReference<LayersReference>('penalty-layers');
  const [real, fake] = [reference.real, reference.fake].map(({ shape, data }) => float32(shape, data)) as [
    Tensor,
    Tensor,
  ];

  /** A game whose samples are what is fed for z. */
  function gameWith(name: string): Game {
    const optimiser = sgd({ learningRate: 1 });
    // Only an even size can be halved.
    const kernel = name === 'residual, down' ? { size: 3, padding: 1 } : { size: 2 };
    const first = conv({ channels: 2, ...kernel });
    const layers = [first, tanh(), ...middles[name]!, flatten(), dense({ units: 1 })];
    return {
      generator: { network: sequential('generator', [16], [reshape([1, 4, 4])]), optimiser },
      discriminator: { network: sequential('discriminator', [1, 4, 4], layers), optimiser },
      latent: gaussian,
      loss: nonSaturating,
      examples: { shape: [1, 4, 4], dtype: 'float32', range: 'data' },
      batch: 3,
      labels: { classes: 3, ofSamples: 'data' },
      penalties: Object.values(kinds),
    };
  }

  /** What a feed is given: the same mask in every pass, as the reference has it. */
  function fed(name: string, shape: readonly number[]): Tensor {
    if (name === 'examples') return real;
    if (name === 'discriminator/latent') return { ...fake, shape: [3, 16] };
    if (name === 'labels') return { dtype: 'uint8', shape: [3], data: Uint8Array.from(reference.labels) };
    if (name.endsWith('/share')) return float32(shape, reference.share.data);
    const mask = [1, 0, 1, 1, 0, 1];
    const places = shape.slice(2).reduce((product, extent) => product * extent, 1);
    return bool(
      shape,
      mask.flatMap((kept) => Array.from({ length: places }, () => kept)),
    );
  }

  it('for every layer of the table', () => {
    expect(Object.keys(reference.layers).sort()).toEqual(Object.keys(middles).sort());
  });

  it.each(Object.keys(middles))('%s', async (name) => {
    const game = gameWith(name);
    const { parameters, state, penalties } = reference.layers[name]!;
    const given: Tensors = Object.fromEntries(
      Object.entries({ ...float32s(parameters), ...float32s(state) }).map(([key, tensor]) => [
        `discriminator/${key}`,
        tensor,
      ]),
    );
    // Running statistics are not looked at in training.
    const variables: Tensors = { ...game.discriminator.network.init(1).state, ...given };
    const values = inputsFor(variables);
    const feeds = new Feeds();
    const [update] = gameStep(game, feeds).updates;
    const { metrics } = update!.objective(values);
    const outputs: Record<string, ReturnType<typeof grad>[number]> = {};
    for (const penalty of Object.keys(kinds)) {
      const value = metrics![`penalty/${penalty}`]!;
      outputs[penalty] = value;
      const names = Object.keys(parameters);
      const gradients = grad(
        value,
        names.map((key) => values[`discriminator/${key}`]!),
      );
      for (const [i, key] of names.entries()) outputs[`${penalty} ${key}`] = gradients[i]!;
    }
    const results = await runGraph(outputs, {
      ...variables,
      ...Object.fromEntries(feeds.list.map((feed) => [feed.name, fed(feed.name, feed.shape)])),
    });
    for (const [penalty, { value, gradients }] of Object.entries(penalties)) {
      expect(results[penalty]!.data, penalty).toBeAllClose([value], { rtol: 2e-5 });
      const largest = Math.max(...Object.values(gradients).flatMap(({ data }) => data.map(Math.abs)));
      for (const [key, { data }] of Object.entries(gradients))
        expect(results[`${penalty} ${key}`]!.data, `${penalty} by ${key}`).toBeAllClose(data, {
          rtol: 0,
          atol: 2e-5 * largest,
        });
    }
  });
});
