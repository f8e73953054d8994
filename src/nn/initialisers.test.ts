import { describe, expect, it } from 'vitest';
import { ConfigError, ShapeError } from '../errors.ts';
import {
  constant,
  fromMarginals,
  glorot,
  he,
  type Initialiser,
  normal,
  sparse,
  uniform,
  zeros,
} from './initialisers.ts';

const key = { seed: 2014, stream: 5 };
const shape = [300, 200];

/** Mean, standard deviation, kurtosis and largest magnitude of a draw. */
function moments(initialiser: Initialiser): { mean: number; sd: number; kurtosis: number; largest: number } {
  const values = [...initialiser(shape, key)];
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const central = (power: number) => values.reduce((sum, value) => sum + (value - mean) ** power, 0) / count;
  const largest = Math.max(...values.map(Math.abs));
  return { mean, sd: Math.sqrt(central(2)), kurtosis: central(4) / central(2) ** 2, largest };
}

// Of 60,000 draws the mean is within 5 sd / sqrt(60,000) = 0.02 sd, the deviation within 1.5 %, the kurtosis within 0.15.
describe.each([
  ['uniform(0.05)', uniform(0.05), 0.05 / Math.sqrt(3), 'uniform'],
  ['glorot()', glorot(), Math.sqrt(2 / 500), 'uniform'],
  ['normal(0.02)', normal(0.02), 0.02, 'normal'],
  ['he()', he(), Math.sqrt(2 / 300), 'normal'],
] as const)('%s', (_, initialiser, sd, family) => {
  it(`is ${family} with mean 0 and its standard deviation`, () => {
    const found = moments(initialiser);
    expect(Math.abs(found.mean)).toBeLessThan(0.02 * sd);
    expect(found.sd / sd).toBeGreaterThan(0.985);
    expect(found.sd / sd).toBeLessThan(1.015);
    expect(Math.abs(found.kurtosis - (family === 'uniform' ? 1.8 : 3))).toBeLessThan(0.15);
    if (family === 'uniform') {
      expect(found.largest).toBeLessThanOrEqual(Math.fround(Math.sqrt(3) * sd));
      expect(found.largest).toBeGreaterThan(0.999 * Math.sqrt(3) * sd);
    }
  });

  it('depends on shape and key alone', () => {
    const first = initialiser([6, 4], key);
    expect(initialiser([6, 4], key)).toEqual(first);
    expect(initialiser([6, 4], { ...key, stream: 6 })).not.toEqual(first);
    expect(initialiser([6, 4], { ...key, seed: 1 })).not.toEqual(first);
  });
});

it('a normal draw lies around its mean', () => {
  const around = normal(0.02, 1)([300, 200], key);
  expect(around).toBeAllClose(
    normal(0.02)([300, 200], key).map((value) => 1 + value),
    { rtol: 1e-6 },
  );
});

it('counts the inputs and outputs that a layer says, not those of the shape', () => {
  const kernel = [8, 4, 3, 3];
  const spread = (values: Float32Array) => Math.max(...values.map(Math.abs));
  const bound = Math.sqrt(6 / (36 + 18));
  expect(spread(glorot()(kernel, key, [36, 18]))).toBeLessThanOrEqual(Math.fround(bound));
  expect(spread(glorot()(kernel, key, [36, 18]))).toBeGreaterThan(0.97 * bound);
  expect(he()([30, 40], key, [120, 40])).toBeAllClose(
    he()([30, 40], key).map((value) => value / 2),
    { rtol: 1e-6 },
  );
});

it.each([
  [() => uniform(0), 'uniform: range must be positive and finite, got 0'],
  [() => uniform(Number.NaN), 'uniform: range must be positive and finite, got NaN'],
  [() => normal(1, Number.NaN), 'normal: mean must be finite, got NaN'],
  [() => normal(-1), 'normal: standardDeviation must be positive and finite, got -1'],
  [() => constant(Number.POSITIVE_INFINITY), 'constant: value must be finite, got Infinity'],
])('refuses its argument: %#', (make, message) => {
  expect(make).toThrow(new ConfigError(message));
});

it.each([
  ['glorot', glorot()],
  ['he', he()],
])('%s wants a weight matrix', (name, initialiser) => {
  expect(() => initialiser([10], key)).toThrow(
    new ShapeError(`${name}: shape must be a weight matrix [in, out], got [10]`),
  );
});

it('fills with zeros or a constant', () => {
  expect([...zeros()([2, 2], key)]).toEqual([0, 0, 0, 0]);
  expect([...constant(-2)([3], key)]).toEqual([-2, -2, -2]);
});

describe('sparse', () => {
  it('gives each unit so many weights of unit variance at places of its own', () => {
    const [inputs, outputs, count] = [40, 300, 10];
    const weights = sparse(count)([inputs, outputs], key);
    const rows = new Array(inputs).fill(0);
    let squares = 0;
    for (let unit = 0; unit < outputs; unit++) {
      let nonZero = 0;
      for (let input = 0; input < inputs; input++) {
        const weight = weights[input * outputs + unit]!;
        if (weight === 0) continue;
        nonZero++;
        rows[input]++;
        squares += weight ** 2;
      }
      expect(nonZero).toBe(count);
    }
    // Each input serves 300 x 10 / 40 = 75 units on average, with a deviation of 7.5; the variance has one of .026.
    expect(Math.min(...rows)).toBeGreaterThan(75 - 4 * 7.5);
    expect(Math.max(...rows)).toBeLessThan(75 + 4 * 7.5);
    expect(Math.abs(squares / (count * outputs) - 1)).toBeLessThan(0.1);
    expect(sparse(count)([inputs, outputs], key)).toEqual(weights);
  });

  it('refuses what it cannot do', () => {
    expect(() => sparse(0)).toThrow(new ConfigError('sparse: count must be an integer of at least 1, got 0'));
    expect(() => sparse(5)([4, 2], key)).toThrow(
      new ShapeError('sparse: a unit must have at least 5 inputs, got [4, 2]'),
    );
  });
});

describe('fromMarginals', () => {
  it('makes a sigmoid start at the means, and those of 0 and 1 within 1e-7', () => {
    const means = [0.5, 0.25, 0.9, 0, 1];
    const bias = fromMarginals(means)([5], key);
    expect(bias).toBeAllClose([0, -Math.log(3), Math.log(9), -16.118095550958, 16.118095550958]);
    const back = [...bias].map((logit) => 1 / (1 + Math.exp(-logit)));
    expect(back).toBeAllClose([0.5, 0.25, 0.9, 1e-7, 1 - 1e-7], { rtol: 1e-5 });
  });

  it('gives every network its own copy', () => {
    const initialiser = fromMarginals([0.5]);
    initialiser([1], key)[0] = 9;
    expect([...initialiser([1], key)]).toEqual([0]);
  });

  it('refuses means outside [0, 1], such as pixels of 0 to 255, and another count', () => {
    expect(() => fromMarginals([0.5, 33.3])).toThrow(
      new ConfigError('fromMarginals: means must lie in [0, 1], got 33.3 at [1]'),
    );
    expect(() => fromMarginals([Number.NaN])).toThrow(ConfigError);
    expect(() => fromMarginals([0.5, 0.5])([3], key)).toThrow(
      new ShapeError('fromMarginals: one mean a unit is needed, got 2 means for [3]'),
    );
  });
});
