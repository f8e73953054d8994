import { describe, expect, it } from 'vitest';
import { ConfigError, ShapeError } from '../errors.ts';
import { leakyRelu, relu } from './activations.ts';
import { batchNorm } from './batch-norm.ts';
import { type ConvOptions, conv, convTranspose } from './conv.ts';
import { convMaxout } from './conv-maxout.ts';
import { dense } from './dense.ts';
import { he, type Initialiser } from './initialisers.ts';
import type { Layer } from './layer.ts';
import { maxout } from './maxout.ts';
import { averagePool, globalPool, maxPool } from './pooling.ts';
import { flatten, reshape } from './reshaping.ts';
import { bottleneck, residual } from './residual.ts';
import { upsample } from './resizing.ts';
import { sequential } from './sequential.ts';
import { parameterCount } from './summary.ts';

describe("the released CIFAR-10 recipe's networks", () => {
  it('have its sizes and parameters', () => {
    const block = (channels: number, size: number, padding: number, pool: { size: number; stride: number }) =>
      convMaxout({ channels, pieces: 2, size, padding, pool });
    const discriminator = sequential(
      'discriminator',
      [3, 32, 32],
      [
        block(32, 8, 4, { size: 4, stride: 2 }),
        block(32, 8, 3, { size: 4, stride: 2 }),
        block(192, 5, 3, { size: 2, stride: 2 }),
        flatten(),
        maxout({ units: 500, pieces: 5 }),
        dense({ units: 1 }),
      ],
    );
    expect(discriminator.layers.slice(0, 3).map(({ outputShape }) => outputShape)).toEqual([
      [32, 16, 16],
      [32, 7, 7],
      [192, 5, 5],
    ]);
    expect(parameterCount(discriminator)).toBe(12_454_073);
    const generator = sequential(
      'generator',
      [100],
      [
        dense({ units: 8000 }),
        relu(),
        dense({ units: 8000 }),
        reshape([80, 10, 10]),
        convTranspose({ channels: 3, size: 5, stride: 3, biases: 'untied' }),
      ],
    );
    expect(generator.outputShape).toEqual([3, 32, 32]);
    expect(parameterCount(generator)).toBe(64_825_072);
  });
});

describe('what initialisers see of kernels', () => {
  const fansOf = (layer: (weight: Initialiser) => Layer, inputShape: readonly number[]) => {
    const seen: unknown[] = [];
    layer((shape, key, fans) => {
      seen.push(shape, fans);
      return he()(shape, key, fans);
    }).init(inputShape, () => ({ seed: 1, stream: 1 }));
    return seen;
  };

  it('is what a unit adds up, and where an input goes', () => {
    const options: ConvOptions = { channels: 6, size: [3, 5], groups: 2, stride: [1, 2], padding: 2 };
    expect(fansOf((weight) => conv({ ...options, weight }), [4, 8, 8])).toEqual([
      [6, 2, 3, 5],
      [2 * 15, (3 * 15) / 2],
    ]);
    expect(fansOf((weight) => convTranspose({ ...options, weight }), [4, 8, 8])).toEqual([
      [4, 3, 3, 5],
      [(2 * 15) / 2, 3 * 15],
    ]);
  });

  it('keeps the variance of what He starts, through a convolution and its transpose', () => {
    for (const make of [conv, convTranspose]) {
      const [shape, [inputs]] = fansOf(
        (weight) => make({ channels: 32, size: 4, stride: 2, padding: 1, weight }),
        [64, 8, 8],
      ) as [number[], [number, number]];
      const weight = he()(shape, { seed: 5, stream: 5 }, [inputs, 1]);
      const variance = weight.reduce((sum, value) => sum + value ** 2, 0) / weight.length;
      expect(Math.abs(variance / (2 / inputs) - 1)).toBeLessThan(0.05);
      // Each output of the transpose adds up a quarter of 64 kernels of 16.
      expect(inputs).toBe(make === conv ? 64 * 16 : (64 * 16) / 4);
    }
  });
});

