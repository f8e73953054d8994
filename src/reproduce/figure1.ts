import * as Plot from '@observablehq/plot';
import { minibatches } from '../data/minibatches.ts';
import { gaussians1d } from '../data/toy.ts';
import { panels } from '../figures/panels.ts';
import { plotSvg } from '../figures/plot.ts';
import { type Game, initialVariables } from '../gan/game.ts';
import { gameStep } from '../gan/game-step.ts';
import { uniform } from '../gan/latent.ts';
import { minimax } from '../gan/losses/cross-entropy.ts';
import { r1 } from '../gan/penalties/zero-centred.ts';
import { cast } from '../graph/functions/elementwise.ts';
import { sum } from '../graph/functions/reductions.ts';
import { grad } from '../graph/grad.ts';
import { encodeModel } from '../graph/onnx/encode.ts';
import { simplify } from '../graph/simplify.ts';
import type { Tensor } from '../graph/tensor.ts';
import { input } from '../graph/value.ts';
import { tanh } from '../nn/activations.ts';
import { dense } from '../nn/dense.ts';
import { glorot, type Initialiser, normal, uniform as spread } from '../nn/initialisers.ts';
import { adam } from '../optim/adam.ts';
import { type Schedule, valueAt } from '../optim/optimiser.ts';
import { cosine } from '../optim/schedules.ts';
import type { Session } from '../runtime/session.ts';
import { pushForward, type Samples1d } from '../theory/change-of-variables.ts';
import { type Density, densityAt } from '../theory/density.ts';
import { jensenShannon, optimalDiscriminator } from '../theory/divergences.ts';
import { integrate } from '../theory/quadrature.ts';
import { densityOf } from '../theory/toy-densities.ts';
import { defineGame } from '../train/define-game.ts';
import { makeFolder, writeFigures } from './disk/figure-files.ts';
import { networkValues, openPhases, plainPass } from './phases.ts';
import { atMost, type Check, type Figure, shown } from './statement.ts';
import { paper } from './theory/colours.ts';
import { updatesOf } from './theory/inner-loop.ts';

/** The released code's uniform z, here with one coordinate. */
const HALF = Math.sqrt(3);
const CELLS = 4096;
const SEED = 2;
/** Updates of D for each of G. */
const K = 2;
/** Of both players, before (a) and between (c) and (d): by default. */
const STEPS = 4000;
/** How far the samples are moved away from the data for (a), in the data's units: one of its deviations. */
const DISPLACEMENT = -0.6;
/** Of D alone, for (a), where it is to be "a partially accurate classifier", and for (b), where it is to be D*. */
const FIRST_DISCRIMINATOR_STEPS = 6;
const DISCRIMINATOR_STEPS = 2000;
/** Of G alone, for (c). */
const GENERATOR_STEPS = 15;

/** One of the four moments, with its exact density. */
export interface Moment {
  readonly name: string;
  /** What was trained since the moment before. */
  readonly step: string;
  /** Of samples and data, nats. */
  readonly jsd: number;
  /** Mean |D - D*| and |D - 1/2| where data and samples are equally likely. */
  readonly distanceToOptimal: number;
  readonly distanceToHalf: number;
  /** Probability of all samples, minus 1: how well the density was made. */
  readonly massError: number;
  /** Largest difference of the density to that from half as many points of z, over its largest value. */
  readonly gridError: number;
}

/** Figure 1 as computed. */
export interface Figure1 {
  readonly moments: readonly Moment[];
  readonly checks: readonly Check[];
  readonly passed: boolean;
  readonly figure: Figure;
}

const source = gaussians1d({ means: [0.8], deviations: [0.6] });
const data = densityOf(source);

/** How the learning rates of D and G go, by their updates. */
interface Rates {
  readonly discriminator: Schedule;
  readonly generator: Schedule;
}

/** The networks are the same in all phases; rates differ. First layers start with bends all over the data, not all at 0. */
function game({ discriminator, generator }: Rates): Game {
  const weight = glorot();
  const layers = (scale: number, last: Initialiser) => [
    dense({ units: 32, weight: normal(scale), bias: spread(2 * scale) }),
    tanh(),
    dense({ units: 32, weight }),
    tanh(),
    dense({ units: 1, weight: last }),
  ];
  return defineGame(source, {
    latentDim: 1,
    latent: uniform,
    loss: minimax,
    batch: 512,
    k: K,
    penalties: [r1({ gamma: 0.01 })],
    generator: { layers: layers(1, normal(0.5)), optimiser: adam({ learningRate: generator, beta1: 0 }) },
    discriminator: { layers: layers(3, weight), optimiser: adam({ learningRate: discriminator, beta1: 0 }) },
  });
}

