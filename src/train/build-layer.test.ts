import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { sequential } from '../nn/sequential.ts';
import { buildLayers, exampleInput } from './build-layer.ts';
import type { DatasetFacts } from './dataset-facts.ts';
import type { LayerConfig } from './layer-config.ts';

const images: DatasetFacts = {
  name: 'photos',
  kind: 'images',
  exampleShape: [3, 16, 16],
  dtype: 'uint8',
  classes: 5,
};
const points: DatasetFacts = { name: 'ring8', kind: 'points', exampleShape: [2], dtype: 'float32' };

const optimiser = { name: 'sgd', learningRate: 0.1, momentum: 0 } as const;

function networkOf(inputShape: readonly number[], layers: readonly LayerConfig[], facts = images) {
  return sequential('net', inputShape, buildLayers({ layers, init: 'he', optimiser }, 768, facts));
}

describe('networks from configs', () => {
  it('a generator of images ends in their channels', () => {
    const { layers, parameterShapes, stateShapes } = networkOf(
      [100],
      [
        { dense: 64 },
        { reshape: [4, 4, 4] },
        'batchNorm',
        'relu',
        { convTranspose: { channels: 8, size: 4, stride: 2, padding: 1, biases: 'none' } },
        { batchNorm: { gainDeviation: 0.02 } },
        'relu',
        { convTranspose: { channels: 'data', size: 4, stride: 2, padding: 1 }, init: { normal: 0.02 } },
        'tanh',
      ],
    );
    expect(layers.map(({ name, outputShape }) => `${name} ${outputShape.join('x')}`)).toEqual([
      'dense1 64',
      'reshape1 4x4x4',
      'batchNorm1 4x4x4',
      'relu1 4x4x4',
      'convTranspose1 8x8x8',
      'batchNorm2 8x8x8',
      'relu2 8x8x8',
      'convTranspose2 3x16x16',
      'tanh1 3x16x16',
    ]);
    expect(parameterShapes['net/convTranspose1/weight']).toEqual([4, 8, 4, 4]);
    expect(parameterShapes['net/convTranspose1/bias']).toBeUndefined();
    expect(Object.keys(stateShapes)).toEqual([
      'net/batchNorm1/mean',
      'net/batchNorm1/variance',
      'net/batchNorm2/mean',
      'net/batchNorm2/variance',
    ]);
  });

  it.each([
    [16, ['dense1 256', 'reshape1 16x4x4', 'upsample1 16x16x16', 'crop1 16x16x16', 'conv1 3x16x16']],
    [13, ['dense1 256', 'reshape1 16x4x4', 'upsample1 16x16x16', 'crop1 16x13x13', 'conv1 3x13x13']],
  ])('a generator of images of any size: %d x %d from what is projected, cropped', (side, expected) => {
    const facts = { ...images, exampleShape: [3, side, side] };
    const layers: LayerConfig[] = [
      { project: { channels: 16, factor: 4 } },
      { upsample: 4 },
      'crop',
      { conv: { channels: 'data', size: 1 } },
    ];
    const placed = networkOf([8], layers, facts).layers;
    expect(placed.map(({ name, outputShape }) => `${name} ${outputShape.join('x')}`)).toEqual(expected);
  });

  it("start as their settings say: gains around 1, weights by the layer's own initialiser", () => {
    const { parameters } = networkOf(
      [3, 16, 16],
      [
        { conv: { channels: 64, size: 4, stride: 2, padding: 1 }, init: { normal: 0.02 } },
        { batchNorm: { gainDeviation: 0.02 } },
      ],
    ).init(1);
    const spread = (name: string) => {
      const values = [...(parameters[name]!.data as Float32Array)];
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      return [mean, Math.sqrt(squares)] as const;
    };
    const [weightMean, weightDeviation] = spread('net/conv1/weight');
    expect(Math.abs(weightMean)).toBeLessThan(0.002);
    expect(Math.abs(weightDeviation - 0.02)).toBeLessThan(0.002);
    const [gainMean, gainDeviation] = spread('net/batchNorm1/gain');
    expect(Math.abs(gainMean - 1)).toBeLessThan(0.01);
    expect(Math.abs(gainDeviation - 0.02)).toBeLessThan(0.006);
  });

  // Each form once, in networks that its shapes fit.
  const image: readonly LayerConfig[] = [
    { conv: { channels: 4, size: 3, padding: [1, 1, 1, 1], dilation: 1, groups: 1, biases: 'untied' } },
    { leakyRelu: 0.2 },
    'layerNorm',
    'instanceNorm',
    { instanceNorm: { affine: true } },
    { groupNorm: 2 },
    'pixelNorm',
    { dropout: { include: 0.5 } },
    'conditionalBatchNorm',
    { averagePool: { size: 2 } },
    { maxPool: { size: 3, stride: 2, padding: 1, ceil: true } },
    { upsample: 2 },
    { upsample: 2, interpolation: 'bilinear' },
    { convMaxout: { channels: 4, pieces: 2, size: 3, padding: 1, pool: { size: 2, stride: 2 } } },
    { residual: { channels: 6, hidden: 5, resample: 'up', norm: 'batchNorm' } },
    { residual: { channels: 6, resample: 'down', activation: { leakyRelu: 0.1 }, first: true } },
    { residual: { channels: 6, norm: { groupNorm: 3 } } },
    { residual: { channels: 6, norm: 'conditionalBatchNorm' } },
    { bottleneck: { groups: 4 } },
    { equalised: { conv: { channels: 4, size: 1 } }, gain: 1 },
    'concatLabels',
    { concatLabels: 2 },
    { minibatchDeviation: 4 },
    { spectralNorm: { conv: { channels: 2, size: 1 } } },
    'sigmoid',
  ];

  it('hold every layer of images', () => {
    // 16, halved to 8, by windows of 3 rounded up to 5, enlarged twice to 20, halved, enlarged, halved.
    expect(networkOf([3, 16, 16], image).outputShape).toEqual([2, 10, 10]);
    expect(networkOf([3, 16, 16], [...image, { globalPool: 'sum' }]).outputShape).toEqual([2]);
  });

  it('begin with a learned distribution of z', () => {
    const network = networkOf([10], [{ mixture: 8, deviation: 0.5 }, { dense: 4 }], points);
    expect(network.layers.map(({ name, outputShape }) => `${name} ${outputShape}`)).toEqual([
      'mixture1 2',
      'dense1 4',
    ]);
    expect(network.init(1).parameters['net/mixture1/deviation']!.data).toEqual(
      new Float32Array(16).fill(0.5),
    );
  });

  it('hold every head of a discriminator', () => {
    const ended = (...last: LayerConfig[]) => networkOf([3, 16, 16], ['flatten', ...last]).outputShape;
    expect(ended('projection')).toEqual([1]);
    expect(ended({ spectralNorm: 'projection' })).toEqual([1]);
    expect(ended('auxiliaryClassifier')).toEqual([6]);
    expect(ended({ maxout: { units: 4, pieces: 2 } }, { equalised: { dense: 'data' } })).toEqual([768]);
  });
});

