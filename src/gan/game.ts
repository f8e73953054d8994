import { categoryBlocks } from '../data/table/table.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import { elementCount, type Tensors } from '../graph/tensor.ts';
import type { Network } from '../nn/sequential.ts';
import { exponentialMovingAverage } from '../optim/ema.ts';
import type { Constraint } from '../optim/max-norm.ts';
import type { Optimiser, Schedule } from '../optim/optimiser.ts';
import { type AdaptiveK, initialMemory } from './adaptive-k.ts';
import type { Augmentation } from './augment/augmentation.ts';
import type { ExampleFormat } from './example-format.ts';
import type { Latent } from './latent.ts';
import type { Loss } from './loss.ts';
import type { Penalty } from './penalty.ts';

/** One side of the game. */
export interface Player {
  readonly network: Network;
  readonly optimiser: Optimiser;
  readonly constraint?: Constraint;
}

/** Everything that Algorithm 1 needs to know: two players, what they play for, and how they take turns. */
export interface Game {
  readonly generator: Player;
  readonly discriminator: Player;
  readonly latent: Latent;
  readonly loss: Loss;
  readonly examples: ExampleFormat;
  readonly batch: number;
  /** Discriminator updates per generator update. Default 1, the paper's "least expensive option". */
  readonly k?: number;
  /** D makes an update only where it does not win by a margin already; k is then the most it makes. Default: it makes all. */
  readonly adaptiveK?: AdaptiveK;
  /** Default `alternating`: Algorithm 1. */
  readonly updateOrder?: 'alternating' | 'simultaneous';
  /** One-sided label smoothing. Default 1: none. */
  readonly realTarget?: number;
  /** D's objective is the mean of its two terms instead of their sum, as in the released code. Default false. */
  readonly halved?: boolean;
  /** What D minimises beside its loss. Default: nothing. */
  readonly penalties?: readonly Penalty[];
  /**
   * The classes of the data, which layers of both networks may condition on: `concatLabels`, `projection`. Samples are
   * made of classes drawn uniformly, or of those of the minibatch that stands beside them. Default: none.
   */
  readonly labels?: { readonly classes: number; readonly ofSamples: 'uniform' | 'data' };
  /**
   * Auxiliary classifier (ACGAN): D's outputs after the first are logits of the classes, and both players minimise, with
   * these weights, the cross-entropy of the labels, D on real examples and on samples, G on its samples. Default: none.
   */
  readonly auxiliary?: { readonly discriminator: number; readonly generator: number };
  /** What real examples and samples alike go through before D sees them, in both updates. Default: nothing. */
  readonly augmentation?: Augmentation;
  /**
   * Standard deviation of gaussian noise that is added to real examples and samples alike before D sees them, in the
   * networks' range. Default: none.
   */
  readonly instanceNoise?: Schedule;
  /** Examples that D decides on together (PacGAN). Default 1. Must divide the batch. */
  readonly pack?: number;
  /** Share of the batch, from the sample that D takes most for real, that G learns from. Default: all of it. */
  readonly topK?: Schedule;
  /** G's gradient is multiplied by `max(1, target / ||d lossG / d samples||)`, as in the released code. Default: not. */
  readonly gradientTarget?: number;
  /**
   * Weight of consensus optimisation: both players add `weight / 2 ||v||^2`, v the gradients of all parameters by their
   * own player's loss. Takes simultaneous updates. Default: none.
   */
  readonly consensus?: number;
  /** Decay of an exponential moving average of G's parameters. Default: no average is kept. */
  readonly averageDecay?: Schedule;
}

/**
 * The penalties of a step: all but lazy ones whose turn it is not. A penalty of every n steps has its turn in steps 0, n,
 * 2 n, ..., counted from 0.
 */
export function duePenalties({ penalties = [] }: Game, step: number): readonly Penalty[] {
  return penalties.filter(({ every }) => step % every === 0);
}

/** What the names of averaged parameters begin with. */
export const AVERAGE = 'average/';

/** Names of what the average follows: G's parameters, and the statistics of what they compute. */
export function averagedNames({ generator: { network } }: Game): readonly string[] {
  return [...Object.keys(network.parameterShapes), ...network.averagedState];
}

/**
 * Initial variables of a game: both networks' parameters and state, optimiser state, the state of an augmentation, and the
 * average if it has one.
 */
