import { ShapeError } from '../errors.ts';
import type { Feeds } from '../graph/feeds.ts';
import { add, mul, sigmoid } from '../graph/functions/elementwise.ts';
import { mean } from '../graph/functions/reductions.ts';
import { concat, reshape, slice } from '../graph/functions/shaping.ts';
import { elementCount, type Tensors } from '../graph/tensor.ts';
import { label, type Value, type Values } from '../graph/value.ts';
import type { LayerContext } from '../nn/layer.ts';
import type { Network } from '../nn/sequential.ts';
import { exponentialMovingAverage } from '../optim/ema.ts';
import type { Constraint } from '../optim/max-norm.ts';
import type { Optimiser, Schedule } from '../optim/optimiser.ts';
import { type ExampleFormat, toNetworkRange, toPixels } from './example-format.ts';
import { type Latent, latentFeed } from './latent.ts';
import type { Loss } from './losses.ts';
import { r1Penalty } from './penalties.ts';
import type { Averaging, Objective, Step, Update } from './step.ts';

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
  /** Default `alternating`: Algorithm 1. */
  readonly updateOrder?: 'alternating' | 'simultaneous';
  /** One-sided label smoothing. Default 1: none. */
  readonly realTarget?: number;
  /** D's objective is the mean of its two terms instead of their sum, as in the released code. Default false. */
  readonly halved?: boolean;
  /** Weight of the R1 penalty on real examples. Default 0: none. */
  readonly r1Gamma?: number;
  /** Decay of an exponential moving average of G's parameters. Default: no average is kept. */
  readonly averageDecay?: Schedule;
}

/** What the names of averaged parameters begin with. */
export const AVERAGE = 'average/';

/** Initial variables of a game: both networks' parameters and state, optimiser state, and the average if it has one. */
export function initialVariables(game: Game, seed: number): Tensors {
  const generator = game.generator.network.init(seed);
  const discriminator = game.discriminator.network.init(seed);
  const averaged =
    game.averageDecay === undefined
      ? {}
      : exponentialMovingAverage({ decay: game.averageDecay }).init(generator.parameters);
  return {
    ...generator.parameters,
    ...generator.state,
    ...discriminator.parameters,
    ...discriminator.state,
    ...game.generator.optimiser.init(generator.parameters),
    ...game.discriminator.optimiser.init(discriminator.parameters),
    ...Object.fromEntries(Object.entries(averaged).map(([name, tensor]) => [AVERAGE + name, tensor])),
  };
}

/**
 * The training step of a game: k discriminator updates on minibatches and noise of their own, then one generator update
 * on fresh noise (`alternating`, Algorithm 1), or both from the same parameters, fakes and dropout masks
 * (`simultaneous`, the released code).
 *
 * Metrics: `lossD` (of the last discriminator update), `lossG`, `D(x)`, `D(G(z))` (both as that discriminator update saw
 * them), `sampleGradientNorm` (of G's loss at its samples).
 *
 * @param feeds - receives the inputs that the host fills
 * @throws ShapeError where the networks do not fit each other or the examples
 */
export function gameStep(game: Game, feeds: Feeds): Step {
  requireFit(game);
  const averaging = averagingOf(game);
  const updates = game.updateOrder === 'simultaneous' ? simultaneous(game, feeds) : alternating(game, feeds);
  return { updates, order: game.updateOrder ?? 'alternating', ...(averaging ? { averaging } : {}) };
}

