import { ConfigError, ShapeError } from '../errors.ts';
import { gemm } from '../graph/functions/linear-algebra.ts';
import { formatShape } from '../graph/shapes.ts';
import type { Tensors } from '../graph/tensor.ts';
import type { Value, Values } from '../graph/value.ts';
import type { Key } from '../random/threefry.ts';
import { drawn, glorot, type Initialiser, zeros } from './initialisers.ts';
import type { Layer, LinearMap } from './layer.ts';

/** How an affine map starts. */
export interface AffineOptions {
  /** [in, out]. Default `glorot()`, which is for units near linear; rectifiers want `he()`. */
  readonly weight?: Initialiser;
  /** [out]. Default `zeros()`. */
  readonly bias?: Initialiser;
}

/** Settings of `dense`. */
export interface DenseOptions extends AffineOptions {
  /** Outputs: an integer of at least 1. */
  readonly units: number;
}

/**
 * Fully connected layer: `y = x W + b`, [N, in] -> [N, units]. Parameters: `weight` [in, units], `bias` [units].
 *
 * @throws ConfigError unless `units` is a positive integer; ShapeError where the input is not a vector
 */
export function dense({ units, ...initialisers }: DenseOptions): Layer {
  requireCount('dense', 'units', units);
  return {
    kind: 'dense',
    outputShape: (inputShape) => {
      requireVector('dense', inputShape);
      return [units];
    },
    parameterShapes: (inputShape) => affineShapes(requireVector('dense', inputShape), units),
    weights: (inputShape) => affineWeights(requireVector('dense', inputShape), units),
    init: (inputShape, key) => ({
      parameters: initAffine(requireVector('dense', inputShape), units, initialisers, key),
      state: {},
    }),
    apply: ({ parameters }, x) => ({ y: affine(parameters, x), state: {} }),
  };
}

/** Throws ConfigError unless `value` is a positive integer. */
export function requireCount(layer: string, name: string, value: number): void {
  if (!(Number.isInteger(value) && value > 0))
    throw new ConfigError(`${layer}: ${name} must be a positive integer, got ${value}`);
}

/** The number of features of a vector. @throws ShapeError where the input is not one */
export function requireVector(layer: string, inputShape: readonly number[]): number {
  const features = inputShape[0];
  if (inputShape.length !== 1 || features === undefined)
    throw new ShapeError(
      `${layer}: an example must be a vector [features], got ${formatShape(inputShape)}. Put flatten() before it`,
    );
  return features;
}

/** Shapes of an affine map's parameters. */
export function affineShapes(inputs: number, outputs: number): { weight: number[]; bias: number[] } {
  return { weight: [inputs, outputs], bias: [outputs] };
}

/** An affine map's weight, as a linear map. */
export function affineWeights(inputs: number, outputs: number): Readonly<Record<string, LinearMap>> {
  return { weight: { outputAxis: 1, fans: [inputs, outputs] } };
}

/** `weight` [inputs, outputs] and `bias` [outputs], each from its own random stream. */
export function initAffine(
  inputs: number,
  outputs: number,
  { weight = glorot(), bias = zeros() }: AffineOptions,
  key: (parameter: string) => Key,
): Tensors {
  const shapes = affineShapes(inputs, outputs);
  return {
    weight: drawn(weight, shapes.weight, key('weight'), [inputs, outputs]),
    bias: drawn(bias, shapes.bias, key('bias')),
  };
}

/** `x W + b` as one kernel call. */
export function affine({ weight, bias }: Values, x: Value): Value {
  return gemm(x, weight!, bias!);
}
