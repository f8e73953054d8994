import * as Plot from '@observablehq/plot';
import { minibatches } from '../../data/minibatches.ts';
import { knownDensityMeasures } from '../../eval/known-density.ts';
import { panels } from '../../figures/panels.ts';
import { plotSvg } from '../../figures/plot.ts';
import { type Game, initialVariables } from '../../gan/game.ts';
import { gameStep } from '../../gan/game-step.ts';
import { gaussian } from '../../gan/latent.ts';
import { nonSaturating } from '../../gan/losses/cross-entropy.ts';
import type { StepOf } from '../../gan/step.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { tanh } from '../../nn/activations.ts';
import { dense } from '../../nn/dense.ts';
import { glorot } from '../../nn/initialisers.ts';
import { adam } from '../../optim/adam.ts';
import { fillNormal } from '../../random/normal.ts';
import { streamOf } from '../../random/threefry.ts';
import type { Session } from '../../runtime/session.ts';
import { softplus } from '../../theory/divergences.ts';
import { defineGame } from '../../train/define-game.ts';
import { networkValues, openPhases, type Phases } from '../phases.ts';
import { atLeast, type Statement, shown } from '../statement.ts';
import { flower } from './toy-data.ts';

/** Examples of the finite set. */
const EXAMPLES = 40;
/** Updates of D between two of G where the inner loop is run to its end: far beyond where its loss stops falling. */
const COMPLETION = 300;
const GENERATOR_STEPS = 100;
/** Of the run with k = 1: a tenth of the other's updates of D. */
const PLAIN_STEPS = (COMPLETION * GENERATOR_STEPS) / 10;
/** Of k = 1 before D is trained alone: the generator is then where most of training is spent. */
const WARM_UP = 200;
const SEED = 3;

const source = flower;
const FRESH = 20_000;

function game(): Game {
  const weight = glorot();
  const hidden = (units: number) => [dense({ units, weight }), tanh(), dense({ units, weight }), tanh()];
  return defineGame(source, {
    latentDim: 2,
    latent: gaussian,
    loss: nonSaturating,
    batch: EXAMPLES,
    generator: {
      layers: [...hidden(32), dense({ units: 2, weight })],
      optimiser: adam({ learningRate: 5e-3, beta1: 0.5 }),
    },
    discriminator: {
      layers: [...hidden(64), dense({ units: 1, weight })],
      optimiser: adam({ learningRate: 5e-3, beta1: 0.5 }),
    },
  });
}

/** Of a game's iteration, the updates of one player. */
export function updatesOf(of: Game, player: 'generator' | 'discriminator'): StepOf {
  return (feeds) => {
    const { averaging, updates, ...step } = gameStep(of, feeds);
    return { ...step, updates: updates.filter((update) => update.player === player) };
  };
}

function draws(count: number, stream: string): Float32Array<ArrayBuffer> {
  const out = new Float32Array(2 * count);
  source.draw({ seed: SEED, stream: streamOf(stream) }, 0, out);
  return out;
}

const points = (data: Float32Array<ArrayBuffer>): Tensor<'float32'> => ({
  dtype: 'float32',
  shape: [data.length / 2, 2],
  data,
});
const mean = (values: Float32Array, f: (value: number) => number): number =>
  values.reduce((sum, value) => sum + f(value), 0) / values.length;

/** D's value on the finite set and on fresh data, against the same fresh samples. */
interface Values {
  readonly step: number;
  readonly onSet: number;
  readonly onFresh: number;
}

class Experiment {
  readonly #session: Session;
  readonly #game: Game;
  readonly set: Float32Array<ArrayBuffer> = draws(EXAMPLES, 'inner/set');
  readonly #fresh: Float32Array<ArrayBuffer> = draws(FRESH, 'inner/fresh');
  readonly #latent: Float32Array<ArrayBuffer> = new Float32Array(2 * FRESH);

