import { mul, square, sub, tanh } from '../../src/graph/functions/elementwise.ts';
import { matmul } from '../../src/graph/functions/linear-algebra.ts';
import { loop } from '../../src/graph/functions/loop.ts';
import { mean, sum } from '../../src/graph/functions/reductions.ts';
import { gather, transpose } from '../../src/graph/functions/shaping.ts';
import { encodeModel } from '../../src/graph/onnx/encode.ts';
import type { Tensor, Tensors } from '../../src/graph/tensor.ts';
import { constant, input, type Value } from '../../src/graph/value.ts';
import type { CarriedState, Program } from '../../src/runtime/session.ts';

/**
 * A miniature of training, to test what runs it: `w <- w - 0.1 x^T tanh(x w)` with x [BATCH, IN] and the carried state
 * w [IN, OUT]; each iteration reports `mean(tanh(x w)^2)` from before its update.
 */
const BATCH = 8;
export const IN = 3;
export const OUT = 2;
/** Iterations in a chunk. */
export const STEPS = 5;

const carried: CarriedState[] = [{ name: 'weight', input: 'w', output: 'w_next' }];

function iteration(x: Value, w: Value): { next: Value; loss: Value } {
  const y = tanh(matmul(x, w));
  return { next: sub(w, mul(matmul(transpose(x), y), 0.1)), loss: mean(square(y)) };
}

const weight = (): Value => input('w', 'float32', [IN, OUT]);

/** All iterations of a chunk in one ONNX Loop: feed `xs` [STEPS, BATCH, IN], result `losses` [STEPS]. */
export function chunkProgram(): Program {
  const xs = input('xs', 'float32', [STEPS, BATCH, IN]);
  const count = constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(STEPS)) });
  const { state, scans } = loop(count, { w: weight() }, (i, { w }) => {
    const { next, loss } = iteration(gather(xs, i), w!);
    return { state: { w: next }, scans: { loss } };
  });
  const { bytes } = encodeModel({ name: 'chunk', outputs: { w_next: state['w']!, losses: scans['loss']! } });
  return { name: 'chunk', model: bytes, carried };
}

/** One iteration: feed `x` [BATCH, IN], result `loss` []. */
export function stepProgram(): Program {
  const { next, loss } = iteration(input('x', 'float32', [BATCH, IN]), weight());
  const { bytes } = encodeModel({ name: 'step', outputs: { w_next: next, loss } });
  return { name: 'step', model: bytes, carried };
}

/** Reads the state without writing it: no feeds, result `total` []. */
export function readProgram(): Program {
  const { bytes } = encodeModel({ name: 'read', outputs: { total: sum(weight()) } });
  return { name: 'read', model: bytes, carried: [{ name: 'weight', input: 'w' }] };
}

const tensor = (shape: readonly number[], at: (i: number) => number): Tensor<'float32'> => {
  const length = shape.reduce((a, b) => a * b, 1);
  return { dtype: 'float32', shape, data: Float32Array.from({ length }, (_, i) => at(i)) };
};

/** The weight before training. */
export const initialState = (): Tensors => ({ weight: tensor([IN, OUT], (i) => 0.5 - 0.2 * i) });

/** The chunk's feeds; `chunk` tells chunks apart. */
export const chunkFeeds = (chunk = 0): { xs: Tensor<'float32'> } => ({
  xs: tensor([STEPS, BATCH, IN], (i) => Math.sin(i + 1000 * chunk)),
});

/** The feeds of one iteration of a chunk. */
export function stepFeeds(step: number, chunk = 0): Tensors {
  const { data } = chunkFeeds(chunk).xs;
  return {
    x: { dtype: 'float32', shape: [BATCH, IN], data: data.slice(step * BATCH * IN, (step + 1) * BATCH * IN) },
  };
}

/** The same training in float64 and plain JavaScript. */
export function referenceChunk(): { weight: number[]; losses: number[] } {
  const weight = [...initialState()['weight']!.data].map(Number);
  const xs = chunkFeeds().xs.data;
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const descent = weight.map(() => 0);
    let loss = 0;
    for (let row = 0; row < BATCH; row++) {
      const x = xs.subarray((step * BATCH + row) * IN, (step * BATCH + row + 1) * IN);
      for (let o = 0; o < OUT; o++) {
        const y = Math.tanh(x.reduce((total, value, i) => total + value * weight[i * OUT + o]!, 0));
        loss += y ** 2 / (BATCH * OUT);
        for (let i = 0; i < IN; i++) descent[i * OUT + o]! += x[i]! * y;
      }
    }
    for (const [i, d] of descent.entries()) weight[i]! -= 0.1 * d;
    losses.push(loss);
  }
  return { weight, losses };
}
