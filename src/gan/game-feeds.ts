import type { Feeds, Recipe } from '../graph/feeds.ts';
import { mul } from '../graph/functions/elementwise.ts';
import { reshape } from '../graph/functions/shaping.ts';
import { label, type Value } from '../graph/value.ts';
import { oneHot } from '../nn/one-hot.ts';
import { toNetworkRange } from './example-format.ts';
import type { Game } from './game.ts';
import { latentFeed } from './latent.ts';

/** Classes of a batch. */
export interface Labels {
  /** uint8 [batch] */
  readonly classes: Value;
  /** float32 [batch, classes] */
  readonly oneHot: Value;
}

/** Real examples or samples as D takes them. */
export interface Batch {
  /** float32 [batch / pack, ...D's input] */
  readonly x: Value;
  /** In games with labels. */
  readonly labels: Labels | undefined;
}

/** What the host feeds an iteration of a game with, each input declared where it is first asked for. */
export class GameFeeds {
  readonly game: Game;
  readonly feeds: Feeds;
  readonly #minibatches: Map<number, Batch> = new Map();
  /** What several updates take, by name. */
  readonly #shared: Map<string, Value> = new Map();

  constructor(game: Game, feeds: Feeds) {
    this.game = game;
    this.feeds = feeds;
  }

  /** The same feeds within an update that is not made in every step (see `changeWhere`). */
  inside(bring: (value: Value) => Value): GameFeeds {
    return new ConditionalFeeds(this, bring);
  }

  /** A feed that several updates take: declared once. */
  shared(name: string, declare: (feeds: Feeds) => Value): Value {
    const known = this.#shared.get(name) ?? declare(this.feeds);
    this.#shared.set(name, known);
    return known;
  }

  /** Minibatch `index` of the iteration. */
  minibatch(index: number): Batch {
    const known = this.#minibatches.get(index);
    if (known) return known;
    const { batch, examples, labels } = this.game;
    const numbered = (name: string) => (index === 0 ? name : `${name}${index + 1}`);
    const raw = this.shared(numbered('examples'), (feeds) =>
      feeds.declare(numbered('examples'), examples.dtype, [batch, ...examples.shape], {
        kind: 'minibatch',
        index,
      }),
    );
    const normalised = packed(this.game, toNetworkRange(raw, examples));
    label('examples', [normalised], [raw]);
    const found: Batch = {
      x: normalised,
      labels: labels && this.#labels(numbered('labels'), { kind: 'labels', index }),
    };
    this.#minibatches.set(index, found);
    return found;
  }

  /** float32 [batch, latentDim] */
  latent(name: string): Value {
    const { generator, latent, batch } = this.game;
    return latentFeed(this.feeds, name, latent, batch, generator.network.inputShape[0]!);
  }

  /**
   * The classes that samples are to be made of.
   *
   * @param index - the minibatch that the samples stand beside
   */
  sampleLabels(name: string, index: number): Labels | undefined {
    const { labels } = this.game;
    if (!labels) return undefined;
    if (labels.ofSamples === 'data') return this.minibatch(index).labels;
    return this.#labels(name, { kind: 'classes', classes: labels.classes });
  }

  #labels(name: string, recipe: Recipe): Labels {
    const { batch, labels } = this.game;
    const classes = this.shared(name, (feeds) => feeds.declare(name, 'uint8', [batch], recipe));
    const vectors = oneHot(classes, labels!.classes);
    label('labels', [vectors], [classes]);
    return { classes, oneHot: vectors };
  }

  /** Noise of a shape, of this iteration's standard deviation. */
  instanceNoise(scope: string, shape: readonly number[]): Value {
    const { instanceNoise: schedule = 0 } = this.game;
    const of = (standardDeviation: number) =>
      this.feeds.declare(`${scope}/noise`, 'float32', shape, { kind: 'normal', standardDeviation });
    if (typeof schedule === 'number') return of(schedule);
    const deviation = this.shared('instanceNoise', (feeds) =>
      feeds.scalar('instanceNoise', ({ step, epoch }) => schedule({ update: step, epoch })),
    );
    return mul(of(1), deviation);
  }
}

/** The feeds of one update among others: what it shares with them is declared outside of it. */
class ConditionalFeeds extends GameFeeds {
  readonly #outside: GameFeeds;
  readonly #bring: (value: Value) => Value;
  readonly #brought: Map<string, Value> = new Map();

  constructor(outside: GameFeeds, bring: (value: Value) => Value) {
    super(outside.game, outside.feeds.through(bring));
    this.#outside = outside;
    this.#bring = bring;
  }

  override shared(name: string, declare: (feeds: Feeds) => Value): Value {
    const known = this.#brought.get(name) ?? this.#bring(this.#outside.shared(name, declare));
    this.#brought.set(name, known);
    return known;
  }
}

/** As many examples in a row as D decides on together: [batch, ...] -> [batch / pack, ...D's input]. */
export function packed({ batch, pack = 1, discriminator }: Game, x: Value): Value {
  return reshape(x, [batch / pack, ...discriminator.network.inputShape]);
}
