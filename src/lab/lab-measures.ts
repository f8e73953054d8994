import type { Distribution } from '../data/dataset.ts';
import { modeCoverage } from '../eval/modes.ts';
import { streamOf } from '../random/threefry.ts';
import { cellDivergences, histogramBias } from '../theory/cell-divergences.ts';
import { pushForward, type Samples1d } from '../theory/change-of-variables.ts';
import { type Density, densityAt } from '../theory/density.ts';
import { kullbackLeibler, optimalDiscriminator, softplus } from '../theory/divergences.ts';
import { mapDivergences } from '../theory/map-divergences.ts';
import type { Interval } from '../theory/quadrature.ts';
import { densityOf } from '../theory/toy-densities.ts';
import { sheetLatent } from '../train/sheet-latent.ts';
import type { LabGame } from './lab-game.ts';
import { type CellGrid, cellGrid, countInCells, type Histogram, optimalInCell } from './lab-histogram.ts';
import type { LabDensities, LabNumbers } from './lab-protocol.ts';

/** The part of the numbers that is measured on fresh samples and not logged. */
export type MeasuredNumbers = Omit<
  LabNumbers,
  'lossD' | 'lossG' | 'dReal' | 'dFake' | 'gradNormD' | 'gradNormG' | 'gradientStep'
>;

/** Measures of one moment. */
export interface LabMeasures {
  readonly densities: LabDensities;
  readonly numbers: MeasuredNumbers;
}

/** Cells an axis: 900 in the plane, so that 10,000 samples leave 11 for each; finer on the line. */
const CELLS = { 1: 120, 2: 30 } as const;
/** Fresh samples of a measurement. */
const SAMPLES = 10_000;
/** Of those, as many as D judges, and as many real points. */
const JUDGED = 2000;
/** Points at which densities are drawn where they are exact. */
const POINTS = 480;
/** Quadrature on the line stops here: on folds of G, where pg is infinite, more digits cost more than they say. */
const QUADRATURE = { tolerance: 1e-6, mostEvaluations: 30_000 } as const;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Mean, and its standard error. */
function meanOf(values: readonly number[]): { value: number; variance: number } {
  const value = values.reduce((sum, x) => sum + x, 0) / values.length;
  const squares = values.reduce((sum, x) => sum + (x - value) ** 2, 0);
  return { value, variance: squares / (values.length - 1) / values.length };
}

/** Whether pg is known exactly: the line, from one z. */
function hasExactModel(lab: LabGame): boolean {
  return lab.game.examples.shape[0] === 1 && lab.game.generator.network.inputShape[0] === 1;
}

/** Measures a game of points against the exact density of its data. */
export class LabMeter {
  readonly #lab: LabGame;
  readonly #distribution: Distribution;
  readonly #density: Density;
  readonly #box: readonly Interval[];
  #grid: CellGrid | undefined;

  constructor(lab: LabGame, distribution: Distribution, box: readonly Interval[]) {
    this.#lab = lab;
    this.#distribution = distribution;
    this.#density = densityOf(distribution);
    this.#box = box;
  }

