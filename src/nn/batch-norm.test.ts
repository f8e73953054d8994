import { describe, expect, it } from 'vitest';
import { runGraph } from '../../test/run-graph.ts';
import { float32 } from '../../test/tensors.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import { sum } from '../graph/functions/reductions.ts';
import { grad } from '../graph/grad.ts';
import type { Dim } from '../graph/shapes.ts';
import { input, type Value } from '../graph/value.ts';
import { batchNorm } from './batch-norm.ts';
import { conditionalBatchNorm } from './conditional-batch-norm.ts';
import type { Layer, LayerContext, LayerResult } from './layer.ts';
import { minibatchDeviation } from './minibatch-deviation.ts';
import { sequential } from './sequential.ts';

function context(mode: LayerContext['mode'], labels?: Value): LayerContext {
  const bernoulli = (name: string): Value => {
    throw new Error(`nothing here is random, got ${name}`);
  };
  return { mode, bernoulli, ...(labels ? { labels } : {}) };
}

/** One pass of a layer on x [N, ...shape] with its variables as inputs. */
function pass(
  layer: Layer,
  shape: readonly Dim[],
  to: LayerContext,
  inputShape = shape.slice(1),
): LayerResult {
  const network = sequential('net', inputShape as readonly number[], [layer]);
  const shapes = { ...network.parameterShapes, ...network.stateShapes };
  const values = Object.fromEntries(
    Object.entries(shapes).map(([name, its]) => [name, input(name, 'float32', its)]),
  );
  return network.apply({ parameters: values, state: values }, input('x', 'float32', shape), to);
}

describe('batchNorm', () => {
  it('standardises each channel of a batch, and says so of the running statistics', async () => {
    const { y, state } = pass(batchNorm({ momentum: 1, epsilon: 1e-9 }), [4, 2], context('train'));
    const { result, mean, variance } = await runGraph(
      { result: y, mean: state['net/batchNorm1/mean']!, variance: state['net/batchNorm1/variance']! },
      {
        x: float32([4, 2], [1, 10, 3, 10, 5, 30, 7, 30]),
        'net/batchNorm1/gain': float32([2], [1, 3]),
        'net/batchNorm1/bias': float32([2], [0, 0.5]),
        'net/batchNorm1/mean': float32([2], [99, 99]),
        'net/batchNorm1/variance': float32([2], [99, 99]),
      },
    );
    const a = 1 / Math.sqrt(5);
    expect(result!.data).toBeAllClose([-3 * a, -2.5, -a, -2.5, a, 3.5, 3 * a, 3.5], { rtol: 1e-5 });
    expect(mean!.data).toBeAllClose([4, 20]);
    // Unbiased: 20 / 3 and 400 / 3.
    expect(variance!.data).toBeAllClose([20 / 3, 400 / 3]);
  });

  it('has a gradient of 0 by anything that moves a whole channel', async () => {
    const x = input('x', 'float32', [3, 1, 2, 2]);
    const network = sequential('net', [1, 2, 2], [batchNorm()]);
    const values = Object.fromEntries(
      Object.entries({ ...network.parameterShapes, ...network.stateShapes }).map(([name, shape]) => [
        name,
        input(name, 'float32', shape),
      ]),
    );
    const { y } = network.apply({ parameters: values, state: values }, x, context('train'));
    const [dx] = grad(sum(y), [x]);
    const { found } = await runGraph(
      { found: dx! },
      {
        x: float32([3, 1, 2, 2], [1, 5, 2, 4, 7, 8, 1, 0, 3, 3, 9, 2]),
        'net/batchNorm1/gain': float32([1], [2]),
        'net/batchNorm1/bias': float32([1], [1]),
        'net/batchNorm1/mean': float32([1], [0]),
        'net/batchNorm1/variance': float32([1], [1]),
      },
    );
    expect(found!.data).toBeAllClose(new Array(12).fill(0), { atol: 1e-6 });
  });

  it('starts as the identity of what is standardised', () => {
    const { parameters, state } = sequential('net', [2], [batchNorm()]).init(1);
    expect(parameters).toEqual({
      'net/batchNorm1/gain': float32([2], [1, 1]),
      'net/batchNorm1/bias': float32([2], [0, 0]),
    });
    expect(state).toEqual({
      'net/batchNorm1/mean': float32([2], [0, 0]),
      'net/batchNorm1/variance': float32([2], [1, 1]),
    });
  });

  it('says what a network has to know: that it mixes examples, and which state an average takes in', () => {
    const network = sequential('net', [2], [batchNorm()]);
    expect(network.mixesExamples).toBe(true);
    expect(network.averagedState).toEqual(['net/batchNorm1/mean', 'net/batchNorm1/variance']);
  });

  it.each<[() => unknown, typeof ConfigError | typeof ShapeError, string]>([
    [() => batchNorm({ momentum: 0 }), ConfigError, 'batchNorm: momentum must lie in (0, 1], got 0'],
    [() => batchNorm({ epsilon: 0 }), ConfigError, 'batchNorm: epsilon must be positive and finite, got 0'],
    [
      () => sequential('net', [2, 2], [batchNorm()]),
      ShapeError,
      'net/batchNorm1: batchNorm: an example must be a vector [C] or an image [C, H, W], got [2, 2]',
    ],
    [
      () => pass(batchNorm(), [1, 3], context('train')),
      ShapeError,
      'net/batchNorm1: batchNorm: training needs at least 2 values a channel, got 1. Use a larger batch',
    ],
    [() => pass(batchNorm(), ['N', 3], context('train'), [3]), ShapeError, 'net/batchNorm1: batchNorm: '],
  ])('refuses what it cannot do: %#', (run, error, message) => {
    expect(run).toThrow(error);
    expect(run).toThrow(message);
  });
});

describe('conditionalBatchNorm', () => {
  it('refuses a pass without labels, and labels of other classes', () => {
    const layer = conditionalBatchNorm({ classes: 3 });
    expect(() => pass(layer, [2, 4], context('train'))).toThrow(
      new ShapeError(
        'net/conditionalBatchNorm1: conditionalBatchNorm: the pass must have labels [N, 3], got none. Train on data with classes, as a conditional game',
      ),
    );
    const labels = input('labels', 'float32', [2, 10]);
    expect(() => pass(layer, [2, 4], context('train', labels))).toThrow(
      'conditionalBatchNorm: labels must be one-hot [N, 3], got [2, 10]',
    );
  });
});

describe('minibatchDeviation', () => {
  it('is the same at every place of a group, and 0 where all are equal', async () => {
    const { y } = pass(minibatchDeviation(2), [4, 1, 1, 2], context('train'));
    const { result } = await runGraph(
      { result: y },
      // Groups are examples 0 and 2, and 1 and 3.
      { x: float32([4, 1, 1, 2], [0, 4, 5, 5, 2, 0, 5, 5]) },
    );
    expect(result!.shape).toEqual([4, 2, 1, 2]);
    const small = Math.sqrt(1e-8);
    expect(result!.data).toBeAllClose(
      [0, 4, 1.5, 1.5, 5, 5, small, small, 2, 0, 1.5, 1.5, 5, 5, small, small],
      { rtol: 1e-5 },
    );
  });

  it('refuses a batch that its groups do not fill', () => {
    expect(() => pass(minibatchDeviation(4), [6, 2], context('train'))).toThrow(
      'minibatchDeviation: groups of 4 must fill the batch, got 6 examples. Take a batch that 4 divides',
    );
    expect(() => minibatchDeviation(0)).toThrow(
      new ConfigError('minibatchDeviation: group must be a positive integer, got 0'),
    );
  });
});
