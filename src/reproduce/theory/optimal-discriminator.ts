import * as Plot from '@observablehq/plot';
import type { Distribution } from '../../data/dataset.ts';
import { gaussians1d } from '../../data/toy.ts';
import { panels } from '../../figures/panels.ts';
import { plotSvg } from '../../figures/plot.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Session } from '../../runtime/session.ts';
import { densityAt } from '../../theory/density.ts';
import { criterion, optimalDiscriminator, softplus } from '../../theory/divergences.ts';
import { densityOf } from '../../theory/toy-densities.ts';
import { atLeast, atMost, type Statement, shown } from '../statement.ts';
import { apart, paper } from './colours.ts';
import { trainOnPair } from './fixed-pair.ts';
import { flower, single } from './toy-data.ts';

const STEPS = 2000;
const SEED = 1;

/** Points that cover both densities evenly, and what is known there. */
interface Grid {
  readonly points: Tensor<'float32'>;
  /** Length or area of a cell. */
  readonly cell: number;
  readonly data: Float64Array;
  readonly model: Float64Array;
  readonly optimal: Float64Array;
}

/** A pair of densities, a grid for them, and what the best D gets. */
interface Arena {
  readonly name: string;
  readonly data: Distribution;
  readonly model: Distribution;
  readonly grid: Grid;
  readonly best: number;
}

function arena(name: string, data: Distribution, model: Distribution, reach: number, across: number): Arena {
  const [d] = data.exampleShape;
  const [p, q] = [densityOf(data), densityOf(model)];
  const width = (2 * reach) / across;
  const places = Float32Array.from({ length: d * across ** d }, (_, at) => {
    const [point, axis] = [Math.floor(at / d), at % d];
    const index = axis === 0 ? point % across : Math.floor(point / across);
    return -reach + (index + 0.5) * width;
  });
  const count = across ** d;
  const of = (f: (x: number, y: number | undefined) => number): Float64Array =>
    Float64Array.from({ length: count }, (_, i) =>
      f(places[i * d]!, d === 2 ? places[i * d + 1]! : undefined),
    );
  return {
    name,
    data,
    model,
    grid: {
      points: { dtype: 'float32', shape: [count, d], data: places },
      cell: width ** d,
      data: of((x, y) => densityAt(p, x, y)),
      model: of((x, y) => densityAt(q, x, y)),
      optimal: of((x, y) => optimalDiscriminator(p, q, x, y)),
    },
    best: criterion(p, q).value,
  };
}

interface Outcome {
  readonly hidden: readonly number[];
  /** Absent: without end. */
  readonly samples: number | undefined;
  /** Mean of |D - D*| where real and fake are equally likely. */
  readonly error: number;
  /** V(D), in nats. */
  readonly value: number;
  readonly d: Float64Array;
}

async function outcome(
  session: Session,
  { data, model, grid }: Arena,
  hidden: readonly number[],
  samples?: number,
): Promise<Outcome> {
  const trained = await trainOnPair(session, {
    data,
    model,
    hidden,
    steps: STEPS,
    seed: SEED,
    ...(samples === undefined ? {} : { samples }),
  });
  const logits = await trained.logits(grid.points);
  const d = Float64Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit)));
  let [error, value] = [0, 0];
  for (let i = 0; i < d.length; i++) {
    const [p, q] = [grid.data[i]!, grid.model[i]!];
    error += grid.cell * 0.5 * (p + q) * Math.abs(d[i]! - grid.optimal[i]!);
    value -= grid.cell * (p * softplus(-logits[i]!) + q * softplus(logits[i]!));
  }
  return { hidden, samples, error, value, d };
}

