import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError, ShapeError } from '../errors.ts';
import type { Key } from '../random/threefry.ts';
import { streamOf } from '../random/threefry.ts';
import type { Distribution, FiniteDataset } from './dataset.ts';
import { minibatches } from './minibatches.ts';

const empty = { count: 0, examples: new Uint8Array(0) };

/** Example i is the pixels [i, i + 100] with label i. */
function numbered(count: number): FiniteDataset {
  const examples = Uint8Array.from({ length: 2 * count }, (_, at) => (at >> 1) + 100 * (at & 1));
  const labels = Uint8Array.from({ length: count }, (_, i) => i);
  const train = { count, examples, labels };
  return {
    kind: 'images',
    name: 'numbered',
    exampleShape: [1, 1, 2],
    train,
    validation: empty,
    test: empty,
    fingerprint: '',
  };
}

const drawn: { key: Key; step: number; length: number }[] = [];
const echo: Distribution = {
  kind: 'points',
  name: 'echo',
  exampleShape: [2],
  draw: (key, step, out) => {
    drawn.push({ key, step, length: out.length });
    out.fill(step);
  },
  fingerprint: '',
};

function epochOf(count: number, batch: number, k: number, seed: number, epoch: number): number[] {
  const batches = minibatches(numbered(count), { batch, k, seed });
  const steps = batches.stepsPerEpoch!;
  const seen: number[] = [];
  const labels = new Uint8Array(batch);
  for (let step = epoch * steps; step < (epoch + 1) * steps; step++)
    for (let index = 0; index < k; index++) {
      batches.fillLabels(step, index, labels);
      seen.push(...labels);
    }
  return seen;
}

describe('minibatches of a finite set', () => {
  it('has floor(n / (k batch)) steps in an epoch', () => {
    expect(minibatches(numbered(100), { batch: 7, k: 3, seed: 0 }).stepsPerEpoch).toBe(4);
    expect(minibatches(numbered(100), { batch: 100, seed: 0 }).stepsPerEpoch).toBe(1);
  });

  it('visits no example twice in an epoch, and drops only the remainder', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(5),
        (count, batch, k, epoch) => {
          fc.pre(count >= batch * k);
          const seen = epochOf(count, batch, k, 3, epoch);
          expect(new Set(seen).size).toBe(seen.length);
          expect(count - seen.length).toBeLessThan(batch * k);
          expect(Math.max(...seen)).toBeLessThan(count);
        },
      ),
      { seed: 1 },
    );
  });

  it('is ordered anew in each epoch and by each seed, and alike for the same seed', () => {
    const first = epochOf(64, 8, 1, 5, 0);
    expect(epochOf(64, 8, 1, 5, 0)).toEqual(first);
    expect(epochOf(64, 8, 1, 5, 1)).not.toEqual(first);
    expect(epochOf(64, 8, 1, 6, 0)).not.toEqual(first);
    expect(first).not.toEqual([...first].sort((a, b) => a - b));
  });

  it('gives the same minibatch whatever was asked before', () => {
    const asked = minibatches(numbered(60), { batch: 4, k: 2, seed: 9 });
    const out = new Uint8Array(8);
    const inOrder: string[] = [];
    for (let step = 0; step < 20; step++)
      for (const index of [0, 1]) {
        asked.fill(step, index, out);
        inOrder.push(out.join());
      }
    for (const step of [19, 0, 13, 6, 7, 7])
      for (const index of [1, 0]) {
        asked.fill(step, index, out);
        expect(out.join()).toBe(inOrder[2 * step + index]);
      }
  });

  it('writes examples with their labels at the offset, and nothing else', () => {
    const batches = minibatches(numbered(30), { batch: 3, k: 2, seed: 1 });
    const out = new Uint8Array(10).fill(255);
    const labels = new Uint8Array(5).fill(255);
    batches.fill(4, 1, out, 2);
    batches.fillLabels(4, 1, labels, 1);
    expect([...out.subarray(0, 2), ...out.subarray(8)]).toEqual([255, 255, 255, 255]);
    expect([labels[0], labels[4]]).toEqual([255, 255]);
    for (let row = 0; row < 3; row++) {
      expect(out[2 + 2 * row]).toBe(labels[1 + row]);
      expect(out[3 + 2 * row]).toBe(labels[1 + row]! + 100);
    }
  });

  it('reports the dtype of the examples', () => {
    expect(minibatches(numbered(4), { batch: 2, seed: 0 })).toMatchObject({
      dtype: 'uint8',
      exampleShape: [1, 1, 2],
    });
    const points = { ...numbered(4), train: { count: 2, examples: new Float32Array(4) } };
    const floats = minibatches(points, { batch: 2, seed: 0 });
    expect(floats.dtype).toBe('float32');
    expect(() => floats.fill(0, 0, new Uint8Array(4))).toThrow(
      new ShapeError('fill: out must be float32 for numbered, got uint8'),
    );
    expect(() => floats.fillLabels(0, 0, new Uint8Array(2))).toThrow(
      'fillLabels: the data set must have labels, got numbered',
    );
  });
});

describe('minibatches of a distribution', () => {
  it('draws each minibatch from its own counter and has no epochs', () => {
    const batches = minibatches(echo, { batch: 3, k: 2, seed: 8 });
    expect(batches).toMatchObject({ stepsPerEpoch: undefined, dtype: 'float32', exampleShape: [2] });
    const out = new Float32Array(10).fill(-1);
    batches.fill(5, 1, out, 4);
    expect([...out]).toEqual([-1, -1, -1, -1, 11, 11, 11, 11, 11, 11]);
    expect(drawn.at(-1)).toEqual({ key: { seed: 8, stream: streamOf('data/draw') }, step: 11, length: 6 });
    expect(() => batches.fillLabels(0, 0, new Uint8Array(3))).toThrow(ConfigError);
  });
});

describe('bad settings', () => {
  it.each([
    [{ batch: 0, seed: 0 }, 'minibatches: batch must be an integer from 1, got 0'],
    [{ batch: 2.5, seed: 0 }, 'minibatches: batch must be an integer from 1, got 2.5'],
    [{ batch: 2, k: -1, seed: 0 }, 'minibatches: k must be an integer from 1, got -1'],
    [
      { batch: 6, k: 2, seed: 0 },
      'minibatches: numbered must have at least k x batch = 2 x 6 = 12 training examples, got 10. Set batch to at most 5',
    ],
    [{ batch: 1, k: 20, seed: 0 }, 'got 10. Set k to at most 10'],
  ])('%j', (options, message) => {
    expect(() => minibatches(numbered(10), options)).toThrow(ConfigError);
    expect(() => minibatches(numbered(10), options)).toThrow(message);
  });

  it('refuses an index beyond k and an array without room', () => {
    for (const dataset of [numbered(10), echo]) {
      const batches = minibatches(dataset, { batch: 2, k: 2, seed: 0 });
      const out = batches.dtype === 'uint8' ? new Uint8Array(4) : new Float32Array(4);
      expect(() => batches.fill(0, 2, out)).toThrow('index must be an integer in 0 ... 1 (k 2), got 2');
      expect(() => batches.fill(0, 0, out, 1)).toThrow(
        'out must have room for 4 elements from 1, got 4 in all',
      );
    }
  });
});
