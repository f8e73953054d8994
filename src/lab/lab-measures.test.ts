import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { ring8 } from '../data/toy.ts';
import { LocalSession } from '../runtime/local-session.ts';
import { openNodeExecutor } from '../runtime/node.ts';
import { requireMasses } from '../theory/cell-divergences.ts';
import type { Samples1d } from '../theory/change-of-variables.ts';
import { type Density, gaussianDensity, gaussianMixture, uniformDensity } from '../theory/density.ts';
import {
  criterion,
  gaussianKullbackLeibler,
  jensenShannon,
  optimalDiscriminator,
} from '../theory/divergences.ts';
import type { Interval } from '../theory/quadrature.ts';
import { densityOf } from '../theory/toy-densities.ts';
import { labDistribution } from './lab-data.ts';
import { LabGame } from './lab-game.ts';
import { cellGrid, countInCells } from './lab-histogram.ts';
import { exactMeasures, histogramMeasures, LabMeter } from './lab-measures.ts';
import { defaultLabState, type LabState } from './lab-state.ts';
import { labBox } from './lab-view.ts';

interface ReferenceState {
  readonly data: readonly {
    readonly centre: readonly number[];
    readonly deviation: number;
    readonly weight: number;
  }[];
  readonly box: readonly Interval[];
  readonly size: number;
  readonly samplesIn1024ths: readonly number[];
  readonly histogram: {
    readonly jsd: number;
    readonly cOfG: number;
    readonly klDataModel: number;
    readonly klModelData: number;
    readonly optimal: readonly (readonly [cell: number, value: number])[];
  };
  readonly generator?: Readonly<Record<'a' | 'b' | 'c' | 'd', number>>;
  readonly exact?: {
    readonly jsd: number;
    readonly optimal: readonly (readonly [x: number, value: number])[];
  };
}

const { states } = JSON.parse(
  readFileSync(new URL('../../test/reference/lab.json', import.meta.url), 'utf8'),
) as { readonly states: readonly ReferenceState[] };

/** D says 1/2 of a point: what measures of the densities do not look at. */
const judged = (point: readonly number[]) => ({
  real: Float32Array.from(point),
  fake: Float32Array.from(point),
  ofReal: Float32Array.of(0),
  ofFake: Float32Array.of(0),
});

/** G(z) = a z + b + c tanh(d z), uniform z. */
function mapOf({ a, b, c, d }: NonNullable<ReferenceState['generator']>): Samples1d {
  const reach = Math.sqrt(3);
  const z = Float64Array.from({ length: 1025 }, (_, i) => reach * (i / 512 - 1));
  return {
    interval: [-reach, reach],
    values: z.map((at) => a * at + b + c * Math.tanh(d * at)),
    slopes: z.map((at) => a + (c * d) / Math.cosh(d * at) ** 2),
  };
}

describe('ten random states, beside numpy and scipy', () => {
  it.each(states.map((state, index) => ({ index, state })))(
    'state $index: JSD, C(G), both KL and D* of the same samples and cells to 1e-6',
    ({ state: { data, box, size, samplesIn1024ths, histogram } }) => {
      const density = gaussianMixture(data);
      const samples = Float32Array.from(samplesIn1024ths, (step) => step / 1024);
      const counted = countInCells(cellGrid(density, box, size), samples);
      const { numbers, densities } = histogramMeasures(density, counted, judged(data[0]!.centre));
      expect(numbers.jsd).toBeCloseTo(histogram.jsd, 6);
      expect(-Math.log(4) + 2 * numbers.jsd).toBeCloseTo(histogram.cOfG, 6);
      expect(numbers.klDataModel).toBeCloseTo(histogram.klDataModel, 6);
      expect(numbers.klModelData).toBeCloseTo(histogram.klModelData, 6);
      expect(histogram.optimal.length).toBeGreaterThan(3);
      for (const [cell, value] of histogram.optimal) expect(densities.optimal[cell]).toBeCloseTo(value, 6);
    },
  );

  it.each(states.filter(({ exact }) => exact).map((state, index) => ({ index, state })))(
    'state $index on the line: JSD and D* of the exact density to 1e-6',
    ({ state: { data, box, generator, exact } }) => {
      const density = gaussianMixture(data);
      const { numbers } = exactMeasures(density, mapOf(generator!), box, judged([0]));
      expect(numbers.jsd).toBeCloseTo(exact!.jsd, 6);
      expect(numbers.jsdError).toBeLessThan(1e-5);
      expect(numbers.jsdBias).toBe(0);
      for (const [x, value] of exact!.optimal) {
        const one = exactMeasures(density, mapOf(generator!), [[x, x + 1]], judged([0]));
        expect(one.densities.optimal[0]).toBeCloseTo(value, 6);
      }
    },
  );
});

const sessions: LocalSession[] = [];
afterAll(() => Promise.all(sessions.map((session) => session.release())));