function alternating(game: Game, feeds: Feeds): Update[] {
  const { k = 1 } = game;
  const discriminator = Array.from({ length: k }, (_, index): Update => {
    const name = index === 0 ? 'discriminator' : `discriminator${index + 1}`;
    return {
      ...updateOf(game.discriminator, name, k, index),
      objective: (variables) => {
        const real = minibatch(game, feeds, index);
        const fake = generate(
          game,
          variables,
          latent(game, feeds, `${name}/latent`),
          noiseOf(feeds, `${name}/fake`),
        );
        return discriminatorObjective(game, variables, real, fake, noiseOf(feeds, name));
      },
    };
  });
  const generator: Update = {
    ...updateOf(game.generator, 'generator', 1, 0),
    objective: (variables) => {
      const z = latent(game, feeds, 'generator/latent');
      const fake = generate(game, variables, z, noiseOf(feeds, 'generator'));
      const logits = discriminate(game, variables, fake, noiseOf(feeds, 'generator'));
      return generatorObjective(game, fake, logits);
    },
  };
  return [...discriminator, generator];
}

function simultaneous(game: Game, feeds: Feeds): Update[] {
  // Both objectives read the same passes: built by whichever is asked first.
  let shared:
    | { variables: Values; fake: Value; real: Value; realLogits: Value; fakeLogits: Value }
    | undefined;
  const passes = (variables: Values) => {
    if (shared?.variables !== variables) {
      const real = minibatch(game, feeds, 0);
      const fake = generate(game, variables, latent(game, feeds, 'latent'), noiseOf(feeds, 'generator'));
      const realLogits = discriminate(game, variables, real, noiseOf(feeds, 'discriminator/real'));
      const fakeLogits = discriminate(game, variables, fake, noiseOf(feeds, 'discriminator/fake'));
      shared = { variables, fake, real, realLogits, fakeLogits };
    }
    return shared;
  };
  return [
    {
      ...updateOf(game.discriminator, 'discriminator', 1, 0),
      objective: (variables) => {
        const { real, realLogits, fakeLogits } = passes(variables);
        return discriminatorLoss(game, real, realLogits, fakeLogits);
      },
    },
    {
      ...updateOf(game.generator, 'generator', 1, 0),
      objective: (variables) => {
        const { fake, fakeLogits } = passes(variables);
        return generatorObjective(game, fake, fakeLogits);
      },
    },
  ];
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

function discriminatorObjective(
  game: Game,
  variables: Values,
  real: Value,
  fake: Value,
  context: LayerContext,
): Objective {
  if (game.r1Gamma) {
    // The penalty differentiates by the real examples twice: a pass of their own spares the fakes that work.
    const inScope = (name: string): LayerContext => ({
      ...context,
      bernoulli: (mask, shape, probability) => context.bernoulli(`${name}/${mask}`, shape, probability),
    });
    const realLogits = discriminate(game, variables, real, inScope('real'));
    return discriminatorLoss(game, real, realLogits, discriminate(game, variables, fake, inScope('fake')));
  }
  // One pass over real and fake together: half as many, twice as large products.
  const logits = discriminate(game, variables, concat([real, fake], 0), context);
  const [realLogits, fakeLogits] = [slice(logits, 0, 0, game.batch), slice(logits, 0, game.batch)];
  return discriminatorLoss(game, real, realLogits, fakeLogits);
}

function discriminatorLoss(game: Game, real: Value, realLogits: Value, fakeLogits: Value): Objective {
  const { loss, realTarget = 1, halved = false, r1Gamma = 0 } = game;
  const sum = loss.discriminator(realLogits, fakeLogits, { realTarget });
  const lossD = halved ? mul(sum, 0.5) : sum;
  return {
    loss: r1Gamma > 0 ? add(lossD, r1Penalty(real, realLogits, r1Gamma)) : lossD,
    metrics: { lossD, 'D(x)': mean(sigmoid(realLogits)), 'D(G(z))': mean(sigmoid(fakeLogits)) },
  };
}

function generatorObjective(game: Game, fake: Value, logits: Value): Objective {
  const lossG = game.loss.generator(logits);
  return { loss: lossG, metrics: { lossG }, gradientNormsAt: { sampleGradientNorm: fake } };
}

function noiseOf(feeds: Feeds, scope: string): LayerContext {
  return {
    mode: 'train',
    bernoulli: (name, shape, probability) => feeds.bernoulli(`${scope}/${name}`, shape, probability),
  };
}

function latent(game: Game, feeds: Feeds, name: string): Value {
  const [latentDim] = game.generator.network.inputShape;
  return latentFeed(feeds, name, game.latent, game.batch, latentDim!);
}

/** Real examples as the discriminator takes them, [batch, ...D's input]. */
function minibatch(game: Game, feeds: Feeds, index: number): Value {
  const { batch, examples, discriminator } = game;
  const name = index === 0 ? 'examples' : `examples${index + 1}`;
  const raw = feeds.declare(name, examples.dtype, [batch, ...examples.shape], { kind: 'minibatch', index });
  const normalised = reshape(toNetworkRange(raw, examples), [batch, ...discriminator.network.inputShape]);
  label('examples', [normalised], [raw]);
  return normalised;
}

function generate(game: Game, variables: Values, z: Value, context: LayerContext): Value {
  const { y } = game.generator.network.apply({ parameters: variables, state: variables }, z, context);
  return reshape(y, [z.shape[0]!, ...game.discriminator.network.inputShape]);
}

function discriminate(game: Game, variables: Values, x: Value, context: LayerContext): Value {
  return game.discriminator.network.apply({ parameters: variables, state: variables }, x, context).y;
}

/**
 * The generator as a function of z, from current parameters or from their average.
 *
 * @param z - float32 [N, latentDim], N may be symbolic
 * @param variables - of the game, as `initialVariables` names them
 * @param averaged - take the average; only where the game keeps one
 * @returns float32 [N, ...examples.shape]: pixels in [0, 1], points in the data's units
 */
export function samplesOf(game: Game, variables: Values, z: Value, averaged: boolean): Value {
  const parameters = averaged
    ? Object.fromEntries(
        Object.keys(game.generator.network.parameterShapes).map((name) => [name, variables[AVERAGE + name]!]),
      )
    : variables;
  const context: LayerContext = {
    mode: 'sample',
    bernoulli: (name) => {
      throw new ShapeError(
        `samplesOf: a generator must be a function of z when it samples, got the mask ${name}`,
      );
    },
  };
  const { y } = game.generator.network.apply({ parameters, state: variables }, z, context);
  const samples = toPixels(reshape(y, [z.shape[0]!, ...game.examples.shape]), game.examples);
  if (game.examples.range !== 'data') label('samples', [samples], [y]);
  return samples;
}

function averagingOf(game: Game): Averaging | undefined {
  if (game.averageDecay === undefined) return undefined;
  const names = Object.keys(game.generator.network.parameterShapes);
  return {
    average: exponentialMovingAverage({ decay: game.averageDecay }),
    follows: Object.fromEntries(names.map((name) => [AVERAGE + name, name])),
  };
}

/** @throws ShapeError where the networks of a game do not fit each other, its examples or its update order */
export function requireFit({ generator, discriminator, examples, k = 1, updateOrder }: Game): void {
  const produced = elementCount(generator.network.outputShape);
  const size = elementCount(examples.shape);
  if (produced !== size) {
    throw new ShapeError(
      `game: the generator must produce ${size} values, the size of an example [${examples.shape.join(', ')}], got ${produced}`,
    );
  }
  const taken = elementCount(discriminator.network.inputShape);
  if (taken !== size) {
    throw new ShapeError(
      `game: the discriminator must take ${size} values, the size of an example [${examples.shape.join(', ')}], got ${taken}`,
    );
  }
  const decided = elementCount(discriminator.network.outputShape);
  if (decided !== 1) throw new ShapeError(`game: the discriminator must end in 1 logit, got ${decided}`);
  if (updateOrder === 'simultaneous' && k !== 1) {
    throw new ShapeError(`game: simultaneous updates share one minibatch, so k must be 1, got ${k}`);
  }
}
