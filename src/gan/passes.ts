import { add } from '../graph/functions/elementwise.ts';
import { concat, reshape, slice } from '../graph/functions/shaping.ts';
import { sameShape } from '../graph/shapes.ts';
import { label, type Value, type Values } from '../graph/value.ts';
import type { LayerContext } from '../nn/layer.ts';
import type { Network } from '../nn/sequential.ts';
import { augmentRandom } from './augment/augmentation.ts';
import { type Batch, type GameFeeds, type Labels, packed } from './game-feeds.ts';

/** What D says of a batch. */
export interface Judgement {
  /** float32 [batch / pack, 1]: whether they are real. */
  readonly logits: Value;
  /** float32 [batch, classes]: what they are, where D classifies. */
  readonly classLogits: Value | undefined;
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

  /** What the update has changed of layer state so far. */
  get state(): Values {
    return this.#state;
  }

  /** Samples from z, [batch, latentDim]. */
  generate(z: Value, labels: Labels | undefined, scope: string): Batch {
    const { game } = this.#inputs;
    return { x: packed(game, this.#apply(game.generator.network, z, labels?.oneHot, scope, true)), labels };
  }

  /**
   * D on real examples and on samples, in passes that move its running statistics.
   *
   * @param isApart - each in a pass of its own; D may need it so anyway
   */
  judge(real: Batch, fake: Batch, scope: string, isApart: boolean): { real: Judgement; fake: Judgement } {
    const { network } = this.#inputs.game.discriminator;
    const [seenReal, seenFake] = [this.#seen(real.x, `${scope}/real`), this.#seen(fake.x, `${scope}/fake`)];
    const [ofReal, ofFake] = [real.labels?.oneHot, fake.labels?.oneHot];
    if (isApart || network.mixesExamples)
      return {
        real: this.#judgement(this.#apply(network, seenReal, ofReal, `${scope}/real`, true)),
        fake: this.#judgement(this.#apply(network, seenFake, ofFake, `${scope}/fake`, true)),
      };
    // One pass over real and fake together: half as many, twice as large products.
    const labels = ofReal && ofFake ? concat([ofReal, ofFake], 0) : undefined;
    const y = this.#apply(network, concat([seenReal, seenFake], 0), labels, scope, true);
    const rows = Number(real.x.shape[0]);
    return { real: this.#judgement(slice(y, 0, 0, rows)), fake: this.#judgement(slice(y, 0, rows)) };
  }

  /** D on a batch in a pass that leaves no trace in its state. */
  discriminate({ x, labels }: Batch, scope: string): Judgement {
    const { network } = this.#inputs.game.discriminator;
    return this.#judgement(this.#apply(network, this.#seen(x, scope), labels?.oneHot, scope, false));
  }

  #judgement(y: Value): Judgement {
    if (!this.#inputs.game.auxiliary) return { logits: y, classLogits: undefined };
    return { logits: slice(y, 1, 0, 1), classLogits: slice(y, 1, 1) };
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
      seen = packed(
        game,
        augmentation.apply(one, { random, variables: this.#variables, range: examples.range }),
      );
      label(`${scope}/augment`, [seen], [x]);
    }
    if (instanceNoise !== undefined) seen = add(seen, this.#inputs.instanceNoise(scope, x.shape.map(Number)));
    return seen;
  }

  #apply(network: Network, x: Value, labels: Value | undefined, scope: string, isKept: boolean): Value {
    const { feeds } = this.#inputs;
    const context: LayerContext = {
      mode: 'train',
      ...(labels ? { labels } : {}),
      bernoulli: (name, shape, probability) => feeds.bernoulli(`${scope}/${name}`, shape, probability),
      uniform: (name, shape, low, high) =>
        feeds.declare(`${scope}/${name}`, 'float32', shape, { kind: 'uniform', low, high }),
    };
    const state = { ...this.#variables, ...this.#state };
    const result = network.apply({ parameters: this.#variables, state }, x, context);
    if (isKept) this.#state = { ...this.#state, ...result.state };
    return result.y;
  }
}
