import { describe, expect, it } from 'vitest';
import { affineGame } from '../../test/affine-game.ts';
import { inputsFor, type PlayedStep, playSteps } from '../../test/play-step.ts';
import { float32 } from '../../test/tensors.ts';
import { ConfigError } from '../errors.ts';
import { Feeds } from '../graph/feeds.ts';
import type { Tensors } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/value.ts';
import { type Game, initialVariables } from './game.ts';
import { gameStep } from './game-step.ts';
import { hinge } from './losses/hinge.ts';
import { r1 } from './penalties/zero-centred.ts';
import { buildStep, type Update } from './step.ts';

const start: Tensors = {
  'generator/dense1/weight': float32([1, 1], [1.5]),
  'generator/dense1/bias': float32([1], [-0.5]),
  'discriminator/dense1/weight': float32([1, 1], [0.75]),
  'discriminator/dense1/bias': float32([1], [0.25]),
};

const feeds: Tensors = {
  examples: float32([2, 1], [2, 3]),
  'discriminator/latent': float32([2, 1], [-1, 0.5]),
  'generator/latent': float32([2, 1], [1, -2]),
};

async function play(options: Partial<Game>, iterations: readonly Tensors[]): Promise<PlayedStep[]> {
  const game = affineGame(options);
  return playSteps((f) => gameStep(game, f), { ...initialVariables(game, 1), ...start }, iterations);
}

const weightOf = ({ variables }: PlayedStep, player: string): number =>
  Number(variables[`${player}/dense1/weight`]!.data[0]);

describe('adaptive k', () => {
  it('is the game itself where the margin is never reached', async () => {
    const penalties = [r1({ gamma: 0.5 })];
    const iterations = [feeds, feeds, feeds];
    const plain = await play({ penalties }, iterations);
    const adaptive = await play({ penalties, adaptiveK: { margin: 0.999 } }, iterations);
    for (const [i, { variables, metrics }] of plain.entries()) {
      expect(adaptive[i]!.variables).toMatchObject(variables);
      expect(adaptive[i]!.metrics).toEqual({ ...metrics, 'updates/discriminator': 1 });
    }
  });

  it('leaves D as it is where it wins, and reports what its last update saw', async () => {
    const played = await play({ adaptiveK: { margin: 0 } }, [feeds, feeds]);
    // D starts without a memory, so it learns; by then it tells these real examples from these samples.
    const [first, second] = played as [PlayedStep, PlayedStep];
    expect(first.metrics['updates/discriminator']).toBe(1);
    expect(second.metrics['updates/discriminator']).toBe(0);
    expect(weightOf(first, 'discriminator')).not.toBe(0.75);
    expect(weightOf(second, 'discriminator')).toBe(weightOf(first, 'discriminator'));
    expect(weightOf(second, 'generator')).not.toBe(weightOf(first, 'generator'));
    expect(second.metrics['lossD']).toBe(first.metrics['lossD']);
    expect(second.metrics['D(x)']).toBe(first.metrics['D(x)']);
  });

  it('asks both players: D learns again once G deceives it', async () => {
    const played = await play(
      { adaptiveK: { margin: 0.4 } },
      Array.from({ length: 12 }, () => feeds),
    );
    for (const [i, { metrics, variables }] of played.entries()) {
      const remembered = (name: string) => Number(variables[`adaptiveK/${name}`]!.data[0]);
      const next = played[i + 1]?.metrics['updates/discriminator'];
      if (next !== undefined) expect(next).toBe(remembered('D(x)') - remembered('D(G(z))') <= 0.4 ? 1 : 0);
      expect(remembered('D(x)')).toBe(metrics['D(x)']);
    }
    const made = played.map(({ metrics }) => metrics['updates/discriminator']);
    expect(made).toContain(0);
    expect(made.lastIndexOf(1)).toBeGreaterThan(made.indexOf(0));
  });

  it('keeps all work of an update that is not made inside of it: the samples, the passes, the gradients', () => {
    const products = (game: Game, isPart: (update: Update) => boolean): number => {
      const variables = inputsFor(initialVariables(game, 1));
      const step = gameStep(game, new Feeds());
      const updates = step.updates.filter(isPart);
      const graph = buildStep({ ...step, updates }, variables, new Feeds());
      const order = topologicalOrder([...Object.values(graph.variables), ...Object.values(graph.metrics)]);
      return order.filter(({ op }) => op === 'Gemm' || op === 'MatMul').length;
    };
    const penalties = [r1({ gamma: 0.5 })];
    const adaptive = affineGame({ penalties, adaptiveK: { margin: 0.4 }, k: 2 });
    const plain = affineGame({ penalties, k: 2 });
    const ofGenerator = products(plain, ({ player }) => player === 'generator');
    expect(products(plain, () => true)).toBeGreaterThan(ofGenerator);
    expect(products(adaptive, () => true)).toBe(ofGenerator);
  });

  const refused: [string, Partial<Game>, string][] = [
    ['a margin of 1', { adaptiveK: { margin: 1 } }, 'the margin of adaptiveK must be in [0, 1), got 1'],
    [
      'updates from the same parameters',
      { adaptiveK: { margin: 0.3 }, updateOrder: 'simultaneous' },
      'with adaptiveK G learns where D does not, so updateOrder must be alternating, got simultaneous',
    ],
    [
      'logits that are no log-odds',
      { adaptiveK: { margin: 0.3 }, loss: hinge },
      'adaptiveK compares probabilities, so the loss must be one of log-odds (minimax, nonSaturating), got hinge',
    ],
  ];
  it.each(refused)('refuses %s', (_, options, message) => {
    expect(() => gameStep(affineGame(options), new Feeds())).toThrow(new ConfigError(`game: ${message}`));
  });
});