  /**
   * Measures the game as it is now, on samples and real points that depend on seed and step alone: a link gives the same
   * numbers.
   */
  async measure(averaged: boolean): Promise<LabMeasures> {
    const { game, step, looks } = this.#lab;
    const { seed } = this.#lab.state;
    const { dimension } = this.#density;
    const z = sheetLatent(game, seed, SAMPLES, 'lab/latent', step).data;
    const samples = await looks.generate(z, averaged);
    const real = new Float32Array(JUDGED * dimension);
    this.#distribution.draw({ seed, stream: streamOf('lab/real') }, step, real);
    const fake = samples.subarray(0, JUDGED * dimension);
    const logits = await looks.judge(Float32Array.from([...real, ...fake]));
    const judged: Judged = {
      real,
      fake,
      ofReal: logits.subarray(0, JUDGED),
      ofFake: logits.subarray(JUDGED),
    };
    const { modes } = this.#distribution;
    const coverage = modes && modeCoverage(samples, modes);
    const measured = hasExactModel(this.#lab)
      ? exactMeasures(this.#density, await looks.curve(averaged), this.#box, judged)
      : histogramMeasures(this.#density, countInCells(this.#cells(), samples), judged);
    return {
      densities: { step, ...measured.densities },
      numbers: {
        step,
        ...gameValueOf(judged),
        ...measured.numbers,
        cOfG: -Math.log(4) + 2 * measured.numbers.jsd,
        modes: coverage?.covered,
        modesTotal: coverage?.total,
        highQuality: coverage?.highQualityFraction,
      },
    };
  }

  #cells(): CellGrid {
    this.#grid ??= cellGrid(this.#density, this.#box, CELLS[this.#density.dimension]);
    return this.#grid;
  }
}

/** Points with D's logits. */
interface Judged {
  readonly real: Float32Array;
  readonly fake: Float32Array;
  readonly ofReal: Float32Array;
  readonly ofFake: Float32Array;
}

/** V(D, G) on the judged points, and one standard error of it. */
function gameValueOf({ ofReal, ofFake }: Pick<Judged, 'ofReal' | 'ofFake'>): {
  readonly value: number;
  readonly valueError: number;
} {
  const real = meanOf(Array.from(ofReal, (logit) => -softplus(-logit)));
  const fake = meanOf(Array.from(ofFake, (logit) => -softplus(logit)));
  return { value: real.value + fake.value, valueError: Math.sqrt(real.variance + fake.variance) };
}

interface Divergences {
  readonly jsd: number;
  readonly jsdError: number;
  readonly jsdBias: number;
  readonly klDataModel: number;
  readonly klModelData: number;
  readonly distanceToOptimal: number;
  readonly method: string;
}

interface Measured {
  readonly densities: Omit<LabDensities, 'step'>;
  readonly numbers: Divergences;
}

/** Mean |D - D*| over real points and samples, half and half; points where D* is anything do not count. */
function distance(logits: Float32Array, optimal: (i: number) => number): number {
  let [sum, count] = [0, 0];
  for (const [i, logit] of logits.entries()) {
    const best = optimal(i);
    if (Number.isNaN(best)) continue;
    sum += Math.abs(sigmoid(logit) - best);
    count++;
  }
  return sum / count;
}

/** Measures from samples in cells. */
export function histogramMeasures(density: Density, histogram: Histogram, judged: Judged): Measured {
  const { grid, n, p, counts, cellOf } = histogram;
  const { jsd, jsdError, klPQ, klQP } = cellDivergences(histogram);
  const volume = grid.widths.reduce((product, width) => product * width, 1);
  const { length } = grid.masses;
  const realCells = countInCells(grid, judged.real);
  // Both counts number the cells of the box alike, and those beyond it each for itself.
  const ofReal = (i: number): number => {
    const cell = realCells.cellOf[i]!;
    return cell < length ? optimalInCell(histogram, cell) : Number.NaN;
  };
  const kind = density.dimension === 1 ? `${grid.size} cells` : `${grid.size} x ${grid.size} cells`;
  return {
    densities: {
      method: 'histogram',
      size: grid.size,
      data: grid.masses.map((mass) => mass / volume),
      model: Float64Array.from({ length }, (_, i) => counts[i]! / n / volume),
      optimal: Float64Array.from({ length }, (_, i) => optimalInCell({ p, counts, n }, i)),
      outside: { data: grid.outside, model: histogram.outside },
      samples: n,
    },
    numbers: {
      jsd,
      jsdError,
      jsdBias: histogramBias(histogram),
      klDataModel: klPQ,
      klModelData: klQP,
      distanceToOptimal:
        0.5 * distance(judged.ofReal, ofReal) +
        0.5 * distance(judged.ofFake, (i) => optimalInCell(histogram, cellOf[i]!)),
      method: `a histogram of ${n} fresh samples in ${kind} and on beyond the box, against the exact probability of each cell`,
    },
  };
}

/**
 * KL(p_data || p_g): Infinity where a part of the data has no samples, of a uniform z, or so few that their density is no
 * number, of a Gaussian one.
 */
function divergenceToModel(density: Density, model: Density): number {
  const [low, high] = model.bounds[0]!;
  const missed = 1 - density.mass([low, high]);
  if (missed > 1e-12) return Number.POSITIVE_INFINITY;
  const within: Density = { ...density, bounds: model.bounds };
  return kullbackLeibler(within, model, QUADRATURE).value;
}

/** Measures of a generator of one number from one number, whose density is known. */
export function exactMeasures(
  density: Density,
  map: Samples1d,
  box: readonly Interval[],
  judged: Judged,
): Measured {
  const model = pushForward(map, 'samples');
  // What the cubics between the points of z leave out shows when every second point is left out.
  const coarse: Samples1d = {
    ...map,
    values: map.values.filter((_, i) => i % 2 === 0),
    slopes: map.slopes.filter((_, i) => i % 2 === 0),
  };
  const { jsd, klQP } = mapDivergences(density, map, QUADRATURE);
  const coarser = mapDivergences(density, coarse, QUADRATURE).jsd;
  const [low, high] = box[0]!;
  const xs = Float64Array.from({ length: POINTS }, (_, i) => low + ((high - low) * i) / (POINTS - 1));
  const optimal = (x: number): number => optimalDiscriminator(density, model, x);
  return {
    densities: {
      method: 'exact',
      size: POINTS,
      data: xs.map((x) => densityAt(density, x)),
      model: xs.map((x) => densityAt(model, x)),
      optimal: xs.map(optimal),
      outside: { data: Math.max(0, 1 - density.mass(box[0]!)), model: Math.max(0, 1 - model.mass(box[0]!)) },
      samples: 0,
    },
    numbers: {
      jsd: jsd.value,
      jsdError: jsd.error + Math.abs(jsd.value - coarser.value),
      jsdBias: 0,
      klDataModel: divergenceToModel(density, model),
      klModelData: klQP.value,
      distanceToOptimal:
        0.5 * distance(judged.ofReal, (i) => optimal(judged.real[i]!)) +
        0.5 * distance(judged.ofFake, (i) => optimal(judged.fake[i]!)),
      method: 'pg exactly, by change of variables; integrals by Gauss-Kronrod quadrature',
    },
  };
}
