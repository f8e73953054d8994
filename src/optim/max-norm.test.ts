import { describe, expect, it } from 'vitest';
import { runGraph } from '../../test/run-graph.ts';
import { runUpdates } from '../../test/run-updates.ts';
import { float32, type ReferenceArray, readReference } from '../../test/tensors.ts';
import { ConfigError } from '../errors.ts';
import { input } from '../graph/value.ts';
import { maxNorm } from './max-norm.ts';
import { sgd } from './sgd.ts';

interface MaxNormReference {
  readonly start: ReferenceArray;
  readonly gradients: ReferenceArray;
  readonly maxNorm: {
    readonly once: {
      readonly maxNorm: number;
      readonly before: ReferenceArray;
      readonly after: ReferenceArray;
    };
    readonly sgd: {
      readonly learningRate: number;
      readonly momentum: number;
      readonly maxNorm: number;
      readonly path: ReferenceArray;
    };
  };
}

const { start, gradients, maxNorm: reference } = readReference<MaxNormReference>('optimisers');

async function constrain(limit: number, array: ReferenceArray): Promise<Float32Array> {
  const { weight } = maxNorm(limit)({ weight: input('weight', 'float32', array.shape) });
  const { after } = await runGraph({ after: weight! }, { weight: float32(array.shape, array.data) });
  return after!.data as Float32Array;
}

describe('maxNorm', () => {
  it('scales columns outside down, leaves those inside, at the limit and of zeros', async () => {
    const { maxNorm: limit, before, after } = reference.once;
    expect(await constrain(limit, before)).toBeAllClose(after.data, { rtol: 1e-6, atol: 0 });
  });

  it('keeps the bits of what is inside', async () => {
    const inside = { shape: [2, 2], data: [0.1, -0.7, 1 / 3, 1e-30] };
    expect([...(await constrain(1, inside))]).toEqual([...Float32Array.from(inside.data)]);
  });

  it('leaves what is not a matrix', () => {
    const bias = input('bias', 'float32', [4]);
    expect(maxNorm(1)({ bias })['bias']).toBe(bias);
  });

  it('holds after every update, its effect carried on', async () => {
    const { learningRate, momentum, maxNorm: limit, path: expected } = reference.sgd;
    const optimiser = sgd({ learningRate, momentum });
    const parameters = { weight: float32(start.shape, start.data) };
    const { path } = await runUpdates({
      count: 20,
      initial: { ...parameters, ...optimiser.init(parameters) },
      feeds: { gradient: float32(gradients.shape, gradients.data) },
      body: ({ weight, ...state }, { gradient }, clock) => {
        const next = optimiser.update({ weight: weight! }, { weight: gradient! }, state, clock);
        return { ...maxNorm(limit)(next.parameters), ...next.state };
      },
    });
    expect(path['weight']!.data).toBeAllClose(expected.data, { rtol: 1e-5 });
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a limit of %s', (limit) => {
    expect(() => maxNorm(limit)).toThrow(
      new ConfigError(`maxNorm: limit must be positive and finite, got ${limit}`),
    );
  });
});
