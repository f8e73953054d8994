import * as Plot from '@observablehq/plot';
import { panels } from '../../figures/panels.ts';
import { plotSvg, powerOfTen } from '../../figures/plot.ts';
import {
  classify,
  type Dynamics,
  diracMethods,
  diracTrajectory,
  jacobianEigenvalues,
  type Method,
  radius,
  type State,
  type Verdict,
} from '../../theory/dirac-gan.ts';
import { type Check, equals, near, type Statement, shown } from '../statement.ts';
import { apart } from './colours.ts';

const DYNAMICS: readonly Dynamics[] = ['simultaneous', 'alternating', 'continuous'];
const MARKS = [50, 500, 5000] as const;

/** What the literature says: which methods converge at the equilibrium; the rest does not, or slower than any exponential. */
const EXPECTED: Readonly<Record<string, readonly [Verdict, Verdict, Verdict]>> = {
  GAN: ['diverges', 'circles', 'circles'],
  NSGAN: ['slowly', 'slowly', 'slowly'],
  WGAN: ['circles', 'circles', 'circles'],
  'WGAN-GP': ['circles', 'circles', 'circles'],
  'instance noise': ['converges', 'converges', 'converges'],
  consensus: ['converges', 'converges', 'converges'],
  R1: ['converges', 'converges', 'converges'],
  R2: ['converges', 'converges', 'converges'],
  'NSGAN + R1': ['converges', 'converges', 'converges'],
};

interface Outcome {
  readonly method: Method;
  readonly dynamics: Dynamics;
  readonly states: readonly State[];
  readonly verdict: Verdict;
  readonly radii: readonly number[];
}

function outcomes(): Outcome[] {
  return diracMethods().flatMap((method) =>
    DYNAMICS.map((dynamics) => {
      const states = diracTrajectory(method, { dynamics });
      return {
        method,
        dynamics,
        states,
        verdict: classify(states),
        radii: MARKS.map((step) => radius(states[step]!)),
      };
    }),
  );
}

/** One method's path in the plane of theta and psi. */
function portrait({ method, states, verdict }: Outcome): string {
  const reach = 1.9;
  const arrows = [-1.5, -0.75, 0, 0.75, 1.5].flatMap((theta) =>
    [-1.5, -0.75, 0, 0.75, 1.5].flatMap((psi) => {
      const [a, b] = method.field([theta, psi]);
      const size = Math.hypot(a, b);
      if (!(size > 1e-9)) return [];
      const length = 0.3 / size;
      return [{ x1: theta, y1: psi, x2: theta + a * length, y2: psi + b * length }];
    }),
  );
  return plotSvg({
    width: 270,
    height: 262,
    title: method.name,
    subtitle: verdict === 'slowly' ? 'converges slowly' : verdict,
    x: { domain: [-reach, reach], label: 'θ', ticks: 5 },
    y: { domain: [-reach, reach], label: 'ψ', ticks: 5 },
    marks: [
      Plot.arrow(arrows, {
        x1: 'x1',
        y1: 'y1',
        x2: 'x2',
        y2: 'y2',
        stroke: '#bbb',
        headLength: 5,
        strokeWidth: 1,
      }),
      Plot.line(states.slice(0, 501), { stroke: apart[0]!, strokeWidth: 1.1, clip: true }),
      Plot.dot([[0, 0]], { r: 3.5, fill: apart[1]! }),
      Plot.dot([[1, 1]], { r: 3, fill: 'white', stroke: '#222' }),
    ],
  });
}

function distances(of: readonly Outcome[], dynamics: Dynamics): string {
  const rows = of
    .filter((outcome) => outcome.dynamics === dynamics && outcome.method.name !== 'R2')
    .flatMap(({ method, states }) =>
      // Even in the logarithm: a long run is a small file.
      Array.from({ length: 161 }, (_, i) => Math.round(5000 ** (i / 160))).map((step) => ({
        step,
        name: method.name,
        radius: Math.max(radius(states[step]!), 1e-6),
      })),
    );
  const names = [...new Set(rows.map(({ name }) => name))];
  return plotSvg({
    width: 460,
    height: 340,
    title: `Distance from the equilibrium, ${dynamics}`,
    grid: true,
    color: { legend: true, domain: names, range: [...apart] },
    x: { type: 'log', label: 'step', tickFormat: '~s', ticks: 5 },
    y: { type: 'log', label: '|(θ, ψ)|', domain: [1e-6, 5], ticks: 6, tickFormat: powerOfTen },
    marks: [Plot.lineY(rows, { x: 'step', y: 'radius', stroke: 'name', strokeWidth: 1.6 })],
  });
}

