import { describe, expect, it } from 'vitest';
import { runGraph } from '../../test/run-graph.ts';
import { smallDiscriminator, smallGenerator, smallVariables } from '../../test/small-networks.ts';
import { bool, float32, type ReferenceArray, readReference } from '../../test/tensors.ts';
import { ShapeError } from '../errors.ts';
import { add, mul, square } from '../graph/functions/elementwise.ts';
import { mean, sum } from '../graph/functions/reductions.ts';
import { grad } from '../graph/grad.ts';
import type { Tensors } from '../graph/tensor.ts';
import { input, topologicalOrder, type Value, type Values } from '../graph/value.ts';
import { streamOf } from '../random/threefry.ts';
import { relu } from './activations.ts';
import { dense } from './dense.ts';
import { uniform } from './initialisers.ts';
import type { Layer, LayerContext } from './layer.ts';
import { sequential } from './sequential.ts';

type Arrays = Readonly<Record<string, ReferenceArray>>;

interface NetworksReference {
  readonly r1Gamma: number;
  readonly parameters: Arrays;
  readonly feeds: { readonly real: ReferenceArray; readonly noiseD: ReferenceArray; readonly masksD: Arrays };
  readonly samples: ReferenceArray;
  readonly realLogits: ReferenceArray;
  readonly fakeLogits: ReferenceArray;
  readonly r1: { readonly value: number; readonly gradients: Arrays };
  readonly r1Dropout: { readonly value: number; readonly gradients: Arrays };
}

/** A context without randomness. */
const sampling: LayerContext = {
  mode: 'sample',
  bernoulli: (name) => {
    throw new Error(`nothing is random when sampling, got ${name}`);
  },
};

/** Graph inputs for tensors, under the same names. */
function inputsFor(tensors: Tensors): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape }]) => [name, input(name, dtype, shape)]),
  );
}

describe('names', () => {
  const network = smallDiscriminator();

  it('count the layers of each kind', () => {
    expect(network.layers.map(({ name }) => name)).toEqual([
      'dropout1',
      'maxout1',
      'dropout2',
      'maxout2',
      'dropout3',
      'dense1',
    ]);
    expect(network.layers.map(({ inputShape, outputShape }) => [...inputShape, ...outputShape])).toEqual([
      [8, 8],
      [8, 4],
      [4, 4],
      [4, 4],
      [4, 4],
      [4, 1],
    ]);
    expect([network.inputShape, network.outputShape]).toEqual([[8], [1]]);
  });

  it('are the same for shapes, initial tensors and masks', () => {
    const names = ['maxout1', 'maxout2', 'dense1'].flatMap((layer) => [
      `discriminator/${layer}/weight`,
      `discriminator/${layer}/bias`,
    ]);
    const { parameters } = network.init(1);
    expect(Object.keys(parameters)).toEqual(names);
    expect(network.parameterShapes).toEqual(
      Object.fromEntries(Object.entries(parameters).map(([name, { shape }]) => [name, shape])),
    );
    const masks: string[] = [];
    const bernoulli: LayerContext['bernoulli'] = (name, shape, probability) => {
      masks.push(`${name} ${shape} ${probability}`);
      return input(name, 'bool', shape);
    };
    network.apply({ parameters: inputsFor(parameters), state: {} }, input('x', 'float32', [10, 8]), {
      mode: 'train',
      bernoulli,
    });
    expect(masks).toEqual([
      'discriminator/dropout1/mask 10,8 0.8',
      'discriminator/dropout2/mask 10,4 0.5',
      'discriminator/dropout3/mask 10,4 0.5',
    ]);
  });

  it('are the scopes of the nodes that the layers build', () => {
    const values = inputsFor(network.init(1).parameters);
    const { y } = network.apply({ parameters: values, state: {} }, input('x', 'float32', ['N', 8]), sampling);
    const scopes = topologicalOrder([y]).map((node) => `${node.scope ?? '-'}:${node.op}`);
    expect(scopes.filter((scope) => scope.startsWith('discriminator/maxout2'))).toEqual([
      'discriminator/maxout2:Gemm',
      'discriminator/maxout2:Reshape',
      'discriminator/maxout2:ReduceMax',
    ]);
    expect(scopes.filter((scope) => scope.startsWith('-'))).toEqual(scopes.filter((s) => s === '-:Input'));
  });
});

