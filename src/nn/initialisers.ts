import { ConfigError, ShapeError } from '../errors.ts';
import { formatShape } from '../graph/shapes.ts';
import { elementCount, type Tensor } from '../graph/tensor.ts';
import { fillNormal } from '../random/normal.ts';
import { permutation } from '../random/permutation.ts';
import type { Key } from '../random/threefry.ts';
import { fillUniform } from '../random/uniform.ts';

/**
 * Draws a parameter's initial values: a pure function of shape and key, so a network starts equally on every machine.
 *
 * @param shape - weights are [in, out], biases [out], kernels as `conv` and `convTranspose` say
 * @param fans - of a weight: how many inputs an output adds up, how many outputs an input goes into. Default: those of a
 *   matrix [in, out]
 * @returns as many elements as the shape has
 */
export type Initialiser = (shape: readonly number[], key: Key, fans?: Fans) => Float32Array<ArrayBuffer>;

/** How many inputs an output of a linear map adds up, and how many outputs an input goes into. */
export type Fans = readonly [inputs: number, outputs: number];

/** An initial tensor, float32. */
export function drawn(initialiser: Initialiser, shape: readonly number[], key: Key, fans?: Fans): Tensor {
  return { dtype: 'float32', shape, data: initialiser(shape, key, fans) };
}

/** Inputs and outputs of a unit. @throws ShapeError unless they are given or the shape is a weight matrix [in, out] */
function fansOf(caller: string, shape: readonly number[], given: Fans | undefined): Fans {
  if (given) return given;
  const [inputs, outputs] = shape;
  if (shape.length !== 2 || inputs === undefined || outputs === undefined)
    throw new ShapeError(`${caller}: shape must be a weight matrix [in, out], got ${formatShape(shape)}`);
  return [inputs, outputs];
}

function drawUniform(shape: readonly number[], key: Key, range: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(elementCount(shape));
  fillUniform(key, 0, values, -range, range);
  return values;
}

function drawNormal(
  shape: readonly number[],
  key: Key,
  deviation: number,
  mean = 0,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(elementCount(shape));
  fillNormal(key, 0, values, deviation);
  return mean === 0 ? values : values.map((value) => value + mean);
}

/**
 * `U(-range, range)`: Pylearn2's `irange`, 0.05 for G and 0.005 for D in the released MNIST recipe.
 *
 * @param range - positive
 * @throws ConfigError otherwise
 */
export function uniform(range: number): Initialiser {
  if (!(range > 0 && Number.isFinite(range)))
    throw new ConfigError(`uniform: range must be positive and finite, got ${range}`);
  return (shape, key) => drawUniform(shape, key, range);
}

/**
 * `N(mean, sd^2)`; DCGAN takes sd = 0.02 (Radford et al. 2015), around 0 for weights and around 1 for the gains of batch
 * norm.
 *
 * @param standardDeviation - positive
 * @param mean - finite; default 0
 * @throws ConfigError otherwise
 */
export function normal(standardDeviation: number, mean = 0): Initialiser {
  if (!(standardDeviation > 0 && Number.isFinite(standardDeviation)))
    throw new ConfigError(`normal: standardDeviation must be positive and finite, got ${standardDeviation}`);
  if (!Number.isFinite(mean)) throw new ConfigError(`normal: mean must be finite, got ${mean}`);
  return (shape, key) => drawNormal(shape, key, standardDeviation, mean);
}

/**
 * `U(-a, a)` with `a = sqrt(6 / (in + out))`: keeps the variance of both activations and gradients where units are
 * linear or tanh.
 *
 * @see Glorot and Bengio 2010, equation 16, https://proceedings.mlr.press/v9/glorot10a.html
 */
export function glorot(): Initialiser {
  return (shape, key, fans) => {
    const [inputs, outputs] = fansOf('glorot', shape, fans);
    return drawUniform(shape, key, Math.sqrt(6 / (inputs + outputs)));
  };
}

/**
 * `N(0, 2 / in)`: keeps the variance of activations through rectifiers.
 *
 * @see He et al. 2015, equation 10, https://arxiv.org/abs/1502.01852
 */
export function he(): Initialiser {
  return (shape, key, fans) => drawNormal(shape, key, Math.sqrt(2 / fansOf('he', shape, fans)[0]));
}

/**
 * Gives each unit `count` incoming weights from `N(0, 1)` at places drawn without repetition, and zeros elsewhere: Pylearn2's
 * `sparse_init`, 100 for the output layer of the released TFD recipe.
 *
 * @param count - integer of at least 1
 * @throws ConfigError unless `count` is one; ShapeError, when it is applied, where a unit has fewer inputs
 * @see Martens 2010, Deep learning via Hessian-free optimization, section 5
 */
export function sparse(count: number): Initialiser {
  if (!(Number.isInteger(count) && count >= 1))
    throw new ConfigError(`sparse: count must be an integer of at least 1, got ${count}`);
  return (shape, key) => {
    const [inputs, outputs] = fansOf('sparse', shape, undefined);
    if (count > inputs)
      throw new ShapeError(`sparse: a unit must have at least ${count} inputs, got ${formatShape(shape)}`);
    const weights = new Float32Array(inputs * outputs);
    const drawn = new Float32Array(count * outputs);
    // Columns take the counters below this one for their places.
    fillNormal(key, outputs, drawn, 1);
    for (let unit = 0; unit < outputs; unit++) {
      const places = permutation(key, unit, inputs);
      for (let i = 0; i < count; i++) weights[places[i]! * outputs + unit] = drawn[unit * count + i]!;
    }
    return weights;
  };
}

/** Every element 0: what biases start from. */
export function zeros(): Initialiser {
  return constant(0);
}

/** Every element `value`. @throws ConfigError unless it is finite */
export function constant(value: number): Initialiser {
  if (!Number.isFinite(value)) throw new ConfigError(`constant: value must be finite, got ${value}`);
  return (shape) => new Float32Array(elementCount(shape)).fill(value);
}

/** How far a mean is kept from 0 and 1 before its logit is taken; a logit of at most 16.1 in magnitude. */
const marginalMargin = 1e-7;

/**
 * `log(m / (1 - m))` of each mean: a sigmoid output that starts at the data's own marginals, so that the first samples
 * have the right mean image. Means at 0 or 1 (pixels that never change) are moved inside by 1e-7, as Pylearn2 does.
 *
 * @param means - one a unit, each in [0, 1], for example the mean of each pixel over the training set
 * @throws ConfigError where a mean lies outside; ShapeError, when it is applied, where the counts differ
 * @see init_sigmoid_bias_from_marginals in pylearn2/models/dbm, which the released recipes name
 */
export function fromMarginals(means: ArrayLike<number>): Initialiser {
  const logits = Float32Array.from(means, (mean, i) => {
    if (!(mean >= 0 && mean <= 1))
      throw new ConfigError(`fromMarginals: means must lie in [0, 1], got ${mean} at [${i}]`);
    const inside = Math.min(Math.max(mean, marginalMargin), 1 - marginalMargin);
    return Math.log(inside / (1 - inside));
  });
  return (shape) => {
    if (elementCount(shape) !== logits.length)
      throw new ShapeError(
        `fromMarginals: one mean a unit is needed, got ${logits.length} means for ${formatShape(shape)}`,
      );
    return logits.slice();
  };
}
