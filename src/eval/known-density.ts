import type { Distribution } from '../data/dataset.ts';
import { ConfigError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';
import { streamOf } from '../random/threefry.ts';
import type { Density } from '../theory/density.ts';
import { densityOf } from '../theory/toy-densities.ts';
import { requireSamples } from './sample-check.ts';

/** How samples are compared with the density that they should have. */
export interface KnownDensityOptions {
  /** Of the real draws that are evaluated beside the samples, uint32; default 1. */
  readonly seed?: number;
  /** Edge of a cell in the data's units; default the density's smallest deviation in the plane, a quarter of it on the line, where cells are few. */
  readonly cellWidth?: number;
}

/** How the numbers came about. */
export interface KnownDensityProtocol {
  readonly estimator: string;
  /** In the data's units. */
  readonly cellWidth: number;
  readonly samples: number;
  /** Cells with at least one sample. */
  readonly occupiedCells: number;
  /** Of the real draws beside them, as many as there are samples. */
  readonly seed: number;
}

/** A measure, its error, and what real data scores: the part of it that is the estimator's own. */
interface Estimate {
  readonly value: number;
  /** Of sampling; the bias is not in it. */
  readonly standardError: number;
  /** The same measure of as many fresh draws of the data itself: a perfect generator scores this, not 0. */
  readonly realData: number;
}

/** Samples against the exact density of their data. */
export interface KnownDensityMeasures {
  /** Jensen-Shannon divergence in nats, in [0, log 2]. */
  readonly jsd: Estimate & { readonly protocol: KnownDensityProtocol };
  /** Kullback-Leibler divergences in nats, both ways. */
  readonly kl: {
    /** `KL(data || model)`: grows where samples are missing, up to log(n + 1). */
    readonly dataToModel: number;
    /** `KL(model || data)`: grows where samples are that data is not, without bound. */
    readonly modelToData: number;
    readonly standardErrors: { readonly dataToModel: number; readonly modelToData: number };
    /** What as many fresh draws of the data itself score. */
    readonly realData: { readonly dataToModel: number; readonly modelToData: number };
    readonly protocol: KnownDensityProtocol;
  };
}

/** Samples are left out in turn by so many groups, for the standard errors. */
const GROUPS = 20;

/** One cell that holds samples: how many, of each group, and the exact probability p of the cell, as a logarithm too. */
interface Cell {
  readonly counts: Uint32Array;
  readonly p: number;
  readonly logP: number;
}

function cellsOf(points: Float32Array, density: Density, width: number): Cell[] {
  const { dimension } = density;
  const cells = new Map<string, Cell>();
  for (let row = 0; row * dimension < points.length; row++) {
    const place = points.subarray(row * dimension, (row + 1) * dimension);
    const indices = Array.from(place, (x) => Math.floor(x / width));
    const key = indices.join(' ');
    const cell = cells.get(key) ?? emptyCell(indices, density, width);
    cells.set(key, cell);
    cell.counts[row % GROUPS]!++;
  }
  return [...cells.values()];
}

function emptyCell(indices: readonly number[], density: Density, width: number): Cell {
  const box = indices.map((i) => [i * width, (i + 1) * width] as const);
  const p = density.mass(box[0]!, box[1]);
  const middle = indices.map((i) => (i + 0.5) * width);
  // So far out that the probability is no number, its logarithm still is.
  const logP =
    p > 1e-300
      ? Math.log(p)
      : density.logDensity(middle[0]!, middle[1]) + density.dimension * Math.log(width);
  return { counts: new Uint32Array(GROUPS), p, logP };
}

type Divergences = readonly [jsd: number, dataToModel: number, modelToData: number];

/** @param without - the group that is left out; none by default */
function divergences(cells: readonly Cell[], n: number, without = -1): Divergences {
  let covered = 0;
  let jsd = 0;
  let dataToModel = 0;
  let modelToData = 0;
  for (const { counts, p, logP } of cells) {
    let count = 0;
    for (let group = 0; group < GROUPS; group++) if (group !== without) count += counts[group]!;
    if (count === 0) continue;
    const q = count / n;
    const logM = Math.log((q + p) / 2);
    covered += p;
    jsd += 0.5 * ((p === 0 ? 0 : p * (logP - logM)) + q * (Math.log(q) - logM));
    if (p > 0) dataToModel += p * (logP - Math.log((count + p) / (n + 1)));
    modelToData += q * (Math.log(q) - logP);
  }
  // Cells without a sample need not be enumerated: p log(p / (p / 2)) sums to log 2 times what they hold, and one more
  // sample, spread as the data, makes it log(n + 1) times for KL(data || model).
  const missed = Math.max(0, 1 - covered);
  return [Math.max(0, jsd + 0.5 * Math.LN2 * missed), dataToModel + Math.log(n + 1) * missed, modelToData];
}

/** Standard errors by leaving out one group after the other (the jackknife); NaN for fewer samples than groups. */
function standardErrors(cells: readonly Cell[], n: number): Divergences {
  if (n < GROUPS) return [Number.NaN, Number.NaN, Number.NaN];
  const parts = Array.from({ length: GROUPS }, (_, group) =>
    divergences(cells, n - Math.floor((n + GROUPS - 1 - group) / GROUPS), group),
  );
  const spread = (at: 0 | 1 | 2): number => {
    const mean = parts.reduce((sum, part) => sum + part[at], 0) / GROUPS;
    const squares = parts.reduce((sum, part) => sum + (part[at] - mean) ** 2, 0);
    return Math.sqrt(((GROUPS - 1) / GROUPS) * squares);
  };
  return [spread(0), spread(1), spread(2)];
}

/**
 * Divergences between samples and the exact density of a toy set. The line or plane is cut into cells; a cell's share of the
 * samples is compared with its exact probability (error functions, no draws). Cells blur what is finer than they are, which
 * makes divergences smaller; few samples a cell make them larger, by about (occupied cells - 1) / 8n for the JSD. How much
 * that is stands beside each number: what as many real draws score.
 *
 * For KL(data || model) one further sample is counted that is spread like the data, so that a cell without samples costs
 * log(n + 1) nats and not infinitely many.
 *
 * @param samples - float32 [N, d], in the data's units
 * @throws ShapeError, DataError where samples are no finite points of the data's dimension; ConfigError where the density is
 *   not known or the cell width is not positive
 */
export function knownDensityMeasures(
  samples: Tensor<'float32'>,
  distribution: Distribution,
  { seed = 1, cellWidth }: KnownDensityOptions = {},
): KnownDensityMeasures {
  const density = densityOf(distribution);
  const { count: n } = requireSamples('knownDensityMeasures', samples, {
    name: 'samples',
    dimension: density.dimension,
  });
  const width = cellWidth ?? (density.dimension === 1 ? density.scale / 4 : density.scale);
  if (!(width > 0 && Number.isFinite(width)))
    throw new ConfigError(`knownDensityMeasures: cellWidth must be positive and finite, got ${width}`);

  const cells = cellsOf(samples.data, density, width);
  const model = divergences(cells, n);
  const errors = standardErrors(cells, n);
  const draws = new Float32Array(n * density.dimension);
  distribution.draw({ seed, stream: streamOf('evaluate/real') }, 0, draws);
  const real = divergences(cellsOf(draws, density, width), n);
  const protocol: KnownDensityProtocol = {
    estimator: 'histogram of the samples against exact probabilities of its cells',
    cellWidth: width,
    samples: n,
    occupiedCells: cells.length,
    seed,
  };
  return {
    jsd: { value: model[0], standardError: errors[0], realData: real[0], protocol },
    kl: {
      dataToModel: model[1],
      modelToData: model[2],
      standardErrors: { dataToModel: errors[1], modelToData: errors[2] },
      realData: { dataToModel: real[1], modelToData: real[2] },
      protocol,
    },
  };
}
