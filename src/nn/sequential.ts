import { ShapeError } from '../errors.ts';
import { formatShape, sameShape } from '../graph/shapes.ts';
import type { Tensor } from '../graph/tensor.ts';
import { label, type Value, type Values } from '../graph/value.ts';
import { streamOf } from '../random/threefry.ts';
import type {
  InitialVariables,
  Layer,
  LayerContext,
  LayerResult,
  ParameterShapes,
  Variables,
} from './layer.ts';

/** A layer at its place in a network. */
export interface NetworkLayer {
  /** Its kind and number among those of that kind, from the input: `dense1`, `dense2`. */
  readonly name: string;
  readonly layer: Layer;
  /** Shapes of one example, without the batch axis. */
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
}

/** Layers one after the other, under one name. Holds no tensors: parameters go in and come out by name. */
export interface Network {
  readonly name: string;
  /** Shapes of one example, without the batch axis. */
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly layers: readonly NetworkLayer[];
  /** Shapes of the parameters under their full names. */
  readonly parameterShapes: ParameterShapes;
  /**
   * Initial parameters and state, named `generator/dense1/weight`. Each is drawn from a stream of its own name, so
   * adding a layer does not change how the others start.
   *
   * @param seed - integer in [0, 2^32)
   */
  init(seed: number): InitialVariables;
  /**
   * Builds one pass and labels its nodes with their layers.
   *
   * @param variables - at least this network's parameters and state, under the names of `init`
   * @param x - [N, ...inputShape]
   * @returns y [N, ...outputShape], and the next state under the full names
   * @throws ShapeError where x or a parameter has another shape, or a parameter is missing
   */
  apply(variables: Variables, x: Value, context: LayerContext): LayerResult;
}

/**
 * A network from layers: checks that each takes the shape that the one before gives, and names them.
 *
 * @param name - `generator`, `discriminator`: the scope of all names
 * @param inputShape - of one example, without the batch axis: [latentDim], [784], [1, 28, 28]
 * @throws ShapeError where a layer does not take its input; the message names the layer
 */
export function sequential(name: string, inputShape: readonly number[], layers: readonly Layer[]): Network {
  const placed = place(name, inputShape, layers);
  return {
    name,
    inputShape,
    outputShape: placed.at(-1)?.outputShape ?? inputShape,
    layers: placed,
    parameterShapes: Object.assign(
      {},
      ...placed.map(({ name: local, layer, inputShape: before }) =>
        withPrefix(`${name}/${local}`, layer.parameterShapes(before)),
      ),
    ),
    init: (seed) => init(name, placed, seed),
    apply: (variables, x, context) => apply(name, inputShape, placed, variables, x, context),
  };
}

function place(name: string, inputShape: readonly number[], layers: readonly Layer[]): NetworkLayer[] {
  const counts = new Map<string, number>();
  let shape = inputShape;
  return layers.map((layer) => {
    const number = (counts.get(layer.kind) ?? 0) + 1;
    counts.set(layer.kind, number);
    const local = `${layer.kind}${number}`;
    const outputShape = inLayer(`${name}/${local}`, () => layer.outputShape(shape));
    const placed = { name: local, layer, inputShape: shape, outputShape };
    shape = outputShape;
    return placed;
  });
}

/** Runs what a layer does so that its ShapeError says where in the network it stands. */
function inLayer<T>(scope: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new ShapeError(`${scope}: ${error.message}`, { cause: error });
  }
}

function init(name: string, layers: readonly NetworkLayer[], seed: number): InitialVariables {
  const parameters: Record<string, Tensor> = {};
  const state: Record<string, Tensor> = {};
  for (const { name: local, layer, inputShape } of layers) {
    const scope = `${name}/${local}`;
    const key = (parameter: string) => ({ seed, stream: streamOf(`initial/${scope}/${parameter}`) });
    const initial = inLayer(scope, () => layer.init(inputShape, key));
    Object.assign(parameters, withPrefix(scope, initial.parameters));
    Object.assign(state, withPrefix(scope, initial.state));
  }
  return { parameters, state };
}

function apply(
  name: string,
  inputShape: readonly number[],
  layers: readonly NetworkLayer[],
  variables: Variables,
  x: Value,
  context: LayerContext,
): LayerResult {
  const example = x.shape.slice(1);
  if (x.shape.length !== inputShape.length + 1 || example.some((size, axis) => size !== inputShape[axis]))
    throw new ShapeError(
      `${name}: x must be ${formatShape(['N', ...inputShape])}, got ${formatShape(x.shape)}`,
    );
  const state: Record<string, Value> = {};
  let y = x;
  for (const { name: local, layer, inputShape: before } of layers) {
    const scope = `${name}/${local}`;
    requireParameters(scope, variables.parameters, layer.parameterShapes(before));
    const own = {
      parameters: ofScope(scope, variables.parameters),
      state: ofScope(scope, variables.state),
    };
    const inScope: LayerContext = {
      mode: context.mode,
      bernoulli: (input, shape, probability) => context.bernoulli(`${scope}/${input}`, shape, probability),
    };
    const from = y;
    const result = inLayer(scope, () => layer.apply(own, from, inScope));
    label(
      scope,
      [result.y, ...Object.values(result.state)],
      [from, ...Object.values(own.parameters), ...Object.values(own.state)],
    );
    Object.assign(state, withPrefix(scope, result.state));
    y = result.y;
  }
  return { y, state };
}

/** Throws ShapeError where a parameter is missing or has another shape than the layer gave it. */
function requireParameters(scope: string, parameters: Values, shapes: ParameterShapes): void {
  for (const [local, shape] of Object.entries(shapes)) {
    const name = `${scope}/${local}`;
    const given = parameters[name]?.shape;
    if (!given || !sameShape(given, shape))
      throw new ShapeError(
        `${name}: must be ${formatShape(shape)}, got ${given ? formatShape(given) : 'none'}`,
      );
  }
}

function withPrefix<T>(scope: string, values: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${scope}/${name}`, value]));
}

function ofScope<T>(scope: string, values: Readonly<Record<string, T>>): Record<string, T> {
  const prefix = `${scope}/`;
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
}
