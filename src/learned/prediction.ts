import type { ExampleSet } from '../data/dataset.ts';
import type { Minibatches } from '../data/minibatches.ts';
import type { Feeds } from '../graph/feeds.ts';
import { cast, mul } from '../graph/functions/elementwise.ts';
import { reshape } from '../graph/functions/shaping.ts';
import { encodeModel } from '../graph/onnx/encode.ts';
import { simplify } from '../graph/simplify.ts';
import { elementCount, type Tensor, type Tensors } from '../graph/tensor.ts';
import { constant, input, type Value, type Values } from '../graph/value.ts';
import type { Program, Session } from '../runtime/session.ts';
import { unitOf } from './standardisation.ts';

/** Rows of one run: enough to fill a machine, few enough that memory does not grow with the count. */
const BLOCK_ROWS = 1000;

/** A program that computes outputs from examples. */
export interface Prediction {
  /** In the session. */
  readonly name: string;
  /** Numbers in one example, d. */
  readonly dimension: number;
  /** Of the network, by name. */
  readonly variables: Tensors;
  /** `state`: they are read from the session, as training left them there. `constants`: the model holds them. */
  readonly weights: 'state' | 'constants';
  /** x float32 [N, d] to outputs float32 [N, ...] by name. */
  build(x: Value, variables: Values): Values;
}

/** Declares a minibatch and its labels: x float32 [batch, d] with pixels in [0, 1], labels uint8 [batch]. */
export function labelledFeeds(
  feeds: Feeds,
  { batch, dtype, exampleShape }: Minibatches,
): { readonly x: Value; readonly labels: Value } {
  const raw = feeds.declare('examples', dtype, [batch, ...exampleShape], { kind: 'minibatch', index: 0 });
  const rows = cast(reshape(raw, [batch, elementCount(exampleShape)]), 'float32');
  const labels = feeds.declare('labels', 'uint8', [batch], { kind: 'labels', index: 0 });
  return { x: dtype === 'uint8' ? mul(rows, 1 / 255) : rows, labels };
}

/** The program of a prediction; it is fed with `x` float32 [N, d]. */
export function predictionProgram({ name, dimension, variables, weights, build }: Prediction): Program {
  const values = Object.fromEntries(
    Object.entries(variables).map(([key, tensor]) => [
      key,
      weights === 'state' ? input(key, tensor.dtype, tensor.shape) : constant(tensor, key),
    ]),
  );
  const outputs = build(input('x', 'float32', ['N', dimension]), values);
  const { bytes, inputs } = encodeModel({ name, outputs: simplify(outputs) });
  const carried = inputs
    .filter((value) => value.name in variables)
    .map((value) => ({ name: value.name, input: value.name }));
  return { name, model: bytes, carried };
}

/**
 * Runs a compiled program on a set of examples, a thousand at a time; pixels of 0 to 255 are fed as [0, 1].
 *
 * @param feed - name and shape of the program's one input; default `x`, [N, d]
 * @returns float32 [n, ...] under the names of the program's outputs
 */
export async function predict(
  session: Session,
  program: string,
  { count, examples }: ExampleSet,
  feed: { readonly name: string; readonly exampleShape: readonly number[] } = {
    name: 'x',
    exampleShape: [examples.length / count],
  },
): Promise<Readonly<Record<string, Tensor<'float32'>>>> {
  const size = examples.length / count;
  const unit = unitOf(examples);
  const whole: Record<string, Tensor<'float32'>> = {};
  for (let first = 0; first < count; first += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, count - first);
    const block = Float32Array.from(examples.subarray(first * size, (first + rows) * size));
    if (unit !== 1) for (let i = 0; i < block.length; i++) block[i]! *= unit;
    const x: Tensor = { dtype: 'float32', shape: [rows, ...feed.exampleShape], data: block };
    const results = await session.run(program, { [feed.name]: x });
    for (const [name, { shape, data }] of Object.entries(results)) {
      const width = data.length / rows;
      whole[name] ??= {
        dtype: 'float32',
        shape: [count, ...shape.slice(1)],
        data: new Float32Array(count * width),
      };
      whole[name].data.set(data as Float32Array, first * width);
    }
  }
  return whole;
}