describe('init', () => {
  it('draws every parameter from the stream of its own name', () => {
    const weight = uniform(0.05);
    const { parameters } = sequential('generator', [3], [dense({ units: 4, weight })]).init(9);
    expect(parameters['generator/dense1/weight']!.data).toEqual(
      weight([3, 4], { seed: 9, stream: streamOf('initial/generator/dense1/weight') }),
    );
  });

  it('starts a layer equally whatever stands beside it, and otherwise under another seed', () => {
    const first = dense({ units: 4 });
    const short = sequential('generator', [3], [first]).init(9).parameters;
    const long = sequential('generator', [3], [first, relu(), dense({ units: 2 })]).init(9).parameters;
    expect(long['generator/dense1/weight']).toEqual(short['generator/dense1/weight']);
    expect(sequential('generator', [3], [first]).init(10).parameters).not.toEqual(short);
    expect(Object.values(sequential('critic', [3], [first]).init(9).parameters)[0]).not.toEqual(
      short['generator/dense1/weight'],
    );
  });
});

describe("against PyTorch, the paper's networks in small", () => {
  const reference = readReference<NetworksReference>('networks');
  const { feeds } = reference;
  const parameters = smallVariables(reference.parameters);
  const values: Values = inputsFor(parameters);
  const variables = { parameters: values, state: {} };
  const rows = 6;

  /** The first or the last rows of the masks, which cover real and fake examples in one batch. */
  function masksOf(half: 'real' | 'fake'): Tensors {
    return Object.fromEntries(
      Object.entries(feeds.masksD).map(([name, { shape, data }]) => {
        const size = rows * shape[1]!;
        const start = half === 'real' ? 0 : size;
        return [`${name}/mask`, bool([rows, shape[1]!], data.slice(start, start + size))];
      }),
    );
  }

  const training: LayerContext = {
    mode: 'train',
    bernoulli: (name, shape) => input(name, 'bool', shape),
  };

  it('draws the same samples', async () => {
    const { y } = smallGenerator().apply(variables, input('z', 'float32', [rows, 5]), sampling);
    const z = float32([rows, 5], feeds.noiseD.data);
    const { samples } = await runGraph({ samples: y }, { ...generatorOnly(parameters), z });
    expect(samples!.data).toBeAllClose(reference.samples.data, { rtol: 1e-5 });
  });

  it.each([
    ['real', feeds.real, reference.realLogits],
    ['fake', reference.samples, reference.fakeLogits],
  ] as const)(
    'gives the same logits for %s examples under the same masks',
    async (half, examples, logits) => {
      const { y } = smallDiscriminator().apply(variables, input('x', 'float32', [rows, 8]), training);
      const x = float32([rows, 8], examples.data);
      const { result } = await runGraph(
        { result: y },
        { ...discriminatorOnly(parameters), ...masksOf(half), x },
      );
      expect(result!.data).toBeAllClose(logits.data, { rtol: 2e-5, atol: 1e-6 });
    },
  );

  it.each([
    ['without dropout', reference.r1, sampling],
    ['with dropout', reference.r1Dropout, training],
  ] as const)('has the same gradients of a gradient penalty %s', async (_, expected, context) => {
    const x = input('x', 'float32', [rows, 8]);
    const { y } = smallDiscriminator().apply(variables, x, context);
    const [slope] = grad(sum(y), [x]);
    const penalty = mul(mean(sum(square(slope!), { axes: [1] })), reference.r1Gamma / 2);
    const names = Object.keys(expected.gradients);
    const gradients = grad(
      penalty,
      names.map((name) => values[name]!),
    );
    const { value, ...found } = await runGraph(
      { value: penalty, ...Object.fromEntries(names.map((name, i) => [`d ${name}`, gradients[i]!])) },
      {
        ...discriminatorOnly(parameters),
        ...(context === training ? masksOf('real') : {}),
        x: float32([rows, 8], feeds.real.data),
      },
    );
    expect(value!.data).toBeAllClose([expected.value]);
    for (const [name, { data }] of Object.entries(smallVariables(expected.gradients))) {
      const largest = Math.max(...(data as Float32Array).map(Math.abs));
      expect(found[`d ${name}`]!.data).toBeAllClose(data as Float32Array, { rtol: 0, atol: 1e-5 * largest });
    }
  });

  const generatorOnly = (tensors: Tensors) => ofNetwork('generator', tensors);
  const discriminatorOnly = (tensors: Tensors) => ofNetwork('discriminator', tensors);
  function ofNetwork(name: string, tensors: Tensors): Tensors {
    return Object.fromEntries(Object.entries(tensors).filter(([key]) => key.startsWith(`${name}/`)));
  }
});

