import * as Plot from '@observablehq/plot';
import { panels } from '../../figures/panels.ts';
import { plotSvg, powerOfTen } from '../../figures/plot.ts';
import { streamOf } from '../../random/threefry.ts';
import { fillUniform } from '../../random/uniform.ts';
import {
  bestResponse,
  cellCriterion,
  type Descent,
  type DescentStep,
  descend,
  exponentiatedGradient,
  type Probabilities,
  payoff,
  probabilities,
  projectedGradient,
} from '../../theory/function-space.ts';
import { atLeast, atMost, near, type Statement, shown } from '../statement.ts';
import { apart, paper } from './colours.ts';

const LOG_4 = Math.log(4);
const CASES = 10_000;
const STEPS = 1000;
/** Rounding of sums of a few logarithms. */
const ROUNDING = 1e-12;

const key = { seed: 1, stream: streamOf('theory/cells') };

/** Two to nine cells whose probabilities differ by up to e^8. */
function randomCells(step: number, cells: number): Probabilities {
  const u = new Float32Array(9);
  fillUniform(key, step, u, -4, 4);
  return probabilities(u.subarray(0, cells).map((value) => Math.exp(value)));
}

interface RandomCases {
  readonly affine: number;
  readonly convex: number;
  /** By eta: how often one step raised C, and the most that it did. */
  readonly rises: readonly { readonly eta: number; readonly count: number; readonly most: number }[];
}

function randomCases(): RandomCases {
  let [affine, convex] = [0, Number.NEGATIVE_INFINITY];
  const rises = [0.1, 0.5, 1, 2].map((eta) => ({
    eta,
    step: exponentiatedGradient(eta),
    count: 0,
    most: Number.NEGATIVE_INFINITY,
  }));
  const shares = new Float32Array(2);
  for (let i = 0; i < CASES; i++) {
    fillUniform({ ...key, stream: streamOf('theory/shares') }, i, shares, 0, 1);
    const cells = 2 + Math.floor(8 * shares[0]!);
    const share = shares[1]!;
    const [data, p, q, other] = [0, 1, 2, 3].map((j) => randomCells(4 * i + j, cells)) as [
      Probabilities,
      Probabilities,
      Probabilities,
      Probabilities,
    ];
    const mixed = p.map((value, cell) => share * value + (1 - share) * q[cell]!);
    // Any D will do: here the one that is optimal for a fourth distribution.
    const d = bestResponse(data, other);
    affine = Math.max(
      affine,
      Math.abs(payoff(data, mixed, d) - share * payoff(data, p, d) - (1 - share) * payoff(data, q, d)),
    );
    const chord = share * cellCriterion(data, p) + (1 - share) * cellCriterion(data, q);
    convex = Math.max(convex, cellCriterion(data, mixed) - chord);
    for (const row of rises) {
      const rise = cellCriterion(data, row.step(data, p)) - cellCriterion(data, p);
      row.most = Math.max(row.most, rise);
      if (rise > ROUNDING) row.count++;
    }
  }
  return { affine, convex, rises };
}

const cell = (i: number): number => -4 + i / 5;
const bell = (x: number, mean: number, deviation: number): number =>
  Math.exp(-0.5 * ((x - mean) / deviation) ** 2);
const on41 = (f: (x: number) => number): Probabilities =>
  probabilities(Array.from({ length: 41 }, (_, i) => f(cell(i))));

interface Named extends Descent {
  readonly name: string;
}

const rising = ({ values }: Descent): number =>
  values.filter((value, i) => i > 0 && value > values[i - 1]! + ROUNDING).length;

function curves(title: string, runs: readonly Named[], colours: readonly string[]): string {
  const rows = runs.flatMap(({ name, values }) =>
    values.map((value, step) => ({ name, step: step + 1, excess: Math.max(value + LOG_4, 1e-13) })),
  );
  return plotSvg({
    width: 460,
    height: 330,
    title,
    grid: true,
    color: { legend: true, domain: runs.map(({ name }) => name), range: [...colours] },
    x: { type: 'log', label: 'step, counted from 1', ticks: 4, tickFormat: '~s' },
    y: { type: 'log', label: 'C + log 4, nats', domain: [1e-13, 3], ticks: 6, tickFormat: powerOfTen },
    marks: [Plot.lineY(rows, { x: 'step', y: 'excess', stroke: 'name', strokeWidth: 1.75, clip: true })],
  });
}

function snapshots(
  data: Probabilities,
  start: Probabilities,
  step: DescentStep,
  at: readonly number[],
  title: string,
): string {
  const rows = at.flatMap((steps) =>
    Array.from(descend(data, start, step, steps).model, (p, i) => ({
      x: cell(i),
      p,
      steps: `${steps} steps`,
    })),
  );
  return plotSvg({
    width: 460,
    height: 250,
    title,
    color: {
      legend: true,
      domain: at.map((steps) => `${steps} steps`),
      range: ['#b8d8be', '#7fbf8c', '#2a8a3a', '#11521d'].slice(-at.length),
    },
    x: { label: 'x' },
    y: { label: 'probability of a cell', domain: [0, 0.12], grid: true },
    marks: [
      Plot.lineY(rows, { x: 'x', y: 'p', stroke: 'steps', strokeWidth: 2, clip: true }),
      Plot.lineY(data, {
        x: (_: number, i: number) => cell(i),
        y: (p: number) => p,
        stroke: paper.data,
        strokeDasharray: '2,3',
        strokeWidth: 2,
      }),
    ],
  });
}