/** G and dG/dz on evenly spaced z, by the engine in float64: pg needs the slope to many digits. */
async function sampled(session: Session, { generator }: Game): Promise<Samples1d> {
  const parameters = Object.fromEntries(
    Object.entries(generator.network.parameterShapes).map(([name, shape]) => [
      name,
      cast(input(name, 'float32', shape), 'float64'),
    ]),
  );
  const z = input('z', 'float64', [CELLS + 1, 1]);
  const { y } = generator.network.apply({ parameters, state: {} }, z, plainPass);
  const [slope] = grad(sum(y), [z]);
  const { bytes } = encodeModel({ name: 'figure1/generator', outputs: simplify({ y, slope: slope! }) });
  const carried = Object.keys(parameters).map((name) => ({ name, input: name }));
  await session.compile({ name: 'figure1/generator', model: bytes, carried });
  const points = Float64Array.from({ length: CELLS + 1 }, (_, i) => HALF * ((2 * i) / CELLS - 1));
  const { y: values, slope: slopes } = await session.run('figure1/generator', {
    z: { dtype: 'float64', shape: [CELLS + 1, 1], data: points },
  });
  return {
    interval: [-HALF, HALF],
    values: (values as Tensor<'float64'>).data,
    slopes: (slopes as Tensor<'float64'>).data,
  };
}

const everySecond = (values: Float64Array): Float64Array => values.filter((_, i) => i % 2 === 0);
const RANGE = [-1.7, 3] as const;
const XS = Array.from({ length: 241 }, (_, i) => RANGE[0] + (i * (RANGE[1] - RANGE[0])) / 240);

/** What a panel is drawn from. */
interface Scene {
  readonly moment: Moment;
  readonly model: Density;
  readonly map: Samples1d;
  /** D at XS. */
  readonly d: readonly number[];
}

async function look(session: Session, of: Game, name: string, step: string): Promise<Scene> {
  const map = await sampled(session, of);
  const model = pushForward(map, 'samples');
  const coarse = pushForward(
    { interval: map.interval, values: everySecond(map.values), slopes: everySecond(map.slopes) },
    'samples',
  );
  // Wide enough for both densities; points of the trapezoid rule, which needs no more than to average.
  const wide = Array.from({ length: 1201 }, (_, i) => -3 + i / 200);
  const [low, high] = model.bounds[0]!;
  const logits = await networkValues(session, of.discriminator.network, {
    dtype: 'float32',
    shape: [wide.length + XS.length, 1],
    data: Float32Array.from([...wide, ...XS]),
  });
  const d = Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit)));
  let [optimal, half, largest, difference] = [0, 0, 0, 0];
  for (const [i, x] of wide.entries()) {
    const [p, q] = [densityAt(data, x), densityAt(model, x)];
    const weight = (0.5 * (p + q)) / 200;
    if (weight > 0) optimal += weight * Math.abs(d[i]! - optimalDiscriminator(data, model, x));
    half += weight * Math.abs(d[i]! - 0.5);
    largest = Math.max(largest, q);
    // At its edges the density jumps, by a spacing sooner or later.
    if (x > low + 1e-3 && x < high - 1e-3)
      difference = Math.max(difference, Math.abs(q - densityAt(coarse, x)));
  }
  const mass = integrate((x) => densityAt(model, x), model.bounds[0]!, {
    breakpoints: model.breakpoints[0]!,
    tolerance: 1e-8,
    mostEvaluations: 300_000,
  });
  const jsd = jensenShannon(data, model, { tolerance: 1e-8 });
  const moment: Moment = {
    name,
    step,
    jsd: jsd.value,
    distanceToOptimal: optimal,
    distanceToHalf: half,
    massError: Math.abs(mass.value - 1),
    gridError: difference / largest,
  };
  return { moment, model, map, d: d.slice(wide.length) };
}

/** G's bias before its output: what is added to it is added to every sample. */
const LAST_BIAS = 'generator/dense3/bias';

const X_LINE = -0.22;
const Z_LINE = -0.78;