  constructor(session: Session) {
    this.#session = session;
    this.#game = game();
    fillNormal({ seed: SEED, stream: streamOf('inner/latent') }, 0, this.#latent);
  }

  phases(): Promise<Phases<'inner' | 'outer' | 'both'>> {
    const train = { count: EXAMPLES, examples: this.set };
    const batches = minibatches(
      { name: 'few points', exampleShape: [2], train },
      { batch: EXAMPLES, seed: SEED },
    );
    return openPhases(
      this.#session,
      {
        inner: updatesOf(this.#game, 'discriminator'),
        outer: updatesOf(this.#game, 'generator'),
        both: (feeds) => gameStep(this.#game, feeds),
      },
      initialVariables(this.#game, SEED),
      { seed: SEED, minibatches: batches },
    );
  }

  samples(): Promise<Float32Array<ArrayBuffer>> {
    return networkValues(this.#session, this.#game.generator.network, points(this.#latent));
  }

  async values(step: number): Promise<Values> {
    const logits = (of: Float32Array<ArrayBuffer>) =>
      networkValues(this.#session, this.#game.discriminator.network, points(of));
    const fake = mean(await logits(await this.samples()), softplus);
    const real = (of: Float32Array<ArrayBuffer>) => mean(of, (logit) => softplus(-logit));
    return {
      step,
      onSet: -real(await logits(this.set)) - fake,
      onFresh: -real(await logits(this.#fresh)) - fake,
    };
  }
}

/** D alone, from where alternating training has brought both: values on the way to the end of the inner loop. */
async function oneInnerLoop(experiment: Experiment): Promise<Values[]> {
  const phases = await experiment.phases();
  await phases.run('both', WARM_UP);
  const rows = [await experiment.values(0)];
  for (const step of [5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 400, 600, 800, 1200, 1600, 2400, 3200]) {
    await phases.run('inner', step - rows.at(-1)!.step);
    rows.push(await experiment.values(step));
  }
  return rows;
}

interface Alternation {
  readonly name: string;
  /** Of G and of D. */
  readonly updates: readonly [generator: number, discriminator: number];
  readonly final: Values;
  /** By updates of D so far: JSD of the samples against the density behind the set. */
  readonly curve: readonly { readonly updates: number; readonly jsd: number }[];
}

/** Algorithm 1 from the initial weights, looked at 15 times. @param advance - so many updates of G, with theirs of D */
async function alternate(
  experiment: Experiment,
  name: string,
  k: number,
  steps: number,
  advance: (phases: Awaited<ReturnType<Experiment['phases']>>, steps: number) => Promise<void>,
): Promise<Alternation> {
  const phases = await experiment.phases();
  const curve = [];
  const stretch = Math.ceil(steps / 20);
  for (let step = 0; step < steps; ) {
    await advance(phases, stretch);
    step += stretch;
    const { jsd } = knownDensityMeasures(points(await experiment.samples()), source);
    curve.push({ updates: k * step, jsd: jsd.value });
  }
  return { name, updates: [steps, k * steps], final: await experiment.values(steps), curve };
}

function figure(loop: readonly Values[], runs: readonly Alternation[]): string {
  const curves = loop
    .filter(({ step }) => step > 0)
    .flatMap(({ step, onSet, onFresh }) => [
      { step, value: onSet, of: `the ${EXAMPLES} examples` },
      { step, value: onFresh, of: 'fresh data' },
    ]);
  const values = plotSvg({
    width: 460,
    height: 300,
    title: 'One inner loop: V while D alone learns',
    grid: true,
    color: { legend: true, domain: [`the ${EXAMPLES} examples`, 'fresh data'], range: ['#c44', '#36a'] },
    x: { type: 'log', label: 'updates of D', ticks: 5, tickFormat: '~s' },
    y: { label: 'V, nats' },
    marks: [
      Plot.ruleY([-Math.log(4)], { stroke: '#888', strokeDasharray: '3,3' }),
      Plot.lineY(curves, { x: 'step', y: 'value', stroke: 'of', strokeWidth: 2 }),
      Plot.dot(curves, { x: 'step', y: 'value', fill: 'of', r: 2.5 }),
    ],
  });
  const rows = runs.flatMap(({ name, curve }) => curve.map((row) => ({ ...row, name })));
  const quality = plotSvg({
    width: 460,
    height: 300,
    title: 'What becomes of the generator',
    grid: true,
    color: { legend: true, domain: runs.map(({ name }) => name), range: ['#36a', '#c44'] },
    x: { type: 'log', label: 'updates of D', ticks: 5, tickFormat: '~s' },
    y: { label: 'JSD to the density behind the examples, nats', domain: [0, Math.LN2] },
    marks: [Plot.lineY(rows, { x: 'updates', y: 'jsd', stroke: 'name', strokeWidth: 2 })],
  });
  return panels([values, quality], { columns: 2 });
}

/** Algorithm 1's remark: the inner loop to its end costs much, and on a finite set D overfits. */
export async function innerLoop(session: Session): Promise<Statement> {
  const experiment = new Experiment(session);
  const loop = await oneInnerLoop(experiment);
  const once = await alternate(experiment, 'k = 1', 1, PLAIN_STEPS, async (phases, steps) => {
    await phases.run('both', steps);
  });
  const whole = await alternate(
    experiment,
    'inner loop to its end',
    COMPLETION,
    GENERATOR_STEPS,
    async (phases, steps) => {
      for (let step = 0; step < steps; step++) {
        await phases.run('inner', COMPLETION);
        await phases.run('outer', 1);
      }
    },
  );
  const last = loop.at(-1)!;
  const jsdOf = ({ curve }: Alternation): number => curve.at(-1)!.jsd;
  const lowest = ({ curve }: Alternation): number => Math.min(...curve.map(({ jsd }) => jsd));
  const best = loop.reduce((a, b) => (b.onFresh > a.onFresh ? b : a));
  return {
    id: 'inner-loop',
    title: 'On a finite set the inner loop is not run to its end',
    formula: String.raw`V_n(D, G) = \frac{1}{n} \sum_{i=1}^n \log D(x_i) + E_z \log(1 - D(G(z))) \to 0, \quad \text{whatever } p_g`,
    source: 'Goodfellow et al. 2014, section 3, on Algorithm 1',
    text: [
      `"Optimizing D to completion in the inner loop of training is computationally prohibitive, and on finite datasets would result in overfitting." Here the data are ${EXAMPLES} draws from five Gaussians on a ring in the plane, D has two layers of 64 units. After ${WARM_UP} steps of Algorithm 1 with k = 1, D alone is trained on. Its value on the ${EXAMPLES} examples climbs from ${shown(loop[0]!.onSet, 3)} to ${shown(last.onSet, 3)}, towards the 0 of a D that is never wrong. On fresh data from the same density it is best after ${best.step} updates, at ${shown(best.onFresh, 3)}, and falls to ${shown(last.onFresh, 3)}: D learns the examples by heart. Below -log 4 = ${shown(-Math.log(4))} a D is worse than one that always says 1/2.`,
      `Then Algorithm 1 twice from the same weights: with ${COMPLETION} updates of D before each of ${GENERATOR_STEPS} updates of G, and with k = 1 for ${once.updates[0].toLocaleString('en')}, at a tenth of the cost. The first comes as near as ${shown(lowest(whole), 2)} nats of JSD to the density behind the examples while its D has not learned them yet, and ends at ${shown(jsdOf(whole), 2)}, with a D whose value on fresh data is ${shown(whole.final.onFresh, 3)}; the second ends at ${shown(jsdOf(once), 2)}.`,
    ],
    checks: [
      atLeast(
        `V on the examples minus V on fresh data, after ${last.step} updates of D alone`,
        last.onSet - last.onFresh,
        0.3,
      ),
      atLeast('how far V on fresh data falls from its best', best.onFresh - last.onFresh, 0.1),
      atLeast(
        'updates of D with the inner loop run to its end, over those of k = 1',
        whole.updates[1] / once.updates[1],
        10,
      ),
      atLeast('JSD with the inner loop to its end, minus JSD with k = 1', jsdOf(whole) - jsdOf(once), 0.02),
    ],
    tables: [
      {
        columns: ['', 'updates of G', 'of D', 'V on the examples', 'V on fresh data', 'JSD of the samples'],
        rows: [once, whole].map((run) => [
          run.name,
          ...run.updates,
          shown(run.final.onSet, 3),
          shown(run.final.onFresh, 3),
          shown(jsdOf(run), 3),
        ]),
      },
    ],
    figures: [
      {
        name: 'theory-inner-loop',
        svg: figure(loop, [once, whole]),
        caption: `Left: V on the ${EXAMPLES} examples rises while V on fresh data falls; dashed: -log 4, a D that always says 1/2. Right: the divergence of the samples with k = 1 and with the inner loop run to its end, by what they cost.`,
      },
    ],
  };
}
