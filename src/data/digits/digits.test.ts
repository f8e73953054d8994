import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../../errors.ts';
import { decodeIdxImages, decodeIdxLabels } from '../idx.ts';
import { digitsSet, drawDigits } from './digits.ts';

const pixels = 784;
const imageAt = (examples: Uint8Array, i: number) => examples.subarray(i * pixels, (i + 1) * pixels);

describe('drawDigits', () => {
  it('draws the same digits in another process, on another day and engine, or has another version', () => {
    // A change of this hash is a change of the data set: raise digitsSet.version with it, or caches keep the old one.
    const { examples, labels } = drawDigits({ first: 49_500, count: 1000 });
    const hash = createHash('sha256').update(examples).update(labels).digest('hex');
    expect(`${digitsSet.version} ${hash}`).toBe(
      '2 b4aa04cec7b9ce9be2caeee4de75fdd047f9dd80721e3cf63ae5c3c2ca534603',
    );
  });

  it('gives example i from seed and i alone, whatever is drawn before it', () => {
    const whole = drawDigits({ seed: 7, first: 990, count: 30 });
    for (const first of [990, 997, 999, 1000, 1003, 1019]) {
      const { examples, labels } = drawDigits({ seed: 7, first, count: 1 });
      expect(examples).toEqual(imageAt(whole.examples, first - 990));
      expect(labels[0]).toBe(whole.labels[first - 990]);
    }
    expect(drawDigits({ seed: 8, first: 990, count: 30 }).examples).not.toEqual(whole.examples);
    expect(drawDigits({ first: 990, count: 30 })).toEqual(drawDigits({ seed: 0, first: 990, count: 30 }));
  });

  it('draws none where none are asked for, and as many as there are indices', () => {
    expect(drawDigits({ first: 5, count: 0 })).toEqual({
      examples: new Uint8Array(0),
      labels: new Uint8Array(0),
    });
    expect(drawDigits({ first: 4_294_967_294, count: 1 }).examples.some((value) => value > 0)).toBe(true);
  });

  it.each([
    [{ first: -1, count: 1 }, 'drawDigits: first must be an integer in [0, 4294967295], got -1'],
    [{ first: 0, count: 1.5 }, 'drawDigits: count must be an integer in [0, 4294967295], got 1.5'],
    [
      { seed: 2 ** 32, first: 0, count: 1 },
      'drawDigits: seed must be an integer in [0, 4294967295], got 4294967296',
    ],
    [
      { first: 4_294_967_295, count: 1 },
      'drawDigits: first + count must be an integer in [0, 4294967295], got 4294967296',
    ],
  ])('refuses %o', (options, message) => {
    expect(() => drawDigits(options)).toThrow(new ConfigError(message));
  });

  it('uses no function whose last bits are left to the engine', () => {
    const folder = import.meta.dirname;
    const sources = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
    expect(sources.length).toBeGreaterThan(5);
    for (const file of sources) {
      const code = readFileSync(join(folder, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      for (const [name] of code.matchAll(/Math\.\w+|\*\*/g))
        expect(['Math.sqrt', 'Math.floor', 'Math.ceil', 'Math.abs', 'Math.min', 'Math.max'], file).toContain(
          name,
        );
    }
  });
});

/** MNIST's training images, digit by digit: mean pixel of the images, and its deviation from image to image. */
const mnistInk = [
  [0.1734, 0.0421],
  [0.076, 0.022],
  [0.149, 0.0381],
  [0.1415, 0.0378],
  [0.1214, 0.0319],
  [0.1287, 0.0373],
  [0.1373, 0.0374],
  [0.1145, 0.0306],
  [0.1502, 0.0386],
  [0.1226, 0.0324],
] as const;

describe('digits', () => {
  const count = 6000;
  let examples: Uint8Array;
  let labels: Uint8Array;
  beforeAll(() => {
    ({ examples, labels } = drawDigits({ first: 0, count }));
  });
  const indicesOf = (digit: number) => [...labels.keys()].filter((i) => labels[i] === digit);

  it('have balanced classes in random order', () => {
    for (let first = 0; first < count; first += 1000) {
      const occurrences = new Array<number>(10).fill(0);
      for (const label of labels.subarray(first, first + 1000)) occurrences[label]!++;
      expect(occurrences).toEqual(new Array(10).fill(100));
    }
    const repeats = labels.filter((label, i) => i > 0 && label === labels[i - 1]).length;
    // 0.1 of them, give or take five deviations.
    expect(Math.abs(repeats / count - 0.1)).toBeLessThan(0.02);
  });

  it("have MNIST's mean, deviation and background to a few hundredths of them", () => {
    let sum = 0;
    let squares = 0;
    let zeros = 0;
    for (const value of examples) {
      sum += value / 255;
      squares += (value / 255) ** 2;
      if (value === 0) zeros++;
    }
    const mean = sum / examples.length;
    const deviation = Math.sqrt(squares / examples.length - mean * mean);
    expect(mean).toBeCloseTo(0.1307, 2);
    expect(deviation).toBeCloseTo(0.3081, 2);
    expect(zeros / examples.length).toBeCloseTo(0.8088, 2);
  });

  it.each(mnistInk.map(([mean, deviation], digit) => [digit, mean, deviation] as const))(
    "%i has the ink of MNIST's, %f +- %f",
    (digit, mean, deviation) => {
      const ink = indicesOf(digit).map(
        (i) => imageAt(examples, i).reduce((sum, value) => sum + value, 0) / 255 / pixels,
      );
      const ours = ink.reduce((sum, value) => sum + value, 0) / ink.length;
      const ourDeviation = Math.sqrt(ink.reduce((sum, value) => sum + (value - ours) ** 2, 0) / ink.length);
      expect(ours / mean).toBeGreaterThan(0.9);
      expect(ours / mean).toBeLessThan(1.1);
      expect(ourDeviation / deviation).toBeGreaterThan(0.8);
      expect(ourDeviation / deviation).toBeLessThan(1.2);
    },
  );

  it('fill a box of 20 x 20 and stay off the border, their mass in the middle', () => {
    let offCentre = 0;
    for (let i = 0; i < count; i++) {
      const image = imageAt(examples, i);
      const box = { left: 28, right: -1, top: 28, bottom: -1 };
      let mass = 0;
      let massX = 0;
      let massY = 0;
      for (let row = 0; row < 28; row++) {
        for (let column = 0; column < 28; column++) {
          const ink = image[row * 28 + column]!;
          if (ink === 0) continue;
          box.left = Math.min(box.left, column);
          box.right = Math.max(box.right, column);
          box.top = Math.min(box.top, row);
          box.bottom = row;
          mass += ink;
          massX += ink * column;
          massY += ink * row;
        }
      }
      expect(Math.min(box.left, box.top)).toBeGreaterThanOrEqual(1);
      expect(Math.max(box.right, box.bottom)).toBeLessThanOrEqual(26);
      // 19 where less than 1/510 of a pixel's worth of ink falls into the last row or column.
      const side = Math.max(box.right - box.left, box.bottom - box.top) + 1;
      expect(side === 20 || side === 19).toBe(true);
      if (Math.max(Math.abs(massX / mass - 14), Math.abs(massY / mass - 14)) > 0.51) offCentre++;
    }
    // Those that centring would have pushed onto the border.
    expect(offCentre / count).toBeLessThan(0.03);
  });

  it('are all different', () => {
    const seen = new Set<string>();
    for (let i = 0; i < count; i++) seen.add(Buffer.from(imageAt(examples, i)).toString('latin1'));
    expect(seen.size).toBe(count);
  });
});

/** Images averaged down to 14 x 14, which forgives strokes that lie a pixel apart, float32 [count, 196]. */
function halved(images: Uint8Array, count: number): Float32Array {
  const out = new Float32Array(count * 196);
  for (let i = 0; i < count; i++)
    for (let row = 0; row < 28; row++)
      for (let column = 0; column < 28; column++)
        out[i * 196 + (row >> 1) * 14 + (column >> 1)]! += images[i * pixels + row * 28 + column]! / 1020;
  return out;
}

interface Labelled {
  readonly features: Float32Array;
  readonly labels: Uint8Array;
}

const labelled = (images: Uint8Array, labels: Uint8Array, from: number, count: number): Labelled => ({
  features: halved(images.subarray(from * pixels, (from + count) * pixels), count),
  labels: labels.subarray(from, from + count),
});

/** Part of `tested` whose nearest neighbour in `known` has their label, and what it is for the worst digit. */
function nearestNeighbourAccuracy(known: Labelled, tested: Labelled): { all: number; worst: number } {
  const right = new Array<number>(10).fill(0);
  const total = new Array<number>(10).fill(0);
  for (let i = 0; i < tested.labels.length; i++) {
    const x = tested.features.subarray(i * 196, (i + 1) * 196);
    let nearest = 0;
    let least = Infinity;
    for (let j = 0; j < known.labels.length; j++) {
      let distance = 0;
      for (let k = 0; k < 196 && distance < least; k += 28)
        for (let m = k; m < k + 28; m++) {
          const difference = x[m]! - known.features[j * 196 + m]!;
          distance += difference * difference;
        }
      if (distance < least) {
        least = distance;
        nearest = j;
      }
    }
    const label = tested.labels[i]!;
    total[label]!++;
    if (known.labels[nearest] === label) right[label]!++;
  }
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  return {
    all: sum(right) / sum(total),
    worst: Math.min(...right.map((value, digit) => value / total[digit]!)),
  };
}

const folder = join(process.env['ZEROSUM_DATA'] ?? '../shared/data', 'mnist');
const hasMnist = existsSync(folder);
if (!hasMnist) console.log(`skipped: digits beside MNIST (no ${folder}; set ZEROSUM_DATA)`);

describe.skipIf(!hasMnist)('digits beside MNIST', () => {
  let ours: { known: Labelled; tested: Labelled };
  let theirs: { known: Labelled; tested: Labelled };
  beforeAll(() => {
    const { examples, labels } = drawDigits({ first: 50_000, count: 4000 });
    ours = { known: labelled(examples, labels, 0, 3000), tested: labelled(examples, labels, 3000, 1000) };
    const file = (name: string) => readFileSync(join(folder, `${name}.gz`));
    const images = decodeIdxImages(file('t10k-images-idx3-ubyte')).pixels;
    const digitsOf = decodeIdxLabels(file('t10k-labels-idx1-ubyte'));
    // The first half of this file is by other writers than the second.
    theirs = { known: labelled(images, digitsOf, 5000, 3000), tested: labelled(images, digitsOf, 0, 1000) };
  });

  it('are read right by somebody who has only seen MNIST', () => {
    const { all, worst } = nearestNeighbourAccuracy(theirs.known, ours.tested);
    expect(all).toBeGreaterThan(0.86);
    expect(worst).toBeGreaterThan(0.7);
  });

  it('teach to read MNIST nearly as well as MNIST does', () => {
    const taught = nearestNeighbourAccuracy(ours.known, theirs.tested);
    const baseline = nearestNeighbourAccuracy(theirs.known, theirs.tested);
    expect(taught.all).toBeGreaterThan(0.86);
    expect(taught.all).toBeGreaterThan(baseline.all - 0.03);
    expect(taught.worst).toBeGreaterThan(0.7);
  });
});