function panel({ moment, model, map, d }: Scene): string {
  const optimal = XS.map((x) => optimalDiscriminator(data, model, x));
  // z is spread over the middle of the panel, so that arrows lean as little as they can.
  const place = (z: number): number => (RANGE[0] + RANGE[1]) / 2 + (z / HALF) * 1.9;
  const arrows = Array.from({ length: 15 }, (_, i) => {
    const at = Math.round((i / 14) * CELLS);
    const z = -HALF + (2 * HALF * at) / CELLS;
    return { x1: place(z), y1: Z_LINE, x2: map.values[at]!, y2: X_LINE };
  });
  const curve = (values: readonly number[]) => XS.map((x, i) => ({ x, y: values[i]! }));
  const fine = Array.from({ length: 601 }, (_, i) => RANGE[0] + (i * (RANGE[1] - RANGE[0])) / 600);
  const density = (of: Density) => fine.map((x) => ({ x, y: densityAt(of, x) }));
  return plotSvg({
    width: 330,
    height: 330,
    marginTop: 12,
    marginBottom: 12,
    marginLeft: 34,
    marginRight: 22,
    title: moment.name,
    subtitle: `${moment.step}; JSD ${shown(moment.jsd, 2)} nats`,
    x: { domain: [...RANGE], axis: null },
    y: { domain: [-0.85, 1.05], axis: null },
    marks: [
      Plot.axisY([0, 0.5, 1], { label: null, tickSize: 3 }),
      Plot.ruleY([0.5], { stroke: '#ccc', strokeDasharray: '2,3' }),
      Plot.ruleY([0], { stroke: '#999' }),
      Plot.lineY(curve(optimal), {
        x: 'x',
        y: 'y',
        stroke: paper.discriminator,
        strokeOpacity: 0.25,
        strokeWidth: 5,
      }),
      Plot.lineY(density(model), { x: 'x', y: 'y', stroke: paper.model, strokeWidth: 2.25, clip: true }),
      Plot.lineY(density(data), {
        x: 'x',
        y: 'y',
        stroke: paper.data,
        strokeWidth: 2,
        strokeDasharray: '1.5,3.5',
      }),
      Plot.lineY(curve(d), {
        x: 'x',
        y: 'y',
        stroke: paper.discriminator,
        strokeWidth: 2,
        strokeDasharray: '7,4',
      }),
      Plot.ruleY([X_LINE, Z_LINE], { x1: RANGE[0], x2: RANGE[1], stroke: '#222' }),
      Plot.arrow(arrows, {
        x1: 'x1',
        y1: 'y1',
        x2: 'x2',
        y2: 'y2',
        stroke: '#222',
        strokeWidth: 0.9,
        headLength: 6,
        insetEnd: 1,
        clip: true,
      }),
      Plot.text(
        [
          { y: X_LINE, t: 'x' },
          { y: Z_LINE, t: 'z' },
        ],
        { x: RANGE[1], y: 'y', text: 't', dx: 12, fontStyle: 'italic', fontSize: 14 },
      ),
    ],
  });
}

const key = `<g font-size="12" text-anchor="start">${[
  ['data, pdata', paper.data, '1.5,3.5', 2],
  ['samples, pg', paper.model, 'none', 2.25],
  ['D, trained', paper.discriminator, '7,4', 2],
  ['D* = pdata / (pdata + pg)', paper.discriminator, 'none', 5],
]
  .map(
    ([name, colour, dashes, width], i) =>
      `<line x1="${34 + 200 * i}" x2="${70 + 200 * i}" y1="16" y2="16" stroke="${colour}" stroke-width="${width}" stroke-dasharray="${dashes}"${width === 5 ? ' stroke-opacity="0.25"' : ''}/>` +
      `<text x="${78 + 200 * i}" y="20" fill="#222">${name}</text>`,
  )
  .join('')}</g>`;

function figure(scenes: readonly Scene[]): string {
  const legend = `<svg xmlns="http://www.w3.org/2000/svg" width="1320" height="34">${key}</svg>`;
  return panels([panels(scenes.map(panel), { columns: 4 }), legend], { columns: 1 });
}

/** What figure 1 needs. */
export interface Figure1Options {
  /** Where it is trained; its state is replaced. One thread is fastest. */
  readonly session: Session;
  /** Told what is being done. Default: nobody is. */
  readonly log?: (line: string) => void;
  /** Of both players, before (a) and again before (d). Default 4,000, after which samples are near the data; fewer are for trying out. */
  readonly steps?: number;
}

/**
 * Figure 1 of the paper from a training run: a generator of one number from one uniform number, a discriminator, Gaussian data.
 * Both are trained to convergence; then all samples are moved aside by one number of G, which makes a pair "near convergence" (a).
 * From there D is trained alone (b), then G alone (c), then both to the end (d). pg is no
 * estimate: G and its slope are computed in float64 on 4,097 points of z, between which G is a cubic, and the density follows
 * by change of variables.
 *
 * @throws ExecutionError where the device fails, or the run never comes near the data
 * @see Goodfellow et al. 2014, Figure 1
 */
