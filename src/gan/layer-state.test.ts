import { describe, expect, it } from 'vitest';
import { affineGame } from '../../test/affine-game.ts';
import { inputsFor, playSteps } from '../../test/play-step.ts';
import { runGraph } from '../../test/run-graph.ts';
import { float32 } from '../../test/tensors.ts';
import { add, mul } from '../graph/functions/elementwise.ts';
import type { Tensors } from '../graph/tensor.ts';
import { input } from '../graph/value.ts';
import { dense } from '../nn/dense.ts';
import type { Layer } from '../nn/layer.ts';
import { sequential } from '../nn/sequential.ts';
import { sgd } from '../optim/sgd.ts';
import { type Game, initialVariables } from './game.ts';
import { gameStep } from './game-step.ts';
import { gradientPenalty } from './penalties/gradient-penalty.ts';
import { r1 } from './penalties/zero-centred.ts';
import { samplesOf } from './samples.ts';

/** A layer that counts its passes and its updates, and multiplies by `scale` when it samples. */
function meter(mixesExamples: boolean): Layer {
  const names = ['passes', 'updates', 'scale'];
  return {
    kind: 'meter',
    mixesExamples,
    outputShape: (shape) => shape,
    parameterShapes: () => ({}),
    stateShapes: () => Object.fromEntries(names.map((name) => [name, []])),
    averagedState: () => ['scale'],
    init: () => ({
      parameters: {},
      state: { passes: float32([], [0]), updates: float32([], [0]), scale: float32([], [1]) },
    }),
    beforeUpdate: ({ state }) => ({ updates: add(state['updates']!, 1) }),
    apply: ({ state }, x, { mode }) => ({
      y: mode === 'sample' ? mul(x, state['scale']!) : x,
      state: { ...state, passes: add(state['passes']!, 1), scale: add(state['scale']!, 2) },
    }),
  };
}

function meteredGame(options: Partial<Game> = {}, mixesExamples = false): Game {
  const optimiser = sgd({ learningRate: 0.1 });
  const network = (name: string) => sequential(name, [1], [meter(mixesExamples), dense({ units: 1 })]);
  return affineGame({
    generator: { network: network('generator'), optimiser },
    discriminator: { network: network('discriminator'), optimiser },
    ...options,
  });
}

const minibatch = float32([2, 1], [2, 3]);
const latent = float32([2, 1], [-1, 0.5]);
const feeds: Tensors = {
  examples: minibatch,
  examples2: minibatch,
  latent,
  'discriminator/latent': latent,
  'discriminator2/latent': latent,
  'generator/latent': latent,
  'discriminator/gradientPenalty/share': float32([2, 1], [0.5, 0.5]),
};

/** What the meters show after two steps, a step. */
async function meters(options: Partial<Game>, mixesExamples = false): Promise<Record<string, number>> {
  const game = meteredGame(options, mixesExamples);
  const played = await playSteps((f) => gameStep(game, f), initialVariables(game, 1), [feeds, feeds]);
  const { variables } = played[1]!;
  return Object.fromEntries(
    ['generator', 'discriminator'].flatMap((player) =>
      ['passes', 'updates'].map((name) => [
        `${player} ${name}`,
        Number(variables[`${player}/meter1/${name}`]!.data[0]) / 2,
      ]),
    ),
  );
}

describe('layer state', () => {
  it("moves with G's every pass, and with D's in its own updates only", async () => {
    expect(await meters({})).toEqual({
      'generator passes': 2,
      'generator updates': 1,
      // Real and fake in one.
      'discriminator passes': 1,
      'discriminator updates': 1,
    });
    expect(await meters({ k: 2 })).toEqual({
      'generator passes': 3,
      'generator updates': 1,
      'discriminator passes': 2,
      'discriminator updates': 2,
    });
  });

  it('real and fake go through apart where a layer mixes examples', async () => {
    expect(await meters({}, true)).toMatchObject({ 'discriminator passes': 2, 'discriminator updates': 1 });
  });

  it('or where a penalty differentiates by one of them', async () => {
    expect(await meters({ penalties: [r1({ gamma: 1 })] })).toMatchObject({ 'discriminator passes': 2 });
  });

  it("stays as it is in passes at points that are no examples: a penalty's interpolates", async () => {
    expect(await meters({ penalties: [gradientPenalty()] })).toMatchObject({ 'discriminator passes': 1 });
  });

  it('simultaneous: one pass of G, which both objectives share, and one update of each', async () => {
    expect(await meters({ updateOrder: 'simultaneous' })).toEqual({
      'generator passes': 1,
      'generator updates': 1,
      'discriminator passes': 2,
      'discriminator updates': 1,
    });
  });

  it('is averaged with the parameters where it is of what they compute, and samples take that average', async () => {
    const game = meteredGame({ averageDecay: 0.5 });
    const initial = initialVariables(game, 1);
    expect(Object.keys(initial).filter((name) => name.startsWith('average/'))).toEqual([
      'average/generator/dense1/weight',
      'average/generator/dense1/bias',
      'average/generator/meter1/scale',
    ]);
    const [played] = await playSteps((f) => gameStep(game, f), initial, [feeds]);
    // Two passes add 2 each: 5 now, and half way from 1 on average.
    expect(played!.variables['generator/meter1/scale']!.data).toBeAllClose([5]);
    expect(played!.variables['average/generator/meter1/scale']!.data).toBeAllClose([3]);
    const sample = async (averaged: boolean) => {
      const prefix = averaged ? 'average/' : '';
      const samples = samplesOf(
        game,
        inputsFor(played!.variables),
        input('z', 'float32', ['N', 1]),
        averaged,
      );
      const used = Object.fromEntries(
        ['generator/dense1/weight', 'generator/dense1/bias', 'generator/meter1/scale'].map((name) => [
          prefix + name,
          played!.variables[prefix + name]!,
        ]),
      );
      const results = await runGraph({ samples }, { ...used, z: float32([1, 1], [2]) });
      const [weight, bias] = Object.values(used).map(({ data }) => Number(data[0]));
      return [Number(results['samples']!.data[0]), weight!, bias!] as const;
    };
    const [last, weight, bias] = await sample(false);
    expect(last).toBeCloseTo(2 * 5 * weight + bias, 5);
    const [average, slowWeight, slowBias] = await sample(true);
    expect(average).toBeCloseTo(2 * 3 * slowWeight + slowBias, 5);
  });
});