describe('what the data has not is refused', () => {
  it.each<[LayerConfig, DatasetFacts, string]>([
    ['concatLabels', points, 'layers: concatLabels must be used with data that has classes, got ring8'],
    ['projection', points, 'layers: projection must be used with data that has classes, got ring8'],
    [
      { residual: { channels: 2, norm: 'conditionalBatchNorm' } },
      { ...images, classes: undefined } as unknown as DatasetFacts,
      'layers: conditionalBatchNorm must be used with data that has classes, got photos',
    ],
    [
      { conv: { channels: 'data', size: 3 } },
      points,
      'generator.layers: channels "data" must be used with images, got ring8',
    ],
  ])('%j', (layer, facts, message) => {
    expect(() => networkOf([2], [layer], facts)).toThrow(ConfigError);
    expect(() => networkOf([2], [layer], facts)).toThrow(message);
  });
});

it('a discriminator takes examples flat or whole, as its first layer with a preference does', () => {
  const shape = [3, 16, 16];
  const of = (...layers: LayerConfig[]) => exampleInput(layers, shape);
  expect(of({ dense: 1 })).toEqual([768]);
  expect(of({ dropout: { include: 0.8 } }, { maxout: { units: 2, pieces: 2 } })).toEqual([768]);
  expect(of({ spectralNorm: { dense: 1 } })).toEqual([768]);
  expect(of({ leakyRelu: 0.1 }, { conv: { channels: 2, size: 3 } }, { dense: 1 })).toEqual(shape);
  expect(of({ equalised: { conv: { channels: 2, size: 3 } } })).toEqual(shape);
  expect(of('flatten', { dense: 1 })).toEqual(shape);
  expect(of({ residual: { channels: 4, first: true } })).toEqual(shape);
});
