import { describe, expect, it } from 'vitest';
import { runUpdates } from '../../test/run-updates.ts';
import { float32, type ReferenceArray, readReference } from '../../test/tensors.ts';
import { ConfigError } from '../errors.ts';
import { add, mul, square, sub } from '../graph/functions/elementwise.ts';
import { sum } from '../graph/functions/reductions.ts';
import { slice } from '../graph/functions/shaping.ts';
import { grad } from '../graph/grad.ts';
import type { Tensor, Tensors } from '../graph/tensor.ts';
import { input, topologicalOrder, type Value, type Values } from '../graph/value.ts';
import { adam } from './adam.ts';
import type { Clock, Optimiser, Schedule } from './optimiser.ts';
import { rmsprop } from './rmsprop.ts';
import { cosine, exponentialDecay, linear } from './schedules.ts';
import { sgd } from './sgd.ts';

interface OptimisersReference {
  readonly start: ReferenceArray;
  /** [20, 3, 2], over five orders of magnitude, with zeros. */
  readonly gradients: ReferenceArray;
  readonly sgd: readonly {
    readonly learningRate: number;
    readonly momentum: number;
    readonly decay?: number;
    readonly floor?: number;
    readonly path: ReferenceArray;
  }[];
  readonly adam: readonly {
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly path: ReferenceArray;
  }[];
  readonly rmsprop: readonly {
    readonly learningRate: number;
    readonly alpha: number;
    readonly epsilon: number;
    readonly path: ReferenceArray;
  }[];
}

const reference = readReference<OptimisersReference>('optimisers');

/** Parameters and optimiser state after every update, [count, ...]. */
async function path(
  optimiser: Optimiser,
  start: Tensor,
  count: number,
  gradientOf: (parameter: Value, rows: Values) => Value,
  feeds: Tensors = {},
): Promise<Tensors> {
  const parameters = { weight: start };
  const { path: found } = await runUpdates({
    count,
    initial: { ...parameters, ...optimiser.init(parameters) },
    feeds,
    body: ({ weight, ...state }, rows, clock) => {
      const gradients = { weight: gradientOf(weight!, rows) };
      const next = optimiser.update({ weight: weight! }, gradients, state, clock);
      return { ...next.parameters, ...next.state };
    },
  });
  return found;
}

/** The twenty updates of the reference, with its gradients. */
async function referencePath(optimiser: Optimiser, start: Tensor): Promise<ArrayLike<number>> {
  const { shape, data } = reference.gradients;
  const found = await path(optimiser, start, 20, (_, { gradient }) => gradient!, {
    gradient: float32(shape, data),
  });
  return found['weight']!.data as Float32Array;
}

/**
 * From the reference's start, and from the origin: the gradients do not depend on the parameters, so the path is the same
 * but for its start, and updates that are small against the start show in full.
 */
async function expectPath(optimiser: Optimiser, expected: ReferenceArray): Promise<void> {
  const { shape, data } = reference.start;
  const start = await referencePath(optimiser, float32(shape, data));
  expect(start).toBeAllClose(expected.data, { rtol: 1e-5 });
  const origin = await referencePath(optimiser, float32(shape, new Float32Array(data.length)));
  const moved = expected.data.map((value, i) => value - data[i % data.length]!);
  const largest = Math.max(...moved.map(Math.abs));
  expect(origin).toBeAllClose(moved, { rtol: 1e-5, atol: 1e-7 * largest });
}

describe('over twenty steps', () => {
  it.each(reference.sgd)(
    "sgd equals Pylearn2's recursion: rate $learningRate / $decay^update, momentum $momentum",
    async ({ learningRate, decay, floor, momentum, path: expected }) => {
      const schedule: Schedule =
        decay === undefined
          ? learningRate
          : exponentialDecay({ from: learningRate, divisor: decay, floor: floor! });
      await expectPath(sgd({ learningRate: schedule, momentum }), expected);
      // A momentum that is a schedule is fed instead of being a constant of the graph.
      await expectPath(sgd({ learningRate: schedule, momentum: () => momentum }), expected);
    },
  );

  it.each(reference.adam)(
    "adam equals PyTorch's: rate $learningRate, betas $beta1 and $beta2",
    async ({ path: expected, ...settings }) => {
      await expectPath(adam(settings), expected);
    },
  );

  it.each(reference.rmsprop)(
    "rmsprop equals PyTorch's: rate $learningRate, decay $alpha",
    async ({ path: expected, alpha, ...settings }) => {
      await expectPath(rmsprop({ ...settings, decay: alpha }), expected);
    },
  );
});