function lineFigure({ grid, data, model }: Arena, weak: Outcome, strong: Outcome): string {
  const [p, q] = [densityOf(data), densityOf(model)];
  const xs = Array.from(grid.points.data).filter((_, i) => i % 3 === 0);
  const at = (i: number) => 3 * i;
  const line = (values: Float64Array, name: string) => xs.map((x, i) => ({ x, y: values[at(i)]!, name }));
  const names = ['D*', `D, ${weak.hidden[0]} unit`, `D, ${strong.hidden.join(' + ')} units`];
  const rows = [line(weak.d, names[1]!), line(strong.d, names[2]!)].flat();
  return plotSvg({
    width: 460,
    height: 300,
    title: 'D trained, and D* computed',
    color: { legend: true, domain: names, range: [paper.data, apart[1]!, paper.discriminator] },
    x: { label: 'x' },
    y: { label: 'D(x); densities shaded', domain: [0, 1], grid: true },
    marks: [
      Plot.areaY(xs, {
        x: (x: number) => x,
        y: (x: number) => densityAt(p, x),
        fill: paper.data,
        fillOpacity: 0.12,
      }),
      Plot.areaY(xs, {
        x: (x: number) => x,
        y: (x: number) => densityAt(q, x),
        fill: paper.model,
        fillOpacity: 0.25,
      }),
      Plot.lineY(line(grid.optimal, names[0]!), {
        x: 'x',
        y: 'y',
        stroke: 'name',
        strokeWidth: 5,
        strokeOpacity: 0.35,
      }),
      Plot.lineY(rows, { x: 'x', y: 'y', stroke: 'name', strokeWidth: 1.75 }),
    ],
  });
}

function errorFigure(
  capacity: readonly (readonly [string, Outcome])[],
  samples: readonly (readonly [string, Outcome])[],
): string {
  const units = ({ hidden }: Outcome): number => hidden.reduce((sum, n) => sum + n, 0);
  const plot = (
    rows: readonly (readonly [string, Outcome])[],
    x: (of: Outcome) => number,
    label: string,
    title: string,
  ): string =>
    plotSvg({
      width: 460,
      height: 280,
      title,
      grid: true,
      color: { legend: true, domain: ['on the line', 'in the plane'], range: [apart[0]!, apart[3]!] },
      x: { type: 'log', label, ticks: 5, tickFormat: '~s' },
      y: { type: 'log', label: 'mean |D - D*|', ticks: 4, tickFormat: '~g' },
      marks: [
        Plot.lineY(rows, {
          x: (row: [string, Outcome]) => x(row[1]),
          y: (row: [string, Outcome]) => row[1].error,
          stroke: (row: [string, Outcome]) => row[0],
          strokeWidth: 2,
        }),
        Plot.dot(rows, {
          x: (row: [string, Outcome]) => x(row[1]),
          y: (row: [string, Outcome]) => row[1].error,
          fill: (row: [string, Outcome]) => row[0],
          r: 3.5,
        }),
      ],
    });
  return panels(
    [
      plot(capacity, units, 'hidden units of D', 'Error against capacity, fresh draws'),
      plot(samples, (of) => of.samples!, 'draws of each kind', 'Error against draws, 32 + 32 units'),
    ],
    { columns: 2 },
  );
}

function planeFigure({ grid }: Arena, { d }: Outcome): string {
  const across = Math.sqrt(d.length);
  const reach = -grid.points.data[0]! + Math.sqrt(grid.cell) / 2;
  const contours = (values: Float64Array, title: string): string =>
    plotSvg({
      // Both axes to one scale.
      width: 48 + 280 + 20,
      height: 28 + 280 + 40,
      title,
      color: { legend: true, scheme: 'viridis', domain: [0, 1] },
      x: { label: 'x' },
      y: { label: 'y' },
      marks: [
        Plot.contour(values, {
          width: across,
          height: across,
          x1: -reach,
          y1: -reach,
          x2: reach,
          y2: reach,
          fill: (value: number) => value,
          interval: 0.1,
        }),
        Plot.frame(),
      ],
    });
  return panels([contours(grid.optimal, 'D*, computed'), contours(d, 'D, trained')], { columns: 2 });
}

