import { expect, it } from 'vitest';
import { compileGraph } from '../../test/run-graph.ts';
import { float32 } from '../../test/tensors.ts';
import { elementCount, type Tensors } from '../graph/tensor.ts';
import { input } from '../graph/value.ts';
import { fillNormal } from '../random/normal.ts';
import { leakyRelu, relu, tanh } from './activations.ts';
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
import { averagePool, globalPool, maxPool } from './pooling.ts';
import { flatten, reshape } from './reshaping.ts';
import { bottleneck, residual } from './residual.ts';
import { upsample } from './resizing.ts';
import { sequential } from './sequential.ts';
import { spectralNorm } from './spectral-norm.ts';

const networks: readonly [name: string, inputShape: readonly number[], layers: readonly Layer[]][] = [
  [
    'DCGAN in small',
    [5],
    [
      dense({ units: 32 }),
      reshape([8, 2, 2]),
      batchNorm(),
      relu(),
      convTranspose({ channels: 4, size: 4, stride: 2, padding: 1 }),
      batchNorm(),
      relu(),
      convTranspose({ channels: 3, size: 5, stride: 3, biases: 'untied' }),
      tanh(),
    ],
  ],
  [
    'residual blocks of classes',
    [4],
    [
      concatLabels({ classes: 3, size: 2 }),
      dense({ units: 16 }),
      reshape([4, 2, 2]),
      residual({ channels: 3, resample: 'up', norm: () => conditionalBatchNorm({ classes: 3 }) }),
      spectralNorm(residual({ channels: 2, norm: () => batchNorm() })),
      upsample(2, 'bilinear'),
      bottleneck(),
    ],
  ],
  [
    'a discriminator of everything',
    [2, 8, 8],
    [
      spectralNorm(conv({ channels: 4, size: 3, padding: 1 })),
      leakyRelu(),
      groupNorm({ groups: 2 }),
      instanceNorm({ affine: true }),
      convMaxout({ channels: 4, pieces: 2, size: 3, padding: 1, pool: { size: 4, stride: 2 } }),
      pixelNorm(),
      maxPool({ size: 2 }),
      equalised(conv({ channels: 6, size: 1, groups: 2 })),
      layerNorm(),
      averagePool({ size: 2, stride: 1, padding: [1, 0, 0, 1] }),
      concatLabels({ classes: 3 }),
      minibatchDeviation(),
      globalPool(),
      spectralNorm(projection({ classes: 3 })),
    ],
  ],
  ['pixels in a row', [2, 2, 2], [flatten(), layerNorm(), batchNorm(), dense({ units: 2 })]],
];

it.each(networks)('%s: an example comes out the same in any batch', async (_, inputShape, layers) => {
  const network = sequential('net', inputShape, layers);
  const { parameters, state } = network.init(7);
  // Statistics that a training has moved: not 0 and 1.
  for (const [name, { data }] of Object.entries(state)) {
    const values = data as Float32Array;
    if (name.endsWith('variance')) values.fill(0.7);
    if (/mean$|deviation$/.test(name)) values.set(values.map((_, i) => 0.1 * i - 0.2));
  }
  const variables: Tensors = { ...parameters, ...state };
  const values = Object.fromEntries(
    Object.entries(variables).map(([name, { dtype, shape }]) => [name, input(name, dtype, shape)]),
  );
  const pass = { parameters: values, state: values };
  const x = input('x', 'float32', ['N', ...inputShape]);
  const { y, state: after } = network.apply(pass, x, {
    mode: 'sample',
    labels: input('labels', 'float32', ['N', 3]),
    bernoulli: (name) => {
      throw new Error(`nothing is random when sampling, got ${name}`);
    },
  });
  expect(y.shape).toEqual(['N', ...network.outputShape]);
  // Sampling leaves the state as it was.
  expect(Object.entries(after).every(([name, value]) => value === values[name])).toBe(true);
  expect(Object.keys(after)).toEqual(Object.keys(state));

  const size = elementCount(inputShape);
  const examples = new Float32Array(64 * size);
  fillNormal({ seed: 3, stream: 3 }, 0, examples);
  const oneHot = Float32Array.from({ length: 64 * 3 }, (_, i) => Number(i % 3 === Math.floor(i / 3) % 3));
  const usesLabels = layers.some(({ kind }) => /Labels|projection|residual/.test(kind));
  const graph = await compileGraph({ y });
  const run = async (first: number, count: number) => {
    const result = await graph.run({
      ...variables,
      x: float32([count, ...inputShape], examples.subarray(first * size, (first + count) * size)),
      ...(usesLabels ? { labels: float32([count, 3], oneHot.subarray(first * 3, (first + count) * 3)) } : {}),
    });
    expect(result['y']!.shape).toEqual([count, ...network.outputShape]);
    return [...(result['y']!.data as Float32Array)];
  };
  try {
    const all = await run(0, 64);
    expect(all.every(Number.isFinite)).toBe(true);
    expect(new Set(all).size).toBeGreaterThan(32);
    const width = all.length / 64;
    for (const [first, count] of [
      [0, 1],
      [63, 1],
      [20, 7],
    ] as const)
      expect(await run(first, count)).toBeAllClose(all.slice(first * width, (first + count) * width), {
        rtol: 1e-5,
        atol: 1e-6,
      });
  } finally {
    await graph.release();
  }
});
