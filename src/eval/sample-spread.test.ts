import { describe, expect, it } from 'vitest';
import { float32, type ReferenceArray, readReference } from '../../test/tensors.ts';
import { ShapeError } from '../errors.ts';
import { realSpread, sampleSpread } from './sample-spread.ts';

interface Reference {
  readonly real: ReferenceArray;
  readonly cases: readonly {
    readonly name: string;
    readonly samples: ReferenceArray;
    readonly spread: Readonly<Record<string, number>>;
  }[];
}

const reference = readReference<Reference>('sample-spread');
const real = realSpread(float32(reference.real.shape, reference.real.data));

describe('sampleSpread', () => {
  it.each(reference.cases)('is what scipy gives: $name', ({ samples, spread }) => {
    const measured = sampleSpread(float32(samples.shape, samples.data), real);
    expect(Object.keys(measured)).toEqual(Object.keys(spread));
    expect(Object.values(measured)).toBeAllClose(Object.values(spread), { rtol: 1e-9, atol: 1e-12 });
  });

  it('of one point for every z: no diversity, all twins', () => {
    // Two real examples 2 apart, samples 1 from both: 2 E|x - y| = 2, of which the real ones' distance takes all.
    const pair = realSpread(float32([2, 1], [-1, 1]));
    expect(sampleSpread(float32([2, 1], [0, 0]), pair)).toEqual({
      diversity: 0,
      duplicates: 1,
      energyDistance: 0,
    });
    // 10 away from one and 12 from the other.
    expect(sampleSpread(float32([2, 1], [11, 11]), pair).energyDistance).toBeCloseTo(1 - 2 / 22, 12);
  });

  it('takes as many samples as real examples, the first ones, of any shape with as many numbers', () => {
    const [{ samples, spread }] = reference.cases as [Reference['cases'][number]];
    const more = float32([41, 1, 2, 3], [...samples.data, ...Array.from({ length: 6 }, () => 1e6)]);
    expect(sampleSpread(more, real).diversity).toBeCloseTo(spread['diversity']!, 9);
  });

  it('does not hide a sample that is not finite', () => {
    const samples = float32(
      [40, 6],
      Array.from({ length: 240 }, (_, i) => (i === 7 ? Number.NaN : i)),
    );
    const { diversity, energyDistance } = sampleSpread(samples, real);
    expect([diversity, energyDistance]).toEqual([Number.NaN, Number.NaN]);
  });

  it('refuses what cannot be compared', () => {
    expect(() => sampleSpread(float32([39, 6], new Array(234).fill(0)), real)).toThrow(
      new ShapeError(
        'sampleSpread: samples must be 40 or more of 6 numbers, as the real examples, got shape [39, 6]',
      ),
    );
    expect(() => sampleSpread(float32([40, 5], new Array(200).fill(0)), real)).toThrow('got shape [40, 5]');
    expect(() => realSpread(float32([1, 6], new Array(6).fill(0)))).toThrow(
      new ShapeError('realSpread: there must be two or more examples, got shape [1, 6]'),
    );
  });
});
