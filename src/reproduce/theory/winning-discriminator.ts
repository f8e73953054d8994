import * as Plot from '@observablehq/plot';
import { minibatches } from '../../data/minibatches.ts';
import { gaussians1d } from '../../data/toy.ts';
import { panels } from '../../figures/panels.ts';
import { plotSvg, powerOfTen } from '../../figures/plot.ts';
import { initialVariables } from '../../gan/game.ts';
import { discriminatorLoss, generatorLoss } from '../../gan/loss.ts';
import { minimax, nonSaturating } from '../../gan/losses/cross-entropy.ts';
import type { StepOf } from '../../gan/step.ts';
import { sigmoid, sqrt, square } from '../../graph/functions/elementwise.ts';
import { mean, sum } from '../../graph/functions/reductions.ts';
import { stack } from '../../graph/functions/shaping.ts';
import { grad } from '../../graph/grad.ts';
import { encodeModel } from '../../graph/onnx/encode.ts';
import { simplify } from '../../graph/simplify.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { input, type Value } from '../../graph/value.ts';
import { tanh } from '../../nn/activations.ts';
import { dense } from '../../nn/dense.ts';
import { glorot } from '../../nn/initialisers.ts';
import type { LayerContext } from '../../nn/layer.ts';
import { adam } from '../../optim/adam.ts';
import type { Session } from '../../runtime/session.ts';
import { generatorPull } from '../../theory/saturation.ts';
import type { Metrics } from '../../train/chunk.ts';
import { defineGame } from '../../train/define-game.ts';
import { openPhases } from '../phases.ts';
import { atLeast, atMost, near, type Statement, shown } from '../statement.ts';
import { apart } from './colours.ts';

const WORKED = 0.05;
const STEPS = 1000;
const SEED = 2;
const BATCH = 256;

/** Derivatives of both losses by the logit at which D = 0.05, by the engine's own differentiation. */
async function engineGradients(session: Session): Promise<[minimax: number, nonSaturating: number]> {
  const logits = input('logits', 'float32', [1, 1]);
  const by = (loss: Value): Value => grad(loss, [logits])[0]!;
  const outputs = {
    minimax: by(generatorLoss(minimax, logits)),
    nonSaturating: by(generatorLoss(nonSaturating, logits)),
  };
  const { bytes } = encodeModel({ name: 'pull', outputs: simplify(outputs) });
  await session.compile({ name: 'pull', model: bytes, carried: [] });
  const result = await session.run('pull', {
    logits: { dtype: 'float32', shape: [1, 1], data: Float32Array.of(Math.log(WORKED / (1 - WORKED))) },
  });
  const first = (name: 'minimax' | 'nonSaturating') => (result[name] as Tensor<'float32'>).data[0]!;
  return [first('minimax'), first('nonSaturating')];
}

/** D is trained, G is not: at every update the norms of both losses' gradients by G's parameters, on the same samples. */
async function measuredNorms(session: Session): Promise<readonly Metrics[]> {
  const data = gaussians1d({ means: [-3, 3], deviations: [0.3, 0.3] });
  const weight = glorot();
  const hidden = (units: number) => [dense({ units, weight }), tanh(), dense({ units, weight }), tanh()];
  const game = defineGame(data, {
    latentDim: 2,
    batch: BATCH,
    generator: { layers: [...hidden(32), dense({ units: 1, weight: glorot() })] },
    discriminator: {
      layers: [...hidden(64), dense({ units: 1, weight })],
      optimiser: adam({ learningRate: 2e-3 }),
    },
  });
  const { generator, discriminator } = game;
  const step: StepOf = (feeds) => ({
    order: 'alternating',
    updates: [
      {
        name: 'discriminator',
        player: 'discriminator',
        parameters: Object.keys(discriminator.network.parameterShapes),
        optimiser: discriminator.optimiser,
        updatesPerStep: 1,
        index: 0,
        objective: (variables) => {
          const context: LayerContext = { mode: 'train', bernoulli: feeds.bernoulli.bind(feeds) };
          const named = { parameters: variables, state: {} };
          const z = feeds.declare('latent', 'float32', [BATCH, 2], game.latent.recipe);
          const real = feeds.declare('examples', 'float32', [BATCH, 1], { kind: 'minibatch', index: 0 });
          const fake = generator.network.apply(named, z, context).y;
          const realLogits = discriminator.network.apply(named, real, context).y;
          const fakeLogits = discriminator.network.apply(named, fake, context).y;
          const loss = discriminatorLoss(minimax, realLogits, fakeLogits);
          const weights = Object.keys(generator.network.parameterShapes).map((name) => variables[name]!);
          const norm = (of: Value): Value =>
            sqrt(sum(stack(grad(of, weights).map((gradient) => sum(square(gradient))))));
          return {
            loss,
            metrics: {
              lossD: loss,
              'D(x)': mean(sigmoid(realLogits)),
              'D(G(z))': mean(sigmoid(fakeLogits)),
              minimax: norm(generatorLoss(minimax, fakeLogits)),
              nonSaturating: norm(generatorLoss(nonSaturating, fakeLogits)),
            },
          };
        },
      },
    ],
  });
  const phases = await openPhases(session, { discriminator: step }, initialVariables(game, SEED), {
    seed: SEED,
    minibatches: minibatches(data, { batch: BATCH, seed: SEED }),
  });
  return phases.run('discriminator', STEPS);
}

