import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import reference from '../../test/reference/parzen.json' with { type: 'json' };
import { ShapeError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';
import { LocalSession } from '../runtime/local-session.ts';
import { openNodeExecutor } from '../runtime/node.ts';
import { nearestNeighbours, squaredDistances } from './distances.ts';
import { kMeans } from './k-means.ts';
import { parzenEstimate, parzenLogLikelihoods, releasedSigmas } from './parzen.ts';
import { parzenBaselines } from './parzen-baselines.ts';

/** The inputs of `scripts/reference/parzen.py`. */
function scattered(rows: number, columns: number, offset: number): Tensor<'float32'> {
  const data = Float32Array.from(
    { length: rows * columns },
    (_, i) => (((31 * i + 17) * i + offset) % 1021) / 1024,
  );
  return { dtype: 'float32', shape: [rows, columns], data };
}

const samples = scattered(300, 20, 5);
const validation = scattered(70, 20, 77);
const test = scattered(90, 20, 300);

let session: LocalSession;
beforeAll(async () => {
  session = new LocalSession(await openNodeExecutor({ device: 'cpu', threads: 1 }));
});
afterAll(() => session.release());

describe('parzenEstimate', () => {
  it("follows the released protocol to numpy's digits", async () => {
    const estimate = await parzenEstimate(session, { samples, validation, test });
    expect(estimate.sigma).toBeCloseTo(reference.sigma, 12);
    expect(estimate.logLikelihood).toBeCloseTo(reference.logLikelihood, 4);
    expect(estimate.standardError).toBeCloseTo(reference.standardError, 4);
    expect(estimate.sigmaAtGridEdge).toBe(false);
    expect(estimate.protocol).toMatchObject({ samples: 300, validation: 70, test: 90, dimension: 20 });
  });

  it('tries the bandwidths of numpy.logspace(-1, 0, 10) on the validation images', async () => {
    const means = [];
    for (const sigma of releasedSigmas) {
      const values = await parzenLogLikelihoods(session, samples, validation, sigma);
      means.push(values.reduce((total, value) => total + value, 0) / values.length);
    }
    expect(means).toBeAllClose(reference.validation, { rtol: 1e-5, atol: 1e-4 });
  });

  it('keeps its digits where the windows are narrow and all but one of them vanish', async () => {
    const values = await parzenLogLikelihoods(session, samples, scattered(90, 20, 300), 0.01);
    expect(values.slice(0, 5)).toBeAllClose(reference.sharp, { rtol: 1e-5, atol: 5e-3 });
  });

  it('refines the bandwidth to a better one on the validation images', async () => {
    const { fine, sigma } = await parzenEstimate(session, { samples, validation, test });
    const score = async (at: number) => {
      const values = await parzenLogLikelihoods(session, samples, validation, at);
      return values.reduce((total, value) => total + value, 0) / values.length;
    };
    const best = await score(fine.sigma);
    expect(best).toBeGreaterThan(await score(sigma));
    expect(best).toBeGreaterThan(await score(fine.sigma * 1.01));
    expect(best).toBeGreaterThan(await score(fine.sigma / 1.01));
  });

  it('says when the best bandwidth lies at the edge of the grid, and looks beyond it', async () => {
    const estimate = await parzenEstimate(session, { samples, validation, test, sigmas: [0.6, 0.8] });
    expect(estimate).toMatchObject({ sigma: 0.6, sigmaAtGridEdge: true });
    expect(estimate.fine.sigma).toBeLessThan(0.6);
  });

  it('has the closed form of one Gaussian where there is one sample', async () => {
    const one: Tensor<'float32'> = { dtype: 'float32', shape: [1, 20], data: samples.data.slice(0, 20) };
    const [value] = await parzenLogLikelihoods(session, one, one, 0.5);
    expect(value).toBeCloseTo(-20 * Math.log(0.5 * Math.sqrt(2 * Math.PI)), 9);
  });

  it('refuses what does not fit', async () => {
    await expect(parzenLogLikelihoods(session, samples, scattered(4, 21, 0), 0.2)).rejects.toThrow(
      new ShapeError(
        'parzen: both sets must be [n, d] with the same d and at least one row, got [4, 21] and [300, 20]',
      ),
    );
    await expect(parzenLogLikelihoods(session, samples, test, 0)).rejects.toThrow(
      'parzen: sigma must be positive, got 0',
    );
    await expect(parzenEstimate(session, { samples, validation, test, sigmas: [] })).rejects.toThrow(
      'parzenEstimate: sigmas must name at least one bandwidth, got none',
    );
  });
});

describe('nearestNeighbours', () => {
  it("finds numpy's, with float64 distances", async () => {
    const { indices, squaredDistances: found } = await nearestNeighbours(session, test, samples, 3);
    expect(Array.from(indices)).toEqual(reference.neighbours.flat());
    expect(found).toBeAllClose(reference.distances.flat(), { rtol: 1e-10, atol: 0 });
  });

  it('gives a copy distance 0, and finds another row where rows are not their own neighbours', async () => {
    const own = await nearestNeighbours(session, samples, samples, 1);
    expect(Array.from(own.indices)).toEqual(Array.from({ length: 300 }, (_, i) => i));
    expect(Math.max(...own.squaredDistances)).toBe(0);
    const others = await nearestNeighbours(session, samples, samples, 1, { excludeSelf: true });
    expect(Array.from(others.indices).filter((j, i) => j === i)).toEqual([]);
    expect(Math.min(...others.squaredDistances)).toBeGreaterThan(0);
  });

  it('refuses more neighbours than there are', async () => {
    await expect(nearestNeighbours(session, test, scattered(3, 20, 1), 4)).rejects.toThrow(
      'nearestNeighbours: k must be a whole number from 1 to 3, as many rows as there are to find, got 4',
    );
  });
});

describe('squaredDistances', () => {
  it('visits every row once, in blocks, without negative values', async () => {
    const rows: number[] = [];
    const all: number[] = [];
    const many = scattered(1500, 4, 9);
    await squaredDistances(session, many, many, (first, { shape, data }) => {
      rows.push(first, shape[0]!);
      for (const value of data) all.push(value);
    });
    expect(rows).toEqual([0, 1024, 1024, 476]);
    expect(all).toHaveLength(1500 * 1500);
    expect(all.every((value) => value >= 0)).toBe(true);
  });
});

describe('kMeans', () => {
  it('finds clusters that lie apart, with every round nearer', async () => {
    const data = Float32Array.from({ length: 400 }, (_, i) => (i % 4) * 100 + (((i * 37) % 11) - 5) / 10);
    const rows: Tensor<'float32'> = { dtype: 'float32', shape: [400, 1], data };
    const { centroids, meanSquaredDistances } = await kMeans(session, rows, {
      clusters: 8,
      rounds: 6,
      seed: 3,
    });
    expect(centroids.shape).toEqual([8, 1]);
    for (const [i, value] of meanSquaredDistances.slice(1).entries())
      expect(value).toBeLessThanOrEqual(meanSquaredDistances[i]!);
    expect(meanSquaredDistances.at(-1)).toBeLessThan(0.2);
  });

  it('refuses more clusters than rows', async () => {
    await expect(kMeans(session, test, { clusters: 91, rounds: 1, seed: 1 })).rejects.toThrow(
      'kMeans: clusters must be a whole number from 1 to 90, got 91',
    );
  });
});

describe('parzenBaselines', () => {
  it('scores centroids above the data itself, and a single Gaussian by its closed form', async () => {
    const {
      trainingData,
      kMeans: centroids,
      gaussian,
    } = await parzenBaselines(session, {
      train: samples,
      validation,
      test,
      count: 60,
      seed: 1,
    });
    expect(centroids).toBeGreaterThan(trainingData);
    const means = Array.from({ length: 20 }, (_, axis) => {
      let total = 0;
      for (let row = 0; row < 300; row++) total += samples.data[row * 20 + axis]!;
      return total / 300;
    });
    const spread = ({ shape, data }: Tensor<'float32'>) => {
      let total = 0;
      for (let at = 0; at < data.length; at++) total += (data[at]! - means[at % 20]!) ** 2;
      return total / shape[0]!;
    };
    // The deviation of largest likelihood on the validation images.
    const variance = spread(validation) / 20;
    const expected = -10 * Math.log(2 * Math.PI * variance) - spread(test) / (2 * variance);
    expect(gaussian).toBeCloseTo(expected, 2);
  });
});