describe('an epsilon that weighs', () => {
  // With a constant gradient both moments are known: mean g, mean square g^2 (Adam) or g^2 (1 - decay^t) (RMSProp).
  const gradient = [0.5, -0.001, 0];
  const constantGradient = { gradient: float32([5, 3], Array.from({ length: 5 }, () => gradient).flat()) };
  const start = float32([3], [0, 0, 0]);

  it.each([0, 0.5])('is added after the bias correction in adam, beta1 %d', async (beta1) => {
    const epsilon = 0.1;
    const optimiser = adam({ learningRate: 1, beta1, beta2: 0.9, epsilon });
    const { weight } = await path(optimiser, start, 5, (_, rows) => rows['gradient']!, constantGradient);
    const step = gradient.map((g) => -g / (Math.abs(g) + epsilon));
    const expected = Array.from({ length: 5 }, (_, t) => step.map((value) => value * (t + 1))).flat();
    expect(weight!.data).toBeAllClose(expected, { rtol: 1e-5 });
  });

  it('is added to the root in rmsprop', async () => {
    const [epsilon, decay] = [0.1, 0.9];
    const optimiser = rmsprop({ learningRate: 1, decay, epsilon });
    const { weight } = await path(optimiser, start, 5, (_, rows) => rows['gradient']!, constantGradient);
    const sums = [0, 0, 0];
    const expected = Array.from({ length: 5 }, (_, t) =>
      gradient.map((g, i) => {
        sums[i]! -= g / (Math.abs(g) * Math.sqrt(1 - decay ** (t + 1)) + epsilon);
        return sums[i]!;
      }),
    ).flat();
    expect(weight!.data).toBeAllClose(expected, { rtol: 1e-5 });
  });
});

describe('state', () => {
  const parameters = {
    'generator/dense1/weight': float32([2, 3], [1, 2, 3, 4, 5, 6]),
    'generator/dense1/bias': float32([3], [1, 2, 3]),
  };

  it.each([
    ['sgd without momentum', sgd({ learningRate: 0.1 }), []],
    ['sgd', sgd({ learningRate: 0.1, momentum: 0.5 }), ['velocity']],
    ['sgd with a ramp', sgd({ learningRate: 0.1, momentum: () => 0 }), ['velocity']],
    ['adam', adam({ learningRate: 0.1 }), ['gradientSum', 'squareSum']],
    ['adam with beta1 0', adam({ learningRate: 0.1, beta1: 0 }), ['squareSum']],
    ['rmsprop', rmsprop({ learningRate: 0.1 }), ['squareSum']],
  ] as const)('of %s: zeros under the names of the parameters', (_, optimiser, keys) => {
    const state = optimiser.init(parameters);
    const expected = Object.entries(parameters).flatMap(([name, { shape, data }]) =>
      keys.map((key) => [`${name}/${key}`, float32(shape, new Float32Array(data.length))]),
    );
    expect(state).toEqual(Object.fromEntries(expected));
  });

  it('of adam are the discounted sums of the gradients and of their squares', async () => {
    const found = await path(
      adam({ learningRate: 0.1, beta1: 0.5, beta2: 0.75 }),
      float32([1], [0]),
      3,
      (_, rows) => rows['gradient']!,
      { gradient: float32([3, 1], [1, 2, -4]) },
    );
    expect([...found['weight/gradientSum']!.data]).toEqual([1, 2.5, -2.75]);
    expect([...found['weight/squareSum']!.data]).toEqual([1, 4.75, 19.5625]);
  });

  it('stays with float32', () => {
    const weight: Tensor = { dtype: 'float64', shape: [1], data: Float64Array.of(1) };
    expect(() => adam({ learningRate: 0.1 }).init({ weight })).toThrow(
      new ConfigError('adam: parameters must be float32, got float64 for weight'),
    );
  });
});

describe('graph', () => {
  const weight = input('weight', 'float32', [2, 2]);
  const gradient = input('gradient', 'float32', [2, 2]);
  const stateOf = (optimiser: Optimiser): Values =>
    Object.fromEntries(
      Object.keys(optimiser.init({ weight: float32([2, 2], [0, 0, 0, 0]) })).map((name) => [
        name,
        input(name, 'float32', [2, 2]),
      ]),
    );

  /** Operators that one update runs over whole weight matrices, and the scalars that it is fed. */
  function built(optimiser: Optimiser): { passes: string[]; fed: string[] } {
    const fed: string[] = [];
    const clock: Clock = {
      scalar: (name) => {
        fed.push(name);
        return input(name, 'float32', []);
      },
    };
    const { parameters, state } = optimiser.update(
      { weight },
      { weight: gradient },
      stateOf(optimiser),
      clock,
    );
    const nodes = topologicalOrder([...Object.values(parameters), ...Object.values(state)]);
    const passes = nodes.filter(({ op, outputs }) => op !== 'Input' && outputs[0]!.shape.length > 0);
    return { passes: passes.map(({ op }) => op), fed };
  }

  it('keeps a constant momentum and rate as constants', () => {
    expect(built(sgd({ learningRate: 0.1, momentum: 0.5 }))).toEqual({
      passes: ['Mul', 'Mul', 'Add', 'Add'],
      fed: [],
    });
  });

  it('is fed what changes', () => {
    const changing = sgd({ learningRate: (time) => 0.1 / (1 + time.update), momentum: () => 0.5 });
    expect(built(changing).fed).toEqual(['minusLearningRate', 'momentum']);
  });

  it.each([
    ['sgd without momentum', sgd({ learningRate: 0.1 }), 2],
    ['adam', adam({ learningRate: 0.1 }), 10],
    ['adam with beta1 0', adam({ learningRate: 0.1, beta1: 0 }), 8],
    ['rmsprop', rmsprop({ learningRate: 0.1 }), 8],
  ] as const)('of %s passes over the weights as often as documented', (_, optimiser, count) => {
    expect(built(optimiser).passes).toHaveLength(count);
  });

  it.each([sgd({ learningRate: 0.1, momentum: 0.5 }), adam({ learningRate: 0.1 })])(
    'of $name needs every gradient and state',
    (optimiser) => {
      const clock: Clock = { scalar: (name) => input(name, 'float32', []) };
      const key = Object.keys(stateOf(optimiser))[0]!;
      expect(() => optimiser.update({ weight }, {}, stateOf(optimiser), clock)).toThrow(
        new ConfigError(
          `${optimiser.name}: every parameter needs its gradient, got none named weight among 0`,
        ),
      );
      expect(() => optimiser.update({ weight }, { weight: gradient }, {}, clock)).toThrow(
        new ConfigError(`${optimiser.name}: every parameter needs its state, got none named ${key} among 0`),
      );
    },
  );
});

