import { describe, expect, it } from 'vitest';
import { runGraph } from '../../test/run-graph.ts';
import { float32 } from '../../test/tensors.ts';
import { ConfigError } from '../errors.ts';
import type { Tensors } from '../graph/tensor.ts';
import { input } from '../graph/value.ts';
import { relu } from './activations.ts';
import { batchNorm } from './batch-norm.ts';
import { conv, convTranspose } from './conv.ts';
import { dense } from './dense.ts';
import { equalised } from './equalised.ts';
import { constant, type Initialiser } from './initialisers.ts';
import type { Layer } from './layer.ts';
import { bottleneck, residual } from './residual.ts';
import { sequential } from './sequential.ts';
import { spectralNorm } from './spectral-norm.ts';

const given =
  (values: readonly number[]): Initialiser =>
  () =>
    Float32Array.from(values);

/** State after so many updates that leave the weights as they are. */
async function advanced(layer: Layer, inputShape: readonly number[], updates: number): Promise<Tensors> {
  const network = sequential('net', inputShape, [layer]);
  const initial = network.init(3);
  let state = initial.state;
  const variables = { ...initial.parameters, ...initial.state };
  const values = Object.fromEntries(
    Object.entries(variables).map(([name, { dtype, shape }]) => [name, input(name, dtype, shape)]),
  );
  const next = network.beforeUpdate({ parameters: values, state: values });
  for (let i = 0; i < updates; i++) {
    const { parameters } = initial;
    const needed = Object.fromEntries(
      Object.entries({ ...parameters, ...state }).filter(([name]) => !/bias|\/v$/.test(name)),
    );
    const results = await runGraph(
      Object.fromEntries(Object.entries(next).map(([name, value]) => [`next ${name}`, value])),
      needed,
    );
    state = Object.fromEntries(Object.keys(state).map((name) => [name, results[`next ${name}`]!]));
  }
  return state;
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

describe('spectralNorm', () => {
  // Singular values 3 and 1: [in, out] = diag, so that u and v are unit axes.
  const diagonal = () => spectralNorm(dense({ units: 2, weight: given([3, 0, 0, 1]) }));

  it('finds the first singular pair, one power iteration an update', async () => {
    const numbers = async (updates: number) => {
      const state = await advanced(diagonal(), [2], updates);
      return {
        u: state['net/dense1/weight/u']!.data as Float32Array,
        v: state['net/dense1/weight/v']!.data as Float32Array,
      };
    };
    const [start, one, two] = [await numbers(0), await numbers(1), await numbers(2)];
    for (const { u, v } of [start, one, two]) {
      expect(dot(u, u)).toBeCloseTo(1, 5);
      expect(dot(v, v)).toBeCloseTo(1, 5);
    }
    // Each half of an iteration triples the ratio of the first coordinate to the second.
    const ratio = (vector: Float32Array) => vector[0]! / vector[1]!;
    expect(ratio(start.v)).toBeCloseTo(3 * ratio(start.u), 3);
    expect(ratio(one.u)).toBeCloseTo(9 * ratio(start.u), 2);
    expect(ratio(two.u) / ratio(one.u)).toBeCloseTo(9, 2);
    const { u, v } = await numbers(12);
    expect([Math.abs(u[0]!), Math.abs(v[0]!)]).toBeAllClose([1, 1]);
  });

  it('leaves a largest singular value of 1', async () => {
    const state = await advanced(diagonal(), [2], 12);
    const network = sequential('net', [2], [diagonal()]);
    const variables = { ...network.init(3).parameters, ...state };
    const values = Object.fromEntries(
      Object.entries(variables).map(([name, { dtype, shape }]) => [name, input(name, dtype, shape)]),
    );
    const { y } = network.apply({ parameters: values, state: values }, input('x', 'float32', [2, 2]), {
      mode: 'train',
      bernoulli: (name, shape) => input(name, 'bool', shape),
    });
    const { result } = await runGraph({ result: y }, { ...variables, x: float32([2, 2], [1, 0, 0, 1]) });
    expect(result!.data).toBeAllClose([1, 0, 0, 1 / 3], { rtol: 1e-5, atol: 1e-6 });
  });

  it('keeps the name of its layer, and names its vectors after the weight', () => {
    const network = sequential(
      'net',
      [2, 4, 4],
      [
        spectralNorm(conv({ channels: 3, size: 3, padding: 1 })),
        spectralNorm(convTranspose({ channels: 5, size: 2, groups: 1 })),
        relu(),
        spectralNorm(residual({ channels: 6, norm: () => batchNorm() })),
      ],
    );
    expect(network.layers.map(({ name }) => name)).toEqual(['conv1', 'convTranspose1', 'relu1', 'residual1']);
    expect(network.mixesExamples).toBe(true);
    const { 'net/conv1/weight/u': u, 'net/conv1/weight/v': v, ...others } = network.stateShapes;
    expect([u, v]).toEqual([[3], [18]]);
    expect(others).toMatchObject({
      'net/convTranspose1/weight/u': [5],
      'net/convTranspose1/weight/v': [3 * 4],
      'net/residual1/batchNorm1/mean': [5],
      'net/residual1/conv1/weight/u': [6],
      'net/residual1/shortcut/conv1/weight/v': [5],
    });
    expect(Object.keys(network.init(1).state).sort()).toEqual(Object.keys(network.stateShapes).sort());
    // An average of the weights follows the statistics, not the singular vectors.
    expect(network.averagedState).toEqual([
      'net/residual1/batchNorm1/mean',
      'net/residual1/batchNorm1/variance',
      'net/residual1/batchNorm2/mean',
      'net/residual1/batchNorm2/variance',
    ]);
  });

  it('refuses weights of zeros, as a bottleneck has them at its end', () => {
    expect(() => sequential('net', [4, 2, 2], [spectralNorm(bottleneck())]).init(1)).toThrow(
      new ConfigError(
        'spectralNorm: weights must not start from zeros, got bottleneck with such a conv3/weight',
      ),
    );
  });

  it('wants weights', () => {
    expect(() => spectralNorm(relu())).toThrow(
      new ConfigError(
        'spectralNorm: the layer must have weights, as dense, maxout, conv and convTranspose do, got relu',
      ),
    );
  });
});

describe('equalised', () => {
  it('starts from N(0, 1) whatever the layer says, and scales by the inputs of a unit', () => {
    const layer = equalised(conv({ channels: 40, size: 5, weight: constant(7), bias: constant(0.5) }));
    const { parameters } = sequential('net', [8, 6, 6], [layer]).init(1);
    const weight = [...(parameters['net/conv1/weight']!.data as Float32Array)];
    const squares = weight.reduce((sum, value) => sum + value ** 2, 0) / weight.length;
    expect(Math.abs(squares - 1)).toBeLessThan(0.06);
    expect(new Set(parameters['net/conv1/bias']!.data as Float32Array)).toEqual(new Set([0.5]));
  });

  it('reaches the weights inside a block', () => {
    const { parameters } = sequential('net', [4, 2, 2], [equalised(bottleneck())]).init(1);
    // The block's last convolution would start from zeros.
    expect(
      (parameters['net/bottleneck1/conv3/weight']!.data as Float32Array).some((value) => value !== 0),
    ).toBe(true);
  });

  it.each([
    [
      () => equalised(relu()),
      'equalised: the layer must have weights, as dense, maxout, conv and convTranspose do, got relu',
    ],
    [() => equalised(dense({ units: 1 }), 0), 'equalised: gain must be positive and finite, got 0'],
  ])('refuses what it cannot do: %#', (run, message) => {
    expect(run).toThrow(new ConfigError(message));
  });
});