describe('state', () => {
  /** Adds how often it has run. */
  const counter: Layer = {
    kind: 'counter',
    outputShape: (shape) => shape,
    parameterShapes: () => ({}),
    stateShapes: () => ({ count: [] }),
    init: () => ({ parameters: {}, state: { count: float32([], [0]) } }),
    apply: ({ state }, x) => ({ y: add(x, state['count']!), state: { count: add(state['count']!, 1) } }),
  };

  it('goes in and comes out under the full names', async () => {
    const network = sequential('generator', [2], [counter, relu(), counter]);
    const { state } = network.init(1);
    expect(Object.keys(state)).toEqual(['generator/counter1/count', 'generator/counter2/count']);
    const x = input('x', 'float32', [1, 2]);
    const result = network.apply({ parameters: {}, state: inputsFor(state) }, x, sampling);
    const { y, ...next } = await runGraph(
      { y: result.y, ...Object.fromEntries(Object.entries(result.state).map(([k, v]) => [`next ${k}`, v])) },
      {
        x: float32([1, 2], [1, 2]),
        'generator/counter1/count': float32([], [10]),
        'generator/counter2/count': float32([], [100]),
      },
    );
    expect([...y!.data]).toEqual([111, 112]);
    expect(next['next generator/counter1/count']!.data[0]).toBe(11);
    expect(next['next generator/counter2/count']!.data[0]).toBe(101);
  });
});