it.each([
  [() => sgd({ learningRate: -0.1 }), 'sgd: learningRate must be finite and not negative, got -0.1'],
  [() => sgd({ learningRate: 0.1, momentum: 1 }), 'sgd: momentum must be in [0, 1), got 1'],
  [() => adam({ learningRate: Number.NaN }), 'adam: learningRate must be finite and not negative, got NaN'],
  [() => adam({ learningRate: 0.1, beta1: 1 }), 'adam: beta1 must be in [0, 1), got 1'],
  [() => adam({ learningRate: 0.1, beta2: -0.1 }), 'adam: beta2 must be in [0, 1), got -0.1'],
  [() => adam({ learningRate: 0.1, epsilon: 0 }), 'adam: epsilon must be finite and positive, got 0'],
  [() => rmsprop({ learningRate: 0.1, decay: 1 }), 'rmsprop: decay must be in [0, 1), got 1'],
])('refuses a setting outside its range: %#', (make, message) => {
  expect(make).toThrow(new ConfigError(message));
});

describe('converges', () => {
  /** (x - 1)^2 + 10 (y + 2)^2, from the origin. */
  const quadratic = (x: Value, y: Value): Value => add(square(sub(x, 1)), mul(square(add(y, 2)), 10));
  /** (1 - x)^2 + 100 (y - x^2)^2: a curved valley to (1, 1). */
  const rosenbrock = (x: Value, y: Value): Value =>
    add(square(sub(1, x)), mul(square(sub(y, square(x))), 100));

  const targets = [
    { target: 'quadratic', f: quadratic, minimum: [1, -2] },
    { target: 'rosenbrock', f: rosenbrock, minimum: [1, 1] },
  ];
  const optimisers: { [target: string]: [string, number, Optimiser][] } = {
    quadratic: [
      ['sgd', 500, sgd({ learningRate: 0.03 })],
      ['sgd with momentum', 500, sgd({ learningRate: 0.01, momentum: 0.9 })],
      ['adam', 2000, adam({ learningRate: linear({ from: 0.05, to: 0, updates: 2000 }) })],
      [
        'adam with beta1 0',
        2000,
        adam({ learningRate: cosine({ from: 0.05, to: 0, updates: 2000 }), beta1: 0 }),
      ],
      ['rmsprop', 2000, rmsprop({ learningRate: cosine({ from: 0.05, to: 0, updates: 2000 }) })],
    ],
    rosenbrock: [
      ['sgd', 20_000, sgd({ learningRate: 1e-3 })],
      ['sgd with momentum', 5000, sgd({ learningRate: 1e-3, momentum: 0.9 })],
      ['adam', 5000, adam({ learningRate: linear({ from: 0.02, to: 0, updates: 5000 }) })],
      [
        'adam with beta1 0',
        10_000,
        adam({ learningRate: cosine({ from: 0.02, to: 0, updates: 10_000 }), beta1: 0 }),
      ],
      ['rmsprop', 5000, rmsprop({ learningRate: cosine({ from: 0.02, to: 0, updates: 5000 }) })],
    ],
  };

  describe.each(targets)('on the $target', ({ target, f, minimum }) => {
    it.each(optimisers[target]!)('%s in %d updates', async (_, count, optimiser) => {
      const found = await path(optimiser, float32([2], [0, 0]), count, (weight) => {
        const y = f(slice(weight, 0, 0, 1), slice(weight, 0, 1, 2));
        return grad(sum(y), [weight])[0]!;
      });
      expect(found['weight']!.data.slice(-2)).toBeAllClose(minimum, { rtol: 1e-2 });
    });
  });
});