export function initialVariables(game: Game, seed: number): Tensors {
  const generator = game.generator.network.init(seed);
  const discriminator = game.discriminator.network.init(seed);
  const drawn: Tensors = { ...generator.parameters, ...generator.state };
  const averaged =
    game.averageDecay === undefined
      ? {}
      : exponentialMovingAverage({ decay: game.averageDecay }).init(
          Object.fromEntries(averagedNames(game).map((name) => [name, drawn[name]!])),
        );
  return {
    ...drawn,
    ...discriminator.parameters,
    ...discriminator.state,
    ...game.generator.optimiser.init(generator.parameters),
    ...game.discriminator.optimiser.init(discriminator.parameters),
    ...game.augmentation?.adaptation?.initial,
    ...initialMemory(game),
    ...Object.fromEntries(Object.entries(averaged).map(([name, tensor]) => [AVERAGE + name, tensor])),
  };
}

/**
 * @throws ShapeError where the networks of a game do not fit each other, its examples or its update order; ConfigError
 *   where parts of it exclude each other
 */
export function requireFit(game: Game): void {
  const { generator, discriminator, examples, batch, k = 1, pack = 1, updateOrder, penalties = [] } = game;
  const produced = elementCount(generator.network.outputShape);
  const size = elementCount(examples.shape);
  const shape = `[${examples.shape.join(', ')}]`;
  if (produced !== size)
    throw new ShapeError(
      `game: the generator must produce ${size} values, the size of an example ${shape}, got ${produced}`,
    );
  if (!Number.isInteger(pack) || pack < 1 || batch % pack !== 0)
    throw new ConfigError(`game: pack must be a count that divides the batch of ${batch}, got ${pack}`);
  const taken = elementCount(discriminator.network.inputShape);
  if (taken !== pack * size) {
    const what = pack === 1 ? `the size of an example ${shape}` : `${pack} examples ${shape}`;
    throw new ShapeError(`game: the discriminator must take ${pack * size} values, ${what}, got ${taken}`);
  }
  requireOutputs(game);
  if (updateOrder === 'simultaneous' && k !== 1)
    throw new ShapeError(`game: simultaneous updates share one minibatch, so k must be 1, got ${k}`);
  if (game.consensus && updateOrder !== 'simultaneous')
    throw new ConfigError(
      `game: consensus is of both players' gradients at one place, so updateOrder must be simultaneous, got ${updateOrder ?? 'alternating'}`,
    );
  requirePenalties(penalties);
  requireAdaptable(game);
  requireCategories(game);
}

function requireAdaptable({ adaptiveK, updateOrder, loss }: Game): void {
  if (!adaptiveK) return;
  const { margin } = adaptiveK;
  if (!(margin >= 0 && margin < 1))
    throw new ConfigError(`game: the margin of adaptiveK must be in [0, 1), got ${margin}`);
  if (updateOrder === 'simultaneous')
    throw new ConfigError(
      'game: with adaptiveK G learns where D does not, so updateOrder must be alternating, got simultaneous',
    );
  if (!loss.logOdds)
    throw new ConfigError(
      `game: adaptiveK compares probabilities, so the loss must be one of log-odds (minimax, nonSaturating), got ${loss.name}`,
    );
}

/** @throws ConfigError where a table has categories and the generator does not end in probabilities for them */
export function requireCategories({ generator: { network }, examples: { table } }: Game): void {
  const [categorical] = table ? categoryBlocks(table) : [];
  const last = network.layers.at(-1)?.layer.kind;
  if (categorical === undefined || last === 'gumbelSoftmax') return;
  throw new ConfigError(
    `game: the generator of a table with categories must end in gumbelSoftmax, which makes choices of them, got ${last}. Take the preset table`,
  );
}

function requireOutputs({ discriminator, labels, auxiliary, pack = 1 }: Game): void {
  if (auxiliary && !labels)
    throw new ConfigError('game: an auxiliary classifier needs labels, got a game without');
  if (labels && pack !== 1)
    throw new ConfigError(
      `game: packed examples have no label in common, so pack must be 1 with labels, got ${pack}`,
    );
  const wanted = auxiliary && labels ? 1 + labels.classes : 1;
  const decided = elementCount(discriminator.network.outputShape);
  if (decided === wanted) return;
  const what = auxiliary ? `1 logit and one for each of ${labels!.classes} classes` : '1 logit';
  throw new ShapeError(`game: the discriminator must end in ${what}, got ${decided}`);
}

function requirePenalties(penalties: readonly Penalty[]): void {
  const names = penalties.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new ConfigError(`game: each penalty may be there once, got ${twice} twice. Add up their weights`);
}