/** A game on the line whose generator is affine, after some steps; and its weight and bias. */
async function affineGame(index: number): Promise<{ lab: LabGame; state: LabState; w: number; b: number }> {
  const start = defaultLabState('gaussians-1d');
  const state: LabState = {
    ...start,
    data: {
      kind: 'gaussians-1d',
      gaussians: [{ centre: [-1.5 + 0.3 * index], deviation: 0.4 + 0.1 * (index % 4), weight: 1 }],
    },
    latent: { distribution: index % 2 === 0 ? 'gaussian' : 'uniform', dimension: 1 },
    generator: { ...start.generator, depth: 0, learningRate: 0.02 },
    discriminator: { ...start.discriminator, depth: 1, width: 8 },
    batch: 16,
    seed: 100 + index,
  };
  const lab = await LabGame.open({
    state,
    dataset: labDistribution(state.data)!,
    openSession: async () => {
      const session = new LocalSession(await openNodeExecutor({ device: 'wasm' }));
      sessions.push(session);
      return session;
    },
  });
  if (index > 0) await lab.run(7 * index);
  const { 'generator/dense1/weight': weight, 'generator/dense1/bias': bias } = await lab.session.readState();
  return { lab, state, w: Number(weight!.data[0]), b: Number(bias!.data[0]) };
}

describe('ten states of a game with an affine generator, beside the closed form', () => {
  it.each(Array.from({ length: 10 }, (_, index) => index))(
    'state %i: JSD, C(G), KL and D* to 1e-3',
    async (index) => {
      const { lab, state, w, b } = await affineGame(index);
      const distribution = labDistribution(state.data)!;
      const density = densityOf(distribution);
      const { centre, deviation: s } = distribution.components![0]!;
      const m = centre[0]!;
      const half = Math.sqrt(3) * Math.abs(w);
      const isGaussian = state.latent.distribution === 'gaussian';
      const model: Density = isGaussian
        ? gaussianDensity([b], Math.abs(w))
        : uniformDensity([[b - half, b + half]]);
      const { numbers, densities } = await new LabMeter(lab, distribution, labBox(distribution)).measure(
        false,
      );
      expect(densities.method).toBe('exact');
      expect(numbers.jsd).toBeCloseTo(jensenShannon(density, model).value, 3);
      expect(numbers.cOfG).toBeCloseTo(criterion(density, model).value, 3);
      const klModelData = isGaussian
        ? gaussianKullbackLeibler([[b], Math.abs(w)], [[m], s])
        : -Math.log(2 * half) +
          Math.log(s * Math.sqrt(2 * Math.PI)) +
          ((b - m) ** 2 + half ** 2 / 3) / (2 * s * s);
      expect(Math.abs(numbers.klModelData! / klModelData - 1)).toBeLessThan(1e-3);
      // Beyond 30 deviations of the samples their density is no number; 1e-12 of the data lies beyond 7 of its own.
      if (isGaussian && 30 * Math.abs(w) > Math.abs(m - b) + 7.1 * s) {
        const klDataModel = gaussianKullbackLeibler([[m], s], [[b], Math.abs(w)]);
        expect(Math.abs(numbers.klDataModel! / klDataModel - 1)).toBeLessThan(1e-3);
      } else expect(numbers.klDataModel).toBe(Number.POSITIVE_INFINITY);
      const [[low, high]] = labBox(distribution) as [Interval];
      for (const i of [40, 160, 200, 240, 280, 320, 440]) {
        const x = low + ((high - low) * i) / (densities.size - 1);
        const optimal = optimalDiscriminator(density, model, x);
        // At the very edge of a uniform pg one x may lie on either side.
        if (isGaussian || Math.abs(Math.abs(x - b) - half) > 1e-3)
          expect(densities.optimal[i]).toBeCloseTo(optimal, 3);
      }
    },
  );
});

describe('masses', () => {
  const density = densityOf(ring8);
  const box = labBox(ring8);

  it('of a histogram that was divided by the wrong number are refused, as the 0.342 of another lab', () => {
    const { masses, outside } = cellGrid(density, box, 30);
    const sum = masses.reduce((total, mass) => total + mass, outside);
    expect(sum).toBeCloseTo(1, 9);
    const wrong = { ...density, mass: (across: Interval, up?: Interval) => 0.342 * density.mass(across, up) };
    // The probability outside is 1 - 0.342 then; without it the histogram sums to what it was planted with.
    expect(() =>
      requireMasses(
        'histogram',
        masses.map((mass) => 0.342 * mass),
      ),
    ).toThrow(/masses must sum to 1, got 0.342/);
    const leaky: Density = {
      ...wrong,
      mass: (across, up) => (across === box[0] ? density.mass(across, up) : wrong.mass(across, up)),
    };
    expect(() => cellGrid(leaky, box, 30)).toThrow(/cellGrid: masses must sum to 1, got 0.342/);
  });

  it('would have given a JSD that no generator can have: the check stands before it', () => {
    const { masses, outside } = cellGrid(density, box, 30);
    const all = [...masses, outside];
    // Half of KL(p || m) + KL(q || m) where p sums to 0.342 and q is perfect.
    const jsd = all.reduce((total, p) => {
      if (p === 0) return total;
      const [wrong, m] = [0.342 * p, (0.342 * p + p) / 2];
      return total + 0.5 * (wrong * Math.log(wrong / m) + p * Math.log(p / m));
    }, 0);
    expect(jsd).toBeGreaterThan(0.08);
    expect(() =>
      requireMasses(
        'data',
        all.map((p) => 0.342 * p),
      ),
    ).toThrow(/sum to 1/);
  });
});