export async function computeFigure1({
  session,
  log = () => {},
  steps = STEPS,
}: Figure1Options): Promise<Figure1> {
  const [d0, g0] = [4e-3, 3e-4];
  // To 0 at the end of a stretch: what alternating steps leave of turning around the equilibrium dies out.
  const falling = (from: number, updates: number): Schedule => {
    const once = cosine({ from, to: 0, updates });
    return ({ update, ...time }) => valueAt(once, { ...time, update: update % updates });
  };
  const of = game({ discriminator: falling(d0, K * steps), generator: falling(g0, steps) });
  const alone = game({
    discriminator: cosine({ from: d0, to: 0, updates: K * DISCRIMINATOR_STEPS }),
    generator: g0,
  });
  const phases = await openPhases(
    session,
    {
      both: (feeds) => gameStep(of, feeds),
      discriminator: updatesOf(alone, 'discriminator'),
      generator: updatesOf(alone, 'generator'),
    },
    initialVariables(of, SEED),
    { seed: SEED, minibatches: minibatches(source, { batch: of.batch, k: K, seed: SEED }) },
  );
  const scene = async (name: string, step: string): Promise<Scene> => {
    const result = await look(session, of, name, step);
    log(`${name}: ${step}, JSD ${shown(result.moment.jsd, 3)} nats`);
    return result;
  };
  await phases.run('both', steps);
  const bias = (await phases.variables())[LAST_BIAS] as Tensor<'float32'>;
  await phases.write({ [LAST_BIAS]: { ...bias, data: bias.data.map((value) => value + DISPLACEMENT) } });
  await phases.run('discriminator', FIRST_DISCRIMINATOR_STEPS);
  const a = await scene('(a) near convergence', `${FIRST_DISCRIMINATOR_STEPS} steps of D`);
  await phases.run('discriminator', DISCRIMINATOR_STEPS);
  const b = await scene('(b) D trained to D*', `${DISCRIMINATOR_STEPS.toLocaleString('en')} more steps of D`);
  await phases.run('generator', GENERATOR_STEPS);
  const c = await scene('(c) after steps of G', `${GENERATOR_STEPS} steps of G`);
  await phases.run('both', steps);
  const d = await scene('(d) converged: D = 1/2', `${steps.toLocaleString('en')} steps of both`);

  const scenes = [a, b, c, d];
  const moments = scenes.map(({ moment }) => moment);
  const checks = [
    atMost('(a) JSD of samples and data, nats', a.moment.jsd, 0.2),
    atMost('(b) mean |D - D*|', b.moment.distanceToOptimal, 0.03),
    atMost(
      '(b) mean |D - D*|, over that of (a)',
      b.moment.distanceToOptimal / a.moment.distanceToOptimal,
      0.5,
    ),
    atMost('(c) JSD, over that of (b)', c.moment.jsd / b.moment.jsd, 0.5),
    atMost('(d) JSD, nats', d.moment.jsd, 0.02),
    atMost('(d) mean |D - 1/2|', d.moment.distanceToHalf, 0.03),
    atMost('largest |mass of pg - 1|', Math.max(...moments.map(({ massError }) => massError)), 1e-6),
    atMost(
      'largest difference of pg to half as many z, over its peak',
      Math.max(...moments.map(({ gridError }) => gridError)),
      1e-6,
    ),
  ];
  return {
    moments,
    checks,
    passed: checks.every(({ passed }) => passed),
    figure: {
      name: 'figure1',
      svg: figure(scenes),
      caption:
        'Figure 1 of the paper from a training run that was brought to convergence, its samples then moved aside by 0.6. Data dotted, samples green, D blue and dashed over D* (broad); below, arrows show where the generator takes uniform z.',
    },
  };
}

/**
 * `computeFigure1`, written into a folder as `figure1.svg` and `figure1.png`.
 *
 * @param out - made where it is missing
 * @returns what was computed, and the paths
 * @throws as `computeFigure1`; DataError where the folder cannot be written
 */
export async function reproduceFigure1({
  out,
  ...options
}: Figure1Options & { readonly out: string }): Promise<Figure1 & { readonly files: readonly string[] }> {
  await makeFolder('reproduceFigure1', out);
  const result = await computeFigure1(options);
  return { ...result, files: await writeFigures('reproduceFigure1', out, [result.figure]) };
}
