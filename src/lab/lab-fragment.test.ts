import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { losses } from '../gan/losses.ts';
import { formatLabState, parseLabState, settledLabState } from './lab-fragment.ts';
import {
  defaultLabState,
  type LabData,
  type LabNetwork,
  type LabState,
  labActivations,
  labDataKinds,
  labLimits,
  labLosses,
  labOptimisers,
  labPenalties,
} from './lab-state.ts';

const within = ([least, most]: readonly [number, number]) =>
  fc.double({ min: least, max: most, noNaN: true });
const whole = ([min, max]: readonly [number, number]) => fc.integer({ min, max });
const axis = within(labLimits.coordinate);
const gaussian = (dimension: 1 | 2) =>
  fc.record({
    centre: fc.array(axis, { minLength: dimension, maxLength: dimension }),
    deviation: within(labLimits.deviation),
    weight: fc.oneof(fc.constant(1), within(labLimits.weight)),
  });
const gaussians = (dimension: 1 | 2) => fc.array(gaussian(dimension), { minLength: 1, maxLength: 5 });

const data: fc.Arbitrary<LabData> = fc.oneof(
  fc.constantFrom('ring8', 'grid25', 'swissroll', 'digits').map((kind) => ({ kind }) as LabData),
  gaussians(1).map((list) => ({ kind: 'gaussians-1d' as const, gaussians: list })),
  gaussians(2).map((list) => ({ kind: 'gaussians-2d' as const, gaussians: list })),
  fc.record({
    kind: fc.constant('drawn' as const),
    points: fc.array(
      fc.tuple(fc.double({ min: -8, max: 7.9, noNaN: true }), fc.double({ min: -8, max: 7.9, noNaN: true })),
      { minLength: 1, maxLength: 40 },
    ),
    bandwidth: within(labLimits.deviation),
  }),
);

const network: fc.Arbitrary<LabNetwork> = fc.record({
  depth: whole(labLimits.depth),
  width: whole(labLimits.width),
  activation: fc.constantFrom(...labActivations),
  optimiser: fc.constantFrom(...labOptimisers),
  learningRate: within(labLimits.learningRate),
  momentum: within(labLimits.momentum),
});

const state: fc.Arbitrary<LabState> = fc.record({
  data,
  latent: fc.record({
    distribution: fc.constantFrom('uniform' as const, 'gaussian' as const),
    dimension: whole(labLimits.latentDimension),
  }),
  generator: network,
  discriminator: network,
  loss: fc.constantFrom(...labLosses),
  penalties: fc
    .subarray([...labPenalties])
    .map((kinds) =>
      kinds
        .filter(({ name }) => name !== 'consensus')
        .map(({ name, weight }) => ({ name, weight: weight.default })),
    ),
  k: whole(labLimits.k),
  order: fc.constant('alternating' as const),
  batch: whole(labLimits.batch),
  decaySteps: whole(labLimits.decaySteps),
  average: within(labLimits.average),
  seed: whole(labLimits.seed),
  step: whole(labLimits.step),
});

describe('parseLabState', () => {
  test.prop([state])('reads what formatLabState wrote, to the last digit that it wrote', (made) => {
    const fragment = formatLabState(made);
    const { state: read, problems } = parseLabState(fragment);
    expect(problems).toEqual([]);
    expect(formatLabState(read)).toBe(fragment);
    expect(read.seed).toBe(made.seed);
    expect(read.generator.learningRate).toBeCloseTo(made.generator.learningRate, 4);
  });

  it.each(labDataKinds)('keeps the default of %s as it is, but for drawn points', (kind) => {
    const start = defaultLabState(kind);
    expect(settledLabState(settledLabState(start))).toEqual(settledLabState(start));
    if (kind !== 'drawn') expect(settledLabState(start)).toEqual(start);
  });

  it('is short enough to be sent, and can be read', () => {
    const fragment = formatLabState(defaultLabState('ring8'));
    expect(fragment.length).toBeLessThan(360);
    expect(fragment).toBe(encodeURI(fragment));
    expect(fragment).toContain('data=ring8&latent=gaussian&latent.dimension=2&g.depth=3&g.width=64');
  });

  it('takes keys in any order, with #, and leaves the rest as it starts', () => {
    const { state: read, problems } = parseLabState('#seed=7&data=gaussians-1d&gaussians=-1:0.2,1.5:0.3:2');
    expect(problems).toEqual([]);
    expect(read).toEqual({
      ...defaultLabState('gaussians-1d'),
      seed: 7,
      data: {
        kind: 'gaussians-1d',
        gaussians: [
          { centre: [-1], deviation: 0.2, weight: 1 },
          { centre: [1.5], deviation: 0.3, weight: 2 },
        ],
      },
    });
  });

  it("passes over the page's own keys", () => {
    expect(parseLabState('story=3&seed=2', ['story']).problems).toEqual([]);
  });

  it.each([
    ['data=ring9', 'data: unknown value ring9. One of gaussians-1d, '],
    ['data=ring9', 'Did you mean ring8?'],
    ['seed=-1', 'seed: must be a number from 0 to 4294967295, got -1'],
    ['seed=1.5', 'seed: must be a whole number, got 1.5'],
    ['seed=', 'seed: must be a number from 0 to 4294967295, got nothing'],
    ['seed', 'seed: must be seed=value, got no value'],
    ['sede=1', 'unknown key sede. One of data, '],
    ['g.width=9999', 'g.width: must be a number from 1 to 512, got 9999'],
    ['penalties=r3:1', 'penalties: unknown penalty r3. One of r1, '],
    ['penalties=r1:1,r1:2', 'penalties: each may be there once, got r1 twice'],
    ['penalties=r1:x', 'penalties: must be a number from 0 to 1000, got x'],
    ['data=gaussians-2d&gaussians=1:0.2', 'gaussians: must be x:y:deviation'],
    ['data=drawn&points=abc', 'points: must be four of A-Z a-z 0-9 - _ a point, got 3 characters'],
    ['order=simultaneous&k=2', 'k: must be 1 with order simultaneous'],
    ['penalties=consensus:1', 'penalties: consensus takes order simultaneous'],
    ['gaussians=1:0.2', 'unknown key gaussians'],
    ['%E0%A4%A=1', 'unknown key %E0%A4%A'],
    ['__proto__=1', 'unknown key __proto__'],
  ])('says what is wrong with %s', (fragment, sentence) => {
    const { state: read, problems } = parseLabState(fragment);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(sentence);
    expect(parseLabState(formatLabState(read)).problems).toEqual([]);
  });
});

it('knows the losses that configs know', () => {
  expect([...labLosses]).toEqual(losses.map(({ loss }) => loss.name));
});