describe('residual blocks', () => {
  it('name their parts', () => {
    const network = sequential(
      'g',
      [4, 3, 3],
      [residual({ channels: 2, resample: 'up', norm: () => batchNorm() })],
    );
    expect(network.outputShape).toEqual([2, 6, 6]);
    expect(network.parameterShapes).toEqual({
      'g/residual1/batchNorm1/gain': [4],
      'g/residual1/batchNorm1/bias': [4],
      'g/residual1/conv1/weight': [2, 4, 3, 3],
      'g/residual1/conv1/bias': [2],
      'g/residual1/batchNorm2/gain': [2],
      'g/residual1/batchNorm2/bias': [2],
      'g/residual1/conv2/weight': [2, 2, 3, 3],
      'g/residual1/conv2/bias': [2],
      'g/residual1/shortcut/conv1/weight': [2, 4, 1, 1],
      'g/residual1/shortcut/conv1/bias': [2],
    });
    expect(network.mixesExamples).toBe(true);
    expect(sequential('d', [4, 3, 3], [residual({ channels: 2 })]).mixesExamples).toBe(false);
  });

  it('have no shortcut of their own where nothing changes', () => {
    const { parameterShapes } = sequential('g', [4, 3, 3], [residual({ channels: 4 })]);
    expect(Object.keys(parameterShapes).some((name) => name.includes('shortcut'))).toBe(false);
  });

  it('with a bottleneck start as the identity, and smaller the more of them there are', () => {
    const start = (blocks: number) =>
      sequential('d', [4, 3, 3], [bottleneck({ groups: 2, blocks })]).init(1).parameters;
    const [one, sixteen] = [start(1), start(16)];
    expect(new Set(one['d/bottleneck1/conv3/weight']!.data as Float32Array)).toEqual(new Set([0]));
    expect(one['d/bottleneck1/conv3/bias']).toBeUndefined();
    const [large, small] = [one, sixteen].map((it) => it['d/bottleneck1/conv2/weight']!.data as Float32Array);
    expect(small).toBeAllClose(large!.map((value) => value / 2));
  });
});

describe('refused', () => {
  const image = (...layers: Layer[]) => sequential('d', [3, 9, 8], layers);
  it.each<[() => unknown, typeof ConfigError | typeof ShapeError, string]>([
    [() => conv({ channels: 0, size: 3 }), ConfigError, 'conv: channels must be a positive integer, got 0'],
    [() => conv({ channels: 2, size: [3, 0] }), ConfigError, 'conv: size must be a positive integer, got 0'],
    [
      () => convTranspose({ channels: 3, size: 3, groups: 2 }),
      ConfigError,
      'convTranspose: groups must divide the channels, got 2 groups of 3',
    ],
    [
      () => image(conv({ channels: 4, size: 3, groups: 2 })),
      ShapeError,
      "d/conv1: conv: groups must divide the input's channels, got 2 groups of 3",
    ],
    [
      () => sequential('d', [72], [conv({ channels: 4, size: 3 })]),
      ShapeError,
      'd/conv1: conv: an example must be an image [C, H, W], got [72]. Put reshape([C, H, W]) before it',
    ],
    [() => image(conv({ channels: 4, size: 10 })), ShapeError, 'd/conv1: conv: '],
    [() => image(conv({ channels: 4, size: 3, stride: 0 })), ShapeError, 'd/conv1: conv: stride must be'],
    [
      () => image(convMaxout({ channels: 4, pieces: 0, size: 3 })),
      ConfigError,
      'convMaxout: pieces must be a positive integer, got 0',
    ],
    [() => image(maxPool({ size: 9 })), ShapeError, 'd/maxPool1: maxPool: a window must fit'],
    [() => averagePool({ size: 0 }), ConfigError, 'averagePool: size must be a positive integer, got 0'],
    [() => globalPool('max' as 'mean'), ConfigError, 'globalPool: reduction must be mean or sum, got max'],
    [() => upsample(1.5), ConfigError, 'upsample: factor must be a positive integer, got 1.5'],
    [
      () => upsample(2, 'cubic' as 'nearest'),
      ConfigError,
      'upsample: interpolation must be nearest or bilinear, got cubic',
    ],
    [
      () => image(residual({ channels: 3, resample: 'down' })),
      ShapeError,
      'd/residual1: residual: sides must be even to be halved, got [3, 9, 8]',
    ],
    [
      () => residual({ channels: 3, resample: 'half' as 'down' }),
      ConfigError,
      'residual: resample must be up or down, got half',
    ],
    [
      () => image(bottleneck({ groups: 4 })),
      ShapeError,
      'd/bottleneck1: bottleneck: groups must divide the channels inside, got 4 groups of 6 (2 x 3)',
    ],
    [
      () => sequential('d', [3], [residual({ channels: 3, activation: () => leakyRelu() })]),
      ShapeError,
      'd/residual1: residual: an example must be an image [C, H, W], got [3]',
    ],
  ])('%#', (run, error, message) => {
    expect(run).toThrow(error);
    expect(run).toThrow(message);
  });
});
