import type { Feeds } from '../graph/feeds.ts';
import { add, mul, square } from '../graph/functions/elementwise.ts';
import { sum } from '../graph/functions/reductions.ts';
import { stack } from '../graph/functions/shaping.ts';
import { grad } from '../graph/grad.ts';
import type { Value, Values } from '../graph/value.ts';
import { exponentialMovingAverage } from '../optim/ema.ts';
import { afterGenerator, remembering, whereDiscriminatorLearns } from './adaptive-k.ts';
import { AVERAGE, averagedNames, type Game, type Player, requireFit } from './game.ts';
import { GameFeeds } from './game-feeds.ts';
import { discriminatorObjective, generatorObjective } from './objectives.ts';
import { Passes } from './passes.ts';
import type { Penalty } from './penalty.ts';
import type { Averaging, Objective, Step, Update } from './step.ts';

/**
 * The training step of a game: k discriminator updates on minibatches and noise of their own, then one generator update
 * on fresh noise (`alternating`, Algorithm 1), or both from the same parameters, fakes and dropout masks
 * (`simultaneous`, the released code).
 *
 * Metrics: `lossD` (of the last discriminator update), `lossG`, `D(x)`, `D(G(z))` (both as that discriminator update saw
 * them), `sampleGradientNorm` (of G's loss at its samples), each penalty under its name, `penalty/r1`, and with an auxiliary
 * classifier `lossC(x)` and `lossC(G(z))`, its cross-entropies. With adaptive k also `updates/discriminator`, how many D
 * made in this step; what it says of them is then that of the last one made.
 *
 * @param feeds - receives the inputs that the host fills
 * @param due - the penalties of this step. Default: all of the game's
 * @throws ShapeError where the networks do not fit each other or the examples, ConfigError where parts of the game
 *   exclude each other
 */
export function gameStep(game: Game, feeds: Feeds, due: readonly Penalty[] = game.penalties ?? []): Step {
  requireFit(game);
  const averaging = averagingOf(game);
  const inputs = new GameFeeds(game, feeds);
  const updates = game.updateOrder === 'simultaneous' ? simultaneous(inputs, due) : alternating(inputs, due);
  return { updates, order: game.updateOrder ?? 'alternating', ...(averaging ? { averaging } : {}) };
}

function alternating(inputs: GameFeeds, due: readonly Penalty[]): Update[] {
  const { game } = inputs;
  const { generator, discriminator, loss, k = 1, adaptiveK } = game;
  const updates = Array.from({ length: k }, (_, index): Update => {
    const name = index === 0 ? 'discriminator' : `discriminator${index + 1}`;
    return {
      ...updateOf(discriminator, name, k, index),
      ...(adaptiveK ? { condition: whereDiscriminatorLearns(game, due) } : {}),
      objective: (variables, bring) => {
        const fed = bring ? inputs.inside(bring) : inputs;
        const passes = new Passes(fed, variables, [discriminator.network]);
        const real = fed.minibatch(index);
        const labels = fed.sampleLabels(`${name}/labels`, index);
        const fake = passes.generate(fed.latent(`${name}/latent`), labels, `${name}/fake`);
        const objective = discriminatorObjective(fed, variables, passes, {
          real,
          fake,
          judged: passes.judge(real, fake, name, isApart(due)),
          scope: name,
          due,
        });
        return adaptiveK ? remembering(objective, game, due) : objective;
      },
    };
  });
  const last: Update = {
    ...updateOf(generator, 'generator', 1, 0),
    objective: (variables) => {
      const passes = new Passes(inputs, variables, [generator.network]);
      const labels = inputs.sampleLabels('generator/labels', k - 1);
      const fake = passes.generate(inputs.latent('generator/latent'), labels, 'generator');
      const judged = passes.discriminate(fake, 'generator');
      const real = loss.comparesWithReal
        ? passes.discriminate(inputs.minibatch(k - 1), 'generator/real')
        : undefined;
      const objective = generatorObjective(inputs, passes, fake, { fake: judged, real });
      return adaptiveK ? afterGenerator(objective, game, variables, judged.logits) : objective;
    },
  };
  return [...updates, last];
}

function simultaneous(inputs: GameFeeds, due: readonly Penalty[]): Update[] {
  const { generator, discriminator, consensus = 0 } = inputs.game;
  // Both objectives read the same passes: built by whichever is asked first.
  let shared: { variables: Values; discriminator: Objective; generator: Objective } | undefined;
  const objectives = (variables: Values) => {
    if (shared?.variables === variables) return shared;
    const passes = new Passes(inputs, variables, [generator.network, discriminator.network]);
    const real = inputs.minibatch(0);
    const fake = passes.generate(
      inputs.latent('latent'),
      inputs.sampleLabels('generator/labels', 0),
      'generator',
    );
    const judged = passes.judge(real, fake, 'discriminator', true);
    const ofD = discriminatorObjective(inputs, variables, passes, {
      real,
      fake,
      judged,
      scope: 'discriminator',
      due,
    });
    const ofG = generatorObjective(inputs, passes, fake, judged);
    const added =
      consensus > 0 ? mul(squaredField(inputs.game, variables, ofD, ofG), consensus / 2) : undefined;
    const withConsensus = (objective: Objective): Objective =>
      added ? { ...objective, loss: add(objective.loss, added) } : objective;
    shared = { variables, discriminator: withConsensus(ofD), generator: withConsensus(ofG) };
    return shared;
  };
  return [
    {
      ...updateOf(discriminator, 'discriminator', 1, 0),
      objective: (variables) => objectives(variables).discriminator,
    },
    { ...updateOf(generator, 'generator', 1, 0), objective: (variables) => objectives(variables).generator },
  ];
}

/** `||v||^2` of the joint gradient field: of each player's parameters by its own loss. */
function squaredField(game: Game, variables: Values, ofD: Objective, ofG: Objective): Value {
  const parts = (['discriminator', 'generator'] as const).flatMap((player) => {
    const names = Object.keys(game[player].network.parameterShapes);
    const { loss } = player === 'discriminator' ? ofD : ofG;
    return grad(
      loss,
      names.map((name) => variables[name]!),
    );
  });
  return sum(stack(parts.map((part) => sum(square(part)))));
}

/** Whether real examples and samples have to go through D apart, so that the second derivative by one spares the other. */
const isApart = (due: readonly Penalty[]): boolean => due.some((penalty) => penalty.differentiatesLogits);

function updateOf(
  player: Player,
  name: string,
  updatesPerStep: number,
  index: number,
): Omit<Update, 'objective'> {
  return {
    name,
    player: player.network.name,
    parameters: Object.keys(player.network.parameterShapes),
    optimiser: player.optimiser,
    ...(player.constraint ? { constraint: player.constraint } : {}),
    updatesPerStep,
    index,
  };
}

function averagingOf(game: Game): Averaging | undefined {
  if (game.averageDecay === undefined) return undefined;
  return {
    average: exponentialMovingAverage({ decay: game.averageDecay }),
    follows: Object.fromEntries(averagedNames(game).map((name) => [AVERAGE + name, name])),
  };
}
