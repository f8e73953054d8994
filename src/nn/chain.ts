import { ShapeError } from '../errors.ts';
import { formatShape, sameShape } from '../graph/shapes.ts';
import type { Tensor } from '../graph/tensor.ts';
import { label, type Value, type Values } from '../graph/value.ts';
import type { Key } from '../random/threefry.ts';
import {
  type InitialVariables,
  type Layer,
  type LayerContext,
  type LayerResult,
  type LinearMap,
  type ParameterShapes,
  type Variables,
  within,
} from './layer.ts';
import { ofPart, withPrefix } from './scoped-names.ts';

/** A layer at its place among others. */
export interface PlacedLayer {
  /** Its kind and number among those of that kind, from the input: `dense1`, `dense2`. */
  readonly name: string;
  readonly layer: Layer;
  /** Shapes of one example, without the batch axis. */
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
}

/**
 * Gives layers that follow each other their names and shapes.
 *
 * @param scope - what errors say before the layer's name: `generator/`, or nothing
 * @throws ShapeError where a layer does not take what the one before gives; the message names the layer
 */
export function placeLayers(
  scope: string,
  inputShape: readonly number[],
  layers: readonly Layer[],
): readonly PlacedLayer[] {
  const counts = new Map<string, number>();
  let shape = inputShape;
  return layers.map((layer) => {
    const number = (counts.get(layer.kind) ?? 0) + 1;
    counts.set(layer.kind, number);
    const name = `${layer.kind}${number}`;
    const outputShape = inLayer(`${scope}${name}`, () => layer.outputShape(shape));
    const placed = { name, layer, inputShape: shape, outputShape };
    shape = outputShape;
    return placed;
  });
}

/** What the layers have by name, under the names `dense1/weight`. */
function gather<T>(
  layers: readonly PlacedLayer[],
  of: (layer: Layer, inputShape: readonly number[], name: string) => Readonly<Record<string, T>> | undefined,
): Record<string, T> {
  return Object.assign(
    {},
    ...layers.map(({ name, layer, inputShape }) => withPrefix(name, of(layer, inputShape, name) ?? {})),
  );
}

/** Shapes of all parameters, `dense1/weight`. */
export function parameterShapesOf(layers: readonly PlacedLayer[]): ParameterShapes {
  return gather(layers, (layer, inputShape) => layer.parameterShapes(inputShape));
}

/** Shapes of all state, `batchNorm1/mean`. */
export function stateShapesOf(layers: readonly PlacedLayer[]): ParameterShapes {
  return gather(layers, (layer, inputShape) => layer.stateShapes?.(inputShape));
}

/** Names of the state that averages of the parameters take in. */
export function averagedStateOf(layers: readonly PlacedLayer[]): readonly string[] {
  return layers.flatMap(({ name, layer, inputShape }) =>
    (layer.averagedState?.(inputShape) ?? []).map((local) => `${name}/${local}`),
  );
}

/** All weights as linear maps. */
export function weightsOf(layers: readonly PlacedLayer[]): Readonly<Record<string, LinearMap>> {
  return gather(layers, (layer, inputShape) => layer.weights?.(inputShape));
}

/** Whether any layer mixes the examples of a batch. */
export function mixesExamples(layers: readonly PlacedLayer[] | readonly Layer[]): boolean {
  return layers.some((it) => ('layer' in it ? it.layer : it).mixesExamples === true);
}

/**
 * Initial parameters and state of all layers.
 *
 * @param scope - what errors say before a layer's name
 * @param key - the random stream of a parameter, by its name here
 */
export function initLayers(
  scope: string,
  layers: readonly PlacedLayer[],
  key: (parameter: string) => Key,
): InitialVariables {
  const parameters: Record<string, Tensor> = {};
  const state: Record<string, Tensor> = {};
  for (const { name, layer, inputShape } of layers) {
    const initial = inLayer(`${scope}${name}`, () =>
      layer.init(inputShape, (local) => key(`${name}/${local}`)),
    );
    Object.assign(parameters, withPrefix(name, initial.parameters));
    Object.assign(state, withPrefix(name, initial.state));
  }
  return { parameters, state };
}

/** State that changes once an update, after that: all of it that does. */
export function beforeUpdateOf(layers: readonly PlacedLayer[], variables: Variables): Values {
  return gather(layers, (layer, inputShape, name) =>
    layer.beforeUpdate?.(variablesOf(name, variables), inputShape),
  );
}

/**
 * Passes x through all layers and labels what each builds with its place.
 *
 * @param variables - of all layers, `dense1/weight`
 * @returns what the last layer gives, and the state of all
 */
export function applyLayers(
  layers: readonly PlacedLayer[],
  variables: Variables,
  x: Value,
  context: LayerContext,
): LayerResult {
  const state: Record<string, Value> = {};
  let y = x;
  for (const { name, layer, inputShape } of layers) {
    const inner = within(context, name);
    const given = variablesOf(name, variables);
    const own = {
      parameters: pick(inner.scope!, given.parameters, layer.parameterShapes(inputShape)),
      state: pick(inner.scope!, given.state, layer.stateShapes?.(inputShape) ?? {}),
    };
    const from = y;
    const result = inLayer(inner.scope!, () => layer.apply(own, from, inner));
    label(
      inner.scope!,
      [result.y, ...Object.values(result.state)],
      [
        from,
        ...Object.values(own.parameters),
        ...Object.values(own.state),
        ...(context.labels ? [context.labels] : []),
      ],
    );
    Object.assign(state, withPrefix(name, result.state));
    y = result.y;
  }
  return { y, state };
}

/** Runs what a layer does so that its ShapeError says where it stands, unless a layer inside it has said so. */
function inLayer<T>(scope: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ShapeError) || error.message.startsWith(`${scope}/`)) throw error;
    throw new ShapeError(`${scope}: ${error.message}`, { cause: error });
  }
}

/** The values that a layer has, and no others. @throws ShapeError where one is missing or has another shape */
function pick(scope: string, values: Values, shapes: ParameterShapes): Values {
  return Object.fromEntries(
    Object.entries(shapes).map(([local, shape]) => {
      const value = values[local];
      if (!value || !sameShape(value.shape, shape))
        throw new ShapeError(
          `${scope}/${local}: must be ${formatShape(shape)}, got ${value ? formatShape(value.shape) : 'none'}`,
        );
      return [local, value];
    }),
  );
}

/** The variables of one part under their local names. */
export function variablesOf(part: string, { parameters, state }: Variables): Variables {
  return { parameters: ofPart(part, parameters), state: ofPart(part, state) };
}