function checks(of: readonly Outcome[]): Check[] {
  const find = (name: string, dynamics: Dynamics): Outcome =>
    of.find((outcome) => outcome.method.name === name && outcome.dynamics === dynamics)!;
  const verdicts = of.map(({ method, dynamics, verdict }) =>
    equals(`${method.name}, ${dynamics}`, verdict, EXPECTED[method.name]![DYNAMICS.indexOf(dynamics)]!),
  );
  const radii = [
    ['GAN', 'simultaneous', [1.51, 2.25, 3.63], 0.005],
    ['NSGAN', 'alternating', [0.97, 0.39, 0.12], 0.006],
    ['R1', 'simultaneous', [0.52, 0.0009, 0], 0.003],
  ] as const;
  return [
    ...verdicts,
    ...radii.flatMap(([name, dynamics, expected, tolerance]) =>
      MARKS.map((step, i) =>
        near(
          `distance of ${name}, ${dynamics}, after ${step} steps`,
          find(name, dynamics).radii[i]!,
          expected[i]!,
          tolerance,
        ),
      ),
    ),
    near(
      'largest change of distance of GAN in the continuous limit',
      Math.max(...find('GAN', 'continuous').states.map((state) => Math.abs(radius(state) - Math.SQRT2))),
      0,
      1e-6,
    ),
  ];
}

const eigenvalue = ({ name, field }: Method): string => {
  // Its penalty has a kink at psi = 0: there is no Jacobian.
  if (name === 'WGAN-GP') return 'none: a kink';
  const [{ re, im }] = jacobianEigenvalues(field);
  const real = Math.abs(re) < 1e-6 ? '0' : shown(re, 3);
  return im === 0 ? real : `${real} ± ${shown(im, 3)}i`;
};

/** The Dirac-GAN: which methods converge. */
export function diracGan(): Statement {
  const all = outcomes();
  const simultaneous = all.filter(({ dynamics }) => dynamics === 'simultaneous');
  const shownRadii = (outcome: Outcome): string => outcome.radii.map((r) => shown(r, 2)).join(' / ');
  return {
    id: 'dirac',
    title: 'The smallest GAN turns in circles unless something damps it',
    formula: String.raw`\begin{aligned}
L(\theta, \psi) &= f(\psi\theta) + f(0), \qquad f(t) = -\log(1 + e^{-t}) \\
\dot\theta &= -\psi f'(\psi\theta), \qquad \dot\psi = \theta f'(\psi\theta)
\end{aligned}`,
    source: 'Mescheder et al. 2018, https://arxiv.org/abs/1801.04406',
    text: [
      'The data is the point 0, the generator draws the point θ, the discriminator is ψx: two numbers, one equilibrium, (0, 0). (Here D gives samples the high scores, ψ ascends and θ descends.) Nothing in it is hard, and still the plain game never arrives: its velocity is at right angles to the way to the equilibrium, so small steps turn in circles and larger ones spiral outwards. Start (1, 1), step 0.1, G first where the players alternate.',
      "The eigenvalues of the field's Jacobian at the equilibrium tell it beforehand: ± i/2 for the plain game and its non-saturating form, on the imaginary axis; a negative real part with R1 or R2 (-γψ added to ψ's velocity), with noise on data and samples, with consensus. WGAN with clipped weights and WGAN-GP do not come to rest either. At the 50 steps of the usual plots slow and fast look alike: methods are judged after 5,000. _Converges_: within 0.001; _slowly_: nearer than at a tenth of the time and not there, slower than any exponential.",
    ],
    checks: checks(all),
    tables: [
      {
        columns: [
          'method',
          'eigenvalues at 0',
          ...DYNAMICS.flatMap((dynamics) => [dynamics, `distance after ${MARKS.join(' / ')}`]),
        ],
        rows: simultaneous.map(({ method }) => [
          method.name,
          eigenvalue(method),
          ...DYNAMICS.flatMap((dynamics) => {
            const outcome = all.find((row) => row.method === method && row.dynamics === dynamics)!;
            return [outcome.verdict, shownRadii(outcome)];
          }),
        ]),
      },
    ],
    figures: [
      {
        name: 'theory-dirac-paths',
        svg: panels(simultaneous.filter(({ method }) => method.name !== 'R2').map(portrait), {
          columns: 4,
          title: 'The first 500 simultaneous steps from (1, 1)',
        }),
        caption:
          'Paths of (θ, ψ) by method; the red point is the equilibrium, arrows show the direction of the field.',
      },
      {
        name: 'theory-dirac-distance',
        svg: panels([distances(all, 'simultaneous'), distances(all, 'alternating')], { columns: 2 }),
        caption:
          'Straight down: exponential convergence. Level: circles. In between: the non-saturating game, which comes nearer ever more slowly.',
      },
    ],
  };
}
