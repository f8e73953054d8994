import { describe, expect, it } from 'vitest';
import { readReference } from '../../test/tensors.ts';
import { ConfigError } from '../errors.ts';
import { type UpdateTime, valueAt } from './optimiser.ts';
import { constant, cosine, exponentialDecay, linear, momentumRamp } from './schedules.ts';

interface SchedulesReference {
  readonly schedules: {
    readonly exponentialDecay: {
      readonly learningRate: number;
      readonly decay: number;
      readonly floor: number;
      readonly updates: readonly number[];
      readonly values: readonly number[];
    };
    readonly momentumRamp: {
      readonly start: number;
      readonly final: number;
      readonly firstEpoch: number;
      readonly saturatedEpoch: number;
      /** Counted from 1. */
      readonly epochs: readonly number[];
      readonly values: readonly number[];
    };
  };
}

const { schedules } = readReference<SchedulesReference>('optimisers');
const atUpdate = (update: number): UpdateTime => ({ update, epoch: 0 });
const atEpoch = (epoch: number): UpdateTime => ({ update: 0, epoch });

it('constant stays a number, which the graph holds as a constant', () => {
  expect(constant(0.1)).toBe(0.1);
});

describe('linear', () => {
  const falling = linear({ from: 2e-4, to: 2e-5, updates: 100 });

  it.each([
    [0, 2e-4],
    [25, 1.55e-4],
    [50, 1.1e-4],
    [100, 2e-5],
    [1e9, 2e-5],
  ])('at update %d is %d', (update, expected) => {
    expect(valueAt(falling, atUpdate(update))).toBeCloseTo(expected, 12);
  });

  it('meets both ends exactly', () => {
    expect(valueAt(falling, atUpdate(0))).toBe(2e-4);
    expect(valueAt(falling, atUpdate(100))).toBe(2e-5);
  });

  it('waits until it starts, and counts epochs where it is told to', () => {
    const rising = linear({ from: 0, to: 1, epochs: 10, startAt: 5 });
    const values = [0, 5, 6, 10, 15, 20].map((epoch) => valueAt(rising, { update: 1e6, epoch }));
    expect(values).toBeAllClose([0, 0, 0.1, 0.5, 1, 1], { rtol: 1e-12 });
  });
});

describe('cosine', () => {
  it('is half a wave', () => {
    const schedule = cosine({ from: 1, to: 0.2, updates: 60 });
    const values = [0, 20, 30, 40, 60, 61].map((update) => valueAt(schedule, atUpdate(update)));
    expect(values).toBeAllClose([1, 0.8, 0.6, 0.4, 0.2, 0.2], { rtol: 1e-12 });
  });

  it('is flat at both ends', () => {
    const schedule = cosine({ from: 1, to: 0, updates: 1000 });
    expect(1 - valueAt(schedule, atUpdate(1))).toBeLessThan(3e-6);
    expect(valueAt(schedule, atUpdate(999))).toBeLessThan(3e-6);
  });
});

describe.each([
  ['linear', linear],
  ['cosine', cosine],
] as const)('%s', (name, ramp) => {
  it('wants one length, in updates or in epochs', () => {
    expect(() => ramp({ from: 1, to: 0 })).toThrow(
      new ConfigError(`${name}: a length must be given in either updates or epochs, got neither`),
    );
    expect(() => ramp({ from: 1, to: 0, updates: 5, epochs: 1 })).toThrow(
      new ConfigError(`${name}: a length must be given in either updates or epochs, got both`),
    );
    expect(() => ramp({ from: 1, to: 0, updates: 0 })).toThrow(
      new ConfigError(`${name}: the length must be positive, got 0`),
    );
    expect(() => ramp({ from: 1, to: 0, epochs: 1, startAt: -1 })).toThrow(
      new ConfigError(`${name}: startAt must not be negative, got -1`),
    );
  });
});

describe('exponentialDecay', () => {
  it("equals the released code's at its own numbers", () => {
    const { learningRate: from, decay: divisor, floor, updates, values } = schedules.exponentialDecay;
    const schedule = exponentialDecay({ from, divisor, floor });
    expect(updates.map((update) => valueAt(schedule, atUpdate(update)))).toBeAllClose(values, { rtol: 1e-9 });
  });

  it('halves at 173,287 updates, which float32 would reach 2,271 too early', () => {
    const halved = (divisor: number) => valueAt(exponentialDecay({ from: 1, divisor }), atUpdate(173_287));
    expect(halved(1.000004)).toBeCloseTo(0.5, 6);
    expect(halved(Math.fround(1.000004))).toBeCloseTo(0.4954, 4);
  });

  it.each([1, 0.9, Number.NaN])('refuses a divisor of %s', (divisor) => {
    expect(() => exponentialDecay({ from: 0.1, divisor })).toThrow(
      new ConfigError(`exponentialDecay: divisor must be above 1, got ${divisor}`),
    );
  });
});

describe('momentumRamp', () => {
  it("equals Pylearn2's, which counts epochs from 1", () => {
    const { start, final, firstEpoch, saturatedEpoch, epochs, values } = schedules.momentumRamp;
    const schedule = momentumRamp({ from: start, to: final, start: firstEpoch, saturate: saturatedEpoch });
    const counted = epochs.flatMap((epoch, i) => (epoch >= 1 ? [[epoch, values[i]!] as const] : []));
    expect(counted.length).toBeGreaterThan(5);
    expect(counted.map(([epoch]) => valueAt(schedule, atEpoch(epoch - 1)))).toBeAllClose(
      counted.map(([, value]) => value),
      { rtol: 1e-9 },
    );
  });

  it("has the released recipes' numbers by default", () => {
    const values = [0, 1, 248, 249, 400].map((epoch) => valueAt(momentumRamp(), atEpoch(epoch)));
    expect(values).toBeAllClose([0.5, 0.5 + 0.2 / 249, 0.7 - 0.2 / 249, 0.7, 0.7], { rtol: 1e-12 });
  });

  it.each([
    [0, 250],
    [250, 250],
  ])('refuses to rise from epoch %d to epoch %d', (start, saturate) => {
    expect(() => momentumRamp({ start, saturate })).toThrow(
      new ConfigError(
        `momentumRamp: start must be at least 1 and below saturate, got ${start} and ${saturate}`,
      ),
    );
  });
});
