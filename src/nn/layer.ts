import type { Tensors } from '../graph/tensor.ts';
import type { Value, Values } from '../graph/value.ts';
import type { Key } from '../random/threefry.ts';
import type { Fans } from './initialisers.ts';

/** What a layer may ask of the pass that it is applied in. */
export interface LayerContext {
  /**
   * `train`: dropout drops, batch norm takes the batch's own statistics. `sample`: every layer computes its expectation or
   * takes its running statistics, the network is a function of x (and of the labels) alone.
   */
  readonly mode: 'train' | 'sample';
  /** Classes of the examples, one-hot float32 [N, classes]; layers that condition on them refuse a pass without. */
  readonly labels?: Value;
  /** Where the layer stands, `generator/residual1`: set by what applies it, for the names of inner layers. */
  readonly scope?: string;
  /**
   * Declares a random graph input that the host fills anew for every iteration.
   *
   * @param name - unique in the graph; a layer gives a local name, `sequential` puts its own before it
   * @returns bool of the given shape, true with `probability`
   */
  bernoulli(name: string, shape: readonly number[], probability: number): Value;
  /**
   * Declares a random graph input of numbers, named as those of `bernoulli`. Absent in passes that only know masks.
   *
   * @returns float32 of the given shape, uniform in [low, high)
   */
  uniform?(name: string, shape: readonly number[], low: number, high: number): Value;
}

/** Shapes of parameters or state by name. */
export type ParameterShapes = Readonly<Record<string, readonly number[]>>;

/** The tensors that a layer or a network starts from, by name. */
export interface InitialVariables {
  /** What the optimiser changes. */
  readonly parameters: Tensors;
  /** What the layer itself changes (running statistics, singular vectors); empty for most layers. */
  readonly state: Tensors;
}

/** A weight as the linear map that it is: what initialisers, spectral norm and equalised learning rates ask about. */
export interface LinearMap {
  /** The axis of the weight that counts outputs: 1 of a dense layer's [in, out], 0 of a convolution's [out, in, h, w]. */
  readonly outputAxis: number;
  readonly fans: Fans;
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
  /** The whole state after this pass, under the same names; what does not change is handed through. */
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
  /** Shapes of the tensors that `init` gives as state. Absent: none. */
  stateShapes?(inputShape: readonly number[]): ParameterShapes;
  /** Names of the state that a moving average of the parameters averages too: statistics of what they compute. */
  averagedState?(inputShape: readonly number[]): readonly string[];
  /** The parameters that are weights of linear maps. Absent: none. */
  weights?(inputShape: readonly number[]): Readonly<Record<string, LinearMap>>;
  /**
   * True where, in training, what comes out for one example depends on the others of the batch: real and generated ones
   * then need passes of their own, and a sum of outputs has no gradient per example.
   */
  readonly mixesExamples?: boolean;
  /**
   * Initial parameters and state under local names (`weight`, `bias`).
   *
   * @param key - the random stream of a parameter, by its local name
   */
  init(inputShape: readonly number[], key: (parameter: string) => Key): InitialVariables;
  /**
   * The state that every pass of one update sees, from that before it: for what advances once an update, however many
   * passes it makes (spectral norm's power iteration). Absent: nothing does.
   *
   * @returns all that changes, by local name
   */
  beforeUpdate?(variables: Variables, inputShape: readonly number[]): Values;
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

/** The same pass, seen from a part of the model: names begin with the part's. */
export function within(context: LayerContext, part: string): LayerContext {
  const { scope, bernoulli, uniform } = context;
  return {
    ...context,
    scope: scope === undefined ? part : `${scope}/${part}`,
    bernoulli: (name, shape, probability) => bernoulli(`${part}/${name}`, shape, probability),
    ...(uniform && { uniform: (name, shape, low, high) => uniform(`${part}/${name}`, shape, low, high) }),
  };
}