/** Proposition 1: a discriminator that is trained to its end on a fixed generator approaches D*. */
export async function propositionOne(session: Session): Promise<Statement> {
  const line = arena('on the line', gaussians1d(), single(1, 1.2), 8, 800);
  const plane = arena('in the plane', flower, single(2, 1.2), 4.5, 90);
  const wide = [32, 32];
  const capacity: [string, Outcome][] = [];
  const samples: [string, Outcome][] = [];
  for (const [of, shapes] of [
    [line, [[1], [2], [8], [16, 16], wide]],
    [plane, [[1], [4], [8], [16, 16], wide]],
  ] as const)
    for (const hidden of shapes) capacity.push([of.name, await outcome(session, of, hidden)]);
  for (const of of [line, plane])
    for (const n of [30, 100, 300, 1000, 3000, 10_000])
      samples.push([of.name, await outcome(session, of, wide, n)]);

  const rowsOf = (rows: readonly (readonly [string, Outcome])[], name: string): Outcome[] =>
    rows.filter(([where]) => where === name).map(([, row]) => row);
  const ends = (rows: readonly Outcome[]): [Outcome, Outcome] => [rows[0]!, rows.at(-1)!];
  const beyond = [...capacity, ...samples].map(
    ([where, { value }]) => value - (where === line.name ? line.best : plane.best),
  );
  const [weak, strong] = ends(rowsOf(capacity, line.name));
  const [weakPlane, strongPlane] = ends(rowsOf(capacity, plane.name));
  const [few, many] = ends(rowsOf(samples, line.name));
  const [fewPlane, manyPlane] = ends(rowsOf(samples, plane.name));
  return {
    id: 'proposition-1',
    title: 'A discriminator trained to its end is the ratio of densities',
    formula: String.raw`D^*(x) = \frac{p_{\mathrm{data}}(x)}{p_{\mathrm{data}}(x) + p_g(x)}`,
    source: 'Goodfellow et al. 2014, Proposition 1',
    text: [
      `G is held fixed: its samples are one Gaussian of deviation 1.2 at 0, the data two Gaussians at ±2 on the line, five on a ring in the plane. D, one or two layers of tanh, is trained on the game's loss for ${STEPS} updates (Adam, 256 of each kind a batch), knowing nothing of densities. Then it is compared with D\\*, which is computed from them, where real and fake are equally likely to fall.`,
      `With endless fresh draws what is left is capacity: the mean error falls from ${shown(weak.error, 2)} with one hidden unit to ${shown(strong.error, 2)} with ${wide.join(' + ')}, in the plane from ${shown(weakPlane.error, 2)} to ${shown(strongPlane.error, 2)}. With enough capacity what is left is data: on 30 draws of each kind the same network is wrong by ${shown(few.error, 2)} (${shown(fewPlane.error, 2)} in the plane), on 10,000 by ${shown(many.error, 2)} (${shown(manyPlane.error, 2)}). No trained D gets more from the game than D\\* does: C = ${shown(line.best, 4)} nats on the line, ${shown(plane.best, 4)} in the plane.`,
    ],
    checks: [
      atMost('mean |D - D*| on the line, fresh draws, 32 + 32 units', strong.error, 0.015),
      atMost('mean |D - D*| in the plane, fresh draws, 32 + 32 units', strongPlane.error, 0.03),
      atLeast('error with one unit over that with 32 + 32, on the line', weak.error / strong.error, 5),
      atLeast(
        'error with one unit over that with 32 + 32, in the plane',
        weakPlane.error / strongPlane.error,
        5,
      ),
      atLeast('error with 30 draws over that with 10,000, on the line', few.error / many.error, 5),
      atLeast('error with 30 draws over that with 10,000, in the plane', fewPlane.error / manyPlane.error, 3),
      atMost(`largest V(D) - C over ${beyond.length} trained D`, Math.max(...beyond), 1e-4),
    ],
    tables: [
      {
        columns: ['', 'hidden units', 'draws of each kind', 'mean |D - D*|', 'V(D)', 'C = V(D*)'],
        rows: [...capacity, ...samples].map(([where, row]) => [
          where,
          row.hidden.join(' + '),
          row.samples ?? 'without end',
          shown(row.error, 2),
          shown(row.value, 4),
          shown(where === line.name ? line.best : plane.best, 4),
        ]),
      },
    ],
    figures: [
      {
        name: 'theory-optimal-discriminator',
        svg: lineFigure(line, weak, strong),
        caption:
          'Trained D on D* (broad grey) on the line: one hidden unit can only rise or fall, 32 + 32 follow. Data shaded grey, samples green.',
      },
      {
        name: 'theory-discriminator-error',
        svg: errorFigure(capacity, samples),
        caption: 'How far D is from D* with more hidden units, and with more draws.',
      },
      {
        name: 'theory-discriminator-plane',
        svg: planeFigure(plane, strongPlane),
        caption: 'In the plane: D* from the densities, D from training.',
      },
    ],
  };
}
