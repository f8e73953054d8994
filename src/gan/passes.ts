import type { Feeds } from '../graph/feeds.ts';
import { add, mul } from '../graph/functions/elementwise.ts';
import { concat, reshape, slice } from '../graph/functions/shaping.ts';
import { sameShape } from '../graph/shapes.ts';
import { label, type Value, type Values } from '../graph/value.ts';
import type { LayerContext } from '../nn/layer.ts';
import type { Network } from '../nn/sequential.ts';
import { augmentRandom } from './augment/augmentation.ts';
import { toNetworkRange } from './example-format.ts';
import type { Game } from './game.ts';
import { latentFeed } from './latent.ts';

/** What the host feeds an iteration of a game with, each input declared where it is first asked for. */
export class GameFeeds {
  readonly game: Game;
  readonly feeds: Feeds;
  readonly #minibatches: Map<number, Value> = new Map();
  #instanceNoise: Value | undefined;

  constructor(game: Game, feeds: Feeds) {
    this.game = game;
    this.feeds = feeds;
  }

  /** Minibatch `index` of the iteration as D takes it, [batch / pack, ...D's input]. */
  minibatch(index: number): Value {
    const known = this.#minibatches.get(index);
    if (known) return known;
    const { batch, examples } = this.game;
    const name = index === 0 ? 'examples' : `examples${index + 1}`;
    const raw = this.feeds.declare(name, examples.dtype, [batch, ...examples.shape], {
      kind: 'minibatch',
      index,
    });
    const normalised = packed(this.game, toNetworkRange(raw, examples));
    label('examples', [normalised], [raw]);
    this.#minibatches.set(index, normalised);
    return normalised;
  }

  /** float32 [batch, latentDim] */
  latent(name: string): Value {
    const { generator, latent, batch } = this.game;
    return latentFeed(this.feeds, name, latent, batch, generator.network.inputShape[0]!);
  }

  /** Standard normal noise of a shape, times the instance noise of this iteration. */
  instanceNoise(scope: string, shape: readonly number[]): Value {
    const { instanceNoise: schedule = 0 } = this.game;
    const of = (standardDeviation: number) =>
      this.feeds.declare(`${scope}/noise`, 'float32', shape, { kind: 'normal', standardDeviation });
    if (typeof schedule === 'number') return of(schedule);
    this.#instanceNoise ??= this.feeds.scalar('instanceNoise', ({ step, epoch }) =>
      schedule({ update: step, epoch }),
    );
    return mul(of(1), this.#instanceNoise);
  }
}

/** As many examples in a row as D decides on together: [batch, ...] -> [batch / pack, ...D's input]. */
function packed({ batch, pack = 1, discriminator }: Game, x: Value): Value {
  return reshape(x, [batch / pack, ...discriminator.network.inputShape]);
}

/**
 * The passes of one update. Layer state goes from each pass to the next, and from the last one into the next update.
 */
export class Passes {
  readonly #inputs: GameFeeds;
  readonly #variables: Values;
  #state: Values;

  /**
   * @param variables - as the update before left them
   * @param updated - the networks that this update changes
   */
  constructor(inputs: GameFeeds, variables: Values, updated: readonly Network[]) {
    this.#inputs = inputs;
    this.#variables = variables;
    this.#state = Object.assign(
      {},
      ...updated.map((network) => network.beforeUpdate({ parameters: variables, state: variables })),
    );
  }

  /** What the passes so far have changed of layer state. */
  get state(): Values {
    return this.#state;
  }

  /** Samples as D takes them, [batch / pack, ...D's input]. */
  generate(z: Value, scope: string): Value {
    const { game } = this.#inputs;
    return packed(game, this.#apply(game.generator.network, z, scope, true));
  }

  /**
   * Logits of real examples and of samples, [batch / pack, 1] each, from passes that move D's running statistics.
   *
   * @param isApart - each in a pass of its own; D may need it so anyway
   */
  judge(real: Value, fake: Value, scope: string, isApart: boolean): { real: Value; fake: Value } {
    const { network } = this.#inputs.game.discriminator;
    const [seenReal, seenFake] = [this.#seen(real, `${scope}/real`), this.#seen(fake, `${scope}/fake`)];
    if (isApart || network.mixesExamples)
      return {
        real: this.#apply(network, seenReal, `${scope}/real`, true),
        fake: this.#apply(network, seenFake, `${scope}/fake`, true),
      };
    // One pass over real and fake together: half as many, twice as large products.
    const logits = this.#apply(network, concat([seenReal, seenFake], 0), scope, true);
    const rows = Number(real.shape[0]);
    return { real: slice(logits, 0, 0, rows), fake: slice(logits, 0, rows) };
  }

  /** Logits in a pass that leaves no trace in D's state, [rows, 1]. */
  discriminate(x: Value, scope: string): Value {
    return this.#apply(this.#inputs.game.discriminator.network, this.#seen(x, scope), scope, false);
  }

  /** x as D gets to see it: augmented, each example for itself, and with instance noise. */
  #seen(x: Value, scope: string): Value {
    const { game, feeds } = this.#inputs;
    const { augmentation, instanceNoise, batch, examples } = game;
    let seen = x;
    if (augmentation) {
      const random = augmentRandom(feeds, `${scope}/augment`);
      const single = [batch, ...examples.shape];
      const one = sameShape(x.shape, single) ? x : reshape(x, single);
      seen = packed(game, augmentation.apply(one, random, this.#variables));
      label(`${scope}/augment`, [seen], [x]);
    }
    if (instanceNoise !== undefined) seen = add(seen, this.#inputs.instanceNoise(scope, x.shape.map(Number)));
    return seen;
  }

  #apply(network: Network, x: Value, scope: string, isKept: boolean): Value {
    const { feeds } = this.#inputs;
    const context: LayerContext = {
      mode: 'train',
      bernoulli: (name, shape, probability) => feeds.bernoulli(`${scope}/${name}`, shape, probability),
    };
    const state = { ...this.#variables, ...this.#state };
    const result = network.apply({ parameters: this.#variables, state }, x, context);
    if (isKept) this.#state = { ...this.#state, ...result.state };
    return result.y;
  }
}