function figure(rows: readonly Metrics[]): string {
  const names = ['minimax', 'non-saturating'];
  const range = [apart[1]!, apart[0]!];
  const ds = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);
  const pulls = ds.flatMap((d) => {
    const { minimax: saturating, nonSaturating: other } = generatorPull(d);
    return [
      { d, pull: -saturating.byLogit, name: names[0] },
      { d, pull: -other.byLogit, name: names[1] },
    ];
  });
  const theory = plotSvg({
    width: 460,
    height: 300,
    title: 'Pull on the logit of a fake',
    grid: true,
    color: { legend: true, domain: names, range },
    x: { label: 'D(G(z))' },
    y: { label: '|derivative of the loss by the logit|' },
    marks: [
      Plot.ruleX([WORKED], { stroke: '#888', strokeDasharray: '3,3' }),
      Plot.lineY(pulls, { x: 'd', y: 'pull', stroke: 'name', strokeWidth: 2.25 }),
      Plot.text([{ x: WORKED, y: 0.35, t: `D = ${WORKED}: 0.05 against 0.95` }], {
        x: 'x',
        y: 'y',
        text: 't',
        textAnchor: 'start',
        dx: 6,
      }),
    ],
  });
  const norms = rows
    .filter((_, i) => i % 3 === 0)
    .flatMap((row) => [
      { step: row.step, norm: row['minimax']!, name: names[0] },
      { step: row.step, norm: row['nonSaturating']!, name: names[1] },
    ]);
  const measured = plotSvg({
    width: 460,
    height: 300,
    title: 'Gradient norms of G while D alone learns',
    grid: true,
    color: { legend: true, domain: names, range },
    x: { label: 'updates of D' },
    y: { type: 'log', label: 'norm of the gradient by all weights of G', ticks: 5, tickFormat: powerOfTen },
    marks: [Plot.lineY(norms, { x: 'step', y: 'norm', stroke: 'name', strokeWidth: 1.75 })],
  });
  return panels([theory, measured], { columns: 2 });
}

/** Why G maximises log D in practice: the gradients of both losses, by hand, by the engine, and in a run that D wins. */
export async function saturation(session: Session): Promise<Statement> {
  const [engineMinimax, engineNonSaturating] = await engineGradients(session);
  const worked = generatorPull(WORKED);
  const rows = await measuredNorms(session);
  const last = rows.slice(-20);
  const average = (name: string): number => last.reduce((total, row) => total + row[name]!, 0) / last.length;
  const peak = Math.max(...rows.map((row) => row['minimax']!));
  const [first, d, weak, strong] = [
    rows[0]!,
    average('D(G(z))'),
    average('minimax'),
    average('nonSaturating'),
  ];
  return {
    id: 'saturation',
    title: 'Where D wins, log(1 - D) stops teaching G, -log D does not',
    formula: String.raw`\frac{\partial}{\partial l} \log(1 - D) = -D, \qquad \frac{\partial}{\partial l} (-\log D) = -(1 - D), \qquad D = \sigma(l)`,
    source: 'Goodfellow et al. 2014, end of section 3',
    text: [
      `Both losses of the generator have the same fixed point. They differ in how hard they pull on one fake. At D(G(z)) = ${WORKED}, where D is 95 % sure: log(1 - D) = ${shown(worked.minimax.loss, 3)}; the derivative by D is 1/(1 - D) = ${shown(-worked.minimax.byProbability, 4)} against 1/D = ${shown(-worked.nonSaturating.byProbability, 4)}, and by the logit, which is what the network sees, ${shown(-worked.minimax.byLogit)} against ${shown(-worked.nonSaturating.byLogit)}. The engine's own differentiation gives ${shown(-engineMinimax)} and ${shown(-engineNonSaturating)}.`,
      `Measured: G keeps its initial weights, D alone is trained for ${STEPS} updates and wins. D(G(z)) falls from ${shown(first['D(G(z))']!, 2)} to ${shown(d, 2)}. On the same samples the gradient of the minimax loss by the weights of G first grows, as D gets a slope at all, to ${shown(peak, 2)}, and then falls to ${shown(weak, 2)}: G is told less and less, the worse it does. That of the non-saturating loss grows to ${shown(strong, 2)}.`,
    ],
    checks: [
      near('derivative of log(1 - D) by D at 0.05, absolute', -worked.minimax.byProbability, 1.053, 5e-4),
      near('derivative of -log D by D at 0.05, absolute', -worked.nonSaturating.byProbability, 20, 1e-12),
      near("the engine's derivative of log(1 - D) by the logit", engineMinimax, worked.minimax.byLogit, 1e-7),
      near(
        "the engine's derivative of -log D by the logit",
        engineNonSaturating,
        worked.nonSaturating.byLogit,
        1e-6,
      ),
      atMost('mean D(G(z)) over the last 20 updates: D has won', d, 0.02),
      atMost('norm of the minimax gradient at the end, over its largest', weak / peak, 0.05),
      atLeast('norm of the non-saturating gradient at the end, over that of minimax', strong / weak, 100),
    ],
    figures: [
      {
        name: 'theory-saturation',
        svg: figure(rows),
        caption:
          'Left: how hard each loss pulls on the logit of a fake, by how real D finds it. Right: gradient norms measured in a run where D wins and G stands still.',
      },
    ],
  };
}
