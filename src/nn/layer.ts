import type { Tensors } from '../graph/tensor.ts';
import type { Value, Values } from '../graph/value.ts';
import type { Key } from '../random/threefry.ts';

/** What a layer may ask of the pass that it is applied in. */
export interface LayerContext {
  /** `train`: dropout drops. `sample`: every layer computes its expectation, the network is a function of x alone. */
  readonly mode: 'train' | 'sample';
  /**
   * Declares a random graph input that the host fills anew for every iteration.
   *
   * @param name - unique in the graph; a layer gives a local name, `sequential` puts its own before it
   * @returns bool of the given shape, true with `probability`
   */
  bernoulli(name: string, shape: readonly number[], probability: number): Value;
}

/** Shapes of parameters by name. */
export type ParameterShapes = Readonly<Record<string, readonly number[]>>;

/** The tensors that a layer or a network starts from, by name. */
export interface InitialVariables {
  /** What the optimiser changes. */
  readonly parameters: Tensors;
  /** What the layer itself changes from pass to pass (running statistics); empty for most layers. */
  readonly state: Tensors;
}

/** The same tensors as values of a graph. */
export interface Variables {
  readonly parameters: Values;
  readonly state: Values;
}

/** What a pass through a layer or a network leaves. */
export interface LayerResult {
  /** [N, ...outputShape] */
  readonly y: Value;
  /** The next state, under the same names. */
  readonly state: Values;
}

/** One stage of a network: shapes, initial values, and the graph it builds. Pure: it holds settings, never tensors. */
export interface Layer {
  /** `dense`, `maxout`, `relu`, ...: layers of a network are named after it and counted, `dense1`, `dense2`. */
  readonly kind: string;
  /**
   * Shape of one example's output, without the batch axis.
   *
   * @throws ShapeError where the layer does not take this input
   */
  outputShape(inputShape: readonly number[]): readonly number[];
  /** Shapes of the tensors that `init` gives as parameters: what counts and checks them without drawing them. */
  parameterShapes(inputShape: readonly number[]): ParameterShapes;
  /**
   * Initial parameters and state under local names (`weight`, `bias`).
   *
   * @param key - the random stream of a parameter, by its local name
   */
  init(inputShape: readonly number[], key: (parameter: string) => Key): InitialVariables;
  /**
   * Builds one pass.
   *
   * @param variables - the values of `init`'s tensors, under the same local names
   * @param x - [N, ...inputShape]
   */
  apply(variables: Variables, x: Value, context: LayerContext): LayerResult;
}

/** What a layer without parameters or state starts from. */
export const nothing: InitialVariables = { parameters: {}, state: {} };

/** A layer that is a function of its input: no parameters, no state, nothing random. */
export function pureLayer(
  kind: string,
  apply: (x: Value) => Value,
  outputShape: Layer['outputShape'] = (shape) => shape,
): Layer {
  return {
    kind,
    outputShape,
    parameterShapes: () => ({}),
    init: () => nothing,
    apply: (_, x) => ({ y: apply(x), state: {} }),
  };
}
