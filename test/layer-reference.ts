import { expect } from 'vitest';
import { add, div, mul, square } from '../src/graph/functions/elementwise.ts';
import { sum } from '../src/graph/functions/reductions.ts';
import { grad } from '../src/graph/grad.ts';
import type { Tensors } from '../src/graph/tensor.ts';
import { input, type Value } from '../src/graph/value.ts';
import type { Layer } from '../src/nn/layer.ts';
import { sequential } from '../src/nn/sequential.ts';
import { runGraph } from './run-graph.ts';
import { float32s, type ReferenceArray } from './tensors.ts';

type Arrays = Readonly<Record<string, ReferenceArray>>;

/** A layer's pass by PyTorch: see scripts/reference/layers.py. */
export interface LayerReference {
  readonly x: ReferenceArray;
  readonly labels?: ReferenceArray;
  readonly parameters: Arrays;
  readonly state: Arrays;
  readonly cotangent: ReferenceArray;
  readonly y: ReferenceArray;
  /** State after the pass. */
  readonly next: Arrays;
  /** Gradients of sum(c (y + y^2 / 2)) by x and the parameters. */
  readonly first: Arrays;
  /** Gradients of the sum of squares of the first gradient by x. */
  readonly second: Arrays;
}

/**
 * Builds the layer alone in a network, as an update does (its state advanced once before the pass), runs it in ONNX
 * Runtime and compares y, the next state and the gradients of both orders with the reference.
 */
export async function expectAsReference(
  layer: Layer,
  reference: LayerReference,
  mode: 'train' | 'sample' = 'train',
): Promise<void> {
  const scope = `net/${layer.kind}1`;
  const network = sequential('net', reference.x.shape.slice(1), [layer]);
  const named = (arrays: Arrays): Tensors =>
    Object.fromEntries(Object.entries(float32s(arrays)).map(([name, it]) => [`${scope}/${name}`, it]));
  const [parameters, state] = [named(reference.parameters), named(reference.state)];
  expect(shapesOf(parameters)).toEqual(network.parameterShapes);
  expect(shapesOf(state)).toEqual(network.stateShapes);
  expect(shapesOf(network.init(1).parameters)).toEqual(network.parameterShapes);
  expect(shapesOf(network.init(1).state)).toEqual(network.stateShapes);

  const others = float32s({
    x: reference.x,
    cotangent: reference.cotangent,
    ...(reference.labels ? { labels: reference.labels } : {}),
  });
  const feeds = { ...parameters, ...state, ...others };
  const values: Record<string, Value> = Object.fromEntries(
    Object.entries(feeds).map(([name, { dtype, shape }]) => [name, input(name, dtype, shape)]),
  );
  const x = values['x']!;
  const current =
    mode === 'train' ? { ...values, ...network.beforeUpdate({ parameters: values, state: values }) } : values;
  const result = network.apply({ parameters: current, state: current }, x, {
    mode,
    ...(values['labels'] ? { labels: values['labels'] } : {}),
    bernoulli: (name) => {
      throw new Error(`nothing here is random, got ${name}`);
    },
  });
  expect(result.y.shape.slice(1)).toEqual(network.outputShape);
  const leaves = [x, ...Object.keys(parameters).map((name) => values[name]!)];
  const loss = sum(mul(values['cotangent']!, add(result.y, div(square(result.y), 2))));
  const first = grad(loss, leaves);
  const second = grad(sum(square(first[0]!)), leaves);
  const names = ['x', ...Object.keys(reference.parameters)];
  const { y, ...found } = await runGraph(
    {
      y: result.y,
      ...Object.fromEntries(names.map((name, i) => [`first ${name}`, first[i]!])),
      ...Object.fromEntries(names.map((name, i) => [`second ${name}`, second[i]!])),
      ...Object.fromEntries(Object.entries(result.state).map(([name, value]) => [`next ${name}`, value])),
    },
    feeds,
  );
  const compare = (
    what: string,
    data: ArrayLike<number> | ArrayLike<bigint>,
    expected: ReferenceArray,
    beside: Arrays = {},
  ) => {
    // float32 keeps to about 1e-5 of a tensor's largest element; what cancels to 0 is made of larger terms.
    const atol = Math.max(2e-5 * largest([expected]), 2e-6 * largest(Object.values(beside)));
    try {
      expect(data).toBeAllClose(expected.data, { rtol: 0, atol });
    } catch (error) {
      throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
    }
  };
  expect(y!.shape).toEqual(reference.y.shape);
  compare('y', y!.data, reference.y);
  for (const name of names) {
    compare(`first ${name}`, found[`first ${name}`]!.data, reference.first[name]!, reference.first);
    compare(`second ${name}`, found[`second ${name}`]!.data, reference.second[name]!, reference.second);
  }
  expect(Object.keys(result.state).sort()).toEqual(Object.keys(state).sort());
  for (const [name, expected] of Object.entries(reference.next))
    compare(`next ${name}`, found[`next ${scope}/${name}`]!.data, expected);
}

function largest(arrays: readonly ReferenceArray[]): number {
  return Math.max(0, ...arrays.flatMap(({ data }) => data.map(Math.abs)));
}

function shapesOf(tensors: Tensors): Record<string, readonly number[]> {
  return Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));
}
