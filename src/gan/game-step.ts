import type { Feeds } from '../graph/feeds.ts';
import { add, mul, sigmoid, square } from '../graph/functions/elementwise.ts';
import { mean, sum } from '../graph/functions/reductions.ts';
import { stack } from '../graph/functions/shaping.ts';
import { grad } from '../graph/grad.ts';
import type { Value, Values } from '../graph/value.ts';
import { exponentialMovingAverage } from '../optim/ema.ts';
import { valueAt } from '../optim/optimiser.ts';
import { augmentRandom } from './augment/augmentation.ts';
import { AVERAGE, averagedNames, type Game, type Player, requireFit } from './game.ts';
import { discriminatorLoss, generatorLoss } from './loss.ts';
import { GameFeeds, Passes } from './passes.ts';
import type { Penalty } from './penalty.ts';
import type { Averaging, Objective, Step, Update } from './step.ts';
import { topKWeights } from './top-k.ts';

/**
 * The training step of a game: k discriminator updates on minibatches and noise of their own, then one generator update
 * on fresh noise (`alternating`, Algorithm 1), or both from the same parameters, fakes and dropout masks
 * (`simultaneous`, the released code).
 *
 * Metrics: `lossD` (of the last discriminator update), `lossG`, `D(x)`, `D(G(z))` (both as that discriminator update saw
 * them), `sampleGradientNorm` (of G's loss at its samples), and each penalty under its name, `penalty/r1`.
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
  const { generator, discriminator, loss, k = 1 } = inputs.game;
  const updates = Array.from({ length: k }, (_, index): Update => {
    const name = index === 0 ? 'discriminator' : `discriminator${index + 1}`;
    return {
      ...updateOf(discriminator, name, k, index),
      objective: (variables) => {
        const passes = new Passes(inputs, variables, [discriminator.network]);
        const real = inputs.minibatch(index);
        const fake = passes.generate(inputs.latent(`${name}/latent`), `${name}/fake`);
        return discriminatorObjective(inputs, variables, passes, { real, fake, scope: name, due });
      },
    };
  });
  const last: Update = {
    ...updateOf(generator, 'generator', 1, 0),
    objective: (variables) => {
      const passes = new Passes(inputs, variables, [generator.network]);
      const fake = passes.generate(inputs.latent('generator/latent'), 'generator');
      const fakeLogits = passes.discriminate(fake, 'generator');
      const realLogits = loss.comparesWithReal
        ? passes.discriminate(inputs.minibatch(k - 1), 'generator/real')
        : undefined;
      return generatorObjective(inputs, passes, { fake, fakeLogits, realLogits });
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
    const fake = passes.generate(inputs.latent('latent'), 'generator');
    const logits = passes.judge(real, fake, 'discriminator', true);
    const ofD = discriminatorObjective(inputs, variables, passes, {
      real,
      fake,
      logits,
      scope: 'discriminator',
      due,
    });
    const ofG = generatorObjective(inputs, passes, {
      fake,
      fakeLogits: logits.fake,
      realLogits: logits.real,
    });
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

/** What D's objective is of. */
interface Judged {
  readonly real: Value;
  readonly fake: Value;
  /** Where the passes have been made already. */
  readonly logits?: { readonly real: Value; readonly fake: Value };
  readonly scope: string;
  readonly due: readonly Penalty[];
}

function discriminatorObjective(
  { game, feeds }: GameFeeds,
  variables: Values,
  passes: Passes,
  { real, fake, logits, scope, due }: Judged,
): Objective {
  const { loss, realTarget = 1, halved = false, augmentation } = game;
  const isApart = due.some((penalty) => penalty.differentiatesLogits);
  const { real: realLogits, fake: fakeLogits } = logits ?? passes.judge(real, fake, scope, isApart);
  const sumOfTerms = discriminatorLoss(loss, realLogits, fakeLogits, { realTarget });
  const lossD = halved ? mul(sumOfTerms, 0.5) : sumOfTerms;
  const penalties = due.map((penalty): readonly [Penalty, Value] => {
    const own = `${scope}/${penalty.name}`;
    const discriminate = (x: Value) => passes.discriminate(x, own);
    const random = augmentRandom(feeds, own);
    return [penalty, penalty.value({ real, fake, realLogits, fakeLogits, discriminate, random })];
  });
  const { adaptation } = augmentation ?? {};
  return {
    loss: penalties.reduce(
      (total, [{ every }, value]) => add(total, every === 1 ? value : mul(value, every)),
      lossD,
    ),
    metrics: {
      lossD,
      'D(x)': mean(sigmoid(realLogits)),
      'D(G(z))': mean(sigmoid(fakeLogits)),
      ...Object.fromEntries(penalties.map(([{ name }, value]) => [`penalty/${name}`, value])),
      ...adaptation?.metrics(variables),
    },
    state: { ...passes.state, ...adaptation?.next(variables, realLogits) },
  };
}

function generatorObjective(
  { game, feeds }: GameFeeds,
  passes: Passes,
  {
    fake,
    fakeLogits,
    realLogits,
  }: { readonly fake: Value; readonly fakeLogits: Value; readonly realLogits: Value | undefined },
): Objective {
  const { loss, topK, gradientTarget } = game;
  const rows = Number(fakeLogits.shape[0]);
  const weights =
    topK === undefined
      ? undefined
      : topKWeights(
          fakeLogits,
          feeds.scalar('topK', ({ step, epoch }) =>
            Math.min(rows, Math.max(1, Math.round(rows * valueAt(topK, { update: step, epoch })))),
          ),
        );
  const lossG = generatorLoss(loss, fakeLogits, { realLogits, weights });
  return {
    loss: lossG,
    metrics: { lossG },
    gradientNormsAt: { sampleGradientNorm: fake },
    ...(gradientTarget === undefined
      ? {}
      : { rescaled: { by: 'sampleGradientNorm', target: gradientTarget } }),
    state: passes.state,
  };
}

function averagingOf(game: Game): Averaging | undefined {
  if (game.averageDecay === undefined) return undefined;
  return {
    average: exponentialMovingAverage({ decay: game.averageDecay }),
    follows: Object.fromEntries(averagedNames(game).map((name) => [AVERAGE + name, name])),
  };
}
