import { ShapeError } from '../errors.ts';
import { formatShape } from '../graph/shapes.ts';
import type { Value, Values } from '../graph/value.ts';
import { streamOf } from '../random/threefry.ts';
import {
  applyLayers,
  averagedStateOf,
  beforeUpdateOf,
  initLayers,
  mixesExamples,
  type PlacedLayer,
  parameterShapesOf,
  placeLayers,
  stateShapesOf,
  variablesOf,
} from './chain.ts';
import {
  type InitialVariables,
  type Layer,
  type LayerContext,
  type LayerResult,
  type ParameterShapes,
  type Variables,
  within,
} from './layer.ts';
import { withPrefix } from './scoped-names.ts';

/** A layer at its place in a network. */
export type NetworkLayer = PlacedLayer;

/** Layers one after the other, under one name. Holds no tensors: parameters go in and come out by name. */
export interface Network {
  readonly name: string;
  /** Shapes of one example, without the batch axis. */
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly layers: readonly NetworkLayer[];
  /** Shapes of the parameters under their full names. */
  readonly parameterShapes: ParameterShapes;
  /** Shapes of the state (running statistics, singular vectors) under their full names. */
  readonly stateShapes: ParameterShapes;
  /** The state that a moving average of the parameters has to average with them, by full name: running statistics. */
  readonly averagedState: readonly string[];
  /**
   * True where, in training, what comes out for an example depends on the others of its batch: real and generated
   * examples then go through in passes of their own.
   */
  readonly mixesExamples: boolean;
  /**
   * Initial parameters and state, named `generator/dense1/weight`. Each is drawn from a stream of its own name, so
   * adding a layer does not change how the others start.
   *
   * @param seed - integer in [0, 2^32)
   */
  init(seed: number): InitialVariables;
  /**
   * What changes once an update and not once a pass (spectral norm's singular vectors, by one power iteration). An update
   * of this network begins with it, and all its passes see what it gives:
   *
   * ```ts
   * const current = { ...variables, ...network.beforeUpdate({ parameters: variables, state: variables }) };
   * ```
   *
   * @returns the state that changed, under the full names; empty for most networks
   */
  beforeUpdate(variables: Variables): Values;
  /**
   * Builds one pass and labels its nodes with their layers. The state that it returns counts only where the caller keeps
   * it: a training that lets a pass move the running statistics hands it to the next pass and, after the last, on to the
   * next step; for any other pass it is left lying.
   *
   * @param variables - at least this network's parameters and state, under the names of `init`
   * @param x - [N, ...inputShape]
   * @returns y [N, ...outputShape], and the network's whole state after this pass under the full names
   * @throws ShapeError where x or a variable has another shape, or a variable is missing
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
  const placed = placeLayers(`${name}/`, inputShape, layers);
  return {
    name,
    inputShape,
    outputShape: placed.at(-1)?.outputShape ?? inputShape,
    layers: placed,
    parameterShapes: withPrefix(name, parameterShapesOf(placed)),
    stateShapes: withPrefix(name, stateShapesOf(placed)),
    averagedState: averagedStateOf(placed).map((local) => `${name}/${local}`),
    mixesExamples: mixesExamples(placed),
    init: (seed) => init(name, placed, seed),
    beforeUpdate: (variables) => withPrefix(name, beforeUpdateOf(placed, variablesOf(name, variables))),
    apply: (variables, x, context) => apply(name, inputShape, placed, variables, x, context),
  };
}

function init(name: string, layers: readonly PlacedLayer[], seed: number): InitialVariables {
  const key = (parameter: string) => ({ seed, stream: streamOf(`initial/${name}/${parameter}`) });
  const { parameters, state } = initLayers(`${name}/`, layers, key);
  return { parameters: withPrefix(name, parameters), state: withPrefix(name, state) };
}

function apply(
  name: string,
  inputShape: readonly number[],
  layers: readonly PlacedLayer[],
  variables: Variables,
  x: Value,
  context: LayerContext,
): LayerResult {
  const example = x.shape.slice(1);
  if (x.shape.length !== inputShape.length + 1 || example.some((size, axis) => size !== inputShape[axis]))
    throw new ShapeError(
      `${name}: x must be ${formatShape(['N', ...inputShape])}, got ${formatShape(x.shape)}`,
    );
  const { y, state } = applyLayers(layers, variablesOf(name, variables), x, within(context, name));
  return { y, state: withPrefix(name, state) };
}
