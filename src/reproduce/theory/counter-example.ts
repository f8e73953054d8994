import * as Plot from '@observablehq/plot';
import { plotSvg } from '../../figures/plot.ts';
import { criterion } from '../../theory/divergences.ts';
import { cellCriterion, probabilities } from '../../theory/function-space.ts';
import {
  descendOnParameter,
  generatorGradient,
  lopsided,
  type ParametricDescent,
} from '../../theory/parametric.ts';
import { atLeast, atMost, near, type Statement, shown } from '../statement.ts';
import { apart } from './colours.ts';

const DATA_AT = 2;
const STEPS = 60;

function figure(runs: readonly ParametricDescent[]): string {
  const data = lopsided(DATA_AT);
  const rows = Array.from({ length: 161 }, (_, i) => {
    const theta = -4 + i / 20;
    return { theta, c: criterion(data, lopsided(theta), { tolerance: 1e-8 }).value };
  });
  const steps = runs.flatMap(({ theta, values }, run) =>
    theta
      .slice(0, 25)
      .map((at, i) => ({ theta: at, c: values[i]!, start: `from θ = ${runs[run]!.theta[0]}` })),
  );
  return plotSvg({
    width: 600,
    height: 340,
    title: 'C as a function of one parameter',
    grid: true,
    color: {
      legend: true,
      domain: runs.map(({ theta }) => `from θ = ${theta[0]}`),
      range: [apart[2]!, apart[1]!],
    },
    x: { label: 'θ' },
    y: { label: 'C, nats', domain: [-1.45, 0] },
    marks: [
      Plot.ruleY([-Math.log(4)], { stroke: '#888', strokeDasharray: '3,3' }),
      Plot.lineY(rows, { x: 'theta', y: 'c', stroke: '#333', strokeWidth: 1.5, clip: true }),
      Plot.dot(steps, { x: 'theta', y: 'c', fill: 'start', r: 3.5, clip: true }),
      Plot.text(
        [
          { x: DATA_AT, y: -1.39, t: 'pg = pdata' },
          { x: -DATA_AT, y: -1.22, t: 'weights the wrong way round' },
        ],
        {
          x: 'x',
          y: 'y',
          text: 't',
          textAnchor: 'start',
          dx: 14,
          dy: 4,
          stroke: 'white',
          strokeWidth: 4,
          fill: '#222',
        },
      ),
    ],
  });
}

/** The caveat of Proposition 2: convex in pg is not convex in theta. */
export function counterExample(): Statement {
  const data = lopsided(DATA_AT);
  const [right, left] = [0.2, -0.2].map((start) =>
    descendOnParameter(lopsided, data, start, { steps: STEPS }),
  ) as [ParametricDescent, ParametricDescent];
  const restAt = left.theta.at(-1)!;
  const excess = left.values.at(-1)! + Math.log(4);
  const coins = cellCriterion(probabilities([0.7, 0.3]), probabilities([0.3, 0.7])) + Math.log(4);
  return {
    id: 'parameters',
    title: 'With parameters θ descent need not converge to the data',
    formula: String.raw`\begin{aligned}
p_\theta &= 0.7\,N(\theta, 0.5^2) + 0.3\,N(-\theta, 0.5^2), \qquad p_{\mathrm{data}} = p_2 \\
\theta &\leftarrow \theta - \eta\, \frac{d}{d\theta} U(p_\theta, D^*)
\end{aligned}`,
    source: 'the caveat after Proposition 2 of Goodfellow et al. 2014; this counter-example is ours',
    text: [
      `Proposition 2 moves pg. Training moves θ, and C is not convex in θ. One parameter is enough: a family that contains the data, at θ = ${DATA_AT}. D is optimal at every step, all integrals are exact. From θ = ${right.theta[0]} descent arrives at θ = ${shown(right.theta.at(-1)!, 6)} and C = -log 4. From θ = ${left.theta[0]} it comes to rest at θ = ${shown(restAt, 6)}: both modes are where they should be with each other's weights, and any small change of θ moves both away. C there is ${shown(excess, 4)} nats above the minimum; a coin of 0.7 against one of 0.3 gives ${shown(coins, 4)}.`,
    ],
    checks: [
      near(`θ after ${STEPS} steps from ${right.theta[0]}`, right.theta.at(-1)!, DATA_AT, 1e-6),
      near(`C + log 4 there`, right.values.at(-1)! + Math.log(4), 0, 1e-9),
      near(`θ after ${STEPS} steps from ${left.theta[0]}`, restAt, -DATA_AT, 1e-2),
      atMost('slope of U there', Math.abs(generatorGradient(lopsided, data, restAt)), 1e-6),
      atLeast('C + log 4 there', excess, 0.1),
    ],
    figures: [
      {
        name: 'theory-parameters',
        svg: figure([right, left]),
        caption:
          'Two descents with D optimal at every step, each dot one step: one finds the data, the other a minimum of its own. Dashed: -log 4.',
      },
    ],
  };
}
