import * as Plot from '@observablehq/plot';
import { gaussians1d, mixture, ring8 } from '../../data/toy.ts';
import { plotSvg } from '../../figures/plot.ts';
import { streamOf } from '../../random/threefry.ts';
import { fillUniform } from '../../random/uniform.ts';
import { type Density, gaussianDensity, gaussianMixture, uniformDensity } from '../../theory/density.ts';
import { criterion, criterionByDivergences, jensenShannon } from '../../theory/divergences.ts';
import { densityOf } from '../../theory/toy-densities.ts';
import { atLeast, atMost, near, type Statement, shown } from '../statement.ts';
import { apart } from './colours.ts';

const LOG_4 = Math.log(4);
const RANDOM_PAIRS = 40;

/** Mixtures of one to three Gaussians from a stream of random numbers. */
function randomMixture(step: number): Density {
  const u = new Float32Array(12);
  fillUniform({ seed: 1, stream: streamOf('theory/mixtures') }, step, u, 0, 1);
  const parts = 1 + Math.floor(3 * u[0]!);
  return gaussianMixture(
    Array.from({ length: parts }, (_, i) => ({
      centre: [8 * u[1 + i]! - 4],
      deviation: 0.2 + 1.8 * u[4 + i]!,
      weight: 0.1 + u[7 + i]!,
    })),
  );
}

const routes = (data: Density, model: Density) => {
  const byLogarithms = criterion(data, model);
  const byDivergences = criterionByDivergences(data, model);
  return {
    jsd: jensenShannon(data, model).value,
    byLogarithms: byLogarithms.value,
    byDivergences: byDivergences.value,
    apart: Math.abs(byLogarithms.value - byDivergences.value),
    estimatedError: byLogarithms.error + byDivergences.error,
  };
};

/** Without the sign of a zero. */
const tenDigits = (value: number): string => value.toFixed(10).replace(/^-(0\.0+)$/, '$1');

function figure(): string {
  const standard = gaussianDensity([0], 1);
  const rows = Array.from({ length: 61 }, (_, i) => {
    const d = i / 10;
    return { d, c: criterion(standard, gaussianDensity([d], 1), { tolerance: 1e-8 }).value };
  });
  return plotSvg({
    width: 560,
    height: 320,
    title: 'C(G) where samples are N(d, 1) and data N(0, 1)',
    grid: true,
    x: { label: 'd' },
    y: { label: 'C, nats', domain: [-1.5, 0.1] },
    marks: [
      Plot.ruleY([-LOG_4, 0], { stroke: '#888', strokeDasharray: '3,3' }),
      Plot.text(
        [
          { x: 4.6, y: -LOG_4 + 0.07, t: '-log 4: equal, D* = 1/2' },
          { x: 1.2, y: 0.05, t: '0: disjoint, JSD = log 2' },
        ],
        { x: 'x', y: 'y', text: 't', fill: '#555' },
      ),
      Plot.lineY(rows, { x: 'd', y: 'c', stroke: apart[0]!, strokeWidth: 2.5 }),
    ],
  });
}

/** Theorem 1: C(G) = -log 4 + 2 JSD, at least -log 4. */
export function theoremOne(): Statement {
  const data = densityOf(gaussians1d());
  const pairs: [string, Density, Density][] = [
    ['equal: two Gaussians at ±2', data, data],
    ['N(0, 1) beside two at ±2', data, gaussianDensity([0], 1)],
    ['one of the two at ±2', data, gaussianDensity([2], 0.5)],
    ['N(0, 1) and N(0.3, 1.2²)', gaussianDensity([0], 1), gaussianDensity([0.3], 1.2)],
    ['N(-10, 0.5²) and N(10, 0.5²)', gaussianDensity([-10], 0.5), gaussianDensity([10], 0.5)],
  ];
  const named = pairs.map(([name, p, q]) => ({ name, ...routes(p, q) }));
  const random = Array.from({ length: RANDOM_PAIRS }, (_, i) =>
    routes(randomMixture(2 * i), randomMixture(2 * i + 1)),
  );
  const all = [...named, ...random];
  const disjoint = jensenShannon(uniformDensity([[0, 1]]), uniformDensity([[2, 3]])).value;

  const centres = ring8.modes!.centres.slice(0, 4);
  const half = mixture({
    name: 'half of ring8',
    fingerprint: 'half of ring8',
    centres,
    deviations: centres.map(() => ring8.modes!.standardDeviation),
    weights: centres.map(() => 1 / 4),
  });
  const plane = criterion(densityOf(ring8), densityOf(half), { tolerance: 1e-9 });
  // Half of the data is where samples are too, at twice the density: 1/2 log(1/3) + log(2/3) by hand.
  const planeByHand = 0.5 * Math.log(1 / 3) + Math.log(2 / 3);

  return {
    id: 'theorem-1',
    title: "The generator's criterion is the Jensen-Shannon divergence",
    formula: String.raw`C(G) = \max_D V(D, G) = -\log 4 + 2\,\mathrm{JSD}(p_{\mathrm{data}} \,\|\, p_g), \qquad 0 \le \mathrm{JSD} \le \log 2`,
    source: 'Goodfellow et al. 2014, Theorem 1',
    text: [
      `Put D* into the game and what is left for G is a distance between densities: smallest, -log 4 = ${shown(-LOG_4)}, exactly where they are equal; 0 where they do not meet. Two routes lead to C here. One integrates $\\log D^{\\ast}$ and $\\log(1 - D^{\\ast})$ by Gauss-Kronrod's rule, refined where it is not good enough. The other adds the divergences of both densities to their mean, by sums over equally spaced points. They share no formula and no points; over ${all.length} pairs, ${RANDOM_PAIRS} of them random mixtures, they differ by at most ${shown(Math.max(...all.map((row) => row.apart)))} nats.`,
      `In the plane: samples that miss half of ring8's modes. By hand, C = ½ log ⅓ + log ⅔ = ${shown(planeByHand, 8)}; by quadrature over the plane ${shown(plane.value, 8)}.`,
    ],
    checks: [
      atMost(
        `largest difference between the two routes to C, ${all.length} pairs, nats`,
        Math.max(...all.map((row) => row.apart)),
        1e-9,
      ),
      atMost(
        'largest |C - (-log 4 + 2 JSD)|, JSD by a third integral',
        Math.max(...all.map(({ byLogarithms, jsd }) => Math.abs(byLogarithms - (2 * jsd - LOG_4)))),
        1e-9,
      ),
      near('C where pg = pdata', named[0]!.byLogarithms, -LOG_4, 1e-9),
      near('JSD of two uniforms that do not meet', disjoint, Math.LN2, 1e-9),
      atLeast('smallest JSD of all pairs', Math.min(...all.map(({ jsd }) => jsd)), -1e-12),
      atMost(
        'largest JSD of all pairs, beyond log 2',
        Math.max(...all.map(({ jsd }) => jsd)) - Math.LN2,
        1e-9,
      ),
      near('C of half of ring8, in the plane', plane.value, planeByHand, 1e-8),
    ],
    tables: [
      {
        columns: ['densities', 'JSD', 'C by log D*', 'C by divergences', 'difference'],
        rows: named.map((row) => [
          row.name,
          shown(Math.max(0, row.jsd), 7),
          tenDigits(row.byLogarithms),
          tenDigits(row.byDivergences),
          shown(row.apart),
        ]),
      },
    ],
    figures: [
      {
        name: 'theory-criterion',
        svg: figure(),
        caption:
          'C from -log 4, where samples and data are one density, to 0, where they are far apart: there it is flat, and G learns nothing from the optimal D.',
      },
    ],
  };
}