/** Proposition 2: convexity, and descent on pg itself in the geometry that suits it, and in one that does not. */
export function propositionTwo(): Statement {
  const random = randomCases();
  const data = on41((x) => bell(x, -2, 0.5) + bell(x, 2, 0.5));
  const start = on41((x) => bell(x, -2, 1));
  const run = (name: string, step: DescentStep): Named => ({ name, ...descend(data, start, step, STEPS) });
  const exponentiated = [0.1, 0.5, 1, 2].map((eta) => run(`η = ${eta}`, exponentiatedGradient(eta)));
  const plain = [0.1, 0.01, 0.001].map((eta) => run(`η = ${eta}`, projectedGradient(eta)));
  const [slow, middle, whole, double] = exponentiated as [Named, Named, Named, Named];
  const excess = ({ values }: Descent): number => values.at(-1)! + LOG_4;
  const average = exponentiatedGradient(1)(data, start).map((p, i) =>
    Math.abs(p - (data[i]! + start[i]!) / 2),
  );
  const least = Math.min(...plain.flatMap(({ values }) => values.slice(-100).map((value) => value + LOG_4)));
  const upTo1 = random.rises.filter(({ eta }) => eta <= 1);
  const at2 = random.rises.find(({ eta }) => eta === 2)!;

  return {
    id: 'proposition-2',
    title: 'Descent on pg itself, with D optimal at every step, reaches the data',
    formula: String.raw`\begin{aligned}
U(\lambda p + (1-\lambda) q, D) &= \lambda U(p, D) + (1-\lambda) U(q, D) \\
C(\lambda p + (1-\lambda) q) &\le \lambda C(p) + (1-\lambda) C(q) \\
p_g &\leftarrow \frac{1}{Z}\, p_g \left(\frac{p_g}{p_{\mathrm{data}} + p_g}\right)^{-\eta}
\end{aligned}`,
    source: 'Goodfellow et al. 2014, Proposition 2; the geometry: Kivinen and Warmuth 1997',
    text: [
      `For a fixed D the payoff U is an expectation under pg: affine in pg. C is the largest of such functions, so it is convex, with the data as its only minimum. Checked on ${CASES.toLocaleString('en')} random triples of distributions over two to nine cells.`,
      `A small step down therefore helps, but what is small? The derivative of C by pg is log(1 - D\\*), which has no bound where pg is tiny beside the data. Exponentiated gradient, steepest descent where distance is KL, multiplies instead of adding. From a start that covers one of two modes (41 cells), it falls at every step for η = 0.1, 0.5 and 1; η = 1 is pg ← (pg + pdata)/2. On random pairs no step with η ≤ 1 raised C; with η = 2, ${((100 * at2.count) / CASES).toFixed(1)} % did, by up to ${shown(at2.most, 3)} nats, and so does the first step of the run below. (Near the data η = 2 is the fastest of all: what it loses is the promise that C falls.)`,
      `Plain gradient descent, projected back on the simplex, keeps no such promise at any step that gets anywhere: cells that were set to 0 jump up, overshoot and are set to 0 again. After ${STEPS} steps it is still ${shown(least, 3)} nats or more from the minimum, where exponentiated gradient with η = 0.5 is at ${shown(Math.max(0, excess(middle)), 2)}.`,
    ],
    checks: [
      atMost(`largest |U(mix) - mix of U|, ${CASES} cases`, random.affine, ROUNDING),
      atMost(`largest C(mix) - mix of C, ${CASES} cases`, random.convex, ROUNDING),
      ...upTo1.map(({ eta, count }) => atMost(`random pairs where a step of η = ${eta} raised C`, count, 0)),
      ...[slow, middle, whole].map((descent) =>
        atMost(`steps of the run with ${descent.name} that raised C`, rising(descent), 0),
      ),
      atMost('C + log 4 at the end of the run with η = 0.5', excess(middle), 1e-12),
      atMost('largest difference of a step of η = 1 from (pg + pdata)/2', Math.max(...average), 1e-15),
      atLeast('random pairs where a step of η = 2 raised C', at2.count, 1),
      atLeast('steps of the run with η = 2 that raised C', rising(double), 1),
      atLeast('smallest C + log 4 over the last 100 steps of projected descent, any η', least, 1e-3),
      near('C + log 4 where pg = pdata', cellCriterion(data, data) + LOG_4, 0, ROUNDING),
    ],
    tables: [
      {
        columns: [
          '',
          ...exponentiated.map(({ name }) => name),
          ...plain.map(({ name }) => `projected, ${name}`),
        ],
        rows: [
          ['steps that raised C', ...[...exponentiated, ...plain].map(rising)],
          [
            `C + log 4 after ${STEPS} steps`,
            ...[...exponentiated, ...plain].map((descent) => shown(Math.max(0, excess(descent)), 2)),
          ],
        ],
      },
    ],
    figures: [
      {
        name: 'theory-descent',
        svg: panels(
          [
            curves('Exponentiated gradient', exponentiated, [apart[0]!, apart[2]!, apart[4]!, apart[1]!]),
            curves('Plain gradient, projected', plain, [apart[1]!, apart[3]!, apart[6]!]),
            snapshots(data, start, exponentiatedGradient(0.5), [0, 2, 5, 20], 'pg with η = 0.5; data dotted'),
            snapshots(
              data,
              start,
              projectedGradient(0.01),
              [999, 1000],
              'pg, projected, η = 0.01: two steps in turn',
            ),
          ],
          { columns: 2 },
        ),
        caption:
          'Above: distance of C from its minimum, step by step. Below: pg on the way to the data, and pg that jumps between two states for ever.',
      },
    ],
  };
}