describe('what a training asks of a network', () => {
  /** Turns its own state once an update; its output depends on the batch. */
  const turning: Layer = {
    ...relu(),
    kind: 'turning',
    mixesExamples: true,
    stateShapes: ([size]) => ({ mean: [size!], angle: [] }),
    averagedState: () => ['mean'],
    init: ([size]) => ({
      parameters: {},
      state: { mean: float32([size!], new Array(size!).fill(0)), angle: float32([], [1]) },
    }),
    beforeUpdate: ({ state }) => ({ angle: add(state['angle']!, 1) }),
    apply: ({ state }, x) => ({ y: add(x, state['angle']!), state }),
  };
  const network = sequential('discriminator', [3], [dense({ units: 2 }), turning, relu(), turning]);

  it('is answered from its layers, under full names', () => {
    expect(network.stateShapes).toEqual({
      'discriminator/turning1/mean': [2],
      'discriminator/turning1/angle': [],
      'discriminator/turning2/mean': [2],
      'discriminator/turning2/angle': [],
    });
    expect(Object.keys(network.init(1).state)).toEqual(Object.keys(network.stateShapes));
    expect(network.averagedState).toEqual(['discriminator/turning1/mean', 'discriminator/turning2/mean']);
    expect(network.mixesExamples).toBe(true);
    const plain = smallDiscriminator();
    expect([plain.stateShapes, plain.averagedState, plain.mixesExamples]).toEqual([{}, [], false]);
  });

  it('changes once an update only what has to', async () => {
    const state = inputsFor(network.init(1).state);
    const changed = network.beforeUpdate({ parameters: {}, state });
    expect(Object.keys(changed)).toEqual(['discriminator/turning1/angle', 'discriminator/turning2/angle']);
    const { angle } = await runGraph(
      { angle: changed['discriminator/turning2/angle']! },
      { 'discriminator/turning2/angle': float32([], [5]) },
    );
    expect(angle!.data[0]).toBe(6);
    expect(smallDiscriminator().beforeUpdate({ parameters: {}, state })).toEqual({});
  });

  it('names state that is missing', () => {
    const values = inputsFor(network.init(1).parameters);
    expect(() =>
      network.apply({ parameters: values, state: {} }, input('x', 'float32', [4, 3]), sampling),
    ).toThrow(new ShapeError('discriminator/turning1/mean: must be [2], got none'));
  });

  it('hands the labels down to every layer', () => {
    const seen: (Value | undefined)[] = [];
    const looking: Layer = {
      ...relu(),
      apply: (_, x, { labels }) => {
        seen.push(labels);
        return { y: x, state: {} };
      },
    };
    const labels = input('labels', 'float32', ['N', 10]);
    const x = input('x', 'float32', ['N', 3]);
    const two = sequential('generator', [3], [looking, looking]);
    two.apply({ parameters: {}, state: {} }, x, { ...sampling, labels });
    expect(seen).toEqual([labels, labels]);
  });
});

describe('errors', () => {
  const context = sampling;

  it('say in which layer the shapes do not fit', () => {
    expect(() => sequential('discriminator', [1, 28, 28], [relu(), dense({ units: 1 })])).toThrow(
      new ShapeError(
        'discriminator/dense1: dense: an example must be a vector [features], got [1, 28, 28]. Put flatten() before it',
      ),
    );
  });

  it.each([[[4, 9]], [[8]], [[4, 8, 1]]])('refuse x of shape %j', (shape) => {
    const network = smallDiscriminator();
    const parameters = inputsFor(network.init(1).parameters);
    expect(() => network.apply({ parameters, state: {} }, input('x', 'float32', shape), context)).toThrow(
      new ShapeError(`discriminator: x must be [N, 8], got [${shape.join(', ')}]`),
    );
  });

  it('name a parameter that is missing or of another shape', () => {
    const network = sequential('generator', [2], [dense({ units: 3 })]);
    const x = input('x', 'float32', [1, 2]);
    expect(() => network.apply({ parameters: {}, state: {} }, x, context)).toThrow(
      new ShapeError('generator/dense1/weight: must be [2, 3], got none'),
    );
    const weight = input('w', 'float32', [3, 2]);
    expect(() =>
      network.apply({ parameters: { 'generator/dense1/weight': weight }, state: {} }, x, context),
    ).toThrow(new ShapeError('generator/dense1/weight: must be [2, 3], got [3, 2]'));
  });

  it('leave other errors alone', () => {
    const broken: Layer = {
      ...relu(),
      apply: () => {
        throw new RangeError('mine');
      },
    };
    const x = input('x', 'float32', [1, 2]);
    expect(() =>
      sequential('generator', [2], [broken]).apply({ parameters: {}, state: {} }, x, context),
    ).toThrow(new RangeError('mine'));
  });
});

it('is the identity without layers', () => {
  const network = sequential('generator', [2], []);
  const x = input('x', 'float32', ['N', 2]);
  expect(network.outputShape).toEqual([2]);
  expect(network.apply({ parameters: {}, state: {} }, x, sampling).y).toBe(x);
});
