import { describe, expect, it } from 'vitest';
import { type Game, initialVariables } from '../src/gan/game.ts';
import { gameStep } from '../src/gan/game-step.ts';
import { uniform } from '../src/gan/latent.ts';
import { nonSaturating } from '../src/gan/losses/cross-entropy.ts';
import { buildStep } from '../src/gan/step.ts';
import { Feeds } from '../src/graph/feeds.ts';
import { simplify } from '../src/graph/simplify.ts';
import type { Values } from '../src/graph/value.ts';
import { sgd } from '../src/optim/sgd.ts';
import { inputsFor } from './play-step.ts';
import { nodesOf, operatorCounts } from './rewritten-graph.ts';
import { smallDiscriminator, smallGenerator } from './small-networks.ts';

describe("the simplified step of the paper's networks", () => {
  const optimiser = sgd({ learningRate: 0.1, momentum: 0.5 });
  const game: Game = {
    generator: { network: smallGenerator(), optimiser },
    discriminator: { network: smallDiscriminator(), optimiser },
    latent: uniform,
    loss: nonSaturating,
    examples: { shape: [8], dtype: 'float32', range: 'data' },
    batch: 6,
  };
  const variables = inputsFor(initialVariables(game, 1));
  const feeds = new Feeds();
  const step = buildStep(gameStep(game, feeds), variables, feeds);
  const before = { ...step.variables, ...step.metrics, finite: step.finite };
  const after = simplify(before);
  const products = (outputs: Values) => nodesOf(outputs).filter(({ op }) => op === 'Gemm');

  it('makes every velocity in the product that makes its gradient', () => {
    const accumulating = products(after).filter(({ inputs: [, , c] }) => c?.shape.length === 2);
    const weights = Object.values(variables).filter((value) => value.shape.length === 2).length / 2;
    expect(accumulating).toHaveLength(weights);
    expect(products(before).filter(({ inputs: [, , c] }) => c?.shape.length === 2)).toEqual([]);
  });

  it('runs the generator once for both players', () => {
    const forward = (outputs: Values) =>
      products(outputs).filter(({ scope }) => /^generator\/dense\d$/.test(scope ?? ''));
    expect(forward(before)).toHaveLength(2 * 3);
    expect(forward(after)).toHaveLength(3);
  });

  it('has no operator left that only builds graphs', () => {
    expect(operatorCounts(before)).toMatchObject({ StopGradient: expect.any(Number) });
    const left = operatorCounts(after);
    for (const op of ['StopGradient', 'Identity', 'Expand']) expect(left[op] ?? 0, op).toBe(0);
    const total = (outputs: Values): number => nodesOf(outputs).length;
    expect(total(after)).toBeLessThan(0.85 * total(before));
  });
});
