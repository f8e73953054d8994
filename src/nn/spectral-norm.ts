import { ConfigError } from '../errors.ts';
import { add, div, sqrt, square, stopGradient } from '../graph/functions/elementwise.ts';
import { matmul } from '../graph/functions/linear-algebra.ts';
import { sum } from '../graph/functions/reductions.ts';
import { reshape, transpose } from '../graph/functions/shaping.ts';
import { staticShape } from '../graph/shapes.ts';
import { elementCount, type Tensor, type Tensors } from '../graph/tensor.ts';
import type { Value, Values } from '../graph/value.ts';
import { fillNormal } from '../random/normal.ts';
import type { Key } from '../random/threefry.ts';
import type { Layer, LinearMap, ParameterShapes } from './layer.ts';
import { ofPart, withPrefix } from './scoped-names.ts';

/** Keeps a norm of 0 from dividing; PyTorch's. */
const epsilon = 1e-12;

/**
 * Spectral normalisation: the layer with each weight divided by its largest singular value, `W / sigma(W)`. Keeps the
 * layer's own name and parameters.
 *
 * Each weight is a matrix [outputs, rest], a kernel flattened as in PyTorch. Its state `weight/u` [outputs] and `weight/v`
 * [rest] are unit vectors that follow the first singular pair by one power iteration an update (`Network.beforeUpdate`):
 * `v <- W^T u / |W^T u|`, then `u <- W v / |W v|`. In all passes `sigma = u^T W v`, with u and v as constants and W
 * differentiated.
 *
 * @param layer - one that has weights: `dense`, `maxout`, `conv`, `convTranspose`, `residual`, ...
 * @throws ConfigError where the layer has none, and in `init` where a weight starts from zeros, whose norm divides nothing
 * @see Miyato et al. 2018, https://arxiv.org/abs/1802.05957
 */
export function spectralNorm(layer: Layer): Layer {
  const weightsOf = layer.weights;
  if (!weightsOf)
    throw new ConfigError(
      `spectralNorm: the layer must have weights, as dense, maxout, conv and convTranspose do, got ${layer.kind}`,
    );
  const vectorShapes = (inputShape: readonly number[]): ParameterShapes => {
    const shapes = layer.parameterShapes(inputShape);
    return named(weightsOf(inputShape), (name, { outputAxis }) => {
      const rows = shapes[name]![outputAxis]!;
      return { u: [rows], v: [elementCount(shapes[name]!) / rows] };
    });
  };
  return {
    ...layer,
    stateShapes: (inputShape) => ({ ...layer.stateShapes?.(inputShape), ...vectorShapes(inputShape) }),
    init: (inputShape, key) => {
      const { parameters, state } = layer.init(inputShape, key);
      const vectors = named(weightsOf(inputShape), (name, { outputAxis }) => {
        if (parameters[name]!.data.every((value) => Number(value) === 0))
          throw new ConfigError(
            `spectralNorm: weights must not start from zeros, got ${layer.kind} with such a ${name}`,
          );
        return startingVectors(parameters[name]!, outputAxis, key(`${name}/u`));
      });
      return { parameters, state: { ...state, ...vectors } };
    },
    beforeUpdate: (variables, inputShape) => ({
      ...layer.beforeUpdate?.(variables, inputShape),
      ...named(weightsOf(inputShape), (name, { outputAxis }) =>
        powerIteration(matrixOf(variables.parameters[name]!, outputAxis), variables.state[`${name}/u`]!),
      ),
    }),
    apply: ({ parameters, state }, x, context) => {
      const maps = weightsOf(staticShape('spectralNorm', x.shape.slice(1)));
      const normalised = Object.entries(maps).map(([name, { outputAxis }]) => {
        const { u, v } = ofPart(name, state);
        const matrix = matrixOf(parameters[name]!, outputAxis);
        const sigma = reshape(matmul(matmul(row(stopGradient(u!)), matrix), column(stopGradient(v!))), []);
        return [name, div(parameters[name]!, sigma)] as const;
      });
      const result = layer.apply(
        { parameters: { ...parameters, ...Object.fromEntries(normalised) }, state },
        x,
        context,
      );
      const vectors = named(maps, (name) => ofPart(name, state));
      return { y: result.y, state: { ...result.state, ...vectors } };
    },
  };
}

/** What each weight has, under the weight's name. */
function named<T>(
  weights: Readonly<Record<string, LinearMap>>,
  of: (name: string, map: LinearMap) => Readonly<Record<string, T>>,
): Record<string, T> {
  return Object.assign({}, ...Object.entries(weights).map(([name, map]) => withPrefix(name, of(name, map))));
}

/** A weight as [outputs, rest]. */
function matrixOf(weight: Value, outputAxis: number): Value {
  const axes = weight.shape.map((_, axis) => axis);
  const outputsFirst = [outputAxis, ...axes.filter((axis) => axis !== outputAxis)];
  const turned = transpose(weight, outputsFirst);
  return turned.shape.length === 2 ? turned : reshape(turned, [turned.shape[0]!, -1]);
}

function powerIteration(matrix: Value, u: Value): Values {
  const v = normalised(matmul(row(u), matrix));
  const next = normalised(matmul(matrix, column(v)));
  return { u: reshape(next, [-1]), v: reshape(v, [-1]) };
}

/** A vector of norm 1. */
function normalised(x: Value): Value {
  return div(x, add(sqrt(sum(square(x))), epsilon));
}

function row(x: Value): Value {
  return reshape(x, [1, -1]);
}

function column(x: Value): Value {
  return reshape(x, [-1, 1]);
}

/** A random u of norm 1, and the v that belongs to it. */
function startingVectors({ shape, data }: Tensor, outputAxis: number, key: Key): Tensors {
  const weight = data as Float32Array;
  const rows = shape[outputAxis]!;
  const u = new Float32Array(rows);
  fillNormal(key, 0, u, 1);
  toUnit(u);
  // Element (before, row, after) of the weight is element (row, before, after) of the matrix.
  const after = elementCount(shape.slice(outputAxis + 1));
  const before = elementCount(shape.slice(0, outputAxis));
  const v = new Float32Array(before * after);
  for (let outer = 0; outer < before; outer++)
    for (let output = 0; output < rows; output++)
      for (let inner = 0; inner < after; inner++)
        v[outer * after + inner]! += weight[(outer * rows + output) * after + inner]! * u[output]!;
  toUnit(v);
  return {
    u: { dtype: 'float32', shape: [rows], data: u },
    v: { dtype: 'float32', shape: [v.length], data: v },
  };
}

function toUnit(vector: Float32Array): void {
  const norm = Math.sqrt(vector.reduce((squares, value) => squares + value * value, 0)) + epsilon;
  for (let i = 0; i < vector.length; i++) vector[i]! /= norm;
}
